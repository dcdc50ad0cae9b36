"""Impression CTR: clicks / viewed impressions when visitors, not impressions, were randomised.

One visitor's impressions are alike: who clicks once clicks again. A test that counts impressions as
independent thinks it knows more than it does, by the *design effect*, and raises false alarms. Here the
visitor is the unit: a ratio of two means over visitors, with the delta method's variance.
"""

import math
from dataclasses import dataclass

from stats.errors import NotEnoughDataError
from stats.estimates import Comparison, Interval, TestResult, attempt
from stats.fieller import WEAK_DENOMINATOR, fieller_g, fieller_interval
from stats.ratio_arm import RatioArm, require_clicks
from stats.shared_visitors import SharedVisitors
from stats.tails import as_alternative, p_value_of, two_sided_z

_METHOD = "delta method over visitors"


@dataclass(frozen=True, slots=True)
class CtrComparison:
    """Treatment against control on impression CTR, and what ignoring the visitors would have cost.

    Args:
        design_effect: variance over visitors / variance as if impressions were independent; None without
            data.
        naive: the per-impression z test, which is wrong here and shown to say so; None without data.
        error_ratio: of visitors who are in both arms: standard error of the difference / what it were, had
            each arm visitors of its own; None where no visitor is in both, or without data.
    """

    comparison: Comparison
    design_effect: float | None
    naive: TestResult | None
    error_ratio: float | None = None


def ctr_interval(arm: RatioArm, *, confidence: float = 0.95) -> Interval:
    """Return the interval of one arm's impression CTR: normal over visitors on the logit scale.

    A rate that came out low has too small a variance with it, where a few visitors have most clicks. On the
    rate's own scale the interval then ends too low: of 10,000 with clustered, heavy-tailed clicks it missed
    the truth in 6.1% at 95% confidence, three times in four below it.

    Raises:
        NotEnoughDataError: fewer than two visitors, no viewed impression, too few clicks, or no variation.

    Source: Newcombe, The American Statistician 55 (2001), 200-202, doi:10.1198/000313001317098167, with the
    variance of the delta method.
    """
    require_clicks(arm)
    if arm.variance == 0:
        raise NotEnoughDataError(
            f"all visitors of {arm.variant} clicked at the same rate; an interval needs variation"
        )
    ctr = arm.ctr
    if ctr >= 1:
        raise NotEnoughDataError(
            f"{arm.variant} has {arm.clicks:,} clicks of {arm.impressions:,} viewed impressions; an interval "
            "needs some without a click"
        )
    factor = math.exp(two_sided_z(confidence) * math.sqrt(arm.variance) / (ctr * (1 - ctr)))
    return Interval(ctr / (ctr + (1 - ctr) * factor), ctr * factor / (ctr * factor + 1 - ctr))


def compare_ctr(
    control: RatioArm,
    treatment: RatioArm,
    *,
    shared: SharedVisitors | None = None,
    alternative: str = "greater",
    confidence: float = 0.95,
) -> CtrComparison:
    """Compare the impression CTR of two arms: difference, lift, intervals, test, design effect.

    `shared` are the visitors in both arms, this arm being the treatment: where requests were split, a visitor
    still counts once, with all they did. Thin data raise nothing here: a number that cannot be given is
    None, and `missing` says why.

    Source: Deng, Knoblich & Lu (KDD 2018), doi:10.1145/3219819.3219919; the lift on the log scale,
        or by Fieller's interval where the control's CTR is weak.
    """
    direction = as_alternative(alternative)
    missing: list[str] = []
    z = two_sided_z(confidence)
    difference = attempt(lambda: treatment.ctr - control.ctr, missing)
    is_shared = shared is not None and shared.n > 0
    covariance = _covariance(control, treatment, shared)
    difference_error = attempt(lambda: _difference_error(control, treatment, covariance), missing)
    lift = attempt(lambda: _lift(control, treatment), missing)
    log_error = attempt(lambda: _log_error(control, treatment, covariance), missing)
    statistic = difference / difference_error if difference is not None and difference_error else None
    is_weak = log_error is not None and not is_shared and _is_weak(control, confidence)
    fieller = attempt(lambda: _fieller(control, treatment, confidence), missing) if is_weak else None
    comparison = Comparison(
        control=control.variant,
        treatment=treatment.variant,
        alternative=direction,
        confidence=confidence,
        difference=difference,
        difference_ci=_interval(difference, difference_error, z),
        difference_ci_method="delta method",
        lift=lift,
        lift_ci=fieller if is_weak else _log_interval(lift, log_error, z),
        lift_ci_method="Fieller" if is_weak else "log-delta",
        statistic=statistic,
        p_value=None if statistic is None else p_value_of(statistic, direction),
        test=None if statistic is None else _METHOD,
        missing=tuple(missing),
    )
    apart = attempt(lambda: _difference_error(control, treatment, 0.0), []) if is_shared else None
    return CtrComparison(
        comparison,
        design_effect=attempt(lambda: _design_effect(control, treatment, covariance), []),
        naive=attempt(lambda: naive_impression_test(control, treatment, alternative=direction), []),
        error_ratio=difference_error / apart if difference_error and apart else None,
    )


