"""Users of the synthetic catalogue: when they come, how much they rate, what they pick and like."""

from dataclasses import dataclass

import numpy as np

from catalog._synthetic_films import GENRES, N_MOODS, Array, FilmTraits, Integers

_DAY_S = 86_400
_FIRST_S, _LAST_S = 828_124_615, 1_537_799_250  # 1996-03-29 and 2018-09-24, as in ml-latest-small

# Quantiles over the users of ml-latest-small: ratings given, and moment of the first one as a share of its
# 22.5 years.
_ACTIVITY_QUANTILES = ((0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1), (20, 24, 35, 70.5, 168, 400, 1100, 2300))
_ARRIVAL_QUANTILES = ((0, 0.1, 0.25, 0.5, 0.75, 0.9, 1), (0, 0.022, 0.165, 0.46, 0.78, 0.927, 0.998))
_ONE_SITTING_SHARE, _FIRST_SITTING_SHARE = 0.6, 0.5
# Share of each half star, 0.5 to 5, among the ratings of ml-latest-small.
_STAR_SHARES = (0.014, 0.028, 0.018, 0.075, 0.055, 0.199, 0.130, 0.266, 0.085, 0.130)

# Strengths of what draws a user to a film, in units of log odds; found by trial, so that models learn as much
# here as from ml-latest-small (precision at 6: popularity 0.17, EASE 0.31, truncated SVD of the older half
# 0.17).
_GENRE_PULL, _MOOD_PULL = 0.2, 1.6
_AGE_PENALTY, _OLD_YEARS = 0.02, 25  # a year, and for how many
_HABIT_EFFECT, _MEDIAN_ACTIVITY = 0.14, 70  # who rates much gets to films that few know
# How far taste and chance move a rating, on the scale of film quality and user generosity.
_LIKING_PER_MATCH, _WHIM = 0.35, 0.72


@dataclass(frozen=True, slots=True, eq=False)
class UserTraits:
    """What the generator knows of each user, one row a user; times in seconds since 1970."""

    n_ratings: Integers
    arrived_at: Integers
    left_at: Integers
    genre_taste: Array
    mood_taste: Array
    generosity: Array


@dataclass(frozen=True, slots=True, eq=False)
class Picks:
    """Who rates which film: offsets of users and films, and how well each film suits its user."""

    users: Integers
    films: Integers
    match: Array


def draw_users(rng: np.random.Generator, n: int) -> UserTraits:
    """Draw the traits of `n` users."""
    # Stratified, not independent, draws: activity is so unequal that chance would move the totals by a tenth.
    ranks = rng.permutation((np.arange(n) + 0.5) / n)
    n_ratings = np.exp(np.interp(ranks, _ACTIVITY_QUANTILES[0], np.log(_ACTIVITY_QUANTILES[1])))
    arrived = _FIRST_S + np.interp(rng.random(n), *_ARRIVAL_QUANTILES) * (_LAST_S - _FIRST_S)
    stay_s = np.where(rng.random(n) < _ONE_SITTING_SHARE, 0.0, _DAY_S * rng.lognormal(np.log(60), 2.0, n))
    return UserTraits(
        n_ratings=np.round(n_ratings).astype(np.int64),
        arrived_at=arrived.astype(np.int64),
        left_at=np.minimum(arrived + stay_s, _LAST_S - _DAY_S).astype(np.int64),
        genre_taste=rng.standard_normal((n, len(GENRES))),
        mood_taste=rng.standard_normal((n, N_MOODS)),
        generosity=0.42 * rng.standard_normal(n),
    )


def draw_picks(rng: np.random.Generator, films: FilmTraits, users: UserTraits) -> Picks:
    """Choose the films each user rates: without replacement, by fame, taste and freshness.

    Adding Gumbel noise and keeping the highest draws without replacement with chances in proportion to
    exp(appeal): Kool, van Hoof & Welling (ICML 2019), arXiv:1903.06059.
    """
    match = (
        _GENRE_PULL * users.genre_taste @ films.has_genre.T + _MOOD_PULL * users.mood_taste @ films.moods.T
    )
    last_years = _year(users.left_at)
    picked_users, picked_films = [], []
    for user, n_ratings in enumerate(users.n_ratings.tolist()):
        age = last_years[user] - films.years
        fame_pull = 1 - _HABIT_EFFECT * np.log(n_ratings / _MEDIAN_ACTIVITY)
        appeal = fame_pull * films.fame + match[user] - _AGE_PENALTY * np.minimum(age, _OLD_YEARS)
        appeal += rng.gumbel(size=len(age))
        appeal[age < 0] = -np.inf
        chosen = np.argpartition(-appeal, n_ratings)[:n_ratings]
        picked_films.append(np.sort(chosen))
        picked_users.append(np.full(n_ratings, user))
    rows, columns = np.concatenate(picked_users), np.concatenate(picked_films)
    return Picks(rows, columns, match[rows, columns])


def draw_stars(rng: np.random.Generator, films: FilmTraits, users: UserTraits, picks: Picks) -> Array:
    """Rate the picks by quality, taste and the user's generosity; stars are as common as in MovieLens."""
    liking = (
        films.quality[picks.films]
        + users.generosity[picks.users]
        + _LIKING_PER_MATCH * picks.match
        + _WHIM * rng.standard_normal(len(picks.match))
    )
    thresholds = np.quantile(liking, np.cumsum(_STAR_SHARES)[:-1])
    return np.asarray(0.5 + 0.5 * np.searchsorted(thresholds, liking), dtype=np.float64)


def draw_timestamps(rng: np.random.Generator, films: FilmTraits, users: UserTraits, picks: Picks) -> Integers:
    """Date the ratings: some seconds apart in one sitting, or over several, but after the film came out."""
    n = len(picks.users)
    arrived, left = users.arrived_at[picks.users], users.left_at[picks.users]
    # Sittings lie at eighths of a stay, and the first one is the longest.
    sitting = np.where(rng.random(n) < _FIRST_SITTING_SHARE, 0, rng.integers(1, 9, size=n))
    started = arrived + (left - arrived) * sitting // 8
    started = np.where(_year(started) < films.years[picks.films], left, started)
    within_s = rng.random(n) * np.minimum(45.0 * users.n_ratings[picks.users], 0.9 * _DAY_S)
    return np.asarray(started + within_s.astype(np.int64), dtype=np.int64)


def _year(timestamps: Integers) -> Integers:
    return timestamps.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
