"""How many visitors an experiment needs, what it can detect with the visitors it has, and with what chance.

The formula is that of Fleiss, Statistical Methods for Rates and Proportions (1973; 3rd ed. 2003, chapter 4),
with the continuity correction, also for unequal arms, of Fleiss, Tytun & Ury (Biometrics 36, 1980). It errs
on the safe side: the uncorrected z test of `stats.proportions` has a little more than the planned power.

One setting, alpha 5% one-sided and power 90%, gives both sizes quoted in this project: 925 visitors per
variant for 0.07 -> 0.11, and 106 for 0.07 -> 0.22. (Two-sided, or without the correction, 106 does not come
out: 127 and 93.)
"""

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from stats.always_valid import always_valid_inflation
from stats.errors import InvalidDesignError, NotEnoughDataError
from stats.sequential import sample_size_inflation
from stats.tails import Alternative, as_alternative, critical_value, require_fraction

_BISECTIONS = 50  # halves (0, 1) down to 1e-15
_MOST_VISITORS = 10**15  # in an arm; far beyond anyone's, and still an exact float
_NEARLY_ALL = 1 - 1e-9  # the largest change looked at, short of a rate of exactly 0 or 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Visitors an experiment needs in each variant, and the assumptions behind the number.

    Args:
        n_looks: how often the data are tested, the last time at the planned size; 1 for always-valid too,
            where looks need no plan.
        spending: none, obrien-fleming, pocock or always-valid.
        inflation: these sizes / those of a single look.
        n_others: in treatments beyond this one, where several are compared with one control.
    """

    baseline: float
    mde: float
    alpha: float
    power: float
    alternative: Alternative
    n_control: int
    n_treatment: int
    n_looks: int = 1
    spending: str = "none"
    inflation: float = 1.0
    n_others: int = 0

    @property
    def n_total(self) -> int:
        """Visitors in all variants together."""
        return self.n_control + self.n_treatment + self.n_others

    @property
    def n_per_variant(self) -> int:
        """Visitors in each variant; in the smaller one when the split is not even."""
        return min(self.n_control, self.n_treatment)


def plan(
    *,
    baseline: float,
    mde: float,
    alpha: float = 0.05,
    power: float = 0.9,
    alternative: str = "greater",
    treatment_share: float = 0.5,
    n_looks: int = 1,
    spending: str = "none",
) -> Plan:
    """Plan a comparison of two visitor CTRs.

    Args:
        baseline: the control's rate, in (0, 1).
        mde: the smallest absolute change worth detecting, positive: upwards, or downwards for "less".
        alpha: chance of a false alarm, one- or two-sided as `alternative` says.
        power: chance of detecting a true change of `mde`.
        alternative: greater, less or two-sided.
        treatment_share: part of the visitors assigned to the treatment.
        n_looks: how often the data are tested, at even distances, the last time at the planned size.
        spending: obrien-fleming or pocock where there is more than one look; always-valid where anyone may
            look at any time.

    Raises:
        InvalidDesignError: a fraction lies outside (0, 1), or baseline and mde lead out of it, or an arm
            would need more than 10**15 visitors, or there are several looks and nothing that pays for them.

    Source: Fleiss (1973), Fleiss, Tytun & Ury (1980), doi:10.2307/2529990.

    >>> plan(baseline=0.07, mde=0.04).n_per_variant
    925
    >>> plan(baseline=0.07, mde=0.15).n_per_variant
    106
    >>> plan(baseline=0.07, mde=0.04, n_looks=5, spending="obrien-fleming").n_per_variant
    955
    """
    direction = as_alternative(alternative)
    for name, value in (("alpha", alpha), ("power", power), ("treatment_share", treatment_share)):
        require_fraction(name, value)
    ratio = treatment_share / (1 - treatment_share)
    n_control = _single_look(baseline, mde, alpha=alpha, power=power, direction=direction, ratio=ratio)
    inflation = _inflation(n_looks, spending, alpha=alpha, power=power, alternative=direction)
    return Plan(
        baseline=baseline,
        mde=mde,
        alpha=alpha,
        power=power,
        alternative=direction,
        n_control=math.ceil(n_control * inflation),
        n_treatment=math.ceil(ratio * (n_control * inflation)),
        n_looks=n_looks,
        spending=spending,
        inflation=inflation,
    )


def _single_look(
    baseline: float, mde: float, *, alpha: float, power: float, direction: Alternative, ratio: float
) -> float:
    """Return the control's visitors for one look, not yet a whole number."""
    changed = _changed_rate(baseline, mde, direction)
    null_sd, true_sd = _deviations(baseline, changed, ratio)
    size = critical_value(alpha, direction) * null_sd + float(ndtri(power)) * true_sd
    if size <= 0:
        raise InvalidDesignError(
            f"alpha {alpha!r} with power {power!r} needs no visitor at all; power must lie above alpha"
        )
    n_control = _corrected_size(size, ratio, mde)
    _require_countable(
        max(n_control, ratio * n_control), baseline=baseline, mde=mde, alpha=alpha, power=power, ratio=ratio
    )
    return n_control


