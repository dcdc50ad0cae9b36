"""Fitting a truth: what the families share, and the families by the name a population file gives them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.behaviour.draws import Floats
from simulator.behaviour.evidence import own_likings
from simulator.behaviour.genre_logit import fit_genre_logit
from simulator.behaviour.groundwork import Groundwork, lay_groundwork
from simulator.behaviour.latent import fit_latent
from simulator.behaviour.neighbourhood import fit_neighbourhood
from simulator.behaviour.persona import Persona
from simulator.behaviour.persona_tastes import persona_films, persona_genres, user_weight_sums
from simulator.behaviour.population import Population
from simulator.behaviour.taste_tables import Taste
from simulator.behaviour.truth import FilmFacts, Likings, RatingColumns, Truth, UserTaste, film_moods

TRUTH_FAMILIES: Mapping[str, Callable[[Groundwork], UserTaste]] = {
    "genre-logit": fit_genre_logit,
    "neighbourhood": fit_neighbourhood,
    "latent": fit_latent,
}
"""How each family reads what sets users apart off the held-out ratings, weighed by `[taste]`."""


def fit_truth(
    films: Sequence[FilmFacts], held_out: RatingColumns, population: Population, *, seed: int
) -> Truth:
    """Fit the truth family that the population names, on ratings that no model sees.

    Args:
        films: the catalogue.
        held_out: the held-out ratings; users without any have no taste of their own.
        population: its family, its personas and the weights of `[taste]`.
        seed: seed of moods and whims, and of all that a family draws.

    Raises:
        TruthError: no film, or no rating of any of them; or they are too many for the family.
        PopulationError: a persona names a genre that the catalogue lacks.
    """
    ground = lay_groundwork(films, held_out, population, seed=seed)
    signs = persona_genres(population.personas, ground.genres, seed=seed)
    persona_genre = signs * ground.user_genre.std(axis=0)
    parts = _scaled(
        ground,
        TRUTH_FAMILIES[population.crowd.truth](ground),
        persona_films(population.personas, ground.columns, persona_genre / ground.genre_sd),
    )
    taste, sd = population.taste, parts.sd
    return Truth(
        seed=seed,
        movie_ids=ground.movie_ids,
        user_ids=ground.user_ids,
        user_taste=parts.user_taste,
        likings=parts.likings,
        film_value=parts.film_value,
        persona_value=parts.persona_value,
        film_moods=film_moods(ground.movie_ids, seed=seed),
        mood_scale=taste.mood / sd,
        noise_scale=taste.noise / sd,
        user_weight_sums=user_weight_sums(
            persona_genre, ground.user_genre, user_fit=population.crowd.user_fit
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    user_taste: UserTaste
    likings: Likings
    film_value: Floats
    persona_value: Floats
    sd: float


def _scaled(ground: Groundwork, user_taste: UserTaste, persona_value: Floats) -> _Parts:
    """Weigh the parts by `[taste]`, then bring their sum to mean 0 and sd 1 over users, personas, films."""
    taste, columns = ground.population.taste, ground.columns
    users, films = ground.some_users, ground.some_films
    likings = own_likings(ground.evidence).times(taste.liking)
    film_value = taste.quality * columns.quality + taste.popularity * columns.popularity
    persona_value = taste.persona * persona_value
    shared = user_taste.of(users, films[None, :]) + film_value[films]
    shared += likings.at(users[:, None] * len(ground.movie_ids) + films)
    mean, sd = _mean_and_sd(shared, persona_value[:, films], ground.population.personas, taste)
    return _Parts(
        user_taste=user_taste.times(1.0 / sd),
        likings=likings.times(1.0 / sd),
        film_value=(film_value - mean) / sd,
        persona_value=persona_value / sd,
        sd=sd,
    )


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
