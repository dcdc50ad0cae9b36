from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np

from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import NO_USER
from simulator.slates import ask_home_slates


class CountingEndpoint:
    """Fits `RecommenderClient`: the slate of user u is u + 1, u + 2, ...; of nobody 901, 902, ..."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """One slate."""
        return self.recommend_many([request])[0]

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """Slates, and a note of how many were asked for."""
        self.batches.append(len(requests))
        return [self._answer(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Never sent by the simulator."""
        raise AssertionError(feedback)

    def is_ready(self) -> bool:
        """Always."""
        return True

    def _answer(self, request: RecommendationRequest) -> Recommendation:
        first = 900 if request.user_id is None else request.user_id
        films = tuple(range(first + 1, first + 1 + request.n_films))
        return Recommendation(films, None, "m", "1", request.user_id is not None, {}, "", 0.1)


def test_every_visitor_gets_the_slate_of_their_user_and_each_user_is_asked_once(
    world: SimpleNamespace,
) -> None:
    endpoint = CountingEndpoint()
    slates = ask_home_slates(endpoint, world.visitors, slate_size=4)
    first = np.where(world.visitors.user_id == NO_USER, 900, world.visitors.user_id)
    assert np.array_equal(slates[:], first[:, None] + np.arange(1, 5))
    assert sum(endpoint.batches) == len(np.unique(world.visitors.user_id))
    assert max(endpoint.batches) <= 100
