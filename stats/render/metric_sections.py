"""The sections with estimates: primary metric, baseline, impression CTR."""

from stats.ctr import CtrComparison
from stats.estimates import Comparison, Interval
from stats.ratio_arm import RatioArm
from stats.render.blocks import Section, Table, as_sentences
from stats.render.sequential_section import counted_sentences
from stats.results import CtrResult, Report
from stats.verdict import sidedness
from stats.wording import (
    ABSENT,
    counted,
    exact_percent,
    lift,
    lift_interval,
    p_phrase,
    points,
    points_interval,
    rate,
    rate_interval,
    short_p,
)


def primary_section(report: Report) -> Section:
    """Visitor CTR by arm, the comparison, the test and what is missing."""
    primary, comparison = report.primary, report.primary.comparison
    if primary.ctr is not None:
        return _ctr_primary_section(primary.ctr, report)
    arms = Table(
        (
            "Variant",
            "Visitors",
            "Clicked",
            "Visitor CTR",
            f"{exact_percent(report.design.confidence)} interval (Wilson)",
        ),
        tuple(
            (
                arm.arm.variant,
                f"{arm.arm.n:,}",
                f"{arm.arm.successes:,}",
                rate(arm.rate),
                rate_interval(arm.ci),
            )
            for arm in primary.arms
        ),
    )
    return Section(
        "primary",
        "Primary metric: visitor CTR (visitors who clicked / visitors exposed)",
        (arms, *counted_sentences(report), *_comparisons(report), *as_sentences(comparison.missing)),
    )


def _ctr_primary_section(ctr: CtrComparison, report: Report) -> Section:
    primary = report.primary
    rows = tuple((arm.impressions, arm.rate, arm.ci) for arm in primary.arms if arm.impressions is not None)
    return Section(
        "primary",
        "Primary metric: impression CTR (clicks / viewed impressions)",
        (
            _ctr_table(rows, report.design.confidence),
            *_comparisons(report),
            *_unit_sentences(ctr),
            *_request_sentences(ctr, report),
            *as_sentences(primary.comparison.missing),
        ),
    )


def _request_sentences(ctr: CtrComparison, report: Report) -> tuple[str, ...]:
    """Say what it costs that requests were split and not visitors."""
    if report.design.assignment != "request":
        return ()
    n_visitors = sum(result.arm.n for result in report.primary.arms)
    cost = (
        f"Requests were split, not visitors: {report.health.crossovers:,} of "
        f"{counted(n_visitors, 'visitor')} met more than one variant. So the difference is between slates of "
        "the same visitors: what one variant does to their later visits is mixed into both, which hides "
        "lasting effects; and who clicked at all belongs to no variant, so no visitor CTR can be compared."
    )
    if ctr.error_ratio is None:
        return (cost,)
    return (
        cost,
        (
            f"That visitors are in both arms is allowed for: the standard error is {ctr.error_ratio:.2f} "
            "times what arms of different visitors would give."
        ),
    )


def _ctr_table(rows: tuple[tuple[RatioArm, float | None, Interval | None], ...], confidence: float) -> Table:
    return Table(
        ("Variant", "Visitors", "Viewed", "Clicks", "CTR", f"{exact_percent(confidence)} interval"),
        tuple(
            (
                arm.variant,
                f"{arm.n:,}",
                f"{arm.impressions:,}",
                f"{arm.clicks:,}",
                rate(found),
                rate_interval(interval),
            )
            for arm, found, interval in rows
        ),
    )


def _unit_sentences(ctr: CtrComparison) -> tuple[str, ...]:
    """Say what counting impressions instead of visitors would have done."""
    sentences = []
    if ctr.design_effect is not None:
        sentences.append(
            f"Design effect {ctr.design_effect:.2f}: the variance is that many times what independent "
            "impressions give."
        )
    if ctr.naive is not None:
        sentences.append(
            f"WRONG, for comparison only: a test per impression would say {p_phrase(ctr.naive.p_value)}; "
            "it takes one visitor's impressions for independent."
        )
    return tuple(sentences)


def _comparisons(report: Report) -> tuple[Table | str, ...]:
    """The comparison with its test; of several treatments, what each found is in a section of its own."""
    if report.design.has_several:
        return ()
    return (_comparison_table(report.primary.comparison), *_test_sentences(report))


