"""Which ratings the truth keeps to itself, and which each model may learn from."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog.dataset import Dataset, IntArray, Ratings, pair_keys
from catalog.errors import SplitError

HELD_OUT_SHARE = 0.3

_FEWEST_WITH_ONE_HELD_OUT = math.ceil(1 / HELD_OUT_SHARE)


@dataclass(frozen=True, slots=True, eq=False)
class RatingsSplit:
    """The ratings, divided so that no model sees what the truth and the offline tests are made of.

    `held_out` and `treatment` share no rating and together are all of them; `control` is the part of
    `treatment` given before `cutoff` (seconds since 1970), as a model trained on older data would have had
    it.
    """

    control: Ratings
    treatment: Ratings
    held_out: Ratings
    cutoff: int


def split_ratings(dataset: Dataset, *, seed: int) -> RatingsSplit:
    """Hold out a seeded 30% of each user's ratings, then divide the others at their median date.

    A cut by date alone would leave out most users, who rated within one day. A rating is held out by a hash
    of seed, user and film, so the order of the rows does not matter. Of n ratings a user has floor(0.3 n)
    held out, hence everybody keeps at least one to learn from.

    Raises:
        SplitError: no rating is held out, since nobody rated four films; or none is older than the median
            date, so the control would have nothing to learn from.
    """
    ratings = dataset.ratings
    is_held_out = _held_out_mask(ratings, seed)
    treatment = ratings.take(~is_held_out)
    if len(treatment) == 0:
        raise SplitError(f"{dataset.name!r} has no ratings; a split needs at least two of different dates")
    if not is_held_out.any():
        raise SplitError(
            f"{dataset.name!r} holds out 0 of its {len(ratings)} ratings: the truth of a run is made of "
            f"{HELD_OUT_SHARE:.0%} of each user's, rounded down, and nobody rated "
            f"{_FEWEST_WITH_ONE_HELD_OUT} films; give "
            "more ratings per user"
        )
    cutoff = int(np.partition(treatment.timestamps, len(treatment) // 2)[len(treatment) // 2])
    control = treatment.take(treatment.timestamps < cutoff)
    if len(control) == 0:
        raise SplitError(
            f"{dataset.name!r} has no rating before its median timestamp {cutoff}; the control model learns "
            "from older ratings only, so give ratings of different dates"
        )
    return RatingsSplit(control, treatment, ratings.take(is_held_out), cutoff)


def _held_out_mask(ratings: Ratings, seed: int) -> npt.NDArray[np.bool_]:
    draws = _hash(pair_keys(ratings.user_ids, ratings.movie_ids), seed)
    order = np.lexsort((draws, ratings.user_ids))
    _, starts, counts = np.unique(ratings.user_ids[order], return_index=True, return_counts=True)
    place_within_user = np.arange(len(order)) - np.repeat(starts, counts)
    n_held_out = np.array([math.floor(HELD_OUT_SHARE * count) for count in counts.tolist()], dtype=np.int64)
    mask = np.empty(len(order), dtype=np.bool_)
    mask[order] = place_within_user < np.repeat(n_held_out, counts)
    return mask


def _hash(keys: IntArray, seed: int) -> npt.NDArray[np.uint64]:
    """Scatter keys over 64 bits.

    Source: SplitMix64, Steele, Lea & Flood (OOPSLA 2014), doi:10.1145/2660193.2660195.
    """
    state = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + _mixed(
        np.array([seed % 2**64], dtype=np.uint64)
    )
    return _mixed(state)


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
