"""Artwork of the dark genres; see `poster_scenes_bold` for the rules of a scene."""

# ruff: noqa: E501, PLR2004  a path is read as one line; its numbers are the drawing

import math
from random import Random

from website.poster_palettes import Palette
from website.poster_shapes import (
    circle,
    glow,
    gradient,
    hills,
    line,
    path,
    polygon,
    rays,
    rect,
    ring_path,
    sky,
)

__all__ = ["blinds", "doorway", "fracture", "keyhole", "moon_branches", "searchlights", "vertigo"]


def blinds(width: float, height: float, rng: Random, p: Palette) -> str:
    """Film noir: light through a blind, and a hat."""
    lean, step = height * rng.uniform(-0.12, 0.12), height * 0.058
    slats = "".join(
        f"M{width * 0.12:.0f} {height * 0.08 + k * step:.0f}L{width * 0.88:.0f} {height * 0.08 + k * step + lean:.0f}v{step * 0.52:.0f}L{width * 0.12:.0f} {height * 0.08 + (k + 0.52) * step:.0f}Z"
        for k in range(10)
    )
    x, y, s = width * rng.uniform(0.4, 0.6), height * 0.43, height * 0.085
    man = (
        f"M{x - s * 2.3:.0f} {y:.0f}q{s * 2.3:.0f} {s * 0.75:.0f} {s * 4.6:.0f} {-s * 0.2:.0f}q{-s * 0.7:.0f} {-s * 0.3:.0f} {-s:.0f} {-s * 0.4:.0f}l{-s * 0.3:.0f} {-s * 1.3:.0f}q{-s:.0f} {-s * 0.7:.0f} {-s * 2.1:.0f} {s * 0.05:.0f}l{-s * 0.3:.0f} {s * 1.3:.0f}Z"
        f"M{x - s:.0f} {y:.0f}h{s * 2:.0f}l{-s * 0.1:.0f} {s * 1.3:.0f}q{-s * 0.9:.0f} {s:.0f} {-s * 1.8:.0f} 0Z"
        f"M{x - s * 3:.0f} {height:.0f}V{y + s * 3.3:.0f}L{x - s * 0.7:.0f} {y + s * 1.7:.0f}h{s * 1.4:.0f}L{x + s * 3:.0f} {y + s * 3.3:.0f}V{height:.0f}Z"
    )
    return sky(width, height, "a", p.night, p.deep, p.night) + path(slats, p.pale, 0.85) + path(man, p.night)


def doorway(width: float, height: float, rng: Random, p: Palette) -> str:
    """Drama and mystery: a dark room, a lit door, one figure."""
    x, top, foot = width * rng.uniform(0.4, 0.6), height * 0.16, height * 0.52
    half = height * rng.uniform(0.07, 0.1)
    lean = width * rng.uniform(-0.25, 0.25)
    head = half * 0.24
    figure = circle(x, foot - half * 1.36, head, p.night) + path(
        f"M{x - head * 1.3:.0f} {foot:.0f}l{head * 0.4:.0f} {-half * 1.1:.0f}h{head * 1.8:.0f}l{head * 0.4:.0f} {half * 1.1:.0f}Z",
        p.night,
    )
    return (
        sky(width, height, "a", p.night, p.deep, p.night)
        + glow(x, (top + foot) / 2, height * 0.4, "g", p.bright, 0.7)
        + rect(0, foot, width, height, p.night, 0.85)
        + polygon(
            [
                (x - half, foot),
                (x + half, foot),
                (x + lean + half * 3.2, height),
                (x + lean - half * 3.2, height),
            ],
            p.bright,
            0.5,
        )
        + gradient("d", (0.0, p.pale, 1.0), (1.0, p.bright, 1.0))
        + rect(x - half, top, half * 2, foot - top, "url(#d)")
        + figure
    )


def fracture(width: float, height: float, rng: Random, p: Palette) -> str:
    """Thriller: a pane that cracks from one point."""
    x, y = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.25, 0.42)
    n_cracks = 11
    angles = [math.tau * (k + rng.uniform(-0.3, 0.3)) / n_cracks for k in range(n_cracks)]
    reach = math.hypot(width, height)
    panes = [
        rays(x, y, reach, [angles[k], angles[k + 1]], (p.middle, p.deep, p.bright)[k % 3], 0.75)
        for k in (0, 2, 4, 6, 8)
    ]
    web = "".join(
        f"M{x:.0f} {y:.0f}L{x + reach * math.cos(a):.0f} {y + reach * math.sin(a):.0f}" for a in angles
    )
    for r in (height * 0.09, height * 0.2, height * 0.34):
        corners = [(x + r * math.cos(a), y + r * math.sin(a)) for a in angles]
        web += "M" + "L".join(f"{cx:.0f} {cy:.0f}" for cx, cy in corners) + "Z"
    return (
        sky(width, height, "a", p.deep, p.night, p.night)
        + "".join(panes)
        + line(web, p.pale, 2.5, 0.85)
        + circle(x, y, height * 0.018, p.night)
    )


