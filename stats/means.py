"""Means over visitors: plays, watch time, dwell, ratings; each visitor is one independent value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Comparison, Interval, attempt
from stats.fieller import fieller_interval
from stats.proportions import MIN_VISITORS, Arm
from stats.tails import Alternative, as_alternative, require_fraction


@dataclass(frozen=True, slots=True)
class MeanArm:
    """One variant's values, as count, mean and the sum of squared deviations from it."""

    variant: str
    n: int
    mean: float
    squares: float

    def __post_init__(self) -> None:
        if self.n < 0 or self.squares < 0 or not math.isfinite(self.mean + self.squares):
            raise InvalidOutcomesError(
                f"arm {self.variant!r} has {self.n!r} visitors, mean {self.mean!r}, squared deviations "
                f"{self.squares!r}; they must be finite, and only the mean may be negative"
            )

    @classmethod
    def from_visitors(cls, variant: str, values: npt.ArrayLike) -> Self:
        """Sum up one value per visitor, an array of shape (n_visitors,)."""
        numbers = np.asarray(values, dtype=np.float64)
        if numbers.ndim != 1:
            raise InvalidOutcomesError(f"values have shape {numbers.shape!r}; give one number per visitor")
        if numbers.size == 0:
            return cls(variant, 0, 0.0, 0.0)
        mean = float(numbers.mean())
        return cls(variant, int(numbers.size), mean, float(((numbers - mean) ** 2).sum()))

    @classmethod
    def from_arm(cls, arm: Arm) -> Self:
        """Take a rate for the mean of ones and zeros."""
        rate = arm.successes / arm.n if arm.n else 0.0
        return cls(arm.variant, arm.n, rate, arm.successes * (1 - rate))

    def merged(self, other: "MeanArm") -> "MeanArm":
        """Return both sets of visitors as one arm, under this arm's name (Chan, Golub & LeVeque 1983)."""
        n = self.n + other.n
        if n == 0:
            return MeanArm(self.variant, 0, 0.0, 0.0)
        shift = other.mean - self.mean
        squares = self.squares + other.squares + shift**2 * self.n * other.n / n
        return MeanArm(self.variant, n, self.mean + shift * other.n / n, squares)

    @property
    def variance(self) -> float:
        """Variance of one value.

        Raises:
            NotEnoughDataError: fewer than two visitors.
        """
        if self.n < MIN_VISITORS:
            raise NotEnoughDataError(
                f"{self.variant} has {self.n} of the {MIN_VISITORS} visitors that a variance needs"
            )
        return self.squares / (self.n - 1)

    @property
    def error_variance(self) -> float:
        """Variance of the mean."""
        return self.variance / self.n


def ratio_arm(variant: str, sums: Mapping[str, float]) -> MeanArm:
    """Return a ratio of two sums over visitors as a mean, of linearised values, to be compared like one.

    A visitor with numerator x and denominator y has the value R + (x - R y) / mean(y), where R is the ratio:
    their mean is R, and the variance of that mean is the delta method's.

    Args:
        variant: the arm.
        sums: `n` visitors whose denominator is not 0, and over them `x`, `y`, `xx`, `yy` and `xy`.

    Source: Deng, Knoblich & Lu (KDD 2018), section 3.1, doi:10.1145/3219819.3219919.
    """
    n, total = int(sums["n"]), sums["y"]
    if n == 0 or total == 0:
        return MeanArm(variant, 0, 0.0, 0.0)
    ratio = sums["x"] / total
    # Times the total squared: whole numbers, and halves, then cancel to 0 where nothing varies.
    residuals = total**2 * sums["xx"] - 2 * sums["x"] * total * sums["xy"] + sums["x"] ** 2 * sums["yy"]
    return MeanArm(variant, n, ratio, max(0.0, residuals) / total**4 * n**2)


