"""One arm against the fixed baseline the experiment was planned on (7% in the one that ships)."""

import math
from dataclasses import dataclass

from scipy.special import betainc

from stats.errors import NotEnoughDataError
from stats.means import t_p_value
from stats.proportions import MIN_VISITORS, Arm
from stats.ratio_arm import RatioArm, require_clicks
from stats.tails import Alternative, as_alternative, require_fraction

METHOD = "exact binomial"
CTR_METHOD = "t over visitors (clustered)"


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """One arm's rate minus the baseline, and the chance of such a rate if the baseline were true."""

    variant: str
    baseline: float
    difference: float
    p_value: float
    alternative: Alternative
    method: str = METHOD


def against_baseline(arm: Arm, baseline: float, *, alternative: str = "greater") -> BaselineComparison:
    """Compare one arm with a fixed rate by the exact binomial test.

    Args:
        arm: visitors and how many of them clicked.
        baseline: the fixed rate, in (0, 1).
        alternative: greater, less or two-sided ("two-sided" adds up all outcomes no likelier than the one
            seen).

    Raises:
        NotEnoughDataError: fewer than two visitors.

    Source: Clopper & Pearson, Biometrika 26 (1934), 404-413: the binomial tail as an incomplete beta
        function.

    >>> comparison = against_baseline(Arm("control", 925, 66), 0.07)
    >>> round(comparison.difference, 4), round(comparison.p_value, 2)
    (0.0014, 0.45)
    """
    direction = as_alternative(alternative)
    require_fraction("baseline", baseline)
    if arm.n < MIN_VISITORS:
        raise NotEnoughDataError(
            f"{arm.variant} has {arm.n} of the {MIN_VISITORS} visitors that a comparison with the baseline "
            "needs"
        )
    p_value = _p_value(arm, baseline, direction)
    return BaselineComparison(arm.variant, baseline, arm.rate - baseline, p_value, direction)


def ctr_against_baseline(
    arm: RatioArm, baseline: float, *, alternative: str = "greater"
) -> BaselineComparison:
    """Compare one arm's impression CTR with a fixed rate, visitors being the independent unit.

    With d = clicks - baseline * impressions of each visitor, a CTR equal to the baseline means a mean d of 0:
    Student's one-sample t test of d, which knows that one visitor's impressions are alike.

    Raises:
        NotEnoughDataError: fewer than two visitors, no impression, fewer than five clicks, or no variation.

    Source: the score form of the clustered ratio, Rao & Scott, Biometrics 48 (1992), 577-585,
        doi:10.2307/2532311.
    """
    direction = as_alternative(alternative)
    require_fraction("baseline", baseline)
    difference = arm.ctr - baseline
    require_clicks(arm)
    total = arm.clicks - baseline * arm.impressions
    squares = (
        arm.clicks_squared - 2 * baseline * arm.clicks_impressions + baseline**2 * arm.impressions_squared
    )
    variance = (squares - total**2 / arm.n) * arm.n / (arm.n - 1)
    if variance <= 1e-12 * squares:  # nothing but rounding
        raise NotEnoughDataError(
            f"all visitors of {arm.variant} differ from the baseline alike; a test needs variation"
        )
    p_value = t_p_value(total / math.sqrt(variance), arm.n - 1, direction)
    return BaselineComparison(arm.variant, baseline, difference, p_value, direction, CTR_METHOD)


def _p_value(arm: Arm, baseline: float, alternative: Alternative) -> float:
    if alternative == "greater":
        return (
            1.0 if arm.successes == 0 else float(betainc(arm.successes, arm.n - arm.successes + 1, baseline))
        )
    if alternative == "less":
        failures = arm.n - arm.successes
        return 1.0 if failures == 0 else float(betainc(failures, arm.successes + 1, 1 - baseline))
    # scipy.stats takes a second to load, so only the rarer two-sided report pays for it.
    from scipy.stats import binomtest

    return float(binomtest(arm.successes, arm.n, baseline).pvalue)
