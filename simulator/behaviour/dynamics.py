"""How what a visitor met before changes what they think and how readily they click.

Each is a function of the visitor's own past in the run and of simulated time; nobody influences another.
Sums run over entries of the past in a fixed order, so that one visitor alone and many at once get equal bits.

- Satiation: every film watched costs films of its genres appeal, and the loss fades by half in each
  half-life; losses add up. A leaky sum as in Leqi, Kilinc Karzan, Lipton & Montgomery, "Rebounding bandits
  for modeling satiation effects" (NeurIPS 2021).
- Repeat exposure: the odds of a film shown n times before are divided by (1 + n)**strength. That interest
  falls with impressions, and most with the first: Lee, Lakshmanan, Tiwari & Shah, "Modeling impression
  discounting in large-scale recommender systems" (KDD 2014), doi:10.1145/2623330.2623356.
- Taste drift: taste moves along a random direction of genres as days**0.4; form and exponent are those of
  Koren, "Collaborative filtering with temporal dynamics" (KDD 2009), doi:10.1145/1557019.1557072.
- Fatigue: a leaky count of pages looked at. That readers tire: Ma, Liu & Shen, "User fatigue in online news
  recommendation" (WWW 2016), doi:10.1145/2872427.2874813.

No published number says how strong any of them is on such a site, so all are off by default.
"""

from datetime import UTC, date, datetime, time

import numpy as np

from simulator.behaviour.draws import Floats, Integers, normal
from simulator.behaviour.film_guide import FilmGuide
from simulator.behaviour.moments import NONE, Moments, Pasts
from simulator.behaviour.visit_tables import Dynamics

MS_PER_HOUR = 3_600_000
MS_PER_DAY = 24 * MS_PER_HOUR
# Koren (2009), found by cross-validation on the Netflix ratings.
_DRIFT_EXPONENT = 0.4


def start_ms(first_day: date) -> int:
    """When the first simulated day begins, in epoch milliseconds."""
    return int(datetime.combine(first_day, time(), tzinfo=UTC).timestamp()) * 1000


def half_life_weight(age_ms: Integers, half_life_ms: float) -> Floats:
    """What is left after so long: 1 at once, half after each half-life."""
    return np.asarray(np.exp2(-age_ms / half_life_ms), dtype=np.float64)


def satiation(dynamics: Dynamics, guide: FilmGuide, moments: Moments, movie_ids: Integers) -> Floats:
    """Utility that each film loses to films watched before, (n_visitors, n_films_shown)."""
    pasts = moments.pasts
    fed_up = np.zeros((len(pasts.watched), guide.genres.shape[1]))
    for slot in range(pasts.watched.shape[1]):
        is_watched = pasts.watched[:, slot] != NONE
        age_ms = np.where(is_watched, moments.at_ms - pasts.watched_ms[:, slot], 0)
        left = half_life_weight(age_ms, dynamics.satiation_half_life_days * MS_PER_DAY) * is_watched
        fed_up += left[:, None] * guide.genres[guide.rows(pasts.watched[:, slot])]
    return dynamics.satiation * _dot(fed_up, guide.genres[guide.rows(movie_ids)])


def repeat_exposure(dynamics: Dynamics, pasts: Pasts, movie_ids: Integers) -> Floats:
    """Utility that each film loses by having been on home slates looked at, (n_visitors, n_films_shown)."""
    times = np.zeros(movie_ids.shape)
    for slot in range(pasts.shown.shape[1]):
        times += pasts.shown[:, slot, None] == movie_ids
    return np.asarray(dynamics.repeat_exposure * np.log1p(times))


def taste_drift(
    dynamics: Dynamics,
    guide: FilmGuide,
    moments: Moments,
    movie_ids: Integers,
    *,
    seed: int,
    visitor_index: Integers,
    since_ms: int,
) -> Floats:
    """How far utility has moved since `since_ms`, of sd `taste_drift` x days**0.4, same shape."""
    n_genres = guide.genres.shape[1]
    direction = normal(seed, "taste-drift", visitor=visitor_index[:, None], position=np.arange(n_genres))
    days = np.maximum(moments.at_ms - since_ms, 0) / MS_PER_DAY
    reach = dynamics.taste_drift * days**_DRIFT_EXPONENT
    return np.asarray(reach[:, None] * _dot(direction, guide.genres[guide.rows(movie_ids)]))


def fatigue(dynamics: Dynamics, moments: Moments) -> Floats:
    """Log-odds of a click lost to pages looked at before, (n_visitors,)."""
    pages_ms = moments.pasts.pages_ms
    tired = np.zeros(len(pages_ms))
    for slot in range(pages_ms.shape[1]):
        is_page = pages_ms[:, slot] != NONE
        age_ms = np.where(is_page, moments.at_ms - pages_ms[:, slot], 0)
        tired += half_life_weight(age_ms, dynamics.fatigue_half_life_hours * MS_PER_HOUR) * is_page
    return dynamics.fatigue * tired


def _dot(tastes: Floats, films: Floats) -> Floats:
    """Inner products of tastes, (n, n_genres), and films, (n, n_films_shown, n_genres)."""
    total = np.zeros(films.shape[:2])
    for genre in range(films.shape[-1]):
        total += tastes[:, None, genre] * films[:, :, genre]
    return total
