"""One visitor as columns of length 1: so that one alone decides by the same code as many, bit for bit."""

import numpy as np

from simulator.behaviour.population import Population
from simulator.behaviour.truth import Truth
from simulator.behaviour.visitors import NO_USER, Visitor, Visitors, draw_taste_users


def alone(visitor: Visitor, population: Population, truth: Truth, *, seed: int) -> Visitors:
    """The visitor as the only one of many; what the site is not told is drawn again."""
    names = tuple(persona.name for persona in population.personas)
    index, persona_index = np.array([visitor.index]), np.array([names.index(visitor.persona)])
    person_index = index if visitor.person_index is None else np.array([visitor.person_index])
    return Visitors(
        seed=seed,
        persona_names=names,
        index=index,
        persona_index=persona_index,
        user_id=np.array([NO_USER if visitor.user_id is None else visitor.user_id]),
        taste_user_id=draw_taste_users(
            truth, seed=seed, person_index=person_index, persona_index=persona_index
        ),
        arrival_ms=np.array([visitor.arrival_ms]),
        person_index=person_index,
    )
