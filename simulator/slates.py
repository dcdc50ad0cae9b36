"""The slates that an arm would show to visitors, asked of its model endpoint without a visit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender_client import RecommendationRequest, RecommenderClient
from simulator.behaviour import NO_USER, Visitors

_BATCH = 100


@dataclass(frozen=True, slots=True, eq=False)
class UserSlates:
    """Slates of many visitors, kept once for each user; a slice of it is an array of movie ids.

    Args:
        slates: movie ids, (n_users, slate_size).
        places: the row of each visitor's user, (n_visitors,).
    """

    slates: npt.NDArray[np.int64]
    places: npt.NDArray[np.intp]

    def __getitem__(self, visitors: slice) -> npt.NDArray[np.int64]:
        return self.slates[self.places[visitors]]


def ask_home_slates(client: RecommenderClient, visitors: Visitors, *, slate_size: int) -> UserSlates:
    """The home slate of each visitor under one arm.

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
    return UserSlates(slates, places)


def _ask(client: RecommenderClient, requests: Sequence[RecommendationRequest]) -> list[tuple[int, ...]]:
    slates: list[tuple[int, ...]] = []
    for start in range(0, len(requests), _BATCH):
        answers = client.recommend_many(requests[start : start + _BATCH])
        slates.extend(answer.movie_ids for answer in answers)
    return slates
