"""The few SVG shapes all artwork is drawn with. Coordinates are rounded to whole units: small posters."""

# ruff: noqa: PLR0917  a shape's place and size are clearest in SVG's own order, by position

import itertools
import math
from collections.abc import Iterable

__all__ = [
    "circle",
    "glow",
    "gradient",
    "hills",
    "line",
    "path",
    "polygon",
    "rays",
    "rect",
    "ring",
    "ring_path",
    "sky",
]


def circle(x: float, y: float, r: float, fill: str, opacity: float = 1) -> str:
    """A disc."""
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="{fill}"{_faded(opacity)}/>'


def ring(x: float, y: float, r: float, stroke: str, width: float, opacity: float = 1) -> str:
    """The outline of a circle."""
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="none" stroke="{stroke}"'
        f' stroke-width="{width:.1f}"{_faded(opacity)}/>'
    )


def rect(x: float, y: float, width: float, height: float, fill: str, opacity: float = 1) -> str:
    """An upright rectangle."""
    return (
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" fill="{fill}"'
        f"{_faded(opacity)}/>"
    )


def polygon(points: Iterable[tuple[float, float]], fill: str, opacity: float = 1) -> str:
    """A filled polygon."""
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return f'<polygon points="{corners}" fill="{fill}"{_faded(opacity)}/>'


def path(d: str, fill: str, opacity: float = 1) -> str:
    """A filled path."""
    return f'<path d="{d}" fill="{fill}"{_faded(opacity)}/>'


def line(d: str, stroke: str, width: float, opacity: float = 1) -> str:
    """A stroked path with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:.1f}" stroke-linecap="round"'
        f' stroke-linejoin="round"{_faded(opacity)}/>'
    )


def gradient(name: str, *stops: tuple[float, str, float], x2: float = 0, y2: float = 1) -> str:
    """A linear gradient of (offset, colour, opacity) stops, from the top left towards (x2, y2)."""
    return f'<linearGradient id="{name}" x2="{x2}" y2="{y2}">{_stops(stops)}</linearGradient>'


def sky(width: float, height: float, name: str, top: str, middle: str, bottom: str) -> str:
    """The whole picture filled from `top` through `middle` to `bottom`."""
    stops = ((0.0, top, 1.0), (0.55, middle, 1.0), (1.0, bottom, 1.0))
    return gradient(name, *stops) + rect(0, 0, width, height, f"url(#{name})")


def glow(x: float, y: float, r: float, name: str, colour: str, opacity: float = 1) -> str:
    """Light that fades out to the radius `r`."""
    stops = ((0.0, colour, opacity), (0.45, colour, opacity * 0.4), (1.0, colour, 0.0))
    return f'<radialGradient id="{name}">{_stops(stops)}</radialGradient>' + circle(x, y, r, f"url(#{name})")


def hills(width: float, height: float, heights: list[float], fill: str, opacity: float = 1) -> str:
    """Soft hills: a smooth line through `heights` (equal steps from left to right), filled to the bottom."""
    step = width / (len(heights) - 1)
    parts = [f"M0 {height:.0f}V{heights[0]:.0f}"]
    for index, (left, right) in enumerate(itertools.pairwise(heights)):
        x = index * step
        parts.append(
            f"C{x + step / 2:.0f} {left:.0f} {x + step / 2:.0f} {right:.0f} {x + step:.0f} {right:.0f}"
        )
    return path("".join(parts) + f"V{height:.0f}Z", fill, opacity)


def rays(x: float, y: float, reach: float, angles: list[float], fill: str, opacity: float = 1) -> str:
    """Wedges from (x, y): each pair of `angles` (radians) bounds one."""
    d = "".join(
        f"M{x:.0f} {y:.0f}L{x + reach * math.cos(a):.0f} {y + reach * math.sin(a):.0f}"
        f"L{x + reach * math.cos(b):.0f} {y + reach * math.sin(b):.0f}Z"
        for a, b in zip(angles[::2], angles[1::2], strict=True)
    )
    return path(d, fill, opacity)


def ring_path(x: float, y: float, r: float) -> str:
    """A circle as path commands, so that many circles share one element."""
    return f"M{x - r:.0f} {y:.0f}a{r:.0f} {r:.0f} 0 1 0 {2 * r:.0f} 0a{r:.0f} {r:.0f} 0 1 0 {-2 * r:.0f} 0"


def _faded(opacity: float) -> str:
    return "" if opacity >= 1 else f' opacity="{opacity:.2f}"'


def _stops(stops: Iterable[tuple[float, str, float]]) -> str:
    return "".join(
        f'<stop offset="{offset}" stop-color="{colour}"'
        + ("/>" if opacity >= 1 else f' stop-opacity="{opacity:.2f}"/>')
        for offset, colour, opacity in stops
    )
