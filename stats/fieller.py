"""The interval of a ratio whose denominator is itself uncertain, without pretending that it is known."""

import math

from stats.errors import NotEnoughDataError
from stats.estimates import Interval
from stats.proportions import Arm, rate_lift
from stats.tails import two_sided_z

WEAK_DENOMINATOR = 0.1
"""Fieller's g above which the log-delta interval of a lift is no longer trusted: about 16% relative error at
95%."""


def fieller_g(denominator: float, variance: float, *, confidence: float = 0.95) -> float:
    """Return how weak a denominator is: 0 for a known one; from 1 on it cannot be told from 0."""
    return math.inf if denominator**2 == 0 else two_sided_z(confidence) ** 2 * variance / denominator**2


def fieller_interval(
    numerator: float,
    denominator: float,
    *,
    numerator_variance: float,
    denominator_variance: float,
    covariance: float = 0.0,
    confidence: float = 0.95,
) -> Interval:
    """Return the interval of numerator / denominator, two estimates with normal errors.

    Raises:
        NotEnoughDataError: the denominator cannot be told from 0 at this confidence, so that no bounded
            interval exists.

    Source: Fieller, JRSS B 16 (1954), 175-185; Franz, arXiv:0710.2024.
    """
    g = fieller_g(denominator, denominator_variance, confidence=confidence)
    if g >= 1:
        raise NotEnoughDataError(
            f"the denominator {denominator:.6g} cannot be told from 0 at confidence {confidence:g}; the "
            "ratio has no bounded interval"
        )
    ratio = numerator / denominator
    z = two_sided_z(confidence)
    correlated = ratio - g * covariance / denominator_variance if denominator_variance else ratio
    inner = numerator_variance - 2 * ratio * covariance + ratio**2 * denominator_variance
    if denominator_variance:
        inner -= g * (numerator_variance - covariance**2 / denominator_variance)
    margin = z / abs(denominator) * math.sqrt(max(0.0, inner))
    return Interval((correlated - margin) / (1 - g), (correlated + margin) / (1 - g))


def fieller_lift_interval(control: Arm, treatment: Arm, *, confidence: float = 0.95) -> Interval:
    """Return the interval of the lift of visitor CTR, exact in the control's uncertainty.

    Raises:
        NotEnoughDataError: as `rate_lift`; or the control's rate cannot be told from 0.
    """
    rate_lift(control, treatment)
    ratio = fieller_interval(
        treatment.rate,
        control.rate,
        numerator_variance=treatment.rate * (1 - treatment.rate) / treatment.n,
        denominator_variance=control.rate * (1 - control.rate) / control.n,
        confidence=confidence,
    )
    return Interval(ratio.low - 1, ratio.high - 1)
