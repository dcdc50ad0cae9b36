"""An experiment's plan as a JSON object: the plan of one comparison, and what is around it."""

from typing import Any

from stats.planning import Plan
from stats.study import StudyPlan


def plan_to_json(planned: Plan) -> dict[str, Any]:
    """Return the plan as a JSON object."""
    return {
        "baseline": planned.baseline,
        "mde": planned.mde,
        "alpha": planned.alpha,
        "power": planned.power,
        "alternative": planned.alternative,
        "n_per_variant": planned.n_per_variant,
        "n_control": planned.n_control,
        "n_treatment": planned.n_treatment,
        "n_total": planned.n_total,
        "sequential": planned.spending,
        "n_looks": planned.n_looks,
        "inflation": planned.inflation,
    }


def study_to_json(study: StudyPlan) -> dict[str, Any]:
    """Return the plan as a JSON object; fractions, and null for what was not asked."""
    options = study.options
    return {
        **plan_to_json(study.needed),
        "n_total": study.n_needed,
        "alpha": study.alpha,
        "alpha_per_comparison": study.needed.alpha,
        "metric": options.metric,
        "n_variants": options.n_variants,
        "correction": options.correction if options.n_variants > 2 else None,  # noqa: PLR2004 - one treatment
        "impressions_per_visitor": _of_impressions(study, options.impressions_per_visitor),
        "design_effect": _of_impressions(study, options.design_effect),
        "n_visitors": study.n_visitors,
        "power_at_mde": study.power,
        "detectable": study.detectable,
        "power_curve": [{"effect": at.effect, "power": at.power} for at in study.curve],
        "looks": [
            {
                "number": look.number,
                "n_visitors": look.n_visitors,
                "critical_value": look.critical_value,
                "stops": look.stops,
            }
            for look in study.looks
        ],
        "inflation_classical": study.classical_inflation,
        "expected_visitors": study.expected_visitors,
        "visitors_per_day": options.visitors_per_day,
        "days": study.days,
    }


def _of_impressions(study: StudyPlan, value: float) -> float | None:
    return value if study.options.metric == "impression_ctr" else None