def achieved_power(
    *,
    n_control: float,
    n_treatment: float,
    baseline: float,
    mde: float,
    alpha: float = 0.05,
    alternative: str = "greater",
) -> float:
    """Return the chance that arms of these sizes detect a true change of `mde`: the inverse of `plan`.

    Args:
        n_control: visitors, or independent trials that they are worth; `n_treatment` likewise.
        n_treatment: see there.
        baseline: the control's rate, in (0, 1).
        mde: the true absolute change, positive.
        alpha: chance of a false alarm.
        alternative: greater, less or two-sided.

    Raises:
        InvalidDesignError: as `plan`.
        NotEnoughDataError: an arm has no visitor.
    """
    direction = as_alternative(alternative)
    changed = _changed_rate(baseline, mde, direction)
    require_fraction("alpha", alpha)
    if min(n_control, n_treatment) < 1:
        raise NotEnoughDataError(
            f"power needs a visitor in each arm; control has {n_control}, treatment {n_treatment}"
        )
    ratio = n_treatment / n_control
    # The continuity correction undone: sqrt(n) = (sqrt(m) + sqrt(m + c)) / 2 solved for m.
    correction = 2 * (ratio + 1) / ratio / mde  # infinite, not an error, for the smallest floats
    uncorrected = max(0.0, n_control - correction / 4) ** 2 / n_control
    null_sd, true_sd = _deviations(baseline, changed, ratio)
    shift = mde * math.sqrt(ratio * uncorrected) - critical_value(alpha, direction) * null_sd
    return float(ndtr(shift / true_sd))


def detectable_effect(
    *,
    n_control: int,
    n_treatment: int,
    baseline: float,
    alpha: float = 0.05,
    power: float = 0.9,
    alternative: str = "greater",
) -> float:
    """Return the MDE of arms of these sizes: the smallest change they detect with the given power.

    Raises:
        InvalidDesignError: as `plan`.
        NotEnoughDataError: not even the largest possible change would be detected.
    """
    direction = as_alternative(alternative)
    require_fraction("baseline", baseline)
    require_fraction("power", power)

    def reached(mde: float) -> float:
        return achieved_power(
            n_control=n_control,
            n_treatment=n_treatment,
            baseline=baseline,
            mde=mde,
            alpha=alpha,
            alternative=direction,
        )

    low, high = 0.0, (baseline if direction == "less" else 1 - baseline) * _NEARLY_ALL
    if reached(high) < power:
        raise NotEnoughDataError(
            f"{n_control} control and {n_treatment} treatment visitors cannot detect any change of a "
            f"baseline of {baseline!r} with power {power!r}; plan for more visitors"
        )
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    return high


def _corrected_size(size: float, ratio: float, mde: float) -> float:
    """Return the visitors of the control by Fleiss, Tytun & Ury; infinity where floats do not reach them."""
    try:
        uncorrected = size**2 / (ratio * mde**2)
        return uncorrected / 4 * (1 + math.sqrt(1 + 2 * (ratio + 1) / (uncorrected * ratio * mde))) ** 2
    except (OverflowError, ZeroDivisionError):
        return math.inf


def _require_countable(
    n_visitors: float, *, baseline: float, mde: float, alpha: float, power: float, ratio: float
) -> None:
    if not n_visitors <= _MOST_VISITORS:
        raise InvalidDesignError(
            f"mde {mde!r} at baseline {baseline!r} (alpha {alpha!r}, power {power!r}, treatment {ratio:g} "
            f"times the control) needs more than {_MOST_VISITORS:,} visitors in an arm; choose a larger mde, "
            "or values less extreme"
        )


def _inflation(n_looks: int, spending: str, *, alpha: float, power: float, alternative: Alternative) -> float:
    """Return by what the looks multiply the size."""
    if spending == "always-valid":
        return always_valid_inflation(alpha=alpha, power=power, alternative=alternative)
    if spending == "none":
        if n_looks != 1:
            raise InvalidDesignError(
                f"{n_looks!r} looks without a spending function raise more false alarms than alpha; use "
                "obrien-fleming, pocock or always-valid"
            )
        return 1.0
    return sample_size_inflation(
        n_looks, alpha=alpha, power=power, alternative=alternative, spending=spending
    )


def _changed_rate(baseline: float, mde: float, alternative: Alternative) -> float:
    """Return the treatment's rate that the plan must detect."""
    require_fraction("baseline", baseline)
    require_fraction("mde", mde)
    changed = baseline - mde if alternative == "less" else baseline + mde
    if not 0 < changed < 1:
        raise InvalidDesignError(
            f"baseline {baseline!r} changed by mde {mde!r} ({alternative}) is {changed:g}; it must stay "
            "between 0 and 1"
        )
    return changed


def _deviations(control: float, treatment: float, ratio: float) -> tuple[float, float]:
    """Return the scaled standard deviations of the difference: under no effect, and under the effect."""
    pooled = (control + ratio * treatment) / (ratio + 1)
    null_sd = math.sqrt((ratio + 1) * pooled * (1 - pooled))
    true_sd = math.sqrt(ratio * control * (1 - control) + treatment * (1 - treatment))
    return null_sd, true_sd
