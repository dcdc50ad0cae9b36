"""The first truth family: tastes for genres and times, read off held-out ratings by shrunken log-odds.

A user's taste for a genre is the logarithm of how often the genre turns up among the films the user liked,
over how often it does among everybody's: the weight of evidence of a naive Bayes classifier with a
Dirichlet prior, hence a linear logit in the film's genres (Manning, Raghavan & Schütze, "Introduction to
Information Retrieval", 2008, section 13.2). The same for the half-decade of the film. The models under test
factor or regress a user-film matrix and know no genre, year or rating used here. Popularity bias in who
rated what is not corrected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.errors import PopulationError, TruthError
from simulator.behaviour.persona import Persona
from simulator.behaviour.population import Population, Taste
from simulator.behaviour.truth import FilmFacts, RatingColumns, Truth, all_genres, film_moods

# Prior strength: a user is taken to like what all like until about this many likes say otherwise.
_PRIOR_LIKES = 10.0
# Prior strength of a film's or user's mean rating.
_PRIOR_RATINGS = 5.0
_ERA_YEARS = 5
_FIRST_ERA_YEAR = 1950
# The sd of a part is taken over at most this many users and films, evenly spaced.
_MOST_SAMPLED = 2000
# Genres of MovieLens: a small catalogue may lack one of them, and a persona may name it all the same.
_MOVIELENS_GENRES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "IMAX", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """Held-out ratings by row of user and film, with how much each speaks of liking (0 to 2, average 1)."""

    users: Integers
    films: Integers
    deviations: Floats
    likes: Floats
    n_users: int
    n_films: int


@dataclass(frozen=True, slots=True, eq=False)
class _FilmColumns:
    loadings: Floats
    eras: Integers
    quality: Floats
    popularity: Floats
    recency: Floats


def fit_genre_logit(
    films: Sequence[FilmFacts], held_out: RatingColumns, population: Population, *, seed: int
) -> Truth:
    """Fit true tastes on ratings that no model sees.

    Args:
        films: the catalogue.
        held_out: the held-out ratings; users without any have no taste of their own.
        population: its personas and the weights of `[taste]`.
        seed: seed of moods and whims.

    Raises:
        TruthError: there is no film, or no rating of any of the films.
        PopulationError: a persona likes a genre that no film has.
    """
    genres = all_genres(films)
    films = sorted(films, key=lambda film: film.movie_id)
    movie_ids = np.array([film.movie_id for film in films], dtype=np.int64)
    user_ids, evidence = _evidence(movie_ids, held_out)
    columns = _film_columns(films, genres, evidence)
    user_genre = _log_odds(columns.loadings**2, evidence)
    user_era = _log_odds(np.eye(int(columns.eras.max()) + 1)[columns.eras], evidence)
    persona_genre = _persona_genres(population.personas, genres) * user_genre.std(axis=0)
    parts = _scaled_parts(population, columns, user_genre, user_era, persona_genre)
    return Truth(
        seed=seed,
        movie_ids=movie_ids,
        user_ids=user_ids,
        genre_loadings=columns.loadings,
        era_index=columns.eras,
        user_genre=np.vstack([parts.user_genre, np.zeros(len(genres))]),
        user_era=np.vstack([parts.user_era, np.zeros(user_era.shape[1])]),
        film_value=parts.film_value,
        persona_value=parts.persona_value,
        film_moods=film_moods(movie_ids, seed=seed),
        mood_scale=parts.mood_scale,
        noise_scale=parts.noise_scale,
        user_match=_standardised(persona_genre @ user_genre.T),
    )


def _evidence(movie_ids: Integers, held_out: RatingColumns) -> tuple[Integers, _Evidence]:
    """Which users there are, and their ratings of films of the catalogue."""
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
    return user_ids, _Evidence(users, films, deviations, likes, len(user_ids), len(movie_ids))


def _film_columns(films: Sequence[FilmFacts], genres: Sequence[str], evidence: _Evidence) -> _FilmColumns:
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
    deviation = np.bincount(evidence.films, evidence.deviations, minlength=len(films))
    # Recognition saturates: half is reached where the film of a random rating stands.
    half = (n_ratings**2).sum() / n_ratings.sum()
    return _FilmColumns(
        loadings=loadings,
        eras=eras - eras.min(),
        quality=_standardised(deviation / (n_ratings + _PRIOR_RATINGS)),
        popularity=_standardised(n_ratings / (n_ratings + half)),
        recency=_standardised(np.maximum(years, _FIRST_ERA_YEAR)),
    )


def _log_odds(shares: Floats, evidence: _Evidence) -> Floats:
    """Log of each user's share of likes per feature over everybody's, shrunk to 0: (n_users, n_features).

    `shares` says how much of each film belongs to each feature, (n_films, n_features), at most 1 a row.
    """
    likes = np.zeros((evidence.n_users, shares.shape[1]))
    for feature in range(shares.shape[1]):
        weight = evidence.likes * shares[evidence.films, feature]
        likes[:, feature] = np.bincount(evidence.users, weight, minlength=evidence.n_users)
    expected_share = likes.sum(axis=0) / max(likes.sum(), 1e-12)
    n_likes = likes.sum(axis=1, keepdims=True)
    # A feature that nobody liked tells users apart in nothing: 0, not the logarithm of 0/0.
    is_used = expected_share > 0
    ratio = np.ones_like(likes)
    prior = _PRIOR_LIKES * expected_share[is_used]
    ratio[:, is_used] = (likes[:, is_used] + prior) / (n_likes * expected_share[is_used] + prior)
    return np.asarray(np.log(ratio), dtype=np.float64)


def _persona_genres(personas: Sequence[Persona], genres: Sequence[str]) -> Floats:
    """+1 for a liked, -1 for a disliked genre, (n_personas, n_genres)."""
    signs = np.zeros((len(personas), len(genres)))
    for row, persona in enumerate(personas):
        for sign, named in ((1.0, persona.likes), (-1.0, persona.dislikes)):
            for genre in named:
                if genre in genres:
                    signs[row, genres.index(genre)] += sign
                elif genre not in _MOVIELENS_GENRES:
                    raise PopulationError(_unknown_genre(persona, genre, genres))
    return signs


def _unknown_genre(persona: Persona, genre: str, genres: Sequence[str]) -> str:
    close = get_close_matches(genre, genres, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"its genres are {', '.join(genres)}"
    return f"persona {persona.name!r} names genre {genre!r}; no film of the catalogue has it; {hint}"


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    user_genre: Floats
    user_era: Floats
    film_value: Floats
    persona_value: Floats
    mood_scale: float
    noise_scale: float


def _scaled_parts(
    population: Population, columns: _FilmColumns, user_genre: Floats, user_era: Floats, persona_genre: Floats
) -> _Parts:
    """Weigh the parts by `[taste]`, then bring their sum to mean 0 and sd 1 over users, personas, films."""
    taste = population.taste
    users = _spread(len(user_genre))
    films = _spread(len(columns.eras))
    genre_part = user_genre[users] @ columns.loadings[films].T
    era_part = user_era[np.ix_(users, columns.eras[films])]
    genre_scale = taste.genre / _sd(genre_part)
    era_scale = taste.era / _sd(era_part)
    film_value = taste.quality * columns.quality + taste.popularity * columns.popularity
    persona_value = taste.persona * _persona_films(
        population.personas, columns, persona_genre / _sd(genre_part)
    )
    shared = genre_scale * genre_part + era_scale * era_part + film_value[films]
    mean, sd = _mean_and_sd(shared, persona_value[:, films], population.personas, taste)
    return _Parts(
        user_genre=user_genre * (genre_scale / sd),
        user_era=user_era * (era_scale / sd),
        film_value=(film_value - mean) / sd,
        persona_value=persona_value / sd,
        mood_scale=taste.mood / sd,
        noise_scale=taste.noise / sd,
    )


def _persona_films(personas: Sequence[Persona], columns: _FilmColumns, genre: Floats) -> Floats:
    popularity = np.array([[persona.popularity] for persona in personas])
    recency = np.array([[persona.recency] for persona in personas])
    value = genre @ columns.loadings.T + popularity * columns.popularity + recency * columns.recency
    return np.asarray(value, dtype=np.float64)


def _mean_and_sd(
    shared: Floats, persona_value: Floats, personas: Sequence[Persona], taste: Taste
) -> tuple[float, float]:
    """Mean and sd of utility when any user may have any persona; moods and whims add variance only."""
    weights = np.array([persona.weight for persona in personas])
    totals = [shared + value for value in persona_value]
    mean = np.average([total.mean() for total in totals], weights=weights)
    square = np.average([(total**2).mean() for total in totals], weights=weights)
    variance = float(square - mean**2) + taste.mood**2 + taste.noise**2
    return float(mean), float(np.sqrt(variance)) or 1.0


def _spread(count: int) -> npt.NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_SAMPLED)).astype(np.intp))


def _sd(values: Floats) -> float:
    """The sd, or 1 where nothing varies, so that a part which says nothing stays 0 instead of 0/0."""
    return float(values.std()) or 1.0


def _standardised(values: Floats) -> Floats:
    """Mean 0 and sd 1 along the last axis; a constant becomes 0."""
    centred = values - values.mean(axis=-1, keepdims=True)
    sd = values.std(axis=-1, keepdims=True)
    return np.asarray(centred / np.where(sd > 0, sd, 1.0), dtype=np.float64)
