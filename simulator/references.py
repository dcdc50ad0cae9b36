"""Reference arms: what chance, popularity and perfect knowledge of every user would show.

They frame a result. A model below `random` is broken; one below `popularity` is not worth its cost; and one
that is told the user and nothing more can hardly rise above `oracle`, the ranking by truth.

All three keep the rules of a home slate: no film that the user has rated, and the popular films for whoever
the ratings do not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour import Population, RatingColumns, Truth, Visitors, uniform
from simulator.slates import UserSlates

REFERENCE_ARMS = ("random", "popularity", "oracle")
"""The reference arms, the least knowing first."""

MOST_PAIRS = 200_000_000
"""Users times films beyond which ranking all films for all users takes minutes."""

_Floats = npt.NDArray[np.float64]
_Integers = npt.NDArray[np.int64]
_Scores = Callable[[_Integers], _Floats]
# Pairs of user and film in memory at a time: some 50 MB.
_PAIRS_AT_A_TIME = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class RankedByTruth:
    """The films that each user truly likes best, of those they have not rated.

    Args:
        user_ids: ascending, (n_users,).
        movie_ids: the best first, (n_users, depth).
        utilities: what each is worth to them on average over moods and whims, same shape.
    """

    user_ids: _Integers
    movie_ids: _Integers
    utilities: _Floats


def rank_by_truth(truth: Truth, population: Population, rated: RatingColumns, *, depth: int) -> RankedByTruth:
    """Rank films for every user with a rating, by what they are truly worth.

    A visitor's persona is no more known than their mood, so the persona's part is averaged over those that
    such a user may have.

    Args:
        truth: what visitors think.
        population: its personas.
        rated: what is known of the users; films they rated are left out.
        depth: films in each ranking; at most the number of films.
    """
    user_ids = np.unique(rated.user_ids).astype(np.int64)
    utilities = _mean_utilities(truth, population)
    rows, best = _best(truth, user_ids, rated, utilities, depth=min(depth, len(truth.movie_ids)))
    return RankedByTruth(user_ids, truth.movie_ids[rows].astype(np.int64), best)


def is_reference_affordable(truth: Truth, user_ids: npt.NDArray[np.integer]) -> bool:
    """Whether these users, each counted once, times the films are few enough to rank all."""
    return len(np.unique(user_ids)) * len(truth.movie_ids) <= MOST_PAIRS


def reference_slates(
    truth: Truth,
    population: Population,
    visitors: Visitors,
    rated: RatingColumns,
    *,
    slate_size: int,
    seed: int,
) -> Mapping[str, UserSlates]:
    """The home slate of each visitor under each reference arm, by its name.

    Args:
        truth: what visitors think.
        population: its personas.
        visitors: who they are.
        rated: what a model would know of the users.
        slate_size: films in a slate.
        seed: of the order drawn for `random`.
    """
    users, places = np.unique(visitors.user_id.astype(np.int64), return_inverse=True)
    n_ratings = np.bincount(truth.film_rows(rated.movie_ids), minlength=len(truth.movie_ids))
    # Of films rated equally often the first comes first, as a fraction of a rating decides.
    popularity = n_ratings - np.arange(len(n_ratings)) / len(n_ratings)
    popular = np.argsort(-popularity)[:slate_size]
    is_known = np.isin(users, rated.user_ids)
    scores: dict[str, _Scores] = {
        "random": lambda user_ids: uniform(
            seed, "reference", visitor=user_ids[:, None], position=truth.movie_ids
        ),
        "popularity": lambda user_ids: np.tile(popularity, (len(user_ids), 1)),
        "oracle": _mean_utilities(truth, population),
    }
    slates = {}
    for arm in REFERENCE_ARMS:
        rows = np.tile(popular, (len(users), 1))
        rows[is_known], _ = _best(truth, users[is_known], rated, scores[arm], depth=slate_size)
        slates[arm] = UserSlates(truth.movie_ids[rows].astype(np.int64), places)
    return slates


def _mean_utilities(truth: Truth, population: Population) -> _Scores:
    """What each film is worth to users, averaged over what nobody but the visitor knows."""
    shares = _persona_shares(truth, population)
    films = np.arange(len(truth.movie_ids))

    def utilities(user_ids: _Integers) -> _Floats:
        users = truth.user_rows(user_ids)
        total = truth.film_value + shares[users] @ truth.persona_value
        total += truth.likings.at(users[:, None] * len(films) + films)
        total += truth.user_taste.of(users, films[None, :])
        return np.asarray(total, dtype=np.float64)

    return utilities


def _persona_shares(truth: Truth, population: Population) -> _Floats:
    """How likely each persona is, given the user, (n_users + 1, n_personas); the last row is nobody's."""
    weights = np.array([0.0 if persona.is_bot else persona.weight for persona in population.personas])
    odds = np.diff(truth.user_weight_sums, axis=1, prepend=0.0)
    joint = weights[:, None] * odds / odds.sum(axis=1, keepdims=True)
    joint = np.column_stack([joint, weights])
    return np.asarray((joint / np.maximum(joint.sum(axis=0), 1e-300)).T, dtype=np.float64)


def _best(
    truth: Truth, user_ids: _Integers, rated: RatingColumns, scores: _Scores, *, depth: int
) -> tuple[_Integers, _Floats]:
    """Rows of the films of highest score that each user has not rated, and those scores."""
    rows = np.empty((len(user_ids), depth), dtype=np.int64)
    best = np.empty((len(user_ids), depth))
    order = np.argsort(rated.user_ids, kind="stable")
    raters, films = rated.user_ids[order], truth.film_rows(rated.movie_ids[order])
    n_users = max(1, _PAIRS_AT_A_TIME // len(truth.movie_ids))
    for start in range(0, len(user_ids), n_users):
        block = slice(start, start + n_users)
        of_block = scores(user_ids[block])
        for place, user_id in enumerate(user_ids[block].tolist()):
            first, last = np.searchsorted(raters, [user_id, user_id + 1])
            of_block[place, films[first:last]] = -np.inf
        top = np.argpartition(-of_block, depth - 1, axis=1)[:, :depth]
        top.sort(axis=1)
        by_score = np.argsort(-np.take_along_axis(of_block, top, axis=1), axis=1, kind="stable")
        rows[block] = np.take_along_axis(top, by_score, axis=1)
        best[block] = np.take_along_axis(of_block, rows[block], axis=1)
    return rows, best
