"""How well a model's scores agree with what visitors truly think: what no real experiment can know."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender_client import (
    Recommendation,
    RecommendationRequest,
    RecommenderClient,
    RecommenderClientError,
)
from simulator.behaviour import NO_USER, Truth, Visitors

_Floats = npt.NDArray[np.float64]
_MOST_VISITORS = 200
_MOST_FILMS = 100
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Agreement:
    """Correlations between model scores and true utilities, within visitors, averaged over them.

    Scores of two users need not be on one scale, so they are never compared.

    Args:
        rank_correlation: Spearman's, in [-1, 1].
        correlation: Pearson's, in [-1, 1].
        n_visitors: over how many visitors the mean is taken.
        n_films: over how many films of each: those that the model ranks highest.
    """

    rank_correlation: float
    correlation: float
    n_visitors: int
    n_films: int


def score_agreement(client: RecommenderClient, truth: Truth, visitors: Visitors) -> Agreement | None:
    """Ask an arm for its best films for some visitors, and hold its scores against the truth.

    Only the films a model ranks highest are compared, for these it must get right; over the whole catalogue
    any model would agree more, by knowing what nobody wants.

    Args:
        client: asks the arm; give it a time limit that fits 50 slates of 100 films.
        truth: what visitors think, moods and whims included.
        visitors: of whom the first 200 that browse as somebody are taken, each user once.

    Returns:
        None where the arm gives no scores or knows none of them, or cannot answer such requests.
    """
    asked = visitors.take(_first_of_each_user(visitors))
    n_films = min(_MOST_FILMS, len(truth.movie_ids) // 2)
    requests = [RecommendationRequest(user_id=user, n_films=n_films) for user in asked.user_id.tolist()]
    try:
        answers = [
            answer
            for start in range(0, len(requests), _BATCH)
            for answer in client.recommend_many(requests[start : start + _BATCH])
        ]
    except RecommenderClientError:
        return None
    return _agreement(answers, truth, asked)


def _first_of_each_user(visitors: Visitors) -> npt.NDArray[np.intp]:
    _, firsts = np.unique(visitors.user_id, return_index=True)
    firsts = np.sort(firsts[visitors.user_id[firsts] != NO_USER])
    return np.asarray(firsts[:_MOST_VISITORS], dtype=np.intp)


def _agreement(answers: list[Recommendation], truth: Truth, asked: Visitors) -> Agreement | None:
    is_usable = [answer.is_known_user and answer.scores is not None for answer in answers]
    if not any(is_usable):
        return None
    places = np.flatnonzero(is_usable)
    who = asked.take(places)
    worth = truth.utilities(
        visitor_index=who.person_index,
        user_ids=who.taste_user_id,
        persona_index=who.persona_index,
        movie_ids=np.array([answers[place].movie_ids for place in places.tolist()]),
    )
    scores = np.array([answers[place].scores for place in places.tolist()], dtype=np.float64)
    # Where all scores are equal, as those of a model that knows nothing of a user, nothing can agree.
    tells_apart = (scores.std(axis=1) > 0) & (worth.std(axis=1) > 0)
    if not tells_apart.any():
        return None
    scores, worth = scores[tells_apart], worth[tells_apart]
    return Agreement(
        rank_correlation=float(_correlations(_ranks(scores), _ranks(worth)).mean()),
        correlation=float(_correlations(scores, worth).mean()),
        n_visitors=len(scores),
        n_films=scores.shape[1],
    )


def _correlations(left: _Floats, right: _Floats) -> _Floats:
    """Pearson's correlation of each row of one with that row of the other."""
    left = left - left.mean(axis=1, keepdims=True)
    right = right - right.mean(axis=1, keepdims=True)
    lengths = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    return np.asarray((left * right).sum(axis=1) / lengths, dtype=np.float64)


def _ranks(values: _Floats) -> _Floats:
    """Ranks within each row; equal values share the mean of theirs."""
    ranks = np.empty_like(values)
    for row, of_row in enumerate(values):
        _, places, counts = np.unique(of_row, return_inverse=True, return_counts=True)
        ranks[row] = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return ranks
