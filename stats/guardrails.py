"""Guardrails: the treatment may be worse by a margin at most, and that must be shown, not assumed.

A non-significant difference is no proof of harmlessness. Here the burden is turned round: the null hypothesis
is that the treatment is worse by the margin or more (non-inferiority).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from stats.errors import InvalidDesignError, InvalidOutcomesError, NotEnoughDataError
from stats.means import MeanArm, t_p_value, t_quantile, welch_freedom
from stats.proportions import MIN_VISITORS, Arm
from stats.ratio_arm import RatioArm
from stats.tails import require_fraction, two_sided_z

_BISECTIONS = 60
_MIN_BEYOND = 5  # values needed on each side of a quantile before its interval means something


@dataclass(frozen=True, slots=True)
class Guardrail:
    """The outcome of one guardrail.

    Args:
        margin: how much worse is still accepted, in the metric's own unit.
        worsening: how much worse the treatment is; below 0 it is better.
        upper: one-sided upper bound of the worsening at confidence 1 - alpha.
        p_value: of a worsening by the margin or more.
        is_held: whether harm of the margin is excluded: p < alpha.
    """

    metric: str
    margin: float
    worsening: float
    upper: float
    p_value: float
    is_held: bool
    method: str


def guard_mean(
    metric: str,
    control: MeanArm,
    treatment: MeanArm,
    *,
    margin: float,
    is_higher_better: bool,
    alpha: float = 0.05,
) -> Guardrail:
    """Test that a mean got worse by less than the margin (Welch's t).

    Raises:
        InvalidDesignError: a margin that is not positive, or alpha outside (0, 1).
        NotEnoughDataError: fewer than two visitors in an arm, or nothing varies.

    Source: Wellek, Testing Statistical Hypotheses of Equivalence and Noninferiority, 2nd ed. (2010), ch. 6.
    """
    _check(margin, alpha)
    error = math.sqrt(control.error_variance + treatment.error_variance)
    if error == 0:
        raise NotEnoughDataError(f"{metric}: all visitors of both arms have the same value; nothing varies")
    worsening = (control.mean - treatment.mean) if is_higher_better else (treatment.mean - control.mean)
    freedom = welch_freedom(control, treatment)
    p_value = t_p_value((worsening - margin) / error, freedom, "less")
    upper = worsening + t_quantile(1 - 2 * alpha, freedom) * error
    return Guardrail(metric, margin, worsening, upper, p_value, p_value < alpha, "Welch t, non-inferiority")


def guard_rate(
    metric: str,
    control: Arm,
    treatment: Arm,
    *,
    margin: float,
    is_higher_better: bool,
    alpha: float = 0.05,
) -> Guardrail:
    """Test that a rate (fallbacks, bounces) got worse by less than the margin.

    The variance is taken under the null hypothesis, so that 0 of 400 is no certainty.

    Raises:
        InvalidDesignError: a margin outside (0, 1), or alpha outside (0, 1).
        NotEnoughDataError: an arm has fewer than two visitors.

    Source: Farrington & Manning, Statistics in Medicine 9 (1990), 1447-1454, doi:10.1002/sim.4780091208.
    """
    _check(margin, alpha)
    require_fraction("margin", margin)
    for arm in (control, treatment):
        if arm.n < MIN_VISITORS:
            raise NotEnoughDataError(
                f"{metric}: {arm.variant} has {arm.n} of the {MIN_VISITORS} visitors it needs"
            )
    if is_higher_better:  # a rate of success becomes one of failure
        control, treatment = (Arm(arm.variant, arm.n, arm.n - arm.successes) for arm in (control, treatment))
    worsening = treatment.rate - control.rate
    statistic = score_statistic(control, treatment, margin)
    p_value = float(ndtr(statistic))
    upper = _score_upper(control, treatment, two_sided_z(1 - 2 * alpha))
    return Guardrail(metric, margin, worsening, upper, p_value, p_value < alpha, "Farrington-Manning score")


def guard_quantile(
    metric: str,
    control: npt.ArrayLike,
    treatment: npt.ArrayLike,
    *,
    margin: float,
    quantile: float = 0.95,
    design_effect: float = 1.0,
    alpha: float = 0.05,
) -> Guardrail:
    """Test that a quantile (latency p95), where lower is better, rose by less than the margin.

    Each arm's quantile has a distribution-free interval from order statistics; both are joined to one of the
    difference as Newcombe joins Wilson's. Its p-value is the level at which the bound meets the margin.

    Args:
        metric: its name.
        control: values, shape (n,), none missing.
        treatment: likewise.
        margin: in the unit of the values.
        quantile: in (0, 1).
        design_effect: how many times more the share of values beyond the quantile varies than by independent
            values, for instance 2 where a visitor's slates are slow together; see `quantile_design_effect`.
        alpha: chance to pass a treatment that is worse by the margin.

    Raises:
        InvalidDesignError: an option out of range.
        NotEnoughDataError: too few values lie beyond the quantile in an arm.

    Source: Zou & Donner, Statistics in Medicine 27 (2008), 1693-1702, doi:10.1002/sim.3095; Liu, Sun,
    Varshney & Xu (KDD 2019), doi:10.1145/3292500.3330782 (clusters).
    """
    _check(margin, alpha)
    require_fraction("quantile", quantile)
    if not design_effect >= 1:
        raise InvalidDesignError(f"design_effect is {design_effect!r}; it must be at least 1")
    arms = (
        _OrderedValues.of(metric, control, quantile, design_effect),
        _OrderedValues.of(metric, treatment, quantile, design_effect),
    )
    z = two_sided_z(1 - 2 * alpha)
    if z > min(arm.strongest_z for arm in arms):
        raise NotEnoughDataError(
            f"{metric}: {min(arm.values.size for arm in arms)} values are too few to bound the "
            f"{100 * quantile:g}% quantile at alpha {alpha:g}; collect more"
        )
    p_value = _level_of_margin(*arms, margin)
    return Guardrail(
        metric=metric,
        margin=margin,
        worsening=arms[1].bound(0) - arms[0].bound(0),
        upper=_rise(*arms, z),
        p_value=p_value,
        is_held=p_value < alpha,
        method=f"order statistics of p{100 * quantile:g}",
    )


def quantile_design_effect(
    values: npt.ArrayLike, visitors: npt.ArrayLike, *, quantile: float = 0.95
) -> float:
    """Return how alike one visitor's values are beyond the quantile, at least 1: for `guard_quantile`.

    Args:
        values: of all slates, shape (n,).
        visitors: whose slate each was, shape (n,).
        quantile: in (0, 1).

    Raises:
        NotEnoughDataError: fewer than two visitors, or no value beyond the quantile.
    """
    require_fraction("quantile", quantile)
    numbers = np.asarray(values, dtype=np.float64)
    _, owners = np.unique(np.asarray(visitors), return_inverse=True)
    if numbers.shape != owners.shape or numbers.size == 0:
        raise NotEnoughDataError(f"{numbers.size} values of {owners.size} slates; give one visitor for each")
    is_beyond = numbers > np.quantile(numbers, quantile)
    arm = RatioArm.from_visitors(
        "all", np.bincount(owners, weights=is_beyond).astype(int), np.bincount(owners)
    )
    naive = arm.ctr * (1 - arm.ctr) / arm.impressions
    if naive == 0:
        raise NotEnoughDataError(f"no value lies beyond the {100 * quantile:g}% quantile")
    return max(1.0, arm.variance / naive)


def score_statistic(control: Arm, treatment: Arm, difference: float) -> float:
    """Return how far treatment minus control lies from a difference, in standard errors under it.

    Source: Farrington & Manning (1990), appendix: the restricted maximum likelihood rates.
    """
    share = control.n / treatment.n
    a = 1 + share
    b = -(1 + share + treatment.rate + share * control.rate + difference * (share + 2))
    c = difference**2 + difference * (2 * treatment.rate + share + 1) + treatment.rate + share * control.rate
    d = -treatment.rate * difference * (1 + difference)
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a**2) + d / (2 * a)
    u = math.copysign(math.sqrt(max(0.0, b**2 / (3 * a) ** 2 - c / (3 * a))), v)
    angle = (math.pi + math.acos(min(1.0, max(-1.0, v / u**3)))) / 3 if u else math.pi / 2
    changed = min(1.0, max(0.0, 2 * u * math.cos(angle) - b / (3 * a)))
    unchanged = min(1.0, max(0.0, changed - difference))
    variance = changed * (1 - changed) / treatment.n + unchanged * (1 - unchanged) / control.n
    distance = treatment.rate - control.rate - difference
    if variance <= 0:
        return 0.0 if distance == 0 else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def _score_upper(control: Arm, treatment: Arm, z: float) -> float:
    """Return the largest difference the data do not reject."""
    low, high = treatment.rate - control.rate, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if score_statistic(control, treatment, middle) > -z else (low, middle)
    return high


@dataclass(frozen=True, slots=True, eq=False)
class _OrderedValues:
    """Values in rising order, and the quantile looked at."""

    values: npt.NDArray[np.float64]
    quantile: float
    design_effect: float

    @classmethod
    def of(
        cls, metric: str, values: npt.ArrayLike, quantile: float, design_effect: float
    ) -> "_OrderedValues":
        numbers = np.sort(np.asarray(values, dtype=np.float64))
        if numbers.ndim != 1 or not np.isfinite(numbers).all():
            raise InvalidOutcomesError(f"{metric}: values must be one row of finite numbers")
        if numbers.size * min(quantile, 1 - quantile) / design_effect < _MIN_BEYOND:
            raise NotEnoughDataError(
                f"{metric}: {numbers.size} values are too few to bound their {100 * quantile:g}% quantile; "
                f"{math.ceil(_MIN_BEYOND * design_effect / min(quantile, 1 - quantile) - 1e-9)} are needed"
            )
        return cls(numbers, quantile, design_effect)

    @property
    def strongest_z(self) -> float:
        """The widest interval, in standard errors, whose ends still lie among the values."""
        return min(self.quantile * self.values.size - 0.5, (1 - self.quantile) * self.values.size - 0.5) / (
            self._spread
        )

    @property
    def _spread(self) -> float:
        """Standard error of the rank of the quantile."""
        return math.sqrt(self.values.size * self.quantile * (1 - self.quantile) * self.design_effect)

    def bound(self, z: float) -> float:
        """Return the value z standard errors of rank above the quantile, between two values where need be."""
        rank = self.quantile * self.values.size + z * self._spread - 0.5
        return float(np.interp(rank, np.arange(self.values.size), self.values))


def _level_of_margin(control: _OrderedValues, treatment: _OrderedValues, margin: float) -> float:
    """Return the level at which the bound of the rise meets the margin."""
    strongest = min(control.strongest_z, treatment.strongest_z)
    low, high = -strongest, strongest
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if _rise(control, treatment, middle) < margin else (low, middle)
    return float(ndtr(-low))


def _rise(control: _OrderedValues, treatment: _OrderedValues, z: float) -> float:
    """Return the bound of the rise from control to treatment, z standard errors up, or down below 0."""
    above = treatment.bound(z) - treatment.bound(0)
    below = control.bound(0) - control.bound(-z)
    return treatment.bound(0) - control.bound(0) + math.copysign(math.hypot(above, below), z)


def _check(margin: float, alpha: float) -> None:
    require_fraction("alpha", alpha)
    if not margin > 0:
        raise InvalidDesignError(f"margin is {margin!r}; say how much worse is still accepted, above 0")
    if alpha >= 0.5:  # noqa: PLR2004 - a bound beyond the estimate needs less than even odds
        raise InvalidDesignError(f"alpha is {alpha!r}; a guardrail needs less than 0.5")
