"""Panels of results: the scorecard, and the truth of simulated runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from website.dashboard.board import Board
from website.dashboard.following import range_of
from website.dashboard.sentences import in_language, method_name
from website.dashboard.titles import title_of
from website.dashboard.values import (
    ArmRate,
    BayesianLine,
    MetricRow,
    ScorecardPanel,
    TruthLine,
    TruthPanel,
)
from website.dashboard.wording import exact_percent, whole
from website.words import gettext

if TYPE_CHECKING:
    from stats import ArmResult, Comparison, CtrResult, MetricArm, MetricResult, Report


def make_scorecard(board: Board) -> ScorecardPanel | None:
    """Every metric of every treatment, the deciding one first; None without a report."""
    report = board.report
    if report is None:
        return None
    return ScorecardPanel(
        control=report.design.control,
        treatments=report.design.treatments,
        metrics=(
            *_primary_rows(report),
            *(_ctr_row(result, report) for result in report.secondary),
            *(_metric_row(result, report) for pair in report.pairs for result in pair.metrics),
        ),
        bayesian=_bayesian(report),
    )


def make_truth(board: Board) -> TruthPanel | None:
    """Estimates beside the truth; None for traffic whose truth nobody knows."""
    report = board.report
    if report is None or report.truth is None:
        return None
    check, comparison = report.truth, report.primary.comparison
    arms = tuple(
        TruthLine(
            name=f"{title_of('visitor_ctr')}, {result.arm.variant}",
            unit="share",
            estimate=result.rate,
            interval=range_of(result.ci),
            truth=check.truth.visitor_ctr.get(result.arm.variant),
            is_covered=check.is_rate_covered.get(result.arm.variant),
        )
        for result in report.primary.arms
    )
    difference = TruthLine(
        name=gettext("Difference"),
        unit="points",
        estimate=comparison.difference,
        interval=range_of(comparison.difference_ci),
        truth=check.truth.difference,
        is_covered=check.is_difference_covered,
    )
    lift = TruthLine(
        name=gettext("Lift"),
        unit="lift",
        estimate=comparison.lift,
        interval=range_of(comparison.lift_ci),
        truth=check.truth.lift,
        is_covered=check.is_lift_covered,
    )
    return TruthPanel((*arms, difference, lift), check.is_verdict_right)


@dataclass(frozen=True, slots=True)
class _PValue:
    """What may be said of a p-value now."""

    value: float | None
    note: str
    is_final: bool
    is_significant: bool | None


def _primary_rows(report: "Report") -> tuple[MetricRow, ...]:
    primary = report.primary
    arms = [_primary_arm(result) for result in primary.arms]
    if not primary.several:
        return (_primary_row(report, primary.comparison, (arms[0], arms[1]), _primary_p(report)),)
    rows = []
    for index, several in enumerate(primary.several, start=1):
        note = gettext(
            "adjusted for %(n)s treatments (%(method)s)",
            n=len(primary.several),
            method=method_name(primary.several_method),
        )
        p_value = _PValue(several.adjusted_p_value, note, primary.is_final, several.is_significant)
        if not primary.is_final:
            p_value = _PValue(None, _not_before(report), is_final=False, is_significant=None)
        rows.append(_primary_row(report, several.comparison, (arms[0], arms[index]), p_value))
    return tuple(rows)


def _primary_row(
    report: "Report", comparison: "Comparison", arms: tuple[ArmRate, ArmRate], p_value: _PValue
) -> MetricRow:
    return _row(report.primary.metric, arms, comparison, p_value, is_primary=True)


def _primary_arm(result: "ArmResult") -> ArmRate:
    counted = result.impressions
    return ArmRate(
        variant=result.arm.variant,
        numerator=counted.clicks if counted else result.arm.successes,
        denominator=counted.impressions if counted else result.arm.n,
        value=result.rate,
        interval=range_of(result.ci),
    )


def _primary_p(report: "Report") -> _PValue:
    primary, design = report.primary, report.design
    comparison = primary.comparison
    if not primary.is_final and design.sequential != "always-valid":
        return _PValue(None, _not_before(report), is_final=False, is_significant=None)
    if comparison.p_value is None:
        note = in_language(comparison.missing[0]) if comparison.missing else gettext("no test can be made")
    else:
        note = gettext(
            "%(side)s, alpha %(alpha)s, %(test)s",
            side=_side(design.alternative),
            alpha=exact_percent(design.alpha),
            test=method_name(comparison.test or ""),
        )
    return _PValue(comparison.p_value, note, primary.is_final, primary.is_significant)


def _side(alternative: str) -> str:
    return gettext("two-sided") if alternative == "two-sided" else gettext("one-sided")


def _not_before(report: "Report") -> str:
    following = report.monitoring.next_look if report.monitoring else None
    if following is not None:
        return gettext("next look at %(n)s visitors", n=whole(following))
    return gettext("not valid before %(n)s visitors", n=whole(report.design.planned.n_total))


def _ctr_row(result: "CtrResult", report: "Report") -> MetricRow:
    comparison = result.comparison.comparison
    control, treatment = (
        ArmRate(arm.arm.variant, arm.arm.clicks, arm.arm.impressions, arm.rate, range_of(arm.ci))
        for arm in result.arms
    )
    p_value = _secondary_p(report, comparison, comparison.p_value, gettext("unadjusted"))
    return _row(result.metric, (control, treatment), comparison, p_value)


def _metric_row(result: "MetricResult", report: "Report") -> MetricRow:
    control, treatment = (
        ArmRate(arm.variant, _count(arm, result), arm.n, arm.value, range_of(arm.ci)) for arm in result.arms
    )
    how = gettext("Holm among secondary metrics")
    p_value = _secondary_p(report, result.comparison, result.holm_p_value, how)
    return _row(
        result.metric,
        (control, treatment),
        result.comparison,
        p_value,
        unit="share" if result.is_share else "",
    )


def _count(arm: "MetricArm", result: "MetricResult") -> float | None:
    """Those whom a share counts; a mean has no such number."""
    return round(arm.value * arm.n) if result.is_share and arm.value is not None else None


def _secondary_p(report: "Report", comparison: "Comparison", p_value: float | None, how: str) -> _PValue:
    """A p-value of a fixed horizon: it is given at the planned size, and decides nothing then."""
    if not report.is_size_reached:
        return _PValue(None, _not_before(report), is_final=False, is_significant=None)
    if p_value is None:
        note = in_language(comparison.missing[0]) if comparison.missing else gettext("no test can be made")
        return _PValue(None, note, is_final=True, is_significant=None)
    note = f"{_side(comparison.alternative)}, {how}"
    return _PValue(p_value, note, is_final=True, is_significant=None)


def _row(
    metric: str,
    arms: tuple[ArmRate, ArmRate],
    comparison: "Comparison",
    p_value: _PValue,
    *,
    is_primary: bool = False,
    unit: str = "share",
) -> MetricRow:
    return MetricRow(
        metric=metric,
        title=title_of(metric),
        unit=unit,
        is_primary=is_primary,
        treatment=comparison.treatment,
        arms=arms,
        difference=comparison.difference,
        difference_interval=range_of(comparison.difference_ci),
        lift=comparison.lift,
        lift_interval=range_of(comparison.lift_ci),
        confidence=comparison.confidence,
        interval_method=method_name(comparison.difference_ci_method),
        p_value=p_value.value,
        p_note=p_value.note,
        is_final=p_value.is_final,
        is_significant=p_value.is_significant,
    )


def _bayesian(report: "Report") -> BayesianLine | None:
    found = report.bayesian
    if found is None or report.design.has_several:  # it would be of the first treatment alone
        return None
    return BayesianLine(
        probability_better=found.probability_better,
        loss_if_shipped=found.loss_if_shipped,
        loss_if_kept=found.loss_if_kept,
        prior_successes=found.prior.successes,
        prior_failures=found.prior.failures,
    )
