"""One decision on several treatments: the best of those that are better than the control, or the control."""

from collections.abc import Sequence

from stats.design import Design
from stats.health import Health
from stats.outcomes import ArmOutcomes, Run
from stats.pair_results import GuardrailResult
from stats.results import PrimaryResult
from stats.several_arms import SeveralComparison
from stats.verdict import Verdict, blocked_by, too_few, unreliable
from stats.wording import exact_percent, p_phrase, points, points_interval, rate

Winner = tuple[SeveralComparison, Sequence[GuardrailResult]]


def decide_several(
    *,
    design: Design,
    health: Health,
    arms: Sequence[ArmOutcomes],
    primary: PrimaryResult,
    guardrails: Sequence[Sequence[GuardrailResult]],
    run: Run,
) -> Verdict:
    """Decide by the rule of `decide`, with p-values adjusted for the number of treatments.

    Of several treatments that pass and hold their guardrails, the one with the largest difference in the
    design's direction is shipped.

    Args:
        design: of several treatments, one look.
        health: of all arms.
        arms: control first, then the treatments of the design in order.
        primary: its `several` are those treatments in order.
        guardrails: of each treatment.
        run: for what is said of one that goes on.
    """
    if not health.is_ok:
        return unreliable(health)
    n = sum(arm.visitors.n for arm in arms)
    if n < design.planned.n_total:
        return Verdict("inconclusive", too_few(n, design, run))
    if all(found.adjusted_p_value is None for found in primary.several):
        reason = primary.several[0].comparison.missing[0]
        return Verdict("inconclusive", f"Inconclusive: no test can be made; {reason}.")
    winners = _winners(design, primary, guardrails)
    if not winners:
        return Verdict("keep-control", _nothing_found(design, primary))
    sound = [winner for winner in winners if all(rule.is_held for rule in winner[1])]
    best, rules = (sound or winners)[0]
    name, evidence = best.comparison.treatment, _evidence(best, design, primary)
    if not sound:
        return blocked_by(rules, f"{name} is better, {evidence}", design)
    standing = f"the best of {len(winners)} that are better" if len(winners) > 1 else "the only one better"
    return Verdict("ship", f"Ship {name}, {standing} of {len(design.treatments)}: {evidence}.")


def _winners(
    design: Design, primary: PrimaryResult, guardrails: Sequence[Sequence[GuardrailResult]]
) -> list[Winner]:
    """Return the treatments that are better, each with its guardrails, the best first."""
    sign = -1 if design.alternative == "less" else 1
    better = [
        (found, rules)
        for found, rules in zip(primary.several, guardrails, strict=True)
        if found.is_significant and sign * (found.comparison.difference or 0) > 0
    ]
    return sorted(better, key=lambda winner: -sign * (winner[0].comparison.difference or 0))


def _evidence(best: SeveralComparison, design: Design, primary: PrimaryResult) -> str:
    rates = {result.arm.variant: result.rate for result in primary.arms}
    comparison = best.comparison
    return (
        f"{rate(rates[comparison.treatment])} against {rate(rates[design.control])} of {design.control}'s, "
        f"{points(comparison.difference, comparison.difference_ci)} "
        f"({exact_percent(comparison.confidence)} interval "
        f"{points_interval(comparison.difference_ci)}; {p_phrase(best.adjusted_p_value)} after "
        f"{primary.several_method})"
    )


def _nothing_found(design: Design, primary: PrimaryResult) -> str:
    found = "; ".join(
        f"{several.comparison.treatment} {points(several.comparison.difference)}, "
        f"{p_phrase(several.adjusted_p_value)}"
        for several in primary.several
    )
    return (
        f"Keep {design.control}: none of {len(design.treatments)} treatments is significantly better "
        f"({found}; after {primary.several_method})."
    )
