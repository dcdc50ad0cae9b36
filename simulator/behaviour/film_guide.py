"""What a visitor can know of the site's films beyond the slate: titles, genres, and what is popular."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

import numpy as np

from simulator.behaviour.draws import Floats, Integers


class ListedFilm(Protocol):
    """What the guide needs to know of a film; `catalog.Film` fits."""

    @property
    def movie_id(self) -> int:
        """Its number."""

    @property
    def title(self) -> str:
        """What one would search for."""

    @property
    def genres(self) -> tuple[str, ...]:
        """Its genres, in any order."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmGuide:
    """The films of the site.

    Args:
        movie_ids: ascending, (n_films,).
        genres: how much each film is of each genre, rows of length 1, (n_films + 1, n_genres); a film of no
            genre, and the last row, which stands for unknown films, are all 0.
        popular: the films of the popular row, the ones that visitors look for.
        titles: of the films in any row, by movie id.
        genre_rows: the films of each row of a genre, by the row's name in `data-row`, in order of the page.
    """

    movie_ids: Integers
    genres: Floats
    popular: Integers
    titles: Mapping[int, str]
    genre_rows: Mapping[str, Integers] = field(default_factory=dict)

    def rows(self, movie_ids: Integers) -> Integers:
        """Rows of `genres`, in the shape given; the last one for films that the guide does not know."""
        rows = np.minimum(np.searchsorted(self.movie_ids, movie_ids), len(self.movie_ids) - 1)
        return np.where(self.movie_ids[rows] == movie_ids, rows, len(self.movie_ids))

    def row_of(self, movie_id: int) -> str:
        """The name of the genre's row that has the film; empty where none has."""
        return next((key for key, films in self.genre_rows.items() if movie_id in films), "")


def film_guide(
    films: Sequence[ListedFilm],
    popular: Sequence[int],
    genre_rows: Mapping[str, Sequence[int]] | None = None,
) -> FilmGuide:
    """The guide of a site with these films, at least one.

    Args:
        films: all of them.
        popular: those of the popular row.
        genre_rows: those of each row of a genre, by the row's name in `data-row`; None: there is no such row.
    """
    genre_rows = genre_rows or {}
    ordered = sorted(films, key=lambda film: film.movie_id)
    names = sorted({genre for film in films for genre in film.genres})
    genres = np.zeros((len(ordered) + 1, len(names)))
    for row, film in enumerate(ordered):
        genres[row, [names.index(genre) for genre in film.genres]] = 1.0
    lengths = np.sqrt(genres.sum(axis=1, keepdims=True))
    titles = {film.movie_id: film.title for film in ordered}
    return FilmGuide(
        movie_ids=np.array([film.movie_id for film in ordered], dtype=np.int64),
        genres=genres / np.maximum(lengths, 1.0),
        popular=np.array(popular, dtype=np.int64),
        titles={movie_id: titles[movie_id] for movie_id in chain(popular, *genre_rows.values())},
        genre_rows={key: np.array(row, dtype=np.int64) for key, row in genre_rows.items() if len(row)},
    )
