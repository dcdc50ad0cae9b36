"""The first truth family: tastes for genres and times, read off held-out ratings by shrunken log-odds.

A user's taste for a genre is the logarithm of how often the genre turns up among the films the user liked,
over how often it does among everybody's: the weight of evidence of a naive Bayes classifier with a
Dirichlet prior, hence a linear logit in the film's genres (Manning, Raghavan & Schütze, "Introduction to
Information Retrieval", 2008, section 13.2). The same for the half-decade of the film. Besides, a held-out
rating speaks for its own film: the user did choose it. The models under test factor or regress a user-film
matrix and know no genre, year or rating used here. Popularity bias in who rated what is not corrected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats
from simulator.behaviour.errors import PopulationError
from simulator.behaviour.evidence import (
    FilmColumns,
    film_columns,
    log_odds,
    own_likings,
    read_evidence,
    standardised,
)
from simulator.behaviour.persona import Persona
from simulator.behaviour.population import Population, Taste
from simulator.behaviour.truth import FilmFacts, Likings, RatingColumns, Truth, all_genres, film_moods

# The sd of a part is taken over at most this many users and films, evenly spaced.
_MOST_SAMPLED = 2000
# Genres of MovieLens: a small catalogue may lack one of them, and a persona may name it all the same.
_MOVIELENS_GENRES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "IMAX", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


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
    user_ids, evidence = read_evidence(movie_ids, held_out)
    columns = film_columns(films, genres, evidence)
    user_genre = log_odds(columns.loadings**2, evidence)
    user_era = log_odds(np.eye(int(columns.eras.max()) + 1)[columns.eras], evidence)
    persona_genre = _persona_genres(population.personas, genres) * user_genre.std(axis=0)
    likings = own_likings(evidence)
    parts = _scaled_parts(
        population, columns, user_genre, user_era, persona_genre=persona_genre, likings=likings
    )
    return Truth(
        seed=seed,
        movie_ids=movie_ids,
        user_ids=user_ids,
        genre_loadings=columns.loadings,
        era_index=columns.eras,
        user_genre=np.vstack([parts.user_genre, np.zeros(len(genres))]),
        user_era=np.vstack([parts.user_era, np.zeros(user_era.shape[1])]),
        likings=likings.times(parts.liking_scale),
        film_value=parts.film_value,
        persona_value=parts.persona_value,
        film_moods=film_moods(movie_ids, seed=seed),
        mood_scale=parts.mood_scale,
        noise_scale=parts.noise_scale,
        user_weight_sums=_user_weight_sums(population, persona_genre, user_genre),
    )


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
    liking_scale: float
    mood_scale: float
    noise_scale: float


def _scaled_parts(
    population: Population,
    columns: FilmColumns,
    user_genre: Floats,
    user_era: Floats,
    *,
    persona_genre: Floats,
    likings: Likings,
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
    shared += taste.liking * likings.at(users[:, None] * len(columns.eras) + films)
    mean, sd = _mean_and_sd(shared, persona_value[:, films], population.personas, taste)
    return _Parts(
        user_genre=user_genre * (genre_scale / sd),
        user_era=user_era * (era_scale / sd),
        film_value=(film_value - mean) / sd,
        persona_value=persona_value / sd,
        liking_scale=taste.liking / sd,
        mood_scale=taste.mood / sd,
        noise_scale=taste.noise / sd,
    )


def _persona_films(personas: Sequence[Persona], columns: FilmColumns, genre: Floats) -> Floats:
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


def _user_weight_sums(population: Population, persona_genre: Floats, user_genre: Floats) -> Floats:
    """Odds exp(user_fit x match), where match is how well tastes agree, standardised over users."""
    match = standardised(persona_genre @ user_genre.T)
    return np.asarray(np.cumsum(np.exp(population.crowd.user_fit * match), axis=1), dtype=np.float64)


def _spread(count: int) -> npt.NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_SAMPLED)).astype(np.intp))


def _sd(values: Floats) -> float:
    """The sd, or 1 where nothing varies, so that a part which says nothing stays 0 instead of 0/0."""
    return float(values.std()) or 1.0
