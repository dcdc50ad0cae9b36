"""One arm against the fixed baseline the experiment was planned on (7% in the one that ships)."""

from dataclasses import dataclass

from scipy.special import betainc

from stats.errors import NotEnoughDataError
from stats.proportions import MIN_VISITORS, Arm
from stats.tails import Alternative, as_alternative, require_fraction

METHOD = "exact binomial"


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
