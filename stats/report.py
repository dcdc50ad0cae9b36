"""One report on one run: every number of it computed once, here; text, JSON and HTML only print it."""

from dataclasses import replace
from datetime import datetime

from stats.baseline import against_baseline
from stats.bayes import BayesianComparison, compare_bayesian, probabilities_best
from stats.ctr import compare_ctr, ctr_interval
from stats.ctr_as_primary import ctr_as_primary
from stats.design import Design
from stats.errors import InvalidOutcomesError
from stats.estimates import Interval, attempt
from stats.health import Health, check_health
from stats.judging_others import judge_others
from stats.monitoring import Monitoring, monitor, monitored_comparison
from stats.notices import notices
from stats.other_designs import Demands, OtherDesigns
from stats.outcomes import ArmOutcomes, Outcomes, Truth
from stats.pair_results import PairResult
from stats.pairs import compare_pair
from stats.planning import achieved_power
from stats.proportions import Arm, compare, wilson_interval
from stats.ratio_arm import RatioArm
from stats.results import ArmResult, CtrArmResult, CtrResult, PrimaryResult, Report, TruthCheck
from stats.second_opinions import Resampling
from stats.several_arms import SeveralComparison, compare_several
from stats.snapshots import snapshots_of
from stats.verdict import Verdict, decide
from stats.verdict_of_several import decide_several


def build_report(
    outcomes: Outcomes,
    design: Design,
    *,
    generated_at: datetime,
    resampling: Resampling | None = None,
    others: OtherDesigns | None = None,
) -> Report:
    """Analyse one run by its design.

    Args:
        outcomes: counts per variant, for instance from `read_outcomes`; a variant nobody met may be absent.
        design: what was decided beforehand.
        generated_at: the time the report bears, with its time zone.
        resampling: a second opinion by bootstrap and permutation; None for none.
        others: interleaved traffic, or impressions with propensities, to be shown beside; None for none.

    Raises:
        InvalidOutcomesError: the outcomes name a variant that the design does not.
    """
    arms = _arms_of_design(outcomes, design)
    outcomes = replace(outcomes, arms=arms)
    control, treatment = (arm.visitors for arm in arms[:2])
    health = check_health(outcomes, design)
    monitoring = monitor(control, treatment, design, snapshots_of(outcomes.history, design))
    primary = _primary(arms, design, monitoring)
    pairs = tuple(
        replace(
            compare_pair(arms[0], other, design, resampling=resampling),
            bayesian=_bayesian(control, other.visitors, design),
        )
        for other in arms[1:]
    )
    if design.assignment == "request":
        # Other analyses take visitors for members of one arm.
        pairs = tuple(replace(pair, opinions=()) for pair in pairs)
    verdict = _verdict(outcomes, design, health=health, primary=primary, monitoring=monitoring, pairs=pairs)
    return Report(
        generated_at=generated_at,
        run=outcomes.run,
        design=design,
        verdict=verdict,
        health=health,
        primary=primary,
        secondary=() if primary.ctr else _impression_ctr(arms, design),
        # The truth of a simulator is that of visitor CTR.
        truth=None if primary.ctr else _truth_check(outcomes.run.truth, primary, verdict, design),
        notices=notices(outcomes, design, primary),
        monitoring=monitoring,
        bayesian=pairs[0].bayesian,
        probability_best=_probability_best(arms, design),
        pairs=pairs,
        others=judge_others(
            others or OtherDesigns(), Demands(design.alternative, design.alpha, design.confidence)
        ),
    )


def _verdict(
    outcomes: Outcomes,
    design: Design,
    *,
    health: Health,
    primary: PrimaryResult,
    monitoring: Monitoring | None,
    pairs: tuple[PairResult, ...],
) -> Verdict:
    if design.has_several:
        return decide_several(
            design=design,
            health=health,
            arms=outcomes.arms,
            primary=primary,
            guardrails=[pair.guardrails for pair in pairs],
            run=outcomes.run,
        )
    return decide(
        design=design,
        health=health,
        control=outcomes.arms[0].visitors,
        treatment=outcomes.arms[1].visitors,
        comparison=primary.comparison,
        run=outcomes.run,
        monitoring=monitoring,
        rates=tuple(result.rate for result in primary.arms),
        guardrails=pairs[0].guardrails,
    )


def _arms_of_design(outcomes: Outcomes, design: Design) -> tuple[ArmOutcomes, ...]:
    """Return one arm for each variant of the design, control first; unseen variants are empty."""
    seen = {arm.visitors.variant: arm for arm in outcomes.arms}
    unknown = sorted(set(seen) - set(design.variants))
    if unknown:
        raise InvalidOutcomesError(
            f"run {outcomes.run.run_id!r} has visitors of variant {unknown[0]!r}, which the design does not "
            f"name ({', '.join(design.variants)}); report it with the experiment file it was run with"
        )
    has_impressions = all(arm.impressions is not None for arm in outcomes.arms)
    return tuple(seen.get(variant) or _empty_arm(variant, has_impressions) for variant in design.variants)


def _empty_arm(variant: str, has_impressions: bool) -> ArmOutcomes:  # noqa: FBT001 - private, called once
    return ArmOutcomes(Arm(variant, 0, 0), RatioArm(variant, 0, 0, 0, 0, 0, 0) if has_impressions else None)


