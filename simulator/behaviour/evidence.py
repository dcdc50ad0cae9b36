"""What held-out ratings say of users and films, before any weight is put on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.errors import TruthError
from simulator.behaviour.propensity import inverse_propensity_weights, rating_propensities
from simulator.behaviour.truth import FilmFacts, Likings, RatingColumns

# Prior strength: a user is taken to like what all like until about this many likes say otherwise.
_PRIOR_LIKES = 10.0
# Prior strength of a film's or user's mean rating.
_PRIOR_RATINGS = 5.0
_ERA_YEARS = 5
_FIRST_ERA_YEAR = 1950


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Held-out ratings by row of user and film.

    Args:
        users: row of the user of each rating, (n_ratings,).
        films: row of the film, likewise.
        deviations: stars above what the user gives on average.
        likes: how much each speaks of liking, 0 to 2, average 1.
        weights: how much each counts, average 1: inverse propensities, to the power `debias`.
        n_users: users with a rating.
        n_films: films of the catalogue.
    """

    users: Integers
    films: Integers
    deviations: Floats
    likes: Floats
    weights: Floats
    n_users: int
    n_films: int


@dataclass(frozen=True, slots=True, eq=False)
class FilmColumns:
    """What is known of each film: genre loadings (n_films, n_genres), its era, and columns of sd 1."""

    loadings: Floats
    eras: Integers
    quality: Floats
    popularity: Floats
    recency: Floats


def read_evidence(
    movie_ids: Integers, held_out: RatingColumns, *, debias: float = 0.0
) -> tuple[Integers, Evidence]:
    """Which users there are, and their ratings of films of the catalogue.

    Raises:
        TruthError: none of the ratings is of one of these films.
    """
    is_known = np.isin(held_out.movie_ids, movie_ids)
    if not is_known.any():
        raise TruthError(
            f"{len(held_out.movie_ids):,} held-out ratings rate none of {len(movie_ids):,} films; "
            "the truth needs at least 1; give the films and the ratings of one dataset"
        )
    user_ids, users = np.unique(held_out.user_ids[is_known], return_inverse=True)
    films = np.searchsorted(movie_ids, held_out.movie_ids[is_known])
    values = held_out.values[is_known].astype(np.float64)
    above_mean = values - values.mean()
    user_mean = np.bincount(users, above_mean) / (np.bincount(users) + _PRIOR_RATINGS)
    deviations = above_mean - user_mean[users]
    likes = np.clip(1.0 + deviations, 0.0, 2.0)
    weights = inverse_propensity_weights(rating_propensities(users, films), power=debias)
    return user_ids, Evidence(users, films, deviations, likes, weights, len(user_ids), len(movie_ids))


def film_columns(films: Sequence[FilmFacts], genres: Sequence[str], evidence: Evidence) -> FilmColumns:
    """What catalogue and ratings say of each film; one without year counts as of the median year."""
    place = {genre: column for column, genre in enumerate(genres)}
    loadings = np.zeros((len(films), len(genres)))
    for row, film in enumerate(films):
        for genre in set(film.genres):
            # Squared loadings add up to 1, so that a film of many genres does not count several times.
            loadings[row, place[genre]] = 1.0 / np.sqrt(len(set(film.genres)))
    known_years = [film.year for film in films if film.year is not None]
    typical_year = float(np.median(known_years)) if known_years else 2000.0
    years = np.array(
        [film.year if film.year is not None else typical_year for film in films], dtype=np.float64
    )
    eras = np.maximum((years - _FIRST_ERA_YEAR) // _ERA_YEARS, 0).astype(np.int64)
    n_ratings = np.bincount(evidence.films, minlength=len(films)).astype(np.float64)
    weight = np.bincount(evidence.films, evidence.weights, minlength=len(films))
    deviation = np.bincount(evidence.films, evidence.weights * evidence.deviations, minlength=len(films))
    # Recognition saturates: half is reached where the film of a random rating stands.
    half = (n_ratings**2).sum() / n_ratings.sum()
    return FilmColumns(
        loadings=loadings,
        eras=eras - eras.min(),
        quality=standardised(deviation / (weight + _PRIOR_RATINGS)),
        popularity=standardised(n_ratings / (n_ratings + half)),
        recency=standardised(np.maximum(years, _FIRST_ERA_YEAR)),
    )


def log_odds(shares: Floats, evidence: Evidence) -> Floats:
    """Log of each user's share of likes per feature over everybody's, shrunk to 0: (n_users, n_features).

    `shares` says how much of each film belongs to each feature, (n_films, n_features), at most 1 a row.
    """
    likes = np.zeros((evidence.n_users, shares.shape[1]))
    for feature in range(shares.shape[1]):
        weight = evidence.weights * evidence.likes * shares[evidence.films, feature]
        likes[:, feature] = np.bincount(evidence.users, weight, minlength=evidence.n_users)
    expected_share = likes.sum(axis=0) / max(likes.sum(), 1e-12)
    n_likes = likes.sum(axis=1, keepdims=True)
    # A feature that nobody liked tells users apart in nothing: 0, not the logarithm of 0/0.
    is_used = expected_share > 0
    ratio = np.ones_like(likes)
    prior = _PRIOR_LIKES * expected_share[is_used]
    ratio[:, is_used] = (likes[:, is_used] + prior) / (n_likes * expected_share[is_used] + prior)
    return np.asarray(np.log(ratio), dtype=np.float64)


def own_likings(evidence: Evidence) -> Likings:
    """How every user liked the films they rated."""
    keys, places = np.unique(evidence.users * evidence.n_films + evidence.films, return_index=True)
    likes = evidence.likes[places]
    n_pairs = evidence.n_users * evidence.n_films
    variance = (likes**2).sum() / n_pairs - (likes.sum() / n_pairs) ** 2
    return Likings(keys, likes / (np.sqrt(variance) if variance > 0 else 1.0))


def standardised(values: Floats) -> Floats:
    """Mean 0 and sd 1 along the last axis; a constant becomes 0."""
    centred = values - values.mean(axis=-1, keepdims=True)
    sd = values.std(axis=-1, keepdims=True)
    return np.asarray(centred / np.where(sd > 0, sd, 1.0), dtype=np.float64)
