"""A report as a JSON object. Rates are fractions; an absent number is null, never 0 or NaN."""

from typing import Any

from stats.armless_report import ArmlessReport
from stats.baseline import BaselineComparison
from stats.bayes import BayesianComparison
from stats.estimates import TestResult
from stats.health import Health
from stats.monitoring import Monitoring
from stats.pair_results import PairResult
from stats.ratio_arm import RatioArm
from stats.render.other_json import armless_to_json, interleaving_to_json, off_policy_to_json
from stats.render.pair_json import (
    comparison_to_json,
    guardrail_to_json,
    interval_to_json,
    metric_to_json,
    pair_to_json,
)
from stats.render.reproduction import reproduction_to_json
from stats.results import ArmResult, CtrResult, PrimaryResult, Report, TruthCheck
from stats.verdict import decision_rule

SCHEMA = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""

Document = dict[str, Any]


def report_to_json(report: Report | ArmlessReport) -> Document:
    """Return the report as a JSON object; `json.dumps` takes it as it is."""
    if isinstance(report, ArmlessReport):
        return {"schema": SCHEMA, **armless_to_json(report)}
    return {
        "schema": SCHEMA,
        "experiment": report.run.experiment or None,
        "run": report.run.run_id,
        "generated_at": report.generated_at.isoformat(timespec="seconds"),
        "verdict": {
            "code": report.verdict.code,
            "sentence": report.verdict.sentence,
            "rule": list(decision_rule(report.design)),
        },
        "notices": list(report.notices),
        "health": _health(report.health),
        "design": _design(report),
        "primary": _primary(report.primary, report.design.baseline),
        "sequential": _sequential(report.monitoring),
        "bayesian": _bayesian(report.bayesian),
        "probability_best": dict(report.probability_best) or None,
        **_beyond(report.pairs[0], report),
        "comparisons": _comparisons(report),
        "truth": _truth(report.truth),
        "interleaving": interleaving_to_json(report.others.interleaving),
        "off_policy": off_policy_to_json(report.others.off_policy),
        "reproduction": reproduction_to_json(report.run),
    }


def _beyond(pair: PairResult, report: Report) -> Document:
    """What is known of a treatment beyond the primary metric."""
    ctr = [result for result in report.secondary if result.comparison.comparison.treatment == pair.treatment]
    return {
        "secondary": [
            *(_ctr(result) for result in ctr),
            *(metric_to_json(result) for result in pair.metrics),
        ],
        "guardrails": [guardrail_to_json(result) for result in pair.guardrails],
        **pair_to_json(pair),
    }


def _comparisons(report: Report) -> list[Document]:
    """Every treatment of a design of several; what is at the top is of the first."""
    primary = report.primary
    return [
        {
            "treatment": found.comparison.treatment,
            "comparison": {
                **comparison_to_json(found.comparison),
                "p_value_adjusted": found.adjusted_p_value,
                "adjustment": primary.several_method,
                "significant": found.is_significant if primary.is_final else None,
            },
            "bayesian": _bayesian(pair.bayesian),
            **_beyond(pair, report),
        }
        for found, pair in zip(primary.several, report.pairs, strict=False)
    ]


def _health(health: Health) -> Document:
    srm = health.srm
    return {
        "ok": health.is_ok,
        "failures": list(health.failures),
        "srm": {
            "p_value": srm.p_value if srm else None,
            "ok": srm.is_ok if srm else None,
            "missing": health.srm_missing or None,
        },
        "crossovers": health.crossovers,
        "fallback_share": dict(health.fallback_share),
        "failed_attempts": dict(health.failed_attempts),
        "repeated_clicks_refused": health.n_repeated_clicks,
        "repeated_clicks_by_arm": {
            variant: {"arrived": arm.n, "refused": arm.successes, "share": arm.rate if arm.n else None}
            for variant, arm in health.repeats.items()
        },
        "checks": [
            {"check": check.key, "state": check.state, "p_value": check.p_value, "found": check.found}
            for check in health.checks
        ],
        "excluded": {"bots": health.n_bots, "holdout": health.n_holdout},
    }


def _design(report: Report) -> Document:
    design, planned = report.design, report.design.planned
    return {
        "alternative": design.alternative,
        "alpha": design.alpha,
        "power": design.power,
        "mde": design.mde,
        "planned_per_variant": planned.n_per_variant,
        "planned_total": planned.n_total,
        "confidence": design.confidence,
        "sequential": design.sequential,
        "n_looks": planned.n_looks,
        "inflation": planned.inflation,
        "weights": dict(design.weights),
        "guardrails": [{"metric": rule.metric, "margin": rule.margin} for rule in design.guardrails],
        "assignment": design.assignment,
    }