def several_section(report: Report) -> Section:
    """Each of several treatments against the control, with p-values adjusted for their number."""
    primary, design = report.primary, report.design
    rows = tuple(
        (
            found.comparison.treatment,
            points(found.comparison.difference, found.comparison.difference_ci),
            points_interval(found.comparison.difference_ci),
            lift(found.comparison.lift),
            short_p(found.adjusted_p_value),
            _answer(found.is_significant if primary.is_final else None),
        )
        for found in primary.several
    )
    interval = f"{exact_percent(design.confidence)} interval"
    sentences = [
        (
            f"p: {design.alternative}, after {primary.several_method} for {len(rows)} treatments; the chance "
            f"of any false alarm is {exact_percent(design.alpha)}. Intervals: "
            f"{primary.comparison.difference_ci_method}, each by itself."
        )
    ]
    if not primary.is_final:
        sentences.append(_not_yet(report))
    elif not report.health.is_ok:
        sentences.append("Not to be believed: a trust check failed.")
    if primary.power is not None:
        sentences.append(f"Power at these sizes to detect the MDE in one of them: {rate(primary.power)}.")
    return Section(
        "several",
        f"Each treatment against {design.control}",
        (Table(("Treatment", "Difference", interval, "Lift", "p", "Significant"), rows), *sentences),
    )


def _answer(is_significant: bool | None) -> str:  # noqa: FBT001 - it is the whole question
    return "not yet" if is_significant is None else "yes" if is_significant else "no"


def _comparison_table(comparison: Comparison) -> Table:
    interval = f"{exact_percent(comparison.confidence)} interval"
    return Table(
        (f"{comparison.treatment} - {comparison.control}", "Estimate", interval, "Method"),
        (
            (
                "difference",
                points(comparison.difference, comparison.difference_ci),
                points_interval(comparison.difference_ci),
                comparison.difference_ci_method,
            ),
            (
                "lift",
                lift(comparison.lift, comparison.lift_ci),
                lift_interval(comparison.lift_ci),
                comparison.lift_ci_method,
            ),
        ),
    )


def _test_sentences(report: Report) -> tuple[str, ...]:
    primary, alpha = report.primary, exact_percent(report.design.alpha)
    power = (
        () if primary.power is None else (f"Power at these sizes to detect the MDE: {rate(primary.power)}.",)
    )
    if primary.comparison.p_value is None:
        return power
    found = _test_phrase(primary.comparison)
    if primary.is_significant is None:
        standing = "It holds at any time." if report.monitoring is not None else _not_yet(report)
        return (f"{found}. {standing}", *power)
    answer = "significant" if primary.is_significant else "not significant"
    believed = "" if report.health.is_ok else " Not to be believed: a trust check failed."
    return (f"{found}: {answer} at alpha {alpha}.{believed}", *power)


def _not_yet(report: Report) -> str:
    planned = report.design.planned.n_total
    return f"Not a result: it is valid only at the planned size of {planned:,} visitors."


def _test_phrase(comparison: Comparison) -> str:
    statistic = "" if comparison.statistic is None else f"z = {comparison.statistic:.3f}, "
    return f"{statistic}{sidedness(comparison)} {p_phrase(comparison.p_value)} ({comparison.test})"


def baseline_section(report: Report) -> Section:
    """Each arm against the fixed baseline."""
    rows = tuple(
        (
            arm.arm.variant,
            points(arm.vs_baseline.difference) if arm.vs_baseline else ABSENT,
            p_phrase(arm.vs_baseline.p_value if arm.vs_baseline else None),
        )
        for arm in report.primary.arms
    )
    method = "Exact binomial" if report.primary.ctr is None else "Clustered t"
    return Section(
        "baseline",
        f"Each arm against the baseline of {exact_percent(report.design.baseline)}",
        (
            Table(("Variant", "Difference", f"{method}, {report.design.alternative}"), rows),
            *(() if report.is_size_reached else (_not_yet(report),)),
            *as_sentences(reason for arm in report.primary.arms for reason in arm.missing),
        ),
    )


def impression_ctr_section(result: CtrResult, report: Report) -> Section:
    """Impression CTR, its design effect, and the naive test labelled as wrong."""
    comparison = result.comparison.comparison
    arms = _ctr_table(tuple((arm.arm, arm.rate, arm.ci) for arm in result.arms), comparison.confidence)
    sentences = []
    if comparison.p_value is not None:
        standing = "Secondary: it does not decide." if report.is_size_reached else _not_yet(report)
        sentences.append(f"{_test_phrase(comparison)}. {standing}")
    sentences += _unit_sentences(result.comparison)
    name = comparison.treatment if report.design.has_several else ""
    return Section(
        f"impression-ctr-{name}" if name else "impression-ctr",
        f"{name}{': ' if name else ''}Secondary metric: impression CTR (clicks / viewed impressions)",
        (arms, _comparison_table(comparison), *sentences, *as_sentences(result.missing)),
    )
