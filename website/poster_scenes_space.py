"""Artwork of science fiction; see `poster_scenes_bold` for the rules of a scene."""

# ruff: noqa: E501  a path is read as one line

from random import Random

from website.poster_palettes import Palette
from website.poster_shapes import circle, glow, line, rect, sky

__all__ = ["planet", "synth_sun"]


def planet(width: float, height: float, rng: Random, p: Palette) -> str:
    """Sci-Fi: a ringed planet among stars."""
    x, y, r = (
        width * rng.uniform(0.35, 0.65),
        height * rng.uniform(0.32, 0.42),
        min(width, height) * rng.uniform(0.2, 0.27),
    )
    stars = "".join(
        f"M{width * rng.random():.0f} {height * rng.random() * 0.9:.0f}h{rng.choice((1, 2, 2, 3))}"
        for _ in range(46)
    )
    tilt = rng.uniform(-28, 28)
    shade = f'<linearGradient id="s" x2="1" y2="1"><stop offset="0" stop-color="{p.bright}"/><stop offset=".75" stop-color="{p.deep}"/></linearGradient>'
    turned = f'<g transform="rotate({tilt:.0f} {x:.0f} {y:.0f})">'
    arc = f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{r * 1.75:.0f}" ry="{r * 0.42:.0f}" fill="none" stroke="{p.pale}" stroke-width="{r * 0.1:.0f}" opacity=".85"/>'
    front = (
        f'<path d="M{x - r * 1.75:.0f} {y:.0f}A{r * 1.75:.0f} {r * 0.42:.0f} 0 0 0 {x + r * 1.75:.0f} {y:.0f}" fill="none"'
        f' stroke="{p.pale}" stroke-width="{r * 0.1:.0f}"/>'
    )
    return (
        sky(width, height, "a", p.night, p.deep, p.night)
        + line(stars, p.pale, 3, 0.8)
        + glow(x, y, r * 2.2, "g", p.middle, 0.9)
        + turned
        + arc
        + "</g>"
        + shade
        + circle(x, y, r, "url(#s)")
        + turned
        + front
        + "</g>"
        + circle(x + r * 1.5, y - r * 1.2, r * 0.16, p.pale)
    )


def synth_sun(width: float, height: float, rng: Random, p: Palette) -> str:
    """Sci-Fi: a striped sun over a grid that runs to the horizon."""
    x, y, r = width / 2, height * 0.5, min(width * 0.38, height * 0.3)
    horizon = height * 0.56
    stripes = "".join(rect(0, y - r + r * (0.9 + 0.2 * k), width, 3 + 2.6 * k, p.deep) for k in range(5))
    floor = "".join(f"M{x:.0f} {horizon:.0f}L{x + width * k / 4:.0f} {height:.0f}" for k in range(-7, 8))
    floor += "".join(f"M0 {horizon + (height - horizon) * (k / 7) ** 2:.0f}h{width:.0f}" for k in range(8))
    stars = "".join(f"M{width * rng.random():.0f} {horizon * rng.random():.0f}h2" for _ in range(26))
    sun = f'<linearGradient id="s" x2="0" y2="1"><stop offset="0" stop-color="{p.pale}"/><stop offset="1" stop-color="{p.bright}"/></linearGradient>'
    return (
        sky(width, height, "a", p.night, p.deep, p.middle)
        + line(stars, p.pale, 3, 0.7)
        + sun
        + circle(x, y, r, "url(#s)")
        + stripes
        + rect(0, horizon, width, height, p.night)
        + line(floor, p.middle, 2, 0.9)
    )
