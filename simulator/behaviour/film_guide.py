"""What a visitor can know of the site's films beyond the slate: titles, genres, and what is popular."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        titles: of the popular films, by movie id.
    """

    movie_ids: Integers
    genres: Floats
    popular: Integers
    titles: Mapping[int, str]

    def rows(self, movie_ids: Integers) -> Integers:
        """Rows of `genres`, in the shape given; the last one for films that the guide does not know."""
        rows = np.minimum(np.searchsorted(self.movie_ids, movie_ids), len(self.movie_ids) - 1)
        return np.where(self.movie_ids[rows] == movie_ids, rows, len(self.movie_ids))


def film_guide(films: Sequence[ListedFilm], popular: Sequence[int]) -> FilmGuide:
    """The guide of a site with these films, at least one, whose popular row has `popular`."""
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
        titles={movie_id: titles[movie_id] for movie_id in popular},
    )
