"""The report as one HTML file: no script, nothing fetched, printable, dark or light as the system is."""

from stats.render._template import BOUNDARY_PLOT, TEMPLATE, WHISKER_PLOT
from stats.render.blocks import Table
from stats.render.boundary_figure import boundary_figure
from stats.render.figure import figures
from stats.render.sections import sections
from stats.results import Report


def render_html(report: Report) -> str:
    """Return a complete HTML document; every value in it is escaped."""
    # Jinja is loaded only by those who ask for HTML.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["table"] = lambda block: isinstance(block, Table)
    return environment.from_string(WHISKER_PLOT + BOUNDARY_PLOT + TEMPLATE).render(
        report=report,
        sections=sections(report),
        figures=figures(report),
        boundary=boundary_figure(report),
    )
