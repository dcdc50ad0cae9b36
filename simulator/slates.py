"""The slates that an arm would show to visitors, asked of its model endpoint without a visit."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender_client import RecommendationRequest, RecommenderClient
from simulator.behaviour import NO_USER, Visitors

_BATCH = 100


def ask_home_slates(
    client: RecommenderClient, visitors: Visitors, *, slate_size: int
) -> npt.NDArray[np.int64]:
    """The home slate of each visitor under one arm, movie ids of shape (n_visitors, slate_size).

    Each user is asked for once, in batches, so give the client a time limit that fits a batch of 100.

    Raises:
        RecommenderClientError: the endpoint gives no usable answer.
    """
    users, places = np.unique(visitors.user_id, return_inverse=True)
    requests = [
        RecommendationRequest(user_id=None if user == NO_USER else user, n_films=slate_size)
        for user in users.tolist()
    ]
    slates = np.array(_ask(client, requests), dtype=np.int64).reshape(len(users), slate_size)
    return np.asarray(slates[places])


def _ask(client: RecommenderClient, requests: Sequence[RecommendationRequest]) -> list[tuple[int, ...]]:
    slates: list[tuple[int, ...]] = []
    for start in range(0, len(requests), _BATCH):
        answers = client.recommend_many(requests[start : start + _BATCH])
        slates.extend(answer.movie_ids for answer in answers)
    return slates