def _primary(
    outcomes: tuple[ArmOutcomes, ...], design: Design, monitoring: Monitoring | None
) -> PrimaryResult:
    arms = tuple(arm.visitors for arm in outcomes)
    control, treatment = arms[:2]
    power = _power(control, treatment, design)
    if design.primary_metric == "impression_ctr":
        return ctr_as_primary(outcomes, design, power=power)
    several: tuple[SeveralComparison, ...] = ()
    if monitoring is not None:
        comparison = monitored_comparison(monitoring, design)
        is_final, is_significant = monitoring.is_decided, monitoring.stopped_at is not None
    else:
        comparison = compare(control, treatment, alternative=design.alternative, confidence=design.confidence)
        is_final = sum(arm.n for arm in arms) >= design.planned.n_total
        is_significant = comparison.p_value is not None and comparison.p_value < design.alpha
    if design.has_several:
        several = compare_several(
            control,
            arms[1:],
            alpha=design.alpha,
            alternative=design.alternative,
            confidence=design.confidence,
        )
        is_significant = bool(several[0].is_significant)
    return PrimaryResult(
        metric=design.primary_metric,
        arms=tuple(_arm_result(arm, design) for arm in arms),
        comparison=comparison,
        is_final=is_final,
        is_significant=is_significant if is_final and comparison.p_value is not None else None,
        power=power,
        several=several,
        several_method="Dunnett" if several else "",
    )


def _bayesian(control: Arm, treatment: Arm, design: Design) -> BayesianComparison | None:
    if design.primary_metric != "visitor_ctr" or not min(control.n, treatment.n):
        return None
    return compare_bayesian(control, treatment, confidence=design.confidence)


def _probability_best(arms: tuple[ArmOutcomes, ...], design: Design) -> dict[str, float]:
    if design.primary_metric != "visitor_ctr" or not design.has_several:
        return {}
    return probabilities_best([arm.visitors for arm in arms if arm.visitors.n])


def _power(control: Arm, treatment: Arm, design: Design) -> float | None:
    """Return the chance to detect the MDE at these sizes, those of several looks taken as of one."""
    worth = 1 / design.planned.inflation
    if design.primary_metric == "impression_ctr":
        worth = design.impressions_per_visitor / design.design_effect
    sizes = int(control.n * worth), int(treatment.n * worth)
    if min(sizes) < 1:
        return None
    return achieved_power(
        n_control=sizes[0],
        n_treatment=sizes[1],
        baseline=design.baseline,
        mde=design.mde,
        alpha=design.planned.alpha,
        alternative=design.alternative,
    )


def _arm_result(arm: Arm, design: Design) -> ArmResult:
    missing: list[str] = []
    return ArmResult(
        arm=arm,
        rate=attempt(lambda: arm.rate, missing),
        ci=attempt(lambda: wilson_interval(arm, confidence=design.confidence), missing),
        vs_baseline=attempt(
            lambda: against_baseline(arm, design.baseline, alternative=design.alternative), missing
        ),
        missing=tuple(missing),
    )


def _impression_ctr(arms: tuple[ArmOutcomes, ...], design: Design) -> tuple[CtrResult, ...]:
    sums = [arm.impressions for arm in arms if arm.impressions is not None]
    if len(sums) != len(arms):
        return ()
    return tuple(_impression_pair(sums[0], treatment, design) for treatment in sums[1:])


def _impression_pair(control: RatioArm, treatment: RatioArm, design: Design) -> CtrResult:
    comparison = compare_ctr(control, treatment, alternative=design.alternative, confidence=design.confidence)
    missing = list(comparison.comparison.missing)
    results = tuple(
        CtrArmResult(
            arm=arm,
            rate=attempt(lambda arm=arm: arm.ctr, missing),  # type: ignore[misc]  # bound now, called at once
            ci=attempt(lambda arm=arm: ctr_interval(arm, confidence=design.confidence), missing),  # type: ignore[misc]
        )
        for arm in (control, treatment)
    )
    return CtrResult("impression_ctr", results, comparison, tuple(missing))


def _truth_check(
    truth: Truth | None, primary: PrimaryResult, verdict: Verdict, design: Design
) -> TruthCheck | None:
    if truth is None:
        return None
    comparison = primary.comparison
    return TruthCheck(
        truth=truth,
        is_rate_covered={
            result.arm.variant: _covers(result.ci, truth.visitor_ctr.get(result.arm.variant))
            for result in primary.arms
        },
        is_difference_covered=_covers(comparison.difference_ci, truth.difference),
        is_lift_covered=_covers(comparison.lift_ci, truth.lift),
        is_verdict_right=_is_verdict_right(truth, verdict, design),
    )


def _is_verdict_right(truth: Truth, verdict: Verdict, design: Design) -> bool | None:
    if truth.difference is None or verdict.code not in ("ship", "keep-control") or verdict.is_blocked:
        return None
    gain = -truth.difference if design.alternative == "less" else truth.difference
    return (gain > 0) == (verdict.code == "ship")


def _covers(interval: Interval | None, value: float | None) -> bool | None:
    return None if interval is None or value is None else interval.contains(value)
