import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import Dataset, Film, Ratings, SplitError, load_dataset, make_dataset, split_ratings
from catalog.dataset import pair_keys

_PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(0, 40)), st.integers(0, 1_000_000), min_size=4, max_size=80
).filter(lambda rows: len(set(rows.values())) > len(rows) * 3 // 4)


@given(_PAIRS, st.integers(0, 2**64))
@settings(deadline=None)
def test_every_rating_is_in_its_part_and_every_user_keeps_one(
    rows: dict[tuple[int, int], int], seed: int
) -> None:
    """The laws of the split, on drawn ratings whose dates mostly differ."""
    dataset = _dataset(rows)
    try:
        split = split_ratings(dataset, seed=seed)
    except SplitError:
        return
    together = np.concatenate([_keys(split.treatment), _keys(split.held_out)])
    assert sorted(together.tolist()) == _keys(dataset.ratings).tolist()
    assert set(_keys(split.control)) < set(_keys(split.treatment))
    assert split.control.timestamps.max() < split.cutoff
    assert len(split.control) <= len(split.treatment) / 2
    for user_id, n in zip(*np.unique(dataset.ratings.user_ids, return_counts=True), strict=True):
        assert (split.held_out.user_ids == user_id).sum() == math.floor(0.3 * n)
        assert (split.treatment.user_ids == user_id).any()


@given(_PAIRS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_of_rows_does_not_change_the_split(
    rows: dict[tuple[int, int], int], random: object
) -> None:
    """Even of a dataset that somebody built unsorted."""
    dataset = _dataset(rows)
    order = np.arange(len(rows))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = replace(dataset, ratings=dataset.ratings.take(order))
    try:
        split = split_ratings(dataset, seed=5)
    except SplitError:
        return
    again = split_ratings(shuffled, seed=5)
    assert sorted(_keys(again.held_out).tolist()) == _keys(split.held_out).tolist()
    assert again.cutoff == split.cutoff


def test_ml_latest_small_splits_as_designed(movielens_path: Path) -> None:
    """30% less what rounding down costs 610 users, half a rating each on average; the rest halved by date."""
    dataset = load_dataset(movielens_path)
    split = split_ratings(dataset, seed=7)
    assert len(split.held_out) == pytest.approx(0.3 * 100_836 - 0.5 * 610, rel=0.003)
    assert len(split.control) == pytest.approx(len(split.treatment) / 2, rel=0.001)
    assert set(split.treatment.user_ids) == set(dataset.user_ids)


def test_another_seed_holds_out_others(movielens_path: Path) -> None:
    """By chance two hold-outs of 30% share 30% of their ratings: 9,000 of 30,000, give or take 4 sd of 65."""
    dataset = load_dataset(movielens_path)
    first, second = (split_ratings(dataset, seed=seed).held_out for seed in (1, 2))
    n_shared = len(set(_keys(first)) & set(_keys(second)))
    assert n_shared == pytest.approx(0.3 * len(first), abs=400)


def test_ratings_of_which_none_can_be_held_out_are_an_error() -> None:
    """Three films each: 30% of three, rounded down, is none; a fourth film of one user is enough."""
    rows = {(user, film): 10 * user + film for user in range(20) for film in range(3)}
    with pytest.raises(SplitError, match=r"holds out 0 of its 60 ratings: .* nobody rated 4 films"):
        split_ratings(_dataset(rows), seed=1)
    assert len(split_ratings(_dataset(rows | {(0, 3): 3}), seed=1).held_out) == 1


@pytest.mark.parametrize("rows", [{}, {(1, film): 5 for film in range(5)}])
def test_ratings_that_cannot_be_divided_by_date_are_an_error(rows: dict[tuple[int, int], int]) -> None:
    with pytest.raises(SplitError, match="different dates"):
        split_ratings(_dataset(rows), seed=1)


def _dataset(rows: dict[tuple[int, int], int]) -> Dataset:
    pairs = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    timestamps = np.array(list(rows.values()), dtype=np.int64)
    films = tuple(Film(movie_id, f"Film {movie_id}", None, ()) for movie_id in range(41))
    ratings = Ratings(pairs[:, 0], pairs[:, 1], np.full(len(rows), 3, dtype=np.float32), timestamps)
    return make_dataset("drawn", films, ratings)


def _keys(ratings: Ratings) -> np.ndarray:
    return pair_keys(ratings.user_ids, ratings.movie_ids)
