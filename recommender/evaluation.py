"""Offline metrics: how well slates foresee the films that users later rated high."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from recommender.slates import NOBODY

if TYPE_CHECKING:
    from catalog import Ratings
    from recommender._arrays import Booleans, Doubles, Integers
    from recommender.slates import SlateMaker

EVALUATED_FILMS = 6
"""Length of the slates that are evaluated: that of the site's home slate."""

RELEVANT_STARS = 4.0
"""A held-out film counts as found if its user gave it at least this many stars."""


class OfflineMetrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Means over users; None where no user has a relevant held-out film and a slate of unseen films.

    Attributes:
        k: films in a slate.
        n_users: users counted, known to the model or not.
        n_known_users: those of them that the model knows.
        precision: relevant films in the slate / k.
        recall: relevant films in the slate / relevant films of the user.
        ndcg: discounted gain of the slate / that of the best possible slate.
        hit_rate: share of users with at least one relevant film in the slate.
        coverage: different films in all slates / films of the catalogue.
    """

    k: int
    n_users: int
    n_known_users: int
    precision: float | None
    recall: float | None
    ndcg: float | None
    hit_rate: float | None
    coverage: float | None


def evaluate(maker: SlateMaker, held_out: Ratings, *, n_films: int) -> OfflineMetrics:
    """Ask for every user's home slate, as the site does, and compare it with what they rated.

    Args:
        maker: the model, as the endpoint serves it.
        held_out: ratings that the model was not trained on.
        n_films: films of the catalogue.

    Source: NDCG with binary gains, Järvelin & Kekäläinen (ACM TOIS 2002), doi:10.1145/582415.582418.
    """
    relevant = {
        user_id: films
        for user_id, films in _relevant_films(held_out).items()
        if maker.n_films_for(user_id) >= EVALUATED_FILMS
    }
    if not relevant:
        return OfflineMetrics(EVALUATED_FILMS, 0, 0, None, None, None, None, None)
    slates = maker.recommend(list(relevant), [NOBODY] * len(relevant), EVALUATED_FILMS)
    pairs = zip(slates.movie_ids, relevant.values(), strict=True)
    is_found = np.array([np.isin(slate, films) for slate, films in pairs])
    n_relevant = np.array([len(films) for films in relevant.values()])
    return OfflineMetrics(
        k=EVALUATED_FILMS,
        n_users=len(relevant),
        n_known_users=int(slates.is_known_user.sum()),
        precision=float(is_found.mean()),
        recall=float((is_found.sum(axis=1) / n_relevant).mean()),
        ndcg=float(_ndcg(is_found, n_relevant).mean()),
        hit_rate=float(is_found.any(axis=1).mean()),
        coverage=len(np.unique(slates.movie_ids)) / n_films,
    )


def _relevant_films(held_out: Ratings) -> dict[int, list[int]]:
    is_relevant = held_out.values >= RELEVANT_STARS
    films: dict[int, list[int]] = {}
    pairs = zip(
        held_out.user_ids[is_relevant].tolist(), held_out.movie_ids[is_relevant].tolist(), strict=True
    )
    for user_id, movie_id in pairs:
        films.setdefault(user_id, []).append(movie_id)
    return films


def _ndcg(is_found: Booleans, n_relevant: Integers) -> Doubles:
    k = is_found.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(discounts)[np.minimum(n_relevant, k) - 1]
    share_of_best: Doubles = is_found @ discounts / best
    return share_of_best
