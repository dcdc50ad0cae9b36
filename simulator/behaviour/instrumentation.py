"""What the instruments do to the record: which reports of views are lost, which clicks arrive twice.

Decided after behaviour and from counters of its own, so it changes no decision of any visitor: the same
visits, less well recorded. What was truly done is kept as labels, so that filters can be scored.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Counter, uniform
from simulator.behaviour.traffic_tables import Instrumentation

if TYPE_CHECKING:
    from simulator.behaviour.population import Population

Booleans = npt.NDArray[np.bool_]


def have_ad_block(settings: Instrumentation, *, seed: int, visitor_index: Counter) -> Booleans:
    """Which visitors' reports of views never arrive, in the shape of `visitor_index`."""
    return np.asarray(uniform(seed, "ad-block", visitor=visitor_index) < settings.ad_block_share)


def lose_views(
    settings: Instrumentation, *, seed: int, visitor_index: Counter, step: Counter, visit: Counter = 0
) -> Booleans:
    """Of which pages no view is reported: all of those with an ad blocker, and some of the others.

    Args:
        settings: the shares.
        seed: of the population.
        visitor_index: whose page.
        step: which page load of the visit, from 1.
        visit: which visit of the visitor, from 0.
    """
    draw = uniform(seed, "beacon", visitor=visitor_index, visit=visit, step=step)
    is_blocked = have_ad_block(settings, seed=seed, visitor_index=visitor_index)
    return np.asarray(is_blocked | (draw < settings.beacon_loss))


def double_clicks(
    settings: Instrumentation, *, seed: int, visitor_index: Counter, step: Counter, visit: Counter = 0
) -> Booleans:
    """On which pages a click, if there is one, arrives twice; arguments as for `lose_views`."""
    draw = uniform(seed, "double-click", visitor=visitor_index, visit=visit, step=step)
    return np.asarray(draw < settings.double_click_share)


def leaves_labels(population: "Population") -> bool:
    """Whether there is anything about the population's visits that the site's own record does not show."""
    record = population.instrumentation
    return bool(
        record.beacon_loss
        or record.ad_block_share
        or record.double_click_share
        or population.identity.second_device_share
        or any(persona.is_bot for persona in population.personas if persona.weight)
    )
