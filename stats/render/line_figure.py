"""Line plots as pure geometry and inline SVG, with a title and a text alternative; dark and light."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 24, 24, 48
_MOST_TICKS = 7  # steps, to be exact: there may be one number more
_ALMOST = 1e-9

STYLE = """\
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.axis { stroke: var(--line); fill: none; }
.mark { stroke: var(--soft); stroke-dasharray: 4 4; fill: none; }
.curve { stroke: var(--accent); stroke-width: 2.5; fill: none; }
.other { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 8 4; fill: none; }
.bar { fill: var(--accent); fill-opacity: .75; }
.band { fill: var(--soft); fill-opacity: .2; }
"""
"""The classes a figure uses; the page gives the colours as variables."""

_COLOURS = """\
svg { --paper: #fff; --ink: #1b1d22; --soft: #5b606b; --line: #d5d8de; --accent: #0b57a4; --bad: #a3122a; }
@media (prefers-color-scheme: dark) { svg { --paper: #14161a; --ink: #e8eaee; --soft: #a5abb6;
  --line: #3a3f49; --accent: #7db8f5; --bad: #ff8a95; } }
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line through points in the plot's own units; `is_other` draws it dashed, in another colour."""

    label: str
    points: Points
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class LineFigure:
    """A plot with one horizontal and one vertical axis.

    Args:
        key: makes the ids of its title and description unique on a page.
        description: what the picture shows, for those who do not see it.
        x_range: least and most on the horizontal axis; `y_range` likewise.
        x_tick: prints a value of the horizontal axis; `y_tick` likewise.
        marks: vertical and horizontal reference lines, with their labels: ("x" or "y", value, label).
        bars: columns from the horizontal axis: left, right, height.
        band: heights between which a shade lies.
    """

    key: str
    title: str
    description: str
    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]
    curves: tuple[Curve, ...] = ()
    marks: tuple[tuple[str, float, str], ...] = ()
    bars: tuple[tuple[float, float, float], ...] = ()
    band: tuple[float, float] | None = None

    def x(self, value: float) -> float:
        """The horizontal place of a value, in SVG user units."""
        low, high = self.x_range
        return round(_LEFT + (_within(value, low, high) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        """The vertical place of a value, in SVG user units."""
        low, high = self.y_range
        return round(
            _HEIGHT - _BOTTOM - (_within(value, low, high) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM),
            1,
        )


def svg_element(figure: LineFigure) -> str:
    """Return the figure as one `<svg>` element for a page that has `STYLE` and the colours."""
    return _svg(figure, "")


def svg_document(figure: LineFigure) -> str:
    """Return the figure as an SVG file of its own."""
    style = f"<style>\n{_COLOURS}{STYLE}</style>\n"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + _svg(figure, style + f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="var(--paper)"/>\n')
        + "\n"
    )


def _svg(figure: LineFigure, head: str) -> str:
    title, description = f"figure-{figure.key}-title", f"figure-{figure.key}-description"
    start = '<svg xmlns="http://www.w3.org/2000/svg" role="img"'
    lines = [
        f'{start} viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-labelledby="{title} {description}">',
        f'<title id="{title}">{escape(figure.title)}</title>',
        f'<desc id="{description}">{escape(figure.description)}</desc>',
        head.rstrip(),
        *_axes(figure),
        *_shapes(figure),
        *(line for mark in figure.marks for line in _mark(figure, *mark)),
        "</svg>",
    ]
    return "\n".join(line for line in lines if line)


def _axes(figure: LineFigure) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    lines = [
        _text(figure.x(value), bottom + 18, figure.x_tick(value), "middle")
        for value in _ticks(figure.x_range, figure.x_tick)
    ]
    for value in _ticks(figure.y_range, figure.y_tick):
        lines.append(f'<path class="axis" d="M{_LEFT} {figure.y(value)}H{right}"/>')
        lines.append(_text(_LEFT - 8, figure.y(value) + 4, figure.y_tick(value), "end"))
    lines.append(_text((_LEFT + right) / 2, _HEIGHT - 8, figure.x_label, "middle"))
    lines.append(_text(4, 14, figure.y_label, "start"))
    return lines


def _shapes(figure: LineFigure) -> list[str]:
    lines = []
    if figure.band is not None:
        low, high = figure.band
        lines.append(
            f'<rect class="band" x="{_LEFT}" y="{figure.y(high)}" width="{_WIDTH - _LEFT - _RIGHT}" '
            f'height="{round(figure.y(low) - figure.y(high), 1)}"/>'
        )
    for left, right, height in figure.bars:
        lines.append(
            f'<rect class="bar" x="{figure.x(left)}" y="{figure.y(height)}" '
            f'width="{round(max(figure.x(right) - figure.x(left) - 1, 0.5), 1)}" '
            f'height="{round(_HEIGHT - _BOTTOM - figure.y(height), 1)}"/>'
        )
    for curve in figure.curves:
        path = "L".join(f"{figure.x(x)} {figure.y(y)}" for x, y in curve.points)
        lines.append(f'<path class="{"other" if curve.is_other else "curve"}" d="M{path}"/>')
    return lines


def _mark(figure: LineFigure, axis: str, value: float, label: str) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    if axis == "x":
        at = figure.x(value)
        return [f'<path class="mark" d="M{at} {_TOP}V{bottom}"/>', _text(at + 4, bottom - 8, label, "start")]
    at = figure.y(value)
    return [f'<path class="mark" d="M{_LEFT} {at}H{right}"/>', _text(right, at - 5, label, "end")]


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}">{escape(words)}</text>'


def _ticks(limits: tuple[float, float], printed: Callable[[float], str]) -> list[float]:
    """Return round numbers within the limits, by the finest step of 1, 2 or 5 that leaves room for them."""
    low, high = limits
    least = (high - low) / _MOST_TICKS
    magnitude = 10.0 ** math.floor(math.log10(least))
    for step in (factor * magnitude for factor in (1, 2, 5, 10, 20, 50, 100)):
        first, last = math.ceil(low / step - _ALMOST), math.floor(high / step + _ALMOST)
        ticks = [round(index * step, 12) for index in range(first, last + 1)]
        # Numbers that are printed alike, as halves in whole numbers, need a coarser step.
        if step >= least and len({printed(tick) for tick in ticks}) == len(ticks):
            return ticks
    return [low, high]


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
