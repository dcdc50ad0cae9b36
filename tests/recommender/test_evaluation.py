import math

import numpy as np
import pytest

from catalog import Ratings
from recommender import NOBODY, SlateMaker, Slates, TrainedModel
from recommender.evaluation import evaluate


class FixedMaker:
    """Shows users 1 and 2 six films each; it knows user 1 only, and user 4 has seen all but five films."""

    def n_films_for(self, user_id: int) -> int:
        """Films left to recommend."""
        return 5 if user_id == 4 else 100

    def recommend(self, user_ids: list[int], movie_ids: list[int], k: int) -> Slates:
        """Answer the one question that these tests ask."""
        assert (user_ids, movie_ids, k) == ([1, 2], [NOBODY, NOBODY], 6)
        films = np.array([[10, 11, 12, 13, 14, 15], [10, 21, 22, 23, 24, 25]])
        return Slates(films, np.zeros((2, 6)), np.array([True, False]))


def rated(*rows: tuple[int, int, float]) -> Ratings:
    users, films, stars = (np.array(column) for column in zip(*rows, strict=True))
    return Ratings(users, films, stars.astype(np.float32), np.zeros(len(rows), dtype=np.int64))


def test_offline_metrics_agree_with_a_calculation_by_hand() -> None:
    """User 1 liked 10 and 12 (found at positions 1 and 3) and 99 (not found); user 2 liked 98 only.

    User 3 liked nothing, and user 4 cannot have a slate of six.
    """
    ratings = rated(
        (1, 10, 4.0), (1, 12, 5.0), (1, 99, 4.5), (1, 11, 3.5), (2, 98, 4.0), (3, 10, 2.0), (4, 10, 5.0)
    )
    metrics = evaluate(FixedMaker(), ratings, n_films=100)
    assert (metrics.k, metrics.n_users, metrics.n_known_users) == (6, 2, 1)
    assert metrics.precision == pytest.approx((2 / 6 + 0) / 2)
    assert metrics.recall == pytest.approx((2 / 3 + 0) / 2)
    assert metrics.hit_rate == pytest.approx(1 / 2)
    assert metrics.coverage == pytest.approx(11 / 100)
    gain, best = 1 + 1 / math.log2(4), 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert metrics.ndcg == pytest.approx(gain / best / 2)


def test_without_a_relevant_film_there_is_no_metric() -> None:
    """An absent number is None, never 0."""
    metrics = evaluate(FixedMaker(), rated((1, 10, 3.5)), n_films=100)
    assert metrics.n_users == 0
    assert metrics.precision is metrics.recall is metrics.ndcg is metrics.hit_rate is metrics.coverage is None


def test_the_metrics_are_those_of_the_slates_that_are_served(
    models: dict[str, TrainedModel], held_out: Ratings
) -> None:
    """Recounted with sets, user by user, from what the model serves."""
    model = models["ease"]
    maker = SlateMaker("ease", model.arrays)
    is_relevant = held_out.values >= 4
    precisions = []
    for user_id in np.unique(held_out.user_ids[is_relevant]).tolist():
        liked = set(held_out.movie_ids[is_relevant & (held_out.user_ids == user_id)].tolist())
        precisions.append(len(liked & set(maker.recommend([user_id], [NOBODY], 6).movie_ids[0].tolist())) / 6)
    assert model.manifest.metrics.precision == pytest.approx(np.mean(precisions))
