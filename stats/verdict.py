"""From the checks and the primary test to one decision, by a rule written down before the data came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stats.design import Design
from stats.estimates import Comparison
from stats.health import MAX_FALLBACK_SHARE, Health
from stats.metric_names import margin_in_words, metric_in_words
from stats.monitoring import Monitoring
from stats.outcomes import Run
from stats.pair_results import GuardrailResult
from stats.proportions import Arm
from stats.srm import SRM_ALARM
from stats.wording import exact_percent, exact_points, p_phrase, points, points_interval, rate

VerdictCode = Literal["ship", "keep-control", "inconclusive", "invalid"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, in one word of four, and in one or two sentences.

    Args:
        is_blocked: the treatment is better, and a guardrail that is not held speaks against it.
    """

    code: VerdictCode
    sentence: str
    is_blocked: bool = False


def decision_rule(design: Design) -> tuple[str, ...]:
    """Return the rule `decide` follows, in words; the first case that applies decides."""
    better = " and the treatment is better" if design.alternative == "two-sided" else ""
    limit = exact_percent(MAX_FALLBACK_SHARE)
    guarded = " and every guardrail is held" if design.guardrails else ""
    crossed = "" if design.assignment == "request" else "a visitor met two variants, or "
    return (
        (
            f"invalid: the sample-ratio p-value (of all, a segment or a day) is under {SRM_ALARM:g}, or "
            f"{crossed}more than {limit} of an arm's slates were fallbacks, or the arms "
            "differ at that level in bots or in what visitors did before;"
        ),
        _undecided_rule(design),
        f"ship: {_evidence_rule(design)}{better}{guarded};",
        "keep-control: in every other case.",
    )


def _undecided_rule(design: Design) -> str:
    planned = f"fewer visitors than the planned {design.planned.n_total:,} in all"
    if design.sequential == "none":
        return f"inconclusive: {planned}, or too few clicks for a test;"
    crossed = "the always-valid p-value never" if design.sequential == "always-valid" else "no boundary"
    reached = "under alpha" if design.sequential == "always-valid" else "crossed"
    return f"inconclusive: {planned} and {crossed} {reached}, or too few clicks for a test;"


def _evidence_rule(design: Design) -> str:
    alpha = exact_percent(design.alpha)
    if design.is_group_sequential:
        return (
            f"the statistic (alternative: {design.alternative}) crosses its {design.sequential} boundary at "
            f"one of {design.n_looks} looks, which spend {alpha} in all"
        )
    if design.has_several:
        return (
            f"the adjusted p-value of a treatment (alternative: {design.alternative}) is under {alpha}; of "
            "several such, the best"
        )
    name = "always-valid p-value" if design.sequential == "always-valid" else "primary p-value"
    return f"the {name} (alternative: {design.alternative}) is under {alpha}"


def is_size_reached(design: Design, control: Arm, treatment: Arm) -> bool:
    """Say whether the planned number of visitors has come, so that the fixed-horizon p-value is valid."""
    return control.n + treatment.n >= design.planned.n_total


def decide(
    *,
    design: Design,
    health: Health,
    control: Arm,
    treatment: Arm,
    comparison: Comparison,
    run: Run,
    monitoring: Monitoring | None = None,
    rates: Sequence[float | None] = (),
    guardrails: Sequence[GuardrailResult] = (),
) -> Verdict:
    """Decide on the primary comparison by a fixed rule; the first case that applies decides.

    1. *invalid*: the SRM alarm (p < 0.001), a visitor in two variants, a fallback share above 5% in an
       arm, or one of `trust_checks`. Then no estimate means what it says, however large.
    2. *inconclusive*: fewer visitors in all than planned (single arms differ by chance; what chance does not
       explain is SRM), or data so thin that there is no p-value. A fixed-horizon test is valid once, at the
       planned size; with several looks, no boundary crossed and the last look not made.
    3. *ship*: p < alpha in the design's alternative; for a two-sided design the treatment must also be the
       better one; and every guardrail must be held.
    4. *keep-control*: otherwise; the sentence says whether the interval rules out a gain of the MDE.
    """
    if not health.is_ok:
        return unreliable(health)
    if monitoring is not None:
        control, treatment = monitoring.arms
        rates = ()
        if not monitoring.is_decided:
            return Verdict("inconclusive", undecided(monitoring, design))
    elif not is_size_reached(design, control, treatment):
        return Verdict("inconclusive", too_few(control.n + treatment.n, design, run))
    if comparison.p_value is None or comparison.difference is None:
        return Verdict("inconclusive", f"Inconclusive: no test can be made; {comparison.missing[0]}.")
    is_crossed = (
        comparison.p_value < design.alpha if monitoring is None else monitoring.stopped_at is not None
    )
    shown = tuple(rates) or (control.rate, treatment.rate)
    verdict = _by_evidence(design, shown, comparison, is_crossed=is_crossed)
    if verdict.code == "ship" and not all(rule.is_held for rule in guardrails):
        return blocked_by(guardrails, f"{design.treatment} is better, {_evidence(comparison)}", design)
    return verdict


