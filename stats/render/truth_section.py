"""The section of simulated traffic: every estimate beside its true value."""

from stats.outcomes import Truth
from stats.render.blocks import Section, Table
from stats.results import Report, TruthCheck
from stats.wording import ABSENT, exact_percent, lift, points, rate


def truth_section(check: TruthCheck, report: Report) -> Section:
    """Every estimate beside its true value, and whether the verdict was right."""
    comparison = report.primary.comparison
    rows = [
        (
            f"visitor CTR, {arm.arm.variant}",
            rate(arm.rate),
            rate(check.truth.visitor_ctr.get(arm.arm.variant)),
            _covered(check.is_rate_covered.get(arm.arm.variant)),
        )
        for arm in report.primary.arms
    ]
    rows += [
        (
            "difference",
            points(comparison.difference),
            points(check.truth.difference),
            _covered(check.is_difference_covered),
        ),
        ("lift", lift(comparison.lift), lift(check.truth.lift), _covered(check.is_lift_covered)),
    ]
    return Section(
        "truth",
        "Estimate against truth (simulated traffic)",
        (
            Table(("Quantity", "Estimate", "Truth", "Interval covers it"), tuple(rows)),
            *_verdict_by_truth(check.is_verdict_right, report),
            *_frame_sentences(check.truth),
        ),
    )


def _frame_sentences(truth: Truth) -> tuple[str, ...]:
    """What the arms are to be measured by: reference arms, and the models' grasp of the truth."""
    sentences = []
    if truth.references:
        rates = ", ".join(f"{name} {rate(value)}" for name, value in truth.references.items())
        sentences.append(f"Reference arms, never shown: {rates}.")
    if truth.score_rank_correlation:
        found = ", ".join(
            f"{variant} {value:.2f} (linear {truth.score_correlation.get(variant, value):.2f})"
            for variant, value in truth.score_rank_correlation.items()
        )
        sentences.append(f"Rank correlation of model scores with the truth, within visitors: {found}.")
    return tuple(sentences)


def _verdict_by_truth(is_right: bool | None, report: Report) -> tuple[str, ...]:  # noqa: FBT001 - a finding
    if is_right is None:
        return ()
    if is_right:
        return ("By the truth, the verdict is right.",)
    if report.verdict.code == "ship":
        return ("By the truth, the verdict is a false alarm.",)
    power = exact_percent(report.design.power)
    return (f"By the truth, the verdict misses a change for the better (at the MDE the power is {power}).",)


def _covered(is_covered: bool | None) -> str:  # noqa: FBT001 - it is the whole question
    return ABSENT if is_covered is None else ("yes" if is_covered else "no")
