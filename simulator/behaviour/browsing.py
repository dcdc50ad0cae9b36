"""Where a visitor goes who finds nothing on the home slate: a film known by name or seen in another row.

Who looks elsewhere, how, and for which film follows from the population alone, never from the site's answers,
so every engine goes the same ways. How many do so is a guess in want of a published number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Literal

import numpy as np

from simulator.behaviour.draws import Floats, Integers, uniform
from simulator.behaviour.examination import Booleans
from simulator.behaviour.film_guide import FilmGuide
from simulator.behaviour.visit_tables import Session

DetourKind = Literal["search", "row", "my_list", "genre_row"]
DETOUR_KINDS: tuple[DetourKind, ...] = ("search", "row", "my_list", "genre_row")
NO_DETOUR = -1
_SEARCH, _ROW, _MY_LIST, _GENRE_ROW = range(len(DETOUR_KINDS))
_TO_POPULAR = (_SEARCH, _ROW, _MY_LIST)

Worth = Callable[[Integers, Integers], Floats]
"""What the visitors at some offsets think of the same films: from (n,) and (n_films,), (n, n_films)."""


@dataclass(frozen=True, slots=True)
class Detour:
    """A way to a film that leads past the slate.

    Args:
        kind: `search` for its title; open it from the popular `row`, or from a `genre_row`; or put it into
            `my_list` from its own page, go home, and open it from the list.
        movie_id: the film.
        title: what one types to find it.
        row: `data-row` of the genre's row; empty for the other kinds.
    """

    kind: DetourKind
    movie_id: int
    title: str
    row: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Detours:
    """The detours of many visitors, arrays (n_visitors,).

    Args:
        kinds: offsets into `DETOUR_KINDS`; `NO_DETOUR` for those who make none.
        movie_ids: the film, where there is a detour.
    """

    kinds: Integers
    movie_ids: Integers

    @classmethod
    def none(cls, n_visitors: int) -> "Detours":
        """Of visitors who make none."""
        return cls(np.full(n_visitors, NO_DETOUR), np.zeros(n_visitors, dtype=np.int64))


def draw_detours(
    session: Session, guide: FilmGuide, worth: Worth, *, seed: int, visitor_index: Integers, visit: int
) -> Detours:
    """Who makes a detour in this visit, of which kind, to which film.

    On visit v (from 0) the film is the one of its row that the visitor likes best but for v others: so no
    film is put into a list twice. Who has been through all of the popular row searches from the start again.
    Among the rows of genres a visitor goes to the one whose films they like best in the mean.

    Args:
        session: how many make one, and how many of these in the row of a genre.
        guide: the site's rows; without a popular row nobody makes a detour.
        worth: what visitors think of films; asked of those only who make a detour.
        seed: seed of the population.
        visitor_index: (n_visitors,).
        visit: which visit of each, from 0.
    """
    detours = Detours.none(len(visitor_index))
    if session.detour_share == 0 or len(guide.popular) == 0:
        return detours
    draw = partial(uniform, seed, visitor=visitor_index, visit=visit)
    kinds = np.floor(draw("detour-kind") * len(_TO_POPULAR)).astype(np.int64)
    if visit >= len(guide.popular):
        kinds[kinds == _MY_LIST] = _SEARCH
    if guide.genre_rows:
        kinds[draw("genre-row") < session.genre_row_share] = _GENRE_ROW
    kinds[draw("detour") >= session.detour_share] = NO_DETOUR
    to_genre = np.flatnonzero(kinds == _GENRE_ROW)
    to_popular = np.flatnonzero((kinds != _GENRE_ROW) & (kinds != NO_DETOUR))
    if len(to_genre):
        detours.movie_ids[to_genre] = _of_best_row(guide, worth, to_genre, visit)
    if len(to_popular):
        detours.movie_ids[to_popular] = _next_best(guide.popular, worth(to_popular, guide.popular), visit)
    return Detours(kinds, detours.movie_ids)


def draw_backs(share: float, *, seed: int, visitor_index: Integers, visit: int) -> Booleans:
    """Who returns from the films of this visit by the browser's back button, (n_visitors,)."""
    return np.asarray(uniform(seed, "back", visitor=visitor_index, visit=visit) < share)


def _next_best(films: Integers, utilities: Floats, visit: int) -> Integers:
    """Of each visitor's utilities (n, n_films), the film liked best on visit 0, the next on visit 1, ..."""
    favourites = np.argsort(-utilities, axis=1, kind="stable")
    return np.asarray(films[favourites[:, visit % len(films)]])


def _of_best_row(guide: FilmGuide, worth: Worth, places: Integers, visit: int) -> Integers:
    """Of each visitor at `places`, at least one, the film of the row that they like best, (n,)."""
    rows = list(guide.genre_rows.values())
    of_rows = [worth(places, films) for films in rows]
    # Summed film by film, for one visitor in the same order as for many: equal to the last bit.
    liking = np.stack([reduce(np.add, of_row.T) / of_row.shape[1] for of_row in of_rows], axis=1)
    best = np.argmax(liking, axis=1)
    chosen = np.empty(len(places), dtype=np.int64)
    for row, films in enumerate(rows):
        theirs = np.flatnonzero(best == row)
        chosen[theirs] = _next_best(films, of_rows[row][theirs], visit)
    return chosen
