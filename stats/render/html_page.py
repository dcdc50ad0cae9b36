"""The report as one HTML file."""

from typing import TYPE_CHECKING, Final, Literal

from stats.armless_report import ArmlessReport
from stats.render.boundary_figure import boundary_figure
from stats.render.figure import figures
from stats.render.forest_figure import daily_figure, forest_figure
from stats.render.other_figures import other_figures
from stats.render.page import Page, drawn, render_page
from stats.render.pair_sections import section_key
from stats.render.sections import sections
from stats.results import Report
from stats.verdict import VerdictCode

if TYPE_CHECKING:
    from markupsafe import Markup

_TONES: Final[dict[VerdictCode, Literal["good", "bad", ""]]] = {
    "ship": "good",
    "keep-control": "",
    "inconclusive": "",
    "invalid": "bad",
}


def render_html(report: Report | ArmlessReport) -> str:
    """Return a complete HTML document; every value in it is escaped."""
    name = report.run.experiment or "Experiment"
    drawings = {key: drawn("whisker_plot", found) for key, found in other_figures(report.others).items()}
    if isinstance(report, Report):
        drawings |= _figures(report)
    return render_page(
        Page(
            title=f"{name}: {report.verdict.code}",
            eyebrow=f"{name}, run {report.run.run_id}",
            code=report.verdict.code,
            tone=_TONES[report.verdict.code],
            sentence=report.verdict.sentence,
            sections=sections(report),
            notices=report.notices,
            figures=drawings,
        )
    )


def _figures(report: Report) -> "dict[str, tuple[Markup, ...]]":
    """Return section -> the figures of arms that stand in it."""
    boundary = boundary_figure(report)
    found = {
        "primary": drawn("whisker_plot", figures(report)),
        "sequential": drawn("boundary_plot", (boundary,) if boundary else ()),
    }
    for pair in report.pairs:
        for segments in pair.segments:
            key = section_key(f"segments-{segments.dimension}", pair, report)
            forest = forest_figure(segments, pair, key)
            found[key] = drawn("whisker_plot", (forest,) if forest else ())
        key = section_key("daily", pair, report)
        days = daily_figure(pair.daily, pair, report, key) if pair.daily else None
        found[key] = drawn("daily_plot", (days,) if days else ())
    return found
