"""Truth families by the name a population file gives them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from simulator.behaviour.genre_logit import fit_genre_logit
from simulator.behaviour.population import Population
from simulator.behaviour.truth import FilmFacts, RatingColumns, Truth


class _Fit(Protocol):
    def __call__(
        self, films: Sequence[FilmFacts], held_out: RatingColumns, population: Population, *, seed: int
    ) -> Truth: ...


TRUTH_FAMILIES: Mapping[str, _Fit] = {"genre-logit": fit_genre_logit}


def fit_truth(
    films: Sequence[FilmFacts], held_out: RatingColumns, population: Population, *, seed: int
) -> Truth:
    """Fit the truth family that the population names, on ratings that no model sees.

    Raises:
        TruthError: the ratings rate none of the films.
        PopulationError: a persona names a genre that the catalogue lacks.
    """
    return TRUTH_FAMILIES[population.crowd.truth](films, held_out, population, seed=seed)
