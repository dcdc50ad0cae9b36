"""Visitor CTR: the rate of one arm, and treatment against control; each visitor counts once, yes or no."""

import math
from dataclasses import dataclass, replace

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Comparison, Interval, TestResult, attempt
from stats.tails import Alternative, as_alternative, p_value_of, two_sided_z

MIN_VISITORS = 2
"""An arm of fewer visitors is described, never compared."""

_MIN_EXPECTED = 5  # Cochran's rule for a 2 x 2 table: below it the z test gives way to Fisher's


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant's data: how many visitors were exposed, and how many of them succeeded (clicked)."""

    variant: str
    n: int
    successes: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.n:
            raise InvalidOutcomesError(
                f"arm {self.variant!r} has {self.successes!r} successes of {self.n!r} visitors; "
                "successes must lie between 0 and the visitors"
            )

    @property
    def rate(self) -> float:
        """Successes per visitor.

        Raises:
            NotEnoughDataError: the arm has no visitor.
        """
        if self.n == 0:
            raise NotEnoughDataError(f"{self.variant} has no visitor; a rate needs at least 1")
        return self.successes / self.n


def wilson_interval(arm: Arm, *, confidence: float = 0.95) -> Interval:
    """Return the interval of one arm's rate.

    Raises:
        NotEnoughDataError: fewer than two visitors.

    Source: Wilson, JASA 22 (1927), 209-212, doi:10.1080/01621459.1927.10502953.
    """
    _require_visitors(arm)
    z_squared = two_sided_z(confidence) ** 2
    weight = 1 / (arm.n + z_squared)
    centre = weight * (arm.successes + z_squared / 2)
    spread = arm.successes * (arm.n - arm.successes) / arm.n
    margin = weight * math.sqrt(z_squared * (spread + z_squared / 4))
    # Exact ends at 0 and n successes, where rounding would leave 1e-17.
    low = 0.0 if arm.successes == 0 else centre - margin
    high = 1.0 if arm.successes == arm.n else centre + margin
    return Interval(low, high)


def newcombe_interval(control: Arm, treatment: Arm, *, confidence: float = 0.95) -> Interval:
    """Return the interval of the difference of two rates, treatment minus control.

    Raises:
        NotEnoughDataError: an arm has fewer than two visitors.

    Source: method 10 of Newcombe, Statistics in Medicine 17 (1998), 873-890,
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.
    """
    difference = treatment.rate - control.rate
    around_control = wilson_interval(control, confidence=confidence)
    around_treatment = wilson_interval(treatment, confidence=confidence)
    below = math.hypot(treatment.rate - around_treatment.low, around_control.high - control.rate)
    above = math.hypot(around_treatment.high - treatment.rate, control.rate - around_control.low)
    return Interval(max(-1.0, difference - below), min(1.0, difference + above))


def rate_difference(control: Arm, treatment: Arm) -> float:
    """Return treatment minus control, a fraction.

    Raises:
        NotEnoughDataError: an arm has fewer than two visitors.
    """
    _require_visitors(control)
    _require_visitors(treatment)
    return treatment.rate - control.rate


def rate_lift(control: Arm, treatment: Arm) -> float:
    """Return treatment / control - 1, a fraction.

    Raises:
        NotEnoughDataError: an arm has fewer than two visitors, or no visitor of the control succeeded.
    """
    _require_visitors(control)
    _require_visitors(treatment)
    if control.successes == 0:
        raise NotEnoughDataError(
            f"none of {control.variant}'s {control.n:,} visitors clicked; "
            f"a lift over {control.variant} needs at least 1 who did"
        )
    return treatment.rate / control.rate - 1


