"""Secondary metrics: what else the treatment changed. Two-sided, and adjusted for their number."""

from dataclasses import replace
from typing import Final

from stats.details import ArmDetails
from stats.estimates import Interval, attempt
from stats.means import MeanArm, compare_means, mean_interval
from stats.multiplicity import holm
from stats.pair_results import MetricArm, MetricResult
from stats.proportions import Arm, compare, wilson_interval

_RATIO_METHOD: Final = "delta method, Welch t"
_CHECKED_ELSEWHERE: Final = ("fallback_rate",)  # a trust check


def secondary_metrics(
    control: ArmDetails,
    treatment: ArmDetails,
    *,
    confidence: float,
    visitors: tuple[Arm, Arm] | None = None,
) -> tuple[MetricResult, ...]:
    """Compare every metric that both arms have; Holm's adjustment is over all that have a test.

    Args:
        control: what is known of its visitors.
        treatment: likewise.
        confidence: of the intervals.
        visitors: who clicked in both arms, where visitor CTR is not the primary metric.
    """
    found = [] if visitors is None else [_share("visitor_ctr", *visitors, confidence)]
    found += [
        _mean(metric, arm, treatment.values[metric], confidence)
        for metric, arm in control.values.items()
        if metric in treatment.values
    ]
    found += [
        _ratio(metric, arm, treatment.ratios[metric], confidence)
        for metric, arm in control.ratios.items()
        if metric in treatment.ratios
    ]
    found += [
        _share(metric, arm, treatment.shares[metric], confidence)
        for metric, arm in control.shares.items()
        if metric in treatment.shares and metric not in _CHECKED_ELSEWHERE
    ]
    p_values = [result.comparison.p_value for result in found]
    adjusted = iter(holm([value for value in p_values if value is not None]))
    return tuple(
        MetricResult(
            result.metric,
            result.is_share,
            result.arms,
            result.comparison,
            None if value is None else next(adjusted),
        )
        for result, value in zip(found, p_values, strict=True)
    )


def _mean(metric: str, control: MeanArm, treatment: MeanArm, confidence: float) -> MetricResult:
    comparison = compare_means(control, treatment, alternative="two-sided", confidence=confidence)
    arms = (_mean_arm(control, confidence), _mean_arm(treatment, confidence))
    return MetricResult(metric, is_share=False, arms=arms, comparison=comparison, holm_p_value=None)


def _ratio(metric: str, control: MeanArm, treatment: MeanArm, confidence: float) -> MetricResult:
    """Compare a ratio of sums over visitors: their linearised values by Welch's t."""
    found = _mean(metric, control, treatment, confidence)
    method = None if found.comparison.test is None else f"{_RATIO_METHOD} over visitors"
    comparison = replace(found.comparison, difference_ci_method=_RATIO_METHOD, test=method)
    return replace(found, comparison=comparison)


def _mean_arm(arm: MeanArm, confidence: float) -> MetricArm:
    interval: Interval | None = attempt(lambda: mean_interval(arm, confidence=confidence), [])
    return MetricArm(arm.variant, arm.n, arm.mean if arm.n else None, interval)


def _share(metric: str, control: Arm, treatment: Arm, confidence: float) -> MetricResult:
    comparison = compare(control, treatment, alternative="two-sided", confidence=confidence)
    arms = (_share_arm(control, confidence), _share_arm(treatment, confidence))
    return MetricResult(metric, is_share=True, arms=arms, comparison=comparison, holm_p_value=None)


def _share_arm(arm: Arm, confidence: float) -> MetricArm:
    interval: Interval | None = attempt(lambda: wilson_interval(arm, confidence=confidence), [])
    return MetricArm(arm.variant, arm.n, attempt(lambda: arm.rate, []), interval)
