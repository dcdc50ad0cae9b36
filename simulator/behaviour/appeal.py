"""How much films appeal at a moment: the truth, moved by what `[dynamics]` say."""

from simulator.behaviour import dynamics
from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.errors import PopulationError
from simulator.behaviour.film_guide import FilmGuide
from simulator.behaviour.moments import Moments
from simulator.behaviour.population import Population
from simulator.behaviour.visitors import Visitors


def needs_guide(population: Population) -> bool:
    """Whether its visitors need to know more films than their slates: for detours, satiation or drift."""
    return any(_needing(population).values())


def require_guide(population: Population, guide: FilmGuide | None) -> None:
    """Refuse a population that needs a guide where there is none.

    Raises:
        PopulationError: it has detours, satiation or drift of taste, and there is no guide.
    """
    for key, value in _needing(population).items():
        if value and guide is None:
            raise PopulationError(
                f"{key} = {value!r}: visitors need to know the films for it; give the mind a film_guide, "
                "or set it to 0"
            )


def _needing(population: Population) -> dict[str, float]:
    return {
        "[session] detour_share": population.session.detour_share,
        "[dynamics] satiation": population.dynamics.satiation,
        "[dynamics] taste_drift": population.dynamics.taste_drift,
    }


def present_utilities(
    utilities: Floats,
    visitors: Visitors,
    movie_ids: Integers,
    moments: Moments,
    *,
    population: Population,
    guide: FilmGuide | None,
    seed: int,
) -> Floats:
    """Utilities of the truth, (n_visitors, n_films_shown), after satiation and drift of taste."""
    changes = population.dynamics
    if guide is None:
        return utilities
    if changes.satiation:
        utilities = utilities - dynamics.satiation(changes, guide, moments, movie_ids)
    if changes.taste_drift:
        utilities = utilities + dynamics.taste_drift(
            changes,
            guide,
            moments,
            movie_ids,
            seed=seed,
            visitor_index=visitors.person_index,
            since_ms=dynamics.start_ms(population.arrivals.first_day),
        )
    return utilities
