"""A visitor's own shelf: the films they listed, rated and clicked, kept in a cookie of theirs.

A list is a preference of one browser, not something that an experiment counts. So it needs no table, and home
pages need no query; ratings are events too, and the log has them. What the visitor began to watch is asked of
the log, and only for visitors whose shelf says that they opened a player.
"""

import msgspec
from flask import Request, Response

from recommender_client import MAX_HISTORY
from website.notes import read_note, write_note
from website.visits import COOKIE_MAX_AGE_S, Visit

__all__ = ["SHELF_COOKIE", "Shelf", "keep_shelf", "read_shelf"]

SHELF_COOKIE = "funflix_shelf"
# Browsers keep 4 kB a cookie; this much is about 1.5 kB.
_MOST_LISTED, _MOST_RATED, _MOST_CLICKED, _MOST_PICKED = 50, 50, 50, 40
_MOST_POSITIONS = 12
_LIKED_FROM, _DISLIKED_UP_TO = 4, 2  # stars


class Shelf(msgspec.Struct, frozen=True, array_like=True):
    """One visitor's films: `listed` is newest first, `stars` by film and oldest first.

    `has_played` says that the visitor opened a player, so that the log may know of films begun; `clicked` are
    recommended films, newest first, `picked` what a new visitor chose on the page of welcome, and `positions`
    where each film not watched to its end was left, in seconds, the latest last.
    """

    visitor_id: str
    listed: tuple[int, ...] = ()
    stars: dict[int, int] = {}
    has_played: bool = False
    clicked: tuple[int, ...] = ()
    picked: tuple[int, ...] = ()
    positions: dict[int, int] = {}

    @property
    def history(self) -> tuple[int, ...]:
        """The films that speak for the visitor's taste: liked, listed, clicked, picked; none disliked."""
        liked = [film for film, stars in reversed(self.stars.items()) if stars >= _LIKED_FROM]
        films = dict.fromkeys([*liked, *self.listed, *self.clicked, *self.picked])
        disliked = {film for film, stars in self.stars.items() if stars <= _DISLIKED_UP_TO}
        return tuple(film for film in films if film not in disliked)[:MAX_HISTORY]

    def with_listed(self, movie_id: int) -> "Shelf":
        """The shelf with this film at the head of the list; the oldest film goes if the list is full."""
        others = tuple(listed for listed in self.listed if listed != movie_id)
        return msgspec.structs.replace(self, listed=(movie_id, *others)[:_MOST_LISTED])

    def without_listed(self, movie_id: int) -> "Shelf":
        """The shelf without this film in the list."""
        return msgspec.structs.replace(self, listed=tuple(film for film in self.listed if film != movie_id))

    def with_stars(self, movie_id: int, stars: int) -> "Shelf":
        """The shelf with this film rated; a full one forgets its oldest rating, which the log still has."""
        others = [(film, given) for film, given in self.stars.items() if film != movie_id]
        return msgspec.structs.replace(self, stars=dict([*others, (movie_id, stars)][-_MOST_RATED:]))

    def with_clicked(self, movie_id: int) -> "Shelf":
        """The shelf of somebody who clicked this film; a full one forgets the film clicked first."""
        others = tuple(film for film in self.clicked if film != movie_id)
        return msgspec.structs.replace(self, clicked=(movie_id, *others)[:_MOST_CLICKED])

    def with_picked(self, movie_ids: tuple[int, ...]) -> "Shelf":
        """The shelf of somebody who chose these films to begin with, in place of any chosen before."""
        return msgspec.structs.replace(self, picked=tuple(dict.fromkeys(movie_ids))[:_MOST_PICKED])

    def with_played(self) -> "Shelf":
        """The shelf of somebody who opened a player."""
        return msgspec.structs.replace(self, has_played=True)

    def with_position(self, movie_id: int, position_s: int) -> "Shelf":
        """The shelf of somebody who left this film there; a full one forgets the film left first."""
        others = [(film, left_s) for film, left_s in self.positions.items() if film != movie_id]
        positions = dict([*others, (movie_id, position_s)][-_MOST_POSITIONS:])
        return msgspec.structs.replace(self, positions=positions)

    def without_position(self, movie_id: int) -> "Shelf":
        """The shelf of somebody to whom this film begins anew."""
        positions = {film: left_s for film, left_s in self.positions.items() if film != movie_id}
        return msgspec.structs.replace(self, positions=positions)


def read_shelf(request: Request, visit: Visit, secret: str) -> Shelf:
    """The shelf that came with a request; an empty one if it is missing, forged or another visitor's."""
    text = request.cookies.get(SHELF_COOKIE)
    shelf = read_note(text, Shelf, secret) if text else None
    visitor_id = visit.visitor.visitor_id
    return shelf if shelf is not None and shelf.visitor_id == visitor_id else Shelf(visitor_id)


def keep_shelf(response: Response, shelf: Shelf, secret: str) -> None:
    """Have the browser keep the shelf."""
    text = write_note(shelf, secret)
    response.set_cookie(SHELF_COOKIE, text, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax")