def keyhole(width: float, height: float, rng: Random, p: Palette) -> str:
    """Mystery: a fingerprint around a keyhole."""
    x, y, r = width * rng.uniform(0.42, 0.58), height * 0.34, height * 0.055
    dashes = " ".join(str(rng.randrange(20, 160)) for _ in range(6))
    arcs = "".join(ring_path(x, y + r * 0.3, r * (1.9 + 0.62 * k)) for k in range(7))
    hole = f"M{x - r * 0.45:.0f} {y + r * 0.3:.0f}L{x - r * 0.85:.0f} {y + r * 2.5:.0f}h{r * 1.7:.0f}L{x + r * 0.45:.0f} {y + r * 0.3:.0f}Z"
    return (
        sky(width, height, "a", p.night, p.deep, p.deep)
        + glow(x, y, height * 0.45, "g", p.middle, 0.9)
        + f'<path d="{arcs}" fill="none" stroke="{p.bright}" stroke-width="9" stroke-linecap="round" stroke-dasharray="{dashes}" opacity=".8"/>'
        + circle(x, y, r, p.pale)
        + path(hole, p.pale)
    )


def moon_branches(width: float, height: float, rng: Random, p: Palette) -> str:
    """Horror: bare branches against a red moon."""
    x, y, r = width * rng.uniform(0.4, 0.65), height * 0.3, min(width * 0.32, height * 0.2)
    branches: list[str] = []

    def grow(x0: float, y0: float, angle: float, length: float, depth: int) -> None:
        x1, y1 = x0 + length * math.cos(angle), y0 + length * math.sin(angle)
        branches.append(f"M{x0:.0f} {y0:.0f}L{x1:.0f} {y1:.0f}")
        if depth:
            grow(x1, y1, angle - rng.uniform(0.25, 0.7), length * 0.76, depth - 1)
            grow(x1, y1, angle + rng.uniform(0.25, 0.7), length * 0.74, depth - 1)

    root = width * rng.choice((0.14, 0.86))
    grow(root, height * 0.66, -math.pi / 2 + (0.25 if root < width / 2 else -0.25), height * 0.17, 4)
    fog = [height * rng.uniform(0.56, 0.64) for _ in range(6)]
    return (
        sky(width, height, "a", p.night, p.deep, p.night)
        + glow(x, y, r * 2.1, "g", p.bright, 0.8)
        + circle(x, y, r, p.bright)
        + circle(x - r * 0.3, y + r * 0.2, r * 0.16, p.middle, 0.6)
        + circle(x + r * 0.35, y - r * 0.3, r * 0.1, p.middle, 0.6)
        + line("".join(branches), p.night, 7)
        + hills(width, height, fog, p.middle, 0.35)
        + hills(width, height, [v + height * 0.05 for v in reversed(fog)], p.night)
    )


def searchlights(width: float, height: float, rng: Random, p: Palette) -> str:
    """War: searchlights cross over a dark land."""
    parts = [sky(width, height, "a", p.night, p.deep, p.middle)]
    for k in range(3):
        foot = width * (k + rng.uniform(0.2, 0.8)) / 3
        aim = width * rng.uniform(-0.1, 1.1)
        parts.append(
            polygon(
                [(foot, height * 0.66), (aim - width * 0.12, -10), (aim + width * 0.12, -10)], p.pale, 0.22
            )
        )
    planes = ""
    for _ in range(5):
        x, y, s = width * rng.uniform(0.1, 0.9), height * rng.uniform(0.08, 0.34), height * 0.016
        planes += f"M{x - 2 * s:.0f} {y:.0f}L{x:.0f} {y - s * 0.5:.0f}L{x + 2 * s:.0f} {y:.0f}L{x:.0f} {y + s * 0.2:.0f}ZM{x - s * 0.3:.0f} {y - s:.0f}h{s * 0.6:.0f}v{2.4 * s:.0f}h{-s * 0.6:.0f}Z"
    far = [height * rng.uniform(0.52, 0.6) for _ in range(6)]
    near = [height * rng.uniform(0.6, 0.68) for _ in range(5)]
    return (
        "".join(parts)
        + path(planes, p.night)
        + glow(width * rng.random(), height * 0.6, height * 0.25, "g", p.bright, 0.9)
        + hills(width, height, far, p.deep)
        + hills(width, height, near, p.night)
    )


def vertigo(width: float, height: float, rng: Random, p: Palette) -> str:
    """Thriller: rings that draw the eye down a shaft."""
    x, y = width * 0.5, height * 0.36
    drift, turn = rng.uniform(0.25, 0.5), rng.uniform(0, math.tau)
    reach = max(width, height) * 0.62
    parts = [rect(0, 0, width, height, p.night)]
    for k in range(9):
        r = reach * 0.74**k
        dx, dy = (reach - r) * drift * math.cos(turn) * 0.4, (reach - r) * drift * math.sin(turn) * 0.25
        parts.append(circle(x + dx, y + dy, r, (p.middle, p.night)[k % 2] if k < 7 else p.bright))
    return "".join(parts)