def _primary(primary: PrimaryResult, baseline: float) -> Document:
    return {
        "metric": primary.metric,
        "baseline": baseline,
        "is_final": primary.is_final,
        "power_at_this_size": primary.power,
        "arms": [_arm(result) for result in primary.arms],
        "comparison": {**comparison_to_json(primary.comparison), "significant": primary.is_significant},
        **(
            {}
            if primary.ctr is None
            else {
                "design_effect": primary.ctr.design_effect,
                "naive": _naive(primary.ctr.naive),
                "error_ratio": primary.ctr.error_ratio,
            }
        ),
    }


def _bayesian(found: BayesianComparison | None) -> Document | None:
    if found is None:
        return None
    return {
        "prior": {"alpha": found.prior.successes, "beta": found.prior.failures},
        "probability_better": found.probability_better,
        "loss_if_shipped": found.loss_if_shipped,
        "loss_if_kept": found.loss_if_kept,
        "rope": found.rope,
        "probability_in_rope": found.probability_in_rope,
        "credible_interval": interval_to_json(found.interval),
        "confidence": found.confidence,
    }


def _sequential(monitoring: Monitoring | None) -> Document | None:
    if monitoring is None:
        return None
    return {
        "method": monitoring.method,
        "decided": monitoring.is_decided,
        "stopped_at": monitoring.stopped_at,
        "p_value": monitoring.p_value,
        "counted": [
            {"variant": arm.variant, "n": arm.n, "successes": arm.successes} for arm in monitoring.arms
        ],
        "look_sizes": list(monitoring.look_sizes),
        "next_look": monitoring.next_look,
        "missing": monitoring.missing or None,
        "looks": [
            {
                "look": look.number,
                "n_visitors": look.n_visitors,
                "information_fraction": look.fraction,
                "statistic": look.statistic,
                "critical_value": look.critical_value,
                "crossed": look.is_crossed,
            }
            for look in monitoring.looks
        ],
    }


def _arm(result: ArmResult) -> Document:
    return {
        "variant": result.arm.variant,
        "n": result.arm.n,
        "successes": result.arm.successes,
        "rate": result.rate,
        "ci": interval_to_json(result.ci),
        "vs_baseline": _baseline(result.vs_baseline),
        **_impressions(result.impressions),
        "missing": list(result.missing),
    }


def _impressions(arm: RatioArm | None) -> Document:
    return {} if arm is None else {"impressions": arm.impressions, "clicks": arm.clicks}


def _baseline(comparison: BaselineComparison | None) -> Document | None:
    if comparison is None:
        return None
    return {
        "difference": comparison.difference,
        "p_value": comparison.p_value,
        "method": comparison.method,
        "alternative": comparison.alternative,
    }


def _ctr(result: CtrResult) -> Document:
    return {
        "metric": result.metric,
        "unit": "visitor",
        "arms": [
            {
                "variant": arm.arm.variant,
                "n": arm.arm.n,
                "impressions": arm.arm.impressions,
                "clicks": arm.arm.clicks,
                "rate": arm.rate,
                "ci": interval_to_json(arm.ci),
            }
            for arm in result.arms
        ],
        "comparison": comparison_to_json(result.comparison.comparison),
        "design_effect": result.comparison.design_effect,
        "naive": _naive(result.comparison.naive),
        "missing": list(result.missing),
    }


def _naive(test: TestResult | None) -> Document | None:
    if test is None:
        return None
    return {"is_valid": False, "method": test.method, "statistic": test.statistic, "p_value": test.p_value}


def _truth(check: TruthCheck | None) -> Document | None:
    if check is None:
        return None
    arms = {
        variant: {
            "visitor_ctr": value,
            "in_ci": check.is_rate_covered.get(variant),
            "score_rank_correlation": check.truth.score_rank_correlation.get(variant),
            "score_correlation": check.truth.score_correlation.get(variant),
        }
        for variant, value in check.truth.visitor_ctr.items()
    }
    return {
        **arms,
        "difference": check.truth.difference,
        "difference_in_ci": check.is_difference_covered,
        "lift": check.truth.lift,
        "lift_in_ci": check.is_lift_covered,
        "verdict_is_right": check.is_verdict_right,
        "references": dict(check.truth.references) or None,
    }
