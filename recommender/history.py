"""The training data as models read it: a sparse table of users by films."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from recommender.errors import TrainingDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog import Film, Ratings
    from recommender._arrays import Integers, NamedArrays, SparseFloats


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Who rated what. Rows are users, columns are films, both in order of their ids.

    Attributes:
        user_ids: the users with at least one rating, ascending.
        movie_ids: every film of the catalogue, ascending, rated or not.
        ratings: stars by (user, film); an unrated film has no entry.
    """

    user_ids: Integers
    movie_ids: Integers
    ratings: SparseFloats

    @property
    def n_ratings_by_film(self) -> Integers:
        """How many users rated each film, in the order of `movie_ids`."""
        return np.bincount(self.ratings.indices, minlength=len(self.movie_ids)).astype(np.int64)

    @property
    def n_ratings_by_user(self) -> Integers:
        """How many films each user rated, in the order of `user_ids`."""
        return np.diff(self.ratings.indptr).astype(np.int64)

    @property
    def popular_columns(self) -> Integers:
        """All columns, the most rated film first; films rated equally often by movie_id."""
        return np.argsort(-self.n_ratings_by_film, kind="stable").astype(np.int64)

    def columns_rated_at_least(self, n_ratings: int) -> Integers:
        """The columns of the films that at least `n_ratings` users rated, ascending."""
        return np.flatnonzero(self.n_ratings_by_film >= n_ratings).astype(np.int64)

    def to_arrays(self) -> NamedArrays:
        """The same as plain arrays, for an artefact."""
        return {
            "user_ids": self.user_ids,
            "movie_ids": self.movie_ids,
            "history_starts": self.ratings.indptr.astype(np.int64),
            "history_columns": self.ratings.indices.astype(np.int32),
            "history_stars": self.ratings.data.astype(np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: NamedArrays) -> History:
        """Rebuild what `to_arrays` took apart."""
        user_ids = arrays["user_ids"].astype(np.int64, copy=False)
        movie_ids = arrays["movie_ids"].astype(np.int64, copy=False)
        parts = (arrays["history_stars"], arrays["history_columns"], arrays["history_starts"])
        table: SparseFloats = sp.csr_array(parts, shape=(len(user_ids), len(movie_ids)))
        return cls(user_ids, movie_ids, table)


def history_of(films: Sequence[Film], ratings: Ratings) -> History:
    """Arrange ratings as a table with a column for every film of the catalogue.

    Raises:
        TrainingDataError: there is no rating; a rated film is not in `films`; a film is there twice; a user
            rated a film twice; a rating is not a finite number above 0.
    """
    movie_ids = np.array(sorted(film.movie_id for film in films), dtype=np.int64)
    _require_trainable(movie_ids, ratings)
    user_ids, rows = np.unique(ratings.user_ids, return_inverse=True)
    columns = np.searchsorted(movie_ids, ratings.movie_ids)
    shape = (len(user_ids), len(movie_ids))
    stars = ratings.values.astype(np.float32)
    table = sp.csr_array((stars, (rows, columns)), shape=shape)
    if table.nnz != len(stars):
        raise TrainingDataError(
            f"{len(stars) - table.nnz} ratings repeat a user and film; a user rates a film once: "
            "drop the older ones"
        )
    table.sort_indices()
    return History(user_ids.astype(np.int64), movie_ids, table)


def _require_trainable(movie_ids: Integers, ratings: Ratings) -> None:
    if len(ratings.values) == 0:
        raise TrainingDataError(
            "there are 0 ratings; a model needs at least 1: choose an older cut-off or more data"
        )
    repeated = movie_ids[1:][movie_ids[1:] == movie_ids[:-1]]
    if len(repeated):
        raise TrainingDataError(f"film {int(repeated[0])} is in the catalogue twice; film ids are unique")
    unknown = ratings.movie_ids[~np.isin(ratings.movie_ids, movie_ids)]
    if len(unknown):
        raise TrainingDataError(
            f"film {int(unknown[0])} is rated but not among the {len(movie_ids)} films; "
            "pass the whole catalogue"
        )
    wrong = ratings.values[~(np.isfinite(ratings.values) & (ratings.values > 0))]
    if len(wrong):
        raise TrainingDataError(f"a rating is {float(wrong[0])!r}; stars are finite numbers above 0")
