"""Comparing like with like: one difference per stratum (persona, country), weighed by the stratum's size.

Chance puts more of an eager persona into one arm; weighing takes that out. Strata must be known before
assignment, else the variant itself may have moved visitors between them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Interval
from stats.means import MeanArm
from stats.tails import Alternative, as_alternative, p_value_of, two_sided_z

Strata = Mapping[str, tuple[MeanArm, MeanArm]]
"""Stratum -> its control and its treatment."""


@dataclass(frozen=True, slots=True)
class StratifiedComparison:
    """The weighed difference, its test, and what stratifying was worth.

    Args:
        variance_reduction: part of the plain difference's variance that is gone; below 0 where strata only
            cost degrees of freedom.
    """

    alternative: Alternative
    difference: float
    interval: Interval
    statistic: float
    p_value: float
    variance_reduction: float


def compare_stratified(
    strata: Strata, *, alternative: str = "greater", confidence: float = 0.95
) -> StratifiedComparison:
    """Compare two arms stratum by stratum (post-stratification).

    Args:
        strata: control and treatment of each; `MeanArm.from_arm` makes one of a rate.
        alternative: greater, less or two-sided.
        confidence: two-sided coverage of the interval.

    Raises:
        InvalidOutcomesError: no stratum.
        NotEnoughDataError: an arm of a stratum has fewer than two visitors, or nothing varies.

    Source: Miratrix, Sekhon & Yu, JRSS B 75 (2013), 369-396, doi:10.1111/j.1467-9868.2012.01048.x.
    """
    direction = as_alternative(alternative)
    if not strata:
        raise InvalidOutcomesError("no stratum was given; give at least one")
    for name, arms in strata.items():
        for arm in arms:
            if arm.n < 2:  # noqa: PLR2004 - a variance needs two
                raise NotEnoughDataError(
                    f"stratum {name!r} has {arm.n} of the 2 visitors of {arm.variant} it needs; merge it "
                    "with another"
                )
    total = sum(control.n + treatment.n for control, treatment in strata.values())
    difference = variance = 0.0
    for control, treatment in strata.values():
        weight = (control.n + treatment.n) / total
        difference += weight * (treatment.mean - control.mean)
        variance += weight**2 * (control.error_variance + treatment.error_variance)
    if variance == 0:
        raise NotEnoughDataError("all visitors of a stratum have the same value; a test needs variation")
    error = math.sqrt(variance)
    margin = two_sided_z(confidence) * error
    plain = sum(arm.error_variance for arm in pooled(strata))
    return StratifiedComparison(
        alternative=direction,
        difference=difference,
        interval=Interval(difference - margin, difference + margin),
        statistic=difference / error,
        p_value=p_value_of(difference / error, direction),
        variance_reduction=1 - variance / plain,
    )


def pooled(strata: Strata) -> tuple[MeanArm, MeanArm]:
    """Return control and treatment over all strata, as if there were none."""
    controls, treatments = zip(*strata.values(), strict=True)
    control, treatment = controls[0], treatments[0]
    for other_control, other_treatment in zip(controls[1:], treatments[1:], strict=True):
        control, treatment = control.merged(other_control), treatment.merged(other_treatment)
    return control, treatment