def compare_means(
    control: MeanArm, treatment: MeanArm, *, alternative: str = "greater", confidence: float = 0.95
) -> Comparison:
    """Compare the means of two arms by Welch's t test; the lift by Fieller's interval.

    Thin data raise nothing here: a number that cannot be given is None, and `missing` says why.

    Source: Welch, Biometrika 34 (1947), 28-35, doi:10.1093/biomet/34.1-2.28.
    """
    direction = as_alternative(alternative)
    require_fraction("confidence", confidence)
    missing: list[str] = []
    error = attempt(lambda: _error(control, treatment), missing)
    difference = None if min(control.n, treatment.n) == 0 else treatment.mean - control.mean
    statistic = None if difference is None or error is None else difference / error
    freedom = None if error is None else welch_freedom(control, treatment)
    return Comparison(
        control=control.variant,
        treatment=treatment.variant,
        alternative=direction,
        confidence=confidence,
        difference=difference,
        difference_ci=_interval(difference, error, freedom, confidence),
        difference_ci_method="Welch t",
        lift=attempt(lambda: _lift(control, treatment), missing),
        lift_ci=None
        if error is None
        else attempt(lambda: _lift_interval(control, treatment, confidence), missing),
        lift_ci_method="Fieller",
        statistic=statistic,
        p_value=None if statistic is None or freedom is None else t_p_value(statistic, freedom, direction),
        test=None if statistic is None else "Welch t",
        missing=tuple(missing),
    )


def mean_interval(arm: MeanArm, *, confidence: float = 0.95) -> Interval:
    """Return the interval of one arm's mean, by Student's t.

    Raises:
        NotEnoughDataError: fewer than two visitors, or all have the same value.
    """
    require_fraction("confidence", confidence)
    error = math.sqrt(arm.error_variance)
    if error == 0:
        raise NotEnoughDataError(
            f"all visitors of {arm.variant} have the same value; an interval needs variation"
        )
    margin = t_quantile(confidence, arm.n - 1) * error
    return Interval(arm.mean - margin, arm.mean + margin)


def t_p_value(statistic: float, freedom: float, alternative: Alternative) -> float:
    """Return the tail chance of Student's t under no effect."""
    if alternative == "greater":
        return float(stdtr(freedom, -statistic))
    if alternative == "less":
        return float(stdtr(freedom, statistic))
    return 2 * float(stdtr(freedom, -abs(statistic)))


def t_quantile(confidence: float, freedom: float) -> float:
    """Return the half width, in standard errors, of a two-sided t interval."""
    return float(stdtrit(freedom, (1 + confidence) / 2))


def _error(control: MeanArm, treatment: MeanArm) -> float:
    error = math.sqrt(control.error_variance + treatment.error_variance)
    if error == 0:
        raise NotEnoughDataError("all visitors of both arms have the same value; a test needs variation")
    return error


def welch_freedom(control: MeanArm, treatment: MeanArm) -> float:
    """Return the degrees of freedom of Welch's t; some value must vary."""
    parts = control.error_variance, treatment.error_variance
    largest = max(parts)
    shares = parts[0] / largest, parts[1] / largest  # no underflow for small values
    return sum(shares) ** 2 / (shares[0] ** 2 / (control.n - 1) + shares[1] ** 2 / (treatment.n - 1))


def _interval(
    centre: float | None, error: float | None, freedom: float | None, confidence: float
) -> Interval | None:
    if centre is None or error is None or freedom is None:
        return None
    margin = t_quantile(confidence, freedom) * error
    return Interval(centre - margin, centre + margin)


def _lift(control: MeanArm, treatment: MeanArm) -> float:
    if min(control.n, treatment.n) == 0 or control.mean == 0:
        raise NotEnoughDataError(f"{control.variant} has a mean of 0, or an arm is empty; there is no lift")
    return treatment.mean / control.mean - 1


def _lift_interval(control: MeanArm, treatment: MeanArm, confidence: float) -> Interval:
    _lift(control, treatment)
    ratio = fieller_interval(
        treatment.mean,
        control.mean,
        numerator_variance=treatment.error_variance,
        denominator_variance=control.error_variance,
        confidence=confidence,
    )
    return Interval(ratio.low - 1, ratio.high - 1)