def unreliable(health: Health) -> Verdict:
    """Return the verdict on a run that failed a trust check."""
    failures = "; ".join(health.failures)
    return Verdict("invalid", f"Invalid: {failures}. Find the cause before reading any result.")


def blocked_by(guardrails: Sequence[GuardrailResult], evidence: str, design: Design) -> Verdict:
    """Return the verdict on a treatment that is better but may do harm."""
    broken = "; ".join(
        rule.missing
        or f"{metric_in_words(rule.metric)} may be worse by "
        f"{margin_in_words(rule.metric, rule.margin)} or more"
        for rule in guardrails
        if not rule.is_held
    )
    sentence = f"Keep {design.control}: {evidence}, but a guardrail is not held: {broken}."
    return Verdict("keep-control", sentence, is_blocked=True)


def _by_evidence(
    design: Design, rates: Sequence[float | None], comparison: Comparison, *, is_crossed: bool
) -> Verdict:
    if not is_crossed:
        return Verdict("keep-control", _not_significant(design, comparison))
    is_visitors = design.primary_metric == "visitor_ctr"
    clicked = "of its visitors clicked" if is_visitors else "of its impressions were clicked"
    shares = f"{rate(rates[1])} {clicked} against {rate(rates[0])} of {design.control}'s"
    is_worse = comparison.difference is not None and comparison.difference < 0
    if design.alternative == "two-sided" and is_worse:
        return Verdict(
            "keep-control",
            f"Keep {design.control}: {design.treatment} is worse; {shares}, {_evidence(comparison)}.",
        )
    return Verdict("ship", f"Ship {design.treatment}: {shares}, {_evidence(comparison)}.")


def sidedness(comparison: Comparison) -> str:
    """Return the direction of the test as it is quoted beside a p-value."""
    return "two-sided" if comparison.alternative == "two-sided" else "one-sided"


def undecided(monitoring: Monitoring, design: Design) -> str:
    """Say where a run of several looks stands that is not decided yet."""
    n, planned = sum(arm.n for arm in monitoring.arms), design.planned.n_total
    if monitoring.method == "always-valid":
        found = p_phrase(monitoring.p_value) if monitoring.p_value is not None else monitoring.missing
        return (
            f"Inconclusive so far: {n:,} of the planned {planned:,} visitors, {found}. Always-valid: look "
            "again at any time."
        )
    if not monitoring.looks:
        return f"Inconclusive so far: {monitoring.missing}."
    last = monitoring.looks[-1]
    found = "no statistic yet" if last.statistic is None else f"z = {last.statistic:.3f}"
    following = monitoring.next_look
    then = "" if following is None else f" The next look is at {following:,} visitors."
    return (
        f"Inconclusive so far: at look {last.number} of {design.n_looks} ({last.n_visitors:,} of "
        f"{planned:,} visitors) {found}, the boundary is {last.critical_value:.3f}.{then}"
    )


def too_few(reached: int, design: Design, run: Run) -> str:
    """Say how far a run is from its planned size."""
    planned = design.planned
    if reached == 0:
        return f"Inconclusive: no visitor was exposed; {planned.n_total:,} are planned."
    so_far = "so far " if run.is_running else ""
    return (
        f"Inconclusive: not enough visitors, {so_far}{reached:,} of the planned {planned.n_total:,} "
        f"({planned.n_per_variant:,} per variant). The decision is made at the planned size, not before."
    )


def _evidence(comparison: Comparison) -> str:
    return (
        f"{points(comparison.difference, comparison.difference_ci)} "
        f"({exact_percent(comparison.confidence)} interval "
        f"{points_interval(comparison.difference_ci)}; {sidedness(comparison)} "
        f"{p_phrase(comparison.p_value)})"
    )


def _not_significant(design: Design, comparison: Comparison) -> str:
    change, sign = ("drop", -1) if design.alternative == "less" else ("gain", 1)
    found = "difference" if design.alternative == "two-sided" else change
    sentence = f"Keep {design.control}: no significant {found}, {_evidence(comparison)}."
    interval = comparison.difference_ci
    if interval is None:
        return sentence
    best_case = max(sign * interval.low, sign * interval.high)
    aim = f"a {change} of {exact_points(design.mde)}, the MDE"
    if best_case < design.mde:
        return f"{sentence} The interval rules out {aim}."
    return f"{sentence} The interval does not rule out {aim}."
