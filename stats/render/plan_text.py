"""A plan as text."""

from stats.planning import Plan
from stats.wording import exact_percent, exact_points


def render_plan(planned: Plan) -> str:
    """Return the plan for a terminal, the visitors per variant first."""
    sizes = f"{planned.n_per_variant} visitors per variant"
    if planned.n_control != planned.n_treatment:
        sizes = f"{planned.n_control} control and {planned.n_treatment} treatment visitors"
    sided = "two-sided" if planned.alternative == "two-sided" else f"one-sided ({planned.alternative})"
    return (
        f"{sizes}, {planned.n_total} in all\n"
        f"  to detect a change of {exact_points(planned.mde)} from {exact_percent(planned.baseline)} "
        f"with power {exact_percent(planned.power)}\n"
        f"  at {sided} alpha {exact_percent(planned.alpha)}; Fleiss (1973) with continuity correction\n"
        f"{_looks(planned)}"
    )


def _looks(planned: Plan) -> str:
    if planned.spending == "none":
        return ""
    looks = "looks at any time" if planned.spending == "always-valid" else f"{planned.n_looks} even looks"
    return f"  {looks}, {planned.spending}: {planned.inflation:.3f} times the visitors of a single look\n"
