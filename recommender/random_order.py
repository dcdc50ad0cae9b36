"""The model that knows nothing: films in an order drawn for each user. What any model must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from recommender._arrays import Floats, Integers, NamedArrays
    from recommender.history import History

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_SEED_MASK = (1 << 63) - 1


class RandomSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A random order has nothing to set but the seed it is trained with."""


@dataclass(frozen=True, slots=True, eq=False)
class RandomScorer:
    """A score for a pair is a hash of seed, user and film, so it needs no state and is the same tomorrow.

    Attributes:
        columns: all films, (n_films,).
        seed: of the model.
        user_ids: the users, by row.
        movie_ids: the films, by column.
    """

    columns: Integers
    seed: int
    user_ids: Integers
    movie_ids: Integers

    def user_scores(self, rows: Integers) -> Floats:
        """Draws from [0, 1), shape (len(rows), n_films)."""
        return self._draws(self.user_ids[rows], purpose=1)

    def film_scores(self, places: Integers) -> Floats:
        """Draws from [0, 1), shape (len(places), n_films)."""
        return self._draws(self.movie_ids[places], purpose=2)

    def parts(self, places: Integers, place: int, stars: Floats | None) -> Floats:  # noqa: ARG002  as said
        """Nothing: a draw rests on no film."""
        return np.zeros(len(places), dtype=np.float32)

    def _draws(self, ids: Integers, *, purpose: int) -> Floats:
        start = _mixed(np.array([self.seed], dtype=np.uint64) + np.uint64(purpose))
        words = _mixed(_mixed(start ^ ids.astype(np.uint64))[:, None] ^ self.movie_ids.astype(np.uint64))
        draws: Floats = ((words >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)).astype(
            np.float32
        )
        return draws


def fit_random(history: History, _settings: RandomSettings, seed: int) -> NamedArrays:
    """Keep the seed; there is nothing to learn."""
    return {
        "columns": np.arange(len(history.movie_ids), dtype=np.int64),
        "random_seed": np.array([seed & _SEED_MASK], dtype=np.int64),
    }


def random_scorer(history: History, arrays: NamedArrays) -> RandomScorer:
    """The scorer for what `fit_random` stored."""
    return RandomScorer(
        columns=arrays["columns"].astype(np.int64, copy=False),
        seed=int(arrays["random_seed"][0]),
        user_ids=history.user_ids,
        movie_ids=history.movie_ids,
    )


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64: Steele, Lea & Flood (OOPSLA 2014), doi:10.1145/2660193.2660195."""
    words = (words + np.uint64(1)) * np.uint64(_GOLDEN)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_FIRST)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_SECOND)
    return words ^ (words >> np.uint64(31))