def katz_interval(control: Arm, treatment: Arm, *, confidence: float = 0.95) -> Interval:
    """Return the interval of the lift, by the delta method on the log of the ratio of rates.

    Raises:
        NotEnoughDataError: as `rate_lift`; or nobody succeeded in the treatment, or everybody in both arms.

    Source: Katz, Baptista, Azen & Pike, Biometrics 34 (1978), 469-474, doi:10.2307/2530610.
    """
    ratio = 1 + rate_lift(control, treatment)
    if treatment.successes == 0:
        raise NotEnoughDataError(
            f"none of {treatment.variant}'s {treatment.n:,} visitors clicked; an interval of the lift "
            "needs at least 1"
        )
    if control.successes == control.n and treatment.successes == treatment.n:
        raise NotEnoughDataError(
            "every visitor of both arms clicked; an interval of the lift needs one who did not"
        )
    variance = sum(1 / arm.successes - 1 / arm.n for arm in (control, treatment))
    margin = two_sided_z(confidence) * math.sqrt(variance)
    return Interval(ratio * math.exp(-margin) - 1, ratio * math.exp(margin) - 1)


def proportion_test(control: Arm, treatment: Arm, *, alternative: str = "greater") -> TestResult:
    """Test whether the treatment's rate differs from the control's.

    The two-proportion z test with pooled variance; where a cell of the 2 x 2 table is expected to hold
    fewer than five visitors the normal tail cannot be trusted, and Fisher's exact test (conservative at any
    size) takes over.

    Raises:
        NotEnoughDataError: an arm has fewer than two visitors, or nobody or everybody succeeded.

    Source: Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 3rd ed. (2003), chapter 3.
    """
    direction = as_alternative(alternative)
    _require_visitors(control)
    _require_visitors(treatment)
    n, successes = control.n + treatment.n, control.successes + treatment.successes
    if successes in (0, n):
        who = "no visitor of either arm clicked" if successes == 0 else "every visitor of both arms clicked"
        raise NotEnoughDataError(f"{who}; a test needs some who did and some who did not")
    if min(successes, n - successes) * min(control.n, treatment.n) / n < _MIN_EXPECTED:
        return _fisher_test(control, treatment, direction)
    pooled = successes / n
    standard_error = math.sqrt(pooled * (1 - pooled) * (1 / control.n + 1 / treatment.n))
    statistic = (treatment.rate - control.rate) / standard_error
    return TestResult(statistic, p_value_of(statistic, direction), "two-proportion z, pooled")


def compare(
    control: Arm, treatment: Arm, *, alternative: str = "greater", confidence: float = 0.95
) -> Comparison:
    """Compare the visitor CTR of two arms: difference, lift, intervals, test.

    Thin data raise nothing here: a number that cannot be given is None, and `missing` says why.

    >>> comparison = compare(Arm("control", 925, 66), Arm("treatment", 925, 104))
    >>> round(comparison.difference, 4), round(comparison.lift, 3), round(comparison.p_value, 4)
    (0.0411, 0.576, 0.0011)
    """
    direction = as_alternative(alternative)
    missing: list[str] = []
    test = attempt(lambda: proportion_test(control, treatment, alternative=direction), missing)
    return Comparison(
        control=control.variant,
        treatment=treatment.variant,
        alternative=direction,
        confidence=confidence,
        difference=attempt(lambda: rate_difference(control, treatment), missing),
        difference_ci=attempt(lambda: newcombe_interval(control, treatment, confidence=confidence), missing),
        difference_ci_method="Newcombe",
        lift=attempt(lambda: rate_lift(control, treatment), missing),
        lift_ci=attempt(lambda: katz_interval(control, treatment, confidence=confidence), missing),
        lift_ci_method="log-delta (Katz)",
        statistic=test.statistic if test else None,
        p_value=test.p_value if test else None,
        test=test.method if test else None,
        missing=tuple(missing),
    )


def _fisher_test(control: Arm, treatment: Arm, alternative: Alternative) -> TestResult:
    from stats.exact import fisher_test  # which needs `Arm` of here

    found = fisher_test(control, treatment, alternative=alternative)
    return replace(found, method="Fisher exact (few visitors)")


def _require_visitors(arm: Arm) -> None:
    if arm.n < MIN_VISITORS:
        number = "no visitor" if arm.n == 0 else f"{arm.n} visitor"
        raise NotEnoughDataError(
            f"{arm.variant} has {number}; an interval or a test needs at least {MIN_VISITORS} in each arm"
        )
