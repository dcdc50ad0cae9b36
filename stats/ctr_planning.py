"""How many visitors an experiment on impression CTR needs: those of one visitor are alike.

An impression CTR has the variance of independent impressions times the design effect (Kish, Survey Sampling,
1965, section 8.2), which a pilot or the simulator tells (`compare_ctr` reports it). So a visitor with m
impressions is worth m / design effect independent trials.
"""

import math
from dataclasses import replace

from stats.errors import InvalidDesignError
from stats.planning import Plan


def plan_for_impressions(
    planned: Plan, *, impressions_per_visitor: float = 1.0, design_effect: float = 1.0
) -> Plan:
    """Turn a plan of independent trials into one of visitors who see several films each.

    Args:
        planned: made by `plan` with the impression CTR as baseline.
        impressions_per_visitor: viewed, on average. The cautious 1 takes a visitor for a single trial, which
            is right where all impressions of a visitor are clicked or none.
        design_effect: variance over visitors / variance of independent impressions.

    Raises:
        InvalidDesignError: a number that is not positive.

    >>> from stats import plan
    >>> pilot = plan_for_impressions(
    ...     plan(baseline=0.02, mde=0.01), impressions_per_visitor=6, design_effect=2
    ... )
    >>> pilot.n_per_variant
    1457
    """
    for name, value in (
        ("impressions_per_visitor", impressions_per_visitor),
        ("design_effect", design_effect),
    ):
        if not 0 < value < math.inf:
            raise InvalidDesignError(f"{name} is {value!r}; it must be above 0, as measured in a pilot")
    factor = design_effect / impressions_per_visitor
    return replace(
        planned,
        n_control=math.ceil(planned.n_control * factor - 1e-9),
        n_treatment=math.ceil(planned.n_treatment * factor - 1e-9),
    )