def naive_impression_test(
    control: RatioArm, treatment: RatioArm, *, alternative: str = "greater"
) -> TestResult:
    """Test as if every impression were an independent trial: **wrong** when visitors were randomised.

    It is here as the planted fault of the tests, and so that a report can show what the mistake would have
    said.

    Raises:
        NotEnoughDataError: no viewed impression in an arm, or no variation in clicks.
    """
    direction = as_alternative(alternative)
    pooled = (control.clicks + treatment.clicks) / max(1, control.impressions + treatment.impressions)
    difference = treatment.ctr - control.ctr
    if not 0 < pooled < 1:
        raise NotEnoughDataError(
            f"a pooled impression CTR of {pooled:g} leaves a per-impression test no variance"
        )
    error = math.sqrt(pooled * (1 - pooled) * (1 / control.impressions + 1 / treatment.impressions))
    return TestResult(
        difference / error, p_value_of(difference / error, direction), "per-impression z (wrong unit)"
    )


def _covariance(control: RatioArm, treatment: RatioArm, shared: SharedVisitors | None) -> float:
    if shared is None or not (control.impressions and treatment.impressions):
        return 0.0
    return shared.covariance(treatment.clicks, treatment.impressions, control.clicks, control.impressions)


def _design_effect(control: RatioArm, treatment: RatioArm, covariance: float) -> float:
    naive = sum(arm.ctr * (1 - arm.ctr) / arm.impressions for arm in (control, treatment))
    if naive <= 0:
        raise NotEnoughDataError("a design effect needs some impressions with a click and some without")
    return (control.variance + treatment.variance - 2 * covariance) / naive


def _difference_error(control: RatioArm, treatment: RatioArm, covariance: float) -> float:
    require_clicks(control)
    require_clicks(treatment)
    error = math.sqrt(max(0.0, control.variance + treatment.variance - 2 * covariance))
    if error == 0:
        raise NotEnoughDataError(
            "all visitors of both arms clicked at the same rate; a test needs some variation"
        )
    return error


def _lift(control: RatioArm, treatment: RatioArm) -> float:
    if control.ctr == 0:
        raise NotEnoughDataError(
            f"{control.variant} has no click; a lift over {control.variant} needs at least 1"
        )
    return treatment.ctr / control.ctr - 1


def _log_error(control: RatioArm, treatment: RatioArm, covariance: float) -> float:
    _difference_error(control, treatment, covariance)
    apart = sum(arm.variance / arm.ctr**2 for arm in (control, treatment))
    return math.sqrt(max(0.0, apart - 2 * covariance / (control.ctr * treatment.ctr)))


def _is_weak(control: RatioArm, confidence: float) -> bool:
    return fieller_g(control.ctr, control.variance, confidence=confidence) > WEAK_DENOMINATOR


def _fieller(control: RatioArm, treatment: RatioArm, confidence: float) -> Interval:
    ratio = fieller_interval(
        treatment.ctr,
        control.ctr,
        numerator_variance=treatment.variance,
        denominator_variance=control.variance,
        confidence=confidence,
    )
    return Interval(ratio.low - 1, ratio.high - 1)


def _interval(centre: float | None, error: float | None, z: float) -> Interval | None:
    return None if centre is None or error is None else Interval(centre - z * error, centre + z * error)


def _log_interval(lift: float | None, error: float | None, z: float) -> Interval | None:
    if lift is None or error is None:
        return None
    return Interval(math.expm1(math.log1p(lift) - z * error), math.expm1(math.log1p(lift) + z * error))
