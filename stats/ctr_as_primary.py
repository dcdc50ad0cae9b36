"""Impression CTR as the metric that decides, where the experiment file says so."""

from collections.abc import Sequence

from stats.baseline import ctr_against_baseline
from stats.ctr import CtrComparison, compare_ctr, ctr_interval
from stats.design import Design
from stats.errors import InvalidOutcomesError
from stats.estimates import attempt
from stats.multiplicity import holm
from stats.outcomes import ArmOutcomes
from stats.proportions import Arm
from stats.ratio_arm import RatioArm
from stats.results import ArmResult, PrimaryResult
from stats.several_arms import SeveralComparison


def ctr_as_primary(arms: Sequence[ArmOutcomes], design: Design, *, power: float | None) -> PrimaryResult:
    """Compare the impression CTR of each treatment with the control's as the primary metric.

    Raises:
        InvalidOutcomesError: an arm has no count of impressions.
    """
    pairs = [(arm.visitors, _impressions(arm)) for arm in arms]
    found = [
        compare_ctr(
            pairs[0][1],
            _impressions(arm),
            shared=arm.shared.get(design.control),
            alternative=design.alternative,
            confidence=design.confidence,
        )
        for arm in arms[1:]
    ]
    several = _several(found, design) if design.has_several else ()
    is_final = sum(visitors.n for visitors, _ in pairs) >= design.planned.n_total
    p_value = several[0].adjusted_p_value if several else found[0].comparison.p_value
    return PrimaryResult(
        metric=design.primary_metric,
        arms=tuple(_arm_result(visitors, sums, design) for visitors, sums in pairs),
        comparison=found[0].comparison,
        is_final=is_final,
        is_significant=p_value < design.alpha if is_final and p_value is not None else None,
        power=power,
        ctr=found[0],
        several=several,
        several_method="Holm" if several else "",
    )


def _several(found: Sequence[CtrComparison], design: Design) -> tuple[SeveralComparison, ...]:
    """Adjust by Holm's method: Dunnett's asks for correlations that clustered clicks do not have."""
    p_values = [one.comparison.p_value for one in found]
    adjusted = holm([1.0 if value is None else value for value in p_values])
    return tuple(
        SeveralComparison(
            comparison=one.comparison,
            adjusted_p_value=None if value is None else after,
            is_significant=None if value is None else after < design.alpha,
        )
        for one, value, after in zip(found, p_values, adjusted, strict=True)
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
