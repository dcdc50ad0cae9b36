"""One HTML file of sentences, tables and figures: no script, nothing fetched, printable, dark or light."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from stats.render._template import FIGURES, SHELL
from stats.render.blocks import Section, Table
from stats.render.line_figure import STYLE, LineFigure, svg_element

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FigureKind = Literal["whisker_plot", "boundary_plot", "daily_plot"]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Args:
        code: the verdict in a word; `tone` gives it its colour.
        notices: what to know before reading the numbers.
        figures: key of a section -> the figures that stand in it, drawn by `drawn` or `drawn_lines`.
        is_wrapping: whether words and numbers of tables may break anywhere.
    """

    title: str
    eyebrow: str
    code: str
    tone: Literal["good", "bad", ""]
    sentence: str
    sections: Sequence[Section]
    notices: Sequence[str] = ()
    figures: Mapping[str, Sequence["Markup"]] = field(default_factory=dict)
    is_wrapping: bool = False


def render_page(page: Page) -> str:
    """Return a complete HTML document; every value in it is escaped."""
    from markupsafe import Markup

    environment = _environment()
    environment.tests["table"] = lambda block: isinstance(block, Table)
    style = Markup(STYLE)  # noqa: S704 - a constant of ours
    return environment.from_string(SHELL).render(page=page, style=style)


def drawn(kind: FigureKind, figures: Sequence[object]) -> tuple["Markup", ...]:
    """Return figures of one kind as elements of a page."""
    if not figures:
        return ()
    macro = getattr(_macros(), kind)
    return tuple(macro(figure) for figure in figures)


def drawn_lines(figure: LineFigure) -> "Markup":
    """Return a line plot as an element of a page."""
    from markupsafe import Markup

    shape = Markup('<figure tabindex="0">\n{}\n<figcaption>{}. {}</figcaption>\n</figure>')
    drawing = Markup(svg_element(figure))  # noqa: S704 - escapes itself
    return shape.format(drawing, figure.title, figure.description)


@lru_cache(maxsize=1)
def _macros() -> object:
    return _environment().from_string(FIGURES).module


def _environment() -> "Environment":
    # Jinja is loaded only by those who ask for HTML.
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
