"""A plan as text: of one comparison, or of a whole experiment with its power curve as a table."""

import textwrap

from stats.planning import Plan
from stats.render.blocks import Table
from stats.render.text import table_lines
from stats.study import StudyPlan
from stats.wording import counted, exact_percent, exact_points, points, rate

_WIDTH = 80
_SHOWN_STEPS = (4, 9, 14, 19, 24, 29)  # of the curve: a quarter of the MDE to one and a half of it


def render_plan(planned: Plan) -> str:
    """Return the plan for a terminal, the visitors per variant first."""
    sizes = f"{planned.n_per_variant} visitors per variant"
    if planned.n_control != planned.n_treatment:
        sizes = f"{planned.n_control} control and {planned.n_treatment} treatment visitors"
    return f"{sizes}, {planned.n_total} in all\n{_assumptions(planned, planned.alpha)}{_looks(planned)}"


def render_study(study: StudyPlan) -> str:
    """Return an experiment's plan for a terminal of 80 columns, what was asked for first."""
    needed = study.needed
    lines = [*_opening(study), *_assumptions(needed, study.alpha).splitlines()]
    lines += [
        *_looks(needed).splitlines(),
        *_classical(study),
        *_sharing(study),
        *_clustering(study),
        *_calendar(study),
    ]
    wrapped = [line for text in lines for line in textwrap.wrap(text, _WIDTH, subsequent_indent="  ")]
    return "\n".join([*wrapped, *_look_table(study), *_power_table(study)]) + "\n"


def _opening(study: StudyPlan) -> list[str]:
    needed, options = study.needed, study.options
    sizes = f"{needed.n_per_variant} visitors per variant"
    if needed.n_control != needed.n_treatment:
        each = " in each" if options.n_variants > 2 else ""  # noqa: PLR2004 - control and treatment
        sizes = f"{needed.n_control} control and {needed.n_treatment} treatment visitors{each}"
    required = f"{sizes}, {study.n_needed} in all"
    if options.n_visitors is None:
        return [required]
    found = (
        f"no change at all with power {exact_percent(needed.power)}"
        if study.detectable is None
        else f"a change of {points(study.detectable)[1:]} with power {exact_percent(needed.power)}"
    )
    return [
        f"{counted(study.n_visitors, 'visitor')} in all detect {found},",
        f"  and one of {exact_points(needed.mde)} with power {rate(study.power)}",
        f"Needed: {required}",
    ]


def _assumptions(planned: Plan, alpha: float) -> str:
    sided = "two-sided" if planned.alternative == "two-sided" else f"one-sided ({planned.alternative})"
    return (
        f"  to detect a change of {exact_points(planned.mde)} from {exact_percent(planned.baseline)} "
        f"with power {exact_percent(planned.power)}\n"
        f"  at {sided} alpha {exact_percent(alpha)}; Fleiss (1973) with continuity correction\n"
    )


def _looks(planned: Plan) -> str:
    if planned.spending == "none":
        return ""
    looks = "looks at any time" if planned.spending == "always-valid" else f"{planned.n_looks} even looks"
    return f"  {looks}, {planned.spending}: {planned.inflation:.3f} times the visitors of a single look\n"


def _classical(study: StudyPlan) -> list[str]:
    """What textbooks and other tools quote, so that nobody takes the difference for a mistake."""
    if study.classical_inflation is None:
        return []
    name = "O'Brien and Fleming's" if study.needed.spending == "obrien-fleming" else "Pocock's"
    return [f"  by alpha spending (Lan-DeMets); {name} own boundary takes {study.classical_inflation:.3f}"]


def _sharing(study: StudyPlan) -> list[str]:
    options = study.options
    n_treatments = options.n_variants - 1
    if n_treatments == 1:
        return []
    if options.correction == "none":
        return [f"  {n_treatments} treatments, each tested at alpha: false alarms add up"]
    words = (
        f"  {n_treatments} treatments share alpha ({options.correction}): each is tested at "
        f"{100 * study.needed.alpha:.3g}%"
    )
    return [words]


def _clustering(study: StudyPlan) -> list[str]:
    options = study.options
    if options.metric == "visitor_ctr":
        return []
    words = (
        f"  impression CTR over {options.impressions_per_visitor:.4g} viewed impressions a visitor, "
        f"design effect {options.design_effect:.4g}"
    )
    return [words]


def _calendar(study: StudyPlan) -> list[str]:
    if study.days is None or study.options.visitors_per_day is None:
        return []
    weeks = -(-study.days // 7)
    words = (
        f"  {counted(study.days, 'day')} at {study.options.visitors_per_day:,.6g} visitors a day; in whole "
        f"weeks {7 * weeks}, so that each weekday counts alike"
    )
    return [words]


def _look_table(study: StudyPlan) -> list[str]:
    if not study.looks or study.expected_visitors is None:
        return []
    rows = tuple(
        (f"{look.number}", f"{look.n_visitors:,}", f"{look.critical_value:.3f}", rate(look.stops))
        for look in study.looks
    )
    table = Table(("look", "visitors", "z to reach", "stops here at the MDE"), rows)
    return [
        *("", "LOOKS", *table_lines(table, _WIDTH)),
        f"  On average {study.expected_visitors:,.0f} visitors if the true change is the MDE.",
    ]


def _power_table(study: StudyPlan) -> list[str]:
    needed = study.needed
    sign = -1 if needed.alternative == "less" else 1
    shown = [study.curve[step] for step in _SHOWN_STEPS if step < len(study.curve)]
    rates = _rates([needed.baseline + sign * at.effect for at in shown])
    rows = tuple(
        (_signed(sign * at.effect), at_rate, rate(at.power)) for at, at_rate in zip(shown, rates, strict=True)
    )
    title = f"POWER OF {counted(study.n_visitors, 'visitor').upper()} IN ALL"
    return ["", title, *table_lines(Table(("true change", "rate", "power"), rows), _WIDTH)]


def _rates(values: list[float]) -> list[str]:
    """Print rates with two decimals, or all with three where two would round one of them: `1.125%`."""
    percents = [round(100 * value, 3) for value in values]
    decimals = 2 if all(round(percent, 2) == percent for percent in percents) else 3
    return [f"{percent:.{decimals}f}%" for percent in percents]


def _signed(change: float) -> str:
    sign = "-" if change < 0 else "+"
    return f"{sign}{exact_points(round(abs(change), 6))}"
