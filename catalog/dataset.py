"""Films, ratings, and the two together: the values every other module of this package makes or reads."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
# Ids of users and films go from 0 to this; so two of them fold into one 64-bit key.
MAX_ID = 2**31 - 1

Selection = npt.NDArray[np.bool_] | npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Film:
    """One film; `title` is in display form, "The Matrix", and a film may lack a year or genres."""

    movie_id: int
    title: str
    year: int | None
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Who rated which film how, and when: four arrays of one length, one entry a rating.

    `values` are stars, 0.5 to 5; `timestamps` are seconds since 1970, UTC.
    """

    user_ids: IntArray
    movie_ids: IntArray
    values: FloatArray
    timestamps: IntArray

    def __post_init__(self) -> None:
        lengths = [len(self.user_ids), len(self.movie_ids), len(self.values), len(self.timestamps)]
        if len(set(lengths)) != 1:
            raise ValueError(f"arrays of lengths {lengths!r}; a rating needs an entry in each of the four")

    def __len__(self) -> int:
        return len(self.values)

    def take(self, selection: Selection) -> Self:
        """Choose ratings by a mask or by their offsets, in that order."""
        return type(self)(
            self.user_ids[selection],
            self.movie_ids[selection],
            self.values[selection],
            self.timestamps[selection],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A catalogue of films (sorted by `movie_id`) and its ratings (sorted by user, then film).

    `digest` is the SHA-256 of the content, in hex: equal for equal films and ratings, wherever they came from
    and in whatever order the files had them. `tmdb_ids` are TMDB's ids of films by `movie_id`, for their
    posters alone: no model and no digest knows them.
    """

    name: str
    films: tuple[Film, ...]
    ratings: Ratings
    digest: str
    is_synthetic: bool
    tmdb_ids: Mapping[int, int] = field(default_factory=dict, repr=False)
    film_by_id: Mapping[int, Film] = field(init=False, repr=False)
    user_ids: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # The one way to fill a derived field of a frozen dataclass.
        object.__setattr__(self, "film_by_id", {film.movie_id: film for film in self.films})
        object.__setattr__(self, "user_ids", np.unique(self.ratings.user_ids))


def make_dataset(
    name: str,
    films: tuple[Film, ...],
    ratings: Ratings,
    *,
    is_synthetic: bool = False,
    tmdb_ids: Mapping[int, int] = MappingProxyType({}),
) -> Dataset:
    """Put films and ratings in canonical order and sign them with their digest."""
    films = tuple(sorted(films, key=lambda film: film.movie_id))
    ratings = _in_order(ratings)
    return Dataset(name, films, ratings, _digest(films, ratings), is_synthetic, tmdb_ids)


def pair_keys(user_ids: IntArray, movie_ids: IntArray) -> IntArray:
    """Fold user and film into one number each, ordered by user and then film; ids go up to MAX_ID."""
    return (user_ids << 31) | movie_ids


def _in_order(ratings: Ratings) -> Ratings:
    keys = pair_keys(ratings.user_ids, ratings.movie_ids)
    if bool(np.all(keys[1:] >= keys[:-1])):
        return ratings
    return ratings.take(np.argsort(keys, kind="stable"))


def _digest(films: tuple[Film, ...], ratings: Ratings) -> str:
    digest = hashlib.sha256()
    for film in films:
        digest.update(f"{film.movie_id}\t{film.title}\t{film.year}\t{'|'.join(film.genres)}\n".encode())
    for array in (ratings.user_ids, ratings.movie_ids, ratings.timestamps):
        digest.update(np.ascontiguousarray(array, dtype="<i8").data)
    digest.update(np.ascontiguousarray(ratings.values, dtype="<f4").data)
    return digest.hexdigest()
