"""One treatment against the control beyond the primary metric, as JSON: a key a part, null without data."""

from typing import Any

from stats.details import DIVERSITY_METRICS, LATENCY_METRIC
from stats.estimates import Comparison, Interval
from stats.pair_results import (
    DailyResult,
    GuardrailResult,
    MetricResult,
    PairResult,
    SegmentsResult,
)

Document = dict[str, Any]


def comparison_to_json(comparison: Comparison) -> Document:
    """Return a comparison, whatever the metric."""
    return {
        "control": comparison.control,
        "treatment": comparison.treatment,
        "difference": comparison.difference,
        "difference_ci": interval_to_json(comparison.difference_ci),
        "difference_ci_method": comparison.difference_ci_method,
        "lift": comparison.lift,
        "lift_ci": interval_to_json(comparison.lift_ci),
        "lift_ci_method": comparison.lift_ci_method,
        "statistic": comparison.statistic,
        "p_value": comparison.p_value,
        "method": comparison.test,
        "missing": list(comparison.missing),
    }


def interval_to_json(interval: Interval | None) -> list[float] | None:
    """Return `[low, high]`."""
    return [interval.low, interval.high] if interval else None


def metric_to_json(result: MetricResult) -> Document:
    """Return a secondary metric of one treatment."""
    return {
        "metric": result.metric,
        "unit": "visitor",
        "arms": [
            {"variant": arm.variant, "n": arm.n, "value": arm.value, "ci": interval_to_json(arm.ci)}
            for arm in result.arms
        ],
        "comparison": {
            **comparison_to_json(result.comparison),
            "alternative": result.comparison.alternative,
            "p_value_holm": result.holm_p_value,
        },
    }


def guardrail_to_json(result: GuardrailResult) -> Document:
    """Return a guardrail of one treatment, judged."""
    found = result.found
    return {
        "metric": result.metric,
        "unit": _unit(result.metric),
        "treatment": result.treatment,
        "margin": result.margin,
        "values": list(result.values),
        "worsening": found.worsening if found else None,
        "upper": found.upper if found else None,
        "p_value": found.p_value if found else None,
        "method": found.method if found else None,
        "held": result.is_held,
        "missing": result.missing or None,
    }


def pair_to_json(pair: PairResult) -> Document:
    """Return what is known of a treatment beyond its metrics and guardrails."""
    return {
        "cuped": _cuped(pair),
        "stratified": _stratified(pair),
        "segments": [_segments(result) for result in pair.segments],
        "daily": None if pair.daily is None else _daily(pair.daily),
        "shown": {
            shown.variant: {
                "impressions": shown.n_impressions,
                "films": shown.n_films,
                "effective_films": shown.effective_films,
                "gini": shown.gini,
            }
            for shown in pair.shown
        },
        "sensitivity": [
            {
                "analysis": opinion.name,
                "is_valid": opinion.is_valid,
                "difference": opinion.difference,
                "ci": interval_to_json(opinion.ci),
                "p_value": opinion.p_value,
                "note": opinion.note,
            }
            for opinion in pair.opinions
        ],
    }


def _unit(metric: str) -> str:
    if metric == LATENCY_METRIC:
        return "slate"
    return "group of visitors" if metric in DIVERSITY_METRICS else "visitor"


def _cuped(pair: PairResult) -> Document | None:
    found = pair.cuped
    if found is None:
        return None
    return {
        "covariate": pair.past_name,
        "comparison": comparison_to_json(found.comparison),
        "theta": found.theta,
        "correlation": found.correlation,
        "variance_reduction": found.variance_reduction,
    }


def _stratified(pair: PairResult) -> Document | None:
    result = pair.stratified
    if result is None:
        return None
    found = result.found
    return {
        "dimension": result.dimension,
        "n_strata": result.n_strata,
        "difference": found.difference if found else None,
        "difference_ci": interval_to_json(found.interval) if found else None,
        "statistic": found.statistic if found else None,
        "p_value": found.p_value if found else None,
        "variance_reduction": found.variance_reduction if found else None,
        "missing": result.missing or None,
    }


def _segments(result: SegmentsResult) -> Document:
    found = result.found
    return {
        "dimension": result.dimension,
        "heterogeneity": {"statistic": found.statistic, "p_value": found.p_value},
        "is_simpson": found.is_simpson,
        "segments": [
            {
                "segment": segment.segment,
                "arms": [{"variant": arm.variant, "n": arm.n, "successes": arm.successes} for arm in arms],
                "comparison": comparison_to_json(segment.comparison),
                "p_value_holm": segment.holm_p_value,
                "p_value_benjamini_hochberg": segment.benjamini_hochberg_p_value,
            }
            for segment, arms in zip(found.segments, result.arms, strict=True)
        ],
    }


def _daily(daily: DailyResult) -> Document:
    found = daily.novelty
    return {
        "days": [
            {
                "day": day.day,
                "arms": [
                    {"variant": arm.variant, "n": arm.n, "successes": arm.successes}
                    for arm in (day.control, day.treatment)
                ],
                "difference": day.difference,
                "difference_ci": interval_to_json(day.ci),
            }
            for day in daily.days
        ],
        "slope": found.slope if found else None,
        "slope_ci": interval_to_json(found.interval) if found else None,
        "p_value": found.p_value if found else None,
        "missing": daily.missing or None,
    }
