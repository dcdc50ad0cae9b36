from pathlib import Path

import numpy as np
import pytest

from catalog import DatasetError, Film, Ratings, describe, load_dataset, make_dataset


def test_facts_of_ml_latest_small_are_those_published_of_it(movielens_path: Path) -> None:
    """As the issue states them, measured there by another program, to the places given."""
    facts = describe(load_dataset(movielens_path))
    assert (facts.n_users, facts.n_films, facts.n_ratings) == (610, 9_742, 100_836)
    assert facts.density == pytest.approx(0.017, abs=0.0005)
    shares = (facts.top_1_share, facts.top_10_share, facts.top_20_share)
    assert shares == pytest.approx((0.158, 0.60, 0.77), abs=0.005)
    assert facts.item_gini == pytest.approx(0.72, abs=0.005)
    assert facts.ratings_per_user_min == 20
    assert (facts.ratings_per_user_median, facts.ratings_per_user_p90) == pytest.approx((70, 400), abs=1)
    assert (facts.mean_rating, facts.sd_rating) == pytest.approx((3.5, 1.04), abs=0.005)
    assert facts.genres_per_film == pytest.approx(2.26, abs=0.005)


def test_facts_of_a_tiny_dataset_are_those_found_by_hand() -> None:
    """Films have 3, 1 and 0 ratings. Gini of (3, 1): mean difference 1 over twice the mean."""
    films = (Film(1, "A", None, ("Drama", "War")), Film(2, "B", None, ()), Film(3, "C", None, ("War",)))
    users, movies = np.array([1, 2, 3, 3]), np.array([1, 1, 1, 2])
    ratings = Ratings(users, movies, np.array([1, 3, 5, 3], dtype=np.float32), np.arange(4))
    facts = describe(make_dataset("tiny", films, ratings))
    assert facts.density == pytest.approx(4 / 9)
    assert (facts.top_1_share, facts.top_20_share) == (0.75, 0.75)
    assert facts.item_gini == pytest.approx(0.25)
    assert (facts.ratings_per_user_min, facts.ratings_per_user_median) == (1, 1)
    assert (facts.mean_rating, facts.sd_rating) == pytest.approx((3, 2**0.5))
    assert facts.genres_per_film == pytest.approx(1)


def test_facts_of_nothing_are_an_error() -> None:
    nothing = np.array([], dtype=np.int64)
    ratings = Ratings(nothing, nothing, nothing.astype(np.float32), nothing)
    with pytest.raises(DatasetError, match="'bare' has 1 films and 0 ratings; facts need some of each"):
        describe(make_dataset("bare", (Film(1, "A", None, ()),), ratings))


def test_a_rating_needs_an_entry_in_each_array() -> None:
    with pytest.raises(ValueError, match=r"arrays of lengths \[2, 1, 2, 2\]; a rating needs"):
        Ratings(np.arange(2), np.arange(1), np.zeros(2, dtype=np.float32), np.arange(2))
