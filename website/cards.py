"""Film cards as finished HTML: made once a film, put into pages as they are."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from flask import Flask
from markupsafe import Markup

from catalog import Film
from website.genres import genre_name
from website.poster import main_genre, poster_digest
from website.served import ServedSlate
from website.storefront import FilmRow, Storefront
from website.tmdb import TmdbPosters
from website.words import gettext

__all__ = ["CardPrinter", "backdrop_url", "poster_url", "row_heading"]


def poster_url(film: Film) -> str:
    """The poster's address; it changes when the picture does, so browsers may keep it for ever."""
    return f"/poster/{film.movie_id}.svg?v={quote(poster_digest(film))}"


def real_poster_url(film: Film) -> str:
    """The address of its poster at TMDB, as this site passes it on."""
    return f"/poster/{film.movie_id}/real"


def backdrop_url(film: Film) -> str:
    """The wide picture's address."""
    return f"/backdrop/{film.movie_id}.svg?v={quote(poster_digest(film))}"


def row_heading(row: FilmRow) -> str:
    """What a row is headed with, in the current language."""
    if row.genre:
        return gettext("Acclaimed %(genre)s", genre=genre_name(row.genre))
    return gettext(row.heading)


class CardPrinter:
    """Prints cards and rows in one language; thread safe, since a card printed twice is the same card."""

    def __init__(self, app: Flask, storefront: Storefront, real_posters: TmdbPosters | None = None) -> None:
        card = app.jinja_env.get_template("_card.html")
        self._storefront = storefront
        self._real_posters = real_posters
        self._card_face = card.make_module().card_face  # type: ignore[attr-defined]  # a macro of the template
        self._slate = app.jinja_env.get_template("_slate.html")
        self._row = app.jinja_env.get_template("_row.html")
        self._faces: dict[int, Markup] = {}
        self._kept: dict[str, Markup] = {}

    def poster(self, film: Film) -> str:
        """The address of a film's poster, real where there may be one."""
        is_real = self._real_posters is not None and self._real_posters.has(film.movie_id)
        return real_poster_url(film) if is_real else poster_url(film)

    def face(self, movie_id: int) -> Markup:
        """Poster, title, year and genre of one film: the inside of a card."""
        face = self._faces.get(movie_id)
        if face is None:
            film = self._storefront.films[movie_id]
            face = self._faces[movie_id] = Markup(  # noqa: S704  Jinja escaped it
                self._card_face(film, genre_name(main_genre(film)), self.poster(film))
            )
        return face

    def keep(self, name: str, make: Callable[[], Markup]) -> Markup:
        """A part of a page that is the same for everybody: made at its first use, then kept."""
        part = self._kept.get(name)
        if part is None:
            part = self._kept[name] = make()
        return part

    def row(self, row: FilmRow, *, shares: Mapping[int, float] = MappingProxyType({})) -> Markup:
        """A row of linked cards; those with a share seen, in [0, 1], show it and lead on to the player."""
        cards = [(movie_id, self.face(movie_id), shares.get(movie_id)) for movie_id in row.movie_ids]
        return Markup(self._row.render(row=row, heading=row_heading(row), cards=cards))  # noqa: S704  Jinja escaped it

    def rows(self, rows: Sequence[FilmRow]) -> Markup:
        """All rows, one under the other."""
        return Markup("").join(self.row(row) for row in rows)

    def slate(self, slate: ServedSlate, heading: str, *, why: str = "", has_overlay: bool = False) -> Markup:
        """A slate: cards that are forms, each with its token; `why` is a note that a click takes along.

        `has_overlay` adds what a teacher wants to see of each card.
        """
        scores = slate.scores or (None,) * len(slate.films)
        cards = [
            (film, self.face(film.movie_id), score) for film, score in zip(slate.films, scores, strict=True)
        ]
        return Markup(  # noqa: S704  Jinja escaped it
            self._slate.render(slate=slate, heading=heading, cards=cards, why=why, has_overlay=has_overlay)
        )
