"""The power curve of a plan as an SVG file."""

from stats.render.line_figure import Curve, LineFigure, svg_document
from stats.study import StudyPlan
from stats.wording import exact_percent, exact_points, rate


def render_power_curve(study: StudyPlan) -> str:
    """Return power by true change as an SVG document, with title and text alternative, dark and light."""
    return svg_document(power_figure(study))


def power_figure(study: StudyPlan) -> LineFigure:
    """Return the plot of power by true change, the MDE and the power asked for marked."""
    needed = study.needed
    told = [at for step, at in enumerate(study.curve, start=1) if step % 5 == 0]
    return LineFigure(
        key="power",
        title=f"Power of {study.n_visitors:,} visitors by true change",
        description="; ".join(f"{exact_points(at.effect)}: power {rate(at.power)}" for at in told) + ".",
        x_label=f"true change in {needed.alternative} direction, percentage points"
        if needed.alternative != "two-sided"
        else "true change in either direction, percentage points",
        y_label="power",
        x_range=(0.0, max(2 * needed.mde, study.curve[-1].effect)),
        y_range=(0.0, 1.0),
        x_tick=lambda value: f"{100 * value:.3g}",
        y_tick=exact_percent,
        curves=(Curve("power", tuple((at.effect, at.power) for at in study.curve)),),
        marks=(
            ("x", needed.mde, f"MDE {exact_points(needed.mde)}"),
            ("y", needed.power, f"power asked for {exact_percent(needed.power)}"),
        ),
    )
