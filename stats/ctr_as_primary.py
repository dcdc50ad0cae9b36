"""Impression CTR as the metric that decides, where the experiment file says so."""

from collections.abc import Sequence

from stats.baseline import ctr_against_baseline
from stats.ctr import RatioArm, compare_ctr, ctr_interval
from stats.design import Design
from stats.errors import InvalidOutcomesError
from stats.estimates import attempt
from stats.outcomes import ArmOutcomes
from stats.proportions import Arm
from stats.results import ArmResult, PrimaryResult
from stats.verdict import is_size_reached


def ctr_as_primary(arms: Sequence[ArmOutcomes], design: Design, *, power: float | None) -> PrimaryResult:
    """Compare the impression CTR of control and treatment as the primary metric.

    Raises:
        InvalidOutcomesError: an arm has no count of impressions.
    """
    pairs = [(arm.visitors, _impressions(arm)) for arm in arms]
    (control, control_sums), (treatment, treatment_sums) = pairs
    found = compare_ctr(
        control_sums, treatment_sums, alternative=design.alternative, confidence=design.confidence
    )
    is_final = is_size_reached(design, control, treatment)
    p_value = found.comparison.p_value
    return PrimaryResult(
        metric=design.primary_metric,
        arms=tuple(_arm_result(visitors, sums, design) for visitors, sums in pairs),
        comparison=found.comparison,
        is_final=is_final,
        is_significant=p_value < design.alpha if is_final and p_value is not None else None,
        power=power,
        ctr=found,
    )


def _impressions(arm: ArmOutcomes) -> RatioArm:
    if arm.impressions is None:
        raise InvalidOutcomesError(
            f"arm {arm.visitors.variant!r} has no impressions; primary_metric impression_ctr needs clicks "
            "and viewed impressions of every visitor, else use visitor_ctr"
        )
    return arm.impressions


def _arm_result(visitors: Arm, sums: RatioArm, design: Design) -> ArmResult:
    missing: list[str] = []
    return ArmResult(
        arm=visitors,
        rate=attempt(lambda: sums.ctr, missing),
        ci=attempt(lambda: ctr_interval(sums, confidence=design.confidence), missing),
        vs_baseline=attempt(
            lambda: ctr_against_baseline(sums, design.baseline, alternative=design.alternative), missing
        ),
        missing=tuple(missing),
        impressions=sums,
    )
