"""Interleaved and logged traffic as JSON objects; an absent number is null."""

from typing import Any

from stats.armless_report import ArmlessReport, armless_rule
from stats.other_designs import InterleavingResult, OffPolicyResult
from stats.render.pair_json import interval_to_json
from stats.render.reproduction import reproduction_to_json

Document = dict[str, Any]


def armless_to_json(report: ArmlessReport) -> Document:
    """Return the fields of any report, null or empty where only arms would fill them."""
    demands = report.demands
    return {
        "experiment": report.run.experiment or None,
        "run": report.run.run_id,
        "generated_at": report.generated_at.isoformat(timespec="seconds"),
        "verdict": {
            "code": report.verdict.code,
            "sentence": report.verdict.sentence,
            "rule": list(armless_rule(report)),
        },
        "notices": list(report.notices),
        "health": {"ok": not report.others.failures, "failures": list(report.others.failures)},
        "design": {
            "alternative": demands.alternative,
            "alpha": demands.alpha,
            "confidence": demands.confidence,
        },
        **dict.fromkeys(("primary", "sequential", "bayesian", "probability_best")),
        **dict.fromkeys(("cuped", "stratified", "daily", "truth")),
        **{name: [] for name in ("secondary", "guardrails", "segments", "sensitivity", "comparisons")},
        "shown": {},
        "interleaving": interleaving_to_json(report.others.interleaving),
        "off_policy": off_policy_to_json(report.others.off_policy),
        "reproduction": reproduction_to_json(report.run),
    }


def interleaving_to_json(result: InterleavingResult | None) -> Document | None:
    """Return what visitors preferred; None where there is no such traffic."""
    if result is None:
        return None
    draft, found, balance = result.draft, result.found, result.draft.balance
    document: Document = {
        "control": draft.control,
        "treatment": draft.treatment,
        "unit": "visitor",
        "alternative": result.alternative,
        "alpha": result.alpha,
        "confidence": result.confidence,
        "missing": result.missing or None,
        "failures": list(result.failures),
        "balance": None
        if balance is None
        else {
            "impressions_control": balance.n_control,
            "impressions_treatment": balance.n_treatment,
            "p_value": balance.p_value,
            "ok": balance.is_ok,
        },
        "excluded_bots": draft.n_bots,
    }
    names = ("n_treatment", "n_control", "n_ties", "n_without_click", "preference", "delta", "margin")
    document |= {name: None if found is None else getattr(found, name) for name in names}
    for name in ("preference_ci", "delta_ci", "margin_ci"):
        document[name] = None if found is None else interval_to_json(getattr(found, name))
    return document | {
        "p_value": None if found is None else found.sign_p_value,
        "margin_p_value": None if found is None else found.margin_p_value,
        "significant": None if found is None else found.sign_p_value < result.alpha,
    }


def off_policy_to_json(result: OffPolicyResult | None) -> Document | None:
    """Return what the target policy is worth; None where no impressions were logged for that."""
    if result is None:
        return None
    sums = result.logged.sums
    return {
        "unit": "visitor",
        "n_visitors": sums.n_visitors,
        "n_impressions": sums.n_impressions,
        "alternative": result.alternative,
        "confidence": result.confidence,
        "logging": {"value": result.logging_value, "ci": interval_to_json(result.logging_ci)},
        "estimates": [
            {
                "method": found.method,
                "value": found.value,
                "ci": interval_to_json(found.interval),
                "difference": found.difference,
                "difference_ci": interval_to_json(found.difference_ci),
                "p_value": found.p_value,
            }
            for found in result.estimates
        ],
        "effective_n": sums.effective_n,
        "largest_weight": sums.largest_weight,
        "mean_weight": result.mean_weight,
        "mean_weight_p_value": result.mean_weight_p_value,
        "n_never_shown": sums.n_never,
        "missing": result.missing or None,
        "failures": list(result.failures),
        "warnings": list(result.warnings),
        "excluded_bots": result.logged.n_bots,
    }
