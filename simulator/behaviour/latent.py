"""The third truth family: latent tastes, a part of them in features that no rating shows.

The part that ratings show is a probabilistic matrix factorisation: users and films as points, a like as their
inner product, both with a normal prior. The other part is drawn: users and films have hidden features which
no model can learn from any number of ratings. They are the user's for good; moods are a visitor's.

Source: Salakhutdinov & Mnih, "Probabilistic matrix factorization" (NIPS 2007), section 2; solved by
alternating ridge regressions (Koren, Bell & Volinsky, "Matrix factorization techniques for recommender
systems", 2009, doi:10.1109/MC.2009.263), each rating weighted by its inverse propensity as in Schnabel et al.
(ICML 2016), arXiv:1602.05352, section 5.
"""

from dataclasses import dataclass

import numpy as np

from simulator.behaviour.draws import Floats, Integers, normal
from simulator.behaviour.evidence import Evidence
from simulator.behaviour.groundwork import Groundwork, sd_or_1, with_nobody
from simulator.behaviour.truth import Rows

_N_FACTORS = 10
_N_HIDDEN = 8
# Ridge penalty, in ratings; and rounds, after which users and films move no more to speak of.
_PENALTY = 5.0
_N_ROUNDS = 8
# Small, so that the first round starts from no taste in particular.
_START_SD = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class LatentTaste:
    """Inner products of users and films; fits `UserTaste`.

    Args:
        user_factors: (n_users + 1, n_factors); the last row is all zero.
        film_factors: (n_factors, n_films).
    """

    user_factors: Floats
    film_factors: Floats

    def of(self, users: Rows, films: Rows) -> Floats:
        """As `UserTaste.of`."""
        tastes = self.user_factors[users]
        total = np.zeros((len(users), films.shape[1]))
        for factor, features in enumerate(self.film_factors):
            total += tastes[:, None, factor] * features[films]
        return total

    def times(self, weight: float) -> "LatentTaste":
        """As `UserTaste.times`."""
        return LatentTaste(self.user_factors * weight, self.film_factors)


def fit_latent(ground: Groundwork) -> LatentTaste:
    """Factorise the held-out likes, and draw the hidden features beside them."""
    taste = ground.population.taste
    shown = _weighted(_factorised(ground), ground, np.sqrt(1.0 - taste.hidden))
    hidden = _weighted(_hidden(ground), ground, np.sqrt(taste.hidden))
    both = LatentTaste(
        np.hstack([shown.user_factors, hidden.user_factors]),
        np.vstack([shown.film_factors, hidden.film_factors]),
    )
    return _weighted(both, ground, taste.latent)


def _weighted(taste: LatentTaste, ground: Groundwork, weight: float) -> LatentTaste:
    """Brought to this sd over users and films."""
    part = taste.user_factors[ground.some_users] @ taste.film_factors[:, ground.some_films]
    return taste.times(weight / sd_or_1(part))


def _hidden(ground: Groundwork) -> LatentTaste:
    places = np.arange(_N_HIDDEN)
    users = normal(ground.seed, "hidden-user", visitor=ground.user_ids[:, None], position=places)
    films = normal(ground.seed, "hidden-film", visitor=ground.movie_ids[:, None], position=places)
    return LatentTaste(with_nobody(users), np.ascontiguousarray(films.T))


def _factorised(ground: Groundwork) -> LatentTaste:
    evidence = ground.evidence
    films = _START_SD * normal(
        ground.seed, "latent-start", visitor=ground.movie_ids[:, None], position=np.arange(_N_FACTORS)
    )
    users = np.zeros((evidence.n_users, _N_FACTORS))
    for _ in range(_N_ROUNDS):
        users = _ridge(evidence, evidence.users, evidence.n_users, regressors=films[evidence.films])
        films = _ridge(evidence, evidence.films, evidence.n_films, regressors=users[evidence.users])
    return LatentTaste(with_nobody(users), np.ascontiguousarray(films.T))


def _ridge(evidence: Evidence, rows: Integers, n_rows: int, *, regressors: Floats) -> Floats:
    """The factors of each row that best explain its likes, (n_rows, _N_FACTORS)."""
    squares = np.empty((n_rows, _N_FACTORS, _N_FACTORS))
    products = np.empty((n_rows, _N_FACTORS))
    for one in range(_N_FACTORS):
        weighted = evidence.weights * regressors[:, one]
        products[:, one] = np.bincount(rows, weighted * evidence.likes, minlength=n_rows)
        for other in range(one, _N_FACTORS):
            sums = np.bincount(rows, weighted * regressors[:, other], minlength=n_rows)
            squares[:, one, other] = squares[:, other, one] = sums
    squares[:, np.arange(_N_FACTORS), np.arange(_N_FACTORS)] += _PENALTY
    return np.asarray(np.linalg.solve(squares, products[:, :, None])[:, :, 0], dtype=np.float64)
