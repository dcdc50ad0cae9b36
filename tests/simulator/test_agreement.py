from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats

from recommender_client import Recommendation, RecommendationRequest, RecommenderUnavailableError
from simulator.agreement import score_agreement
from simulator.behaviour import NO_USER


class Arm:
    """Answers with the first films of the catalogue, scored by a function of the user and those films."""

    def __init__(self, world: SimpleNamespace, score: Callable[[int, np.ndarray], np.ndarray] | None) -> None:
        self.world, self.score = world, score
        self.asked: list[RecommendationRequest] = []

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Answer all, and remember them."""
        self.asked += requests
        return [self._answer(request) for request in requests]

    def _answer(self, request: RecommendationRequest) -> Recommendation:
        films = self.world.movie_ids[: request.n_films]
        scores = None if self.score is None else tuple(self.score(request.user_id, films).tolist())
        return Recommendation(
            tuple(films.tolist()),
            scores,
            "m",
            "1",
            is_known_user=True,
            routing={},
            request_id="",
            latency_ms=1,
        )


def true_scores(world: SimpleNamespace) -> Callable[[int, np.ndarray], np.ndarray]:
    """What the first visitor of each user thinks."""
    visitors = world.visitors
    first = {user: place for place, user in reversed(list(enumerate(visitors.user_id.tolist())))}

    def scores(user_id: int, films: np.ndarray) -> np.ndarray:
        who = visitors[first[user_id] : first[user_id] + 1]
        return world.mind.worth(who, films[None, :])[0]

    return scores


def test_scores_that_are_the_truth_agree_wholly_and_any_rising_function_of_it_in_rank(
    world: SimpleNamespace,
) -> None:
    truth = true_scores(world)
    plain = score_agreement(Arm(world, truth), world.truth, world.visitors)
    bent = score_agreement(
        Arm(world, lambda user, films: np.exp(3 * truth(user, films))), world.truth, world.visitors
    )
    turned = score_agreement(Arm(world, lambda user, films: -truth(user, films)), world.truth, world.visitors)
    assert plain is not None and bent is not None and turned is not None  # noqa: PT018  narrows three types
    assert (plain.rank_correlation, plain.correlation) == (pytest.approx(1), pytest.approx(1))
    assert bent.rank_correlation == pytest.approx(1)
    assert bent.correlation < 0.9
    assert turned.rank_correlation == pytest.approx(-1)
    assert plain.n_films == 100


def test_correlations_are_those_of_scipy_with_ties(world: SimpleNamespace) -> None:
    """Mean over visitors of `scipy.stats.spearmanr` and `pearsonr`, scores rounded so that many are equal."""
    truth = true_scores(world)
    noise = np.random.default_rng(5).normal(size=len(world.movie_ids))

    def score(user: int, films: np.ndarray) -> np.ndarray:
        return np.round(truth(user, films) + noise[: len(films)])

    arm = Arm(world, score)
    found = score_agreement(arm, world.truth, world.visitors)
    assert found is not None
    films = world.movie_ids[:100]
    pairs = [
        (score(int(asked.user_id or 0), films), truth(int(asked.user_id or 0), films)) for asked in arm.asked
    ]
    assert found.rank_correlation == pytest.approx(
        np.mean([scipy.stats.spearmanr(*pair).statistic for pair in pairs])
    )
    assert found.correlation == pytest.approx(
        np.mean([scipy.stats.pearsonr(*pair).statistic for pair in pairs])
    )
    assert found.n_visitors == len(pairs)


def test_each_user_is_asked_for_once_and_nobody_never(world: SimpleNamespace) -> None:
    arm = Arm(world, lambda _user, films: films.astype(float))
    score_agreement(arm, world.truth, world.visitors)
    users = [request.user_id for request in arm.asked]
    assert len(users) == len(set(users)) == len(set(world.visitors.user_id.tolist()) - {NO_USER})


def test_an_arm_without_scores_or_with_all_equal_or_out_of_reach_has_no_agreement(
    world: SimpleNamespace,
) -> None:
    class Broken(Arm):
        def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
            raise RecommenderUnavailableError(f"no answer to {len(requests)} requests")

    arms = (
        Arm(world, None),
        Arm(world, lambda _user, films: np.zeros(len(films))),
        Broken(world, None),
    )
    assert [score_agreement(arm, world.truth, world.visitors) for arm in arms] == [None, None, None]
