"""The report as one HTML file: no script, nothing fetched, printable, dark or light as the system is."""

from stats.armless_report import ArmlessReport
from stats.render._template import BOUNDARY_PLOT, DAILY_PLOT, TEMPLATE, WHISKER_PLOT
from stats.render.blocks import Table
from stats.render.boundary_figure import boundary_figure
from stats.render.figure import Figure, figures
from stats.render.forest_figure import DailyFigure, daily_figure, forest_figure
from stats.render.other_figures import other_figures
from stats.render.pair_sections import section_key
from stats.render.sections import sections
from stats.results import Report


def render_html(report: Report | ArmlessReport) -> str:
    """Return a complete HTML document; every value in it is escaped."""
    # Jinja is loaded only by those who ask for HTML.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["table"] = lambda block: isinstance(block, Table)
    return environment.from_string(WHISKER_PLOT + BOUNDARY_PLOT + DAILY_PLOT + TEMPLATE).render(
        report=report,
        sections=sections(report),
        figures=_figures(report),
        days=_days(report),
        boundary=None if isinstance(report, ArmlessReport) else boundary_figure(report),
    )


def _figures(report: Report | ArmlessReport) -> dict[str, tuple[Figure, ...]]:
    """Return section -> the whisker plots that stand in it."""
    if isinstance(report, ArmlessReport):
        return other_figures(report.others)
    found = {"primary": figures(report), **other_figures(report.others)}
    for pair in report.pairs:
        for segments in pair.segments:
            key = section_key(f"segments-{segments.dimension}", pair, report)
            forest = forest_figure(segments, pair, key)
            found[key] = (forest,) if forest else ()
    return found


def _days(report: Report | ArmlessReport) -> dict[str, DailyFigure]:
    """Return section -> the plot of days that stands in it."""
    found: dict[str, DailyFigure] = {}
    if isinstance(report, ArmlessReport):
        return found
    for pair in report.pairs:
        key = section_key("daily", pair, report)
        figure = daily_figure(pair.daily, pair, report, key) if pair.daily else None
        if figure is not None:
            found[key] = figure
    return found
