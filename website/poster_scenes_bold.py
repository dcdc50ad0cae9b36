"""Artwork of the lively genres. A scene fills `width` by `height`; its interest lies in the upper two thirds.

The same scene is drawn upright for a poster and wide for the backdrop behind a headline.
"""

# ruff: noqa: E501, PLR2004  a path is read as one line; its numbers are the drawing

import math
from random import Random

from website.poster_palettes import Palette
from website.poster_shapes import circle, glow, hills, line, path, polygon, rays, rect, ring, sky

__all__ = [
    "balloons",
    "blast",
    "city",
    "equaliser",
    "grin",
    "memphis",
    "mesas",
    "peaks",
    "record",
    "sunburst",
]


def balloons(width: float, height: float, rng: Random, p: Palette) -> str:
    """Children: balloons over clouds."""
    parts = [sky(width, height, "a", p.middle, p.middle, p.pale)]
    for k in range(5):
        x, y, r = (
            width * (k + rng.random()) / 5,
            height * rng.uniform(0.5, 0.8),
            height * rng.uniform(0.07, 0.13),
        )
        parts += [circle(x, y, r, p.pale, 0.55), circle(x + r, y + r * 0.3, r * 0.8, p.pale, 0.55)]
    n_balloons = 4 + round(2 * width / height)
    for k in range(n_balloons):
        x, y = width * (k + rng.uniform(0.25, 0.75)) / n_balloons, height * rng.uniform(0.12, 0.45)
        r = height * rng.uniform(0.065, 0.11)
        fill = (p.bright, p.deep, p.pale)[k % 3]
        sway = rng.uniform(-0.5, 0.5) * r
        parts += [
            line(f"M{x:.0f} {y + r:.0f}q{sway:.0f} {r:.0f} 0 {2 * r:.0f}t0 {2 * r:.0f}", p.night, 2, 0.5),
            f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{r * 0.86:.0f}" ry="{r:.0f}" fill="{fill}"/>',
            circle(x - r * 0.3, y - r * 0.35, r * 0.2, "#ffffff", 0.35),
        ]
    return "".join(parts)


def blast(width: float, height: float, rng: Random, p: Palette) -> str:
    """Action: shards of light fly from one point."""
    x, y = width * rng.uniform(0.25, 0.75), height * rng.uniform(0.3, 0.45)
    reach = math.hypot(width, height)
    start = rng.random()
    wide = [start + math.tau * k / 9 + rng.uniform(0, 0.25) for k in range(18)]
    wide = [angle + (0.24 if index % 2 else 0) for index, angle in enumerate(sorted(wide))]
    thin = sorted(rng.uniform(0, math.tau) for _ in range(9))
    slivers = [edge for angle in thin for edge in (angle, angle + rng.uniform(0.02, 0.07))]
    tilt = rng.choice((-1, 1)) * height * 0.12
    return (
        sky(width, height, "a", p.night, p.deep, p.middle)
        + rays(x, y, reach, wide, p.bright, 0.3)
        + rays(x, y, reach, slivers, p.bright, 0.9)
        + glow(x, y, height * 0.42, "g", p.bright)
        + circle(x, y, height * 0.055, p.pale)
        + polygon(
            [(0, height * 0.72 + tilt), (width, height * 0.72 - tilt), (width, height), (0, height)], p.night
        )
        + polygon(
            [
                (0, height * 0.7 + tilt),
                (width, height * 0.7 - tilt),
                (width, height * 0.715 - tilt),
                (0, height * 0.73 + tilt),
            ],
            p.bright,
        )
    )


def city(width: float, height: float, rng: Random, p: Palette) -> str:
    """Crime: a skyline with a few windows lit, under one beam."""
    x = width * rng.uniform(0.2, 0.8)
    parts = [
        sky(width, height, "a", p.night, p.deep, p.middle),
        polygon([(x, -20), (x - width * 0.5, height), (x + width * 0.1, height)], p.bright, 0.28),
        circle(width - x, height * 0.17, height * 0.06, p.pale),
    ]
    windows = []
    for fill, low, high, n in ((p.middle, 0.32, 0.5, 7), (p.night, 0.45, 0.64, 6)):
        n_houses = round(n * max(1.0, width / height * 1.2))
        step = width / n_houses
        d = f"M0 {height:.0f}"
        for k in range(n_houses):
            top = height * rng.uniform(low, high)
            d += f"L{k * step:.0f} {top:.0f}H{(k + 1) * step:.0f}"
            if fill == p.night:
                windows += [
                    f"M{k * step + step * rng.choice((0.2, 0.45, 0.7)):.0f} {top + height * (0.03 + 0.04 * row):.0f}h9v13h-9Z"
                    for row in range(3)
                ]
        parts.append(path(f"{d}V{height:.0f}Z", fill, 0.8 if fill == p.middle else 1))
    return "".join(parts) + path("".join(windows), p.bright)


def equaliser(width: float, height: float, rng: Random, p: Palette) -> str:
    """Musical: bars of sound on a stage."""
    n_bars = 11 + 2 * round(4 * (width / height - 0.6))
    step = width / n_bars
    parts = [
        sky(width, height, "a", p.night, p.deep, p.middle),
        glow(width / 2, height * 0.55, height * 0.5, "g", p.bright, 0.7),
    ]
    phase = rng.uniform(0, math.tau)
    for k in range(n_bars):
        tall = height * (0.12 + 0.3 * abs(math.sin(phase + k * 0.55)) * rng.uniform(0.6, 1))
        parts.append(
            f'<rect x="{k * step + step * 0.18:.0f}" y="{height * 0.6 - tall:.0f}" width="{step * 0.64:.0f}"'
            f' height="{tall * 1.25:.0f}" rx="{step * 0.3:.0f}" fill="{p.pale if k % 3 == 0 else p.bright}"/>'
        )
    return "".join(parts)


def grin(width: float, height: float, rng: Random, p: Palette) -> str:
    """Comedy: one very wide smile."""
    x, y, r = width * rng.uniform(0.42, 0.58), height * 0.36, min(height * 0.3, width * 0.4)
    eye, lift = r * rng.uniform(0.1, 0.17), r * rng.uniform(-0.1, 0.1)
    squint = rng.random() < 0.5
    right_eye = (
        line(
            f"M{x + r * 0.2:.0f} {y - r * 0.3 + lift:.0f}q{r * 0.18:.0f} {-r * 0.22:.0f} {r * 0.36:.0f} 0",
            p.night,
            r * 0.09,
        )
        if squint
        else circle(x + r * 0.38, y - r * 0.34 + lift, eye, p.night)
    )
    return (
        sky(width, height, "a", p.middle, p.middle, p.deep)
        + circle(x, y, r * 1.32, p.bright, 0.25)
        + circle(x, y, r, p.bright)
        + circle(x - r * 0.38, y - r * 0.34 - lift, eye, p.night)
        + right_eye
        + path(
            f"M{x - r * 0.66:.0f} {y + r * 0.06:.0f}h{r * 1.32:.0f}a{r * 0.66:.0f} {r * 0.7:.0f} 0 0 1 {-r * 1.32:.0f} 0Z",
            p.night,
        )
        + path(
            f"M{x - r * 0.42:.0f} {y + r * 0.52:.0f}a{r * 0.5:.0f} {r * 0.36:.0f} 0 0 1 {r * 0.84:.0f} 0a{r * 0.66:.0f} {r * 0.7:.0f} 0 0 1 {-r * 0.84:.0f} 0Z",
            p.middle,
        )
    )


def memphis(width: float, height: float, rng: Random, p: Palette) -> str:
    """Animation and comedy: bouncing geometry."""
    unit = height / 9
    parts = [
        rect(0, 0, width, height, p.deep),
        circle(width * rng.uniform(0.2, 0.8), height * 0.36, height * rng.uniform(0.22, 0.3), p.middle),
    ]
    tones = (p.bright, p.pale, p.middle, p.bright, p.night)
    for k in range(8 + round(4 * width / height)):
        x, y = width * rng.random(), height * rng.uniform(0.03, 0.72)
        fill, size = tones[k % 5], unit * rng.uniform(0.5, 1.1)
        kind = k % 4
        if kind == 0:
            parts.append(circle(x, y, size * 0.7, fill))
        elif kind == 1:
            turn = rng.uniform(0, math.tau)
            corners = [(x + size * math.cos(turn + a), y + size * math.sin(turn + a)) for a in (0, 2.1, 4.2)]
            parts.append(polygon(corners, fill))
        elif kind == 2:
            h = size * 0.5
            parts.append(
                line(f"M{x:.0f} {y:.0f}q{h:.0f} {-size:.0f} {size:.0f} 0t{size:.0f} 0t{size:.0f} 0", fill, 7)
            )
        else:
            parts.append(ring(x, y, size * 0.6, fill, unit * 0.22))
    return "".join(parts)


def mesas(width: float, height: float, rng: Random, p: Palette) -> str:
    """Western: a low sun, table mountains, a cactus."""
    x, r = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.15, 0.2)
    parts = [
        sky(width, height, "a", p.middle, p.bright, p.pale),
        circle(x, height * 0.4, r, p.pale),
        circle(x, height * 0.4, r * 0.8, p.bright, 0.5),
    ]
    for fill, base in ((p.middle, 0.5), (p.deep, 0.56)):
        left = width * rng.uniform(-0.1, 0.5)
        wide, tall = width * rng.uniform(0.25, 0.4), height * rng.uniform(0.1, 0.17)
        top = height * base
        parts.append(
            polygon(
                [
                    (left, top),
                    (left + wide * 0.12, top - tall),
                    (left + wide * 0.88, top - tall),
                    (left + wide, top),
                ],
                fill,
            )
        )
        ground = [top + height * rng.uniform(-0.015, 0.03) for _ in range(5)]
        parts.append(hills(width, height, ground, fill))
    cactus_x, foot, s = width * rng.choice((0.18, 0.8)), height * 0.68, height * 0.028
    cactus = (
        f"M{cactus_x:.0f} {foot:.0f}v{-8 * s:.0f}M{cactus_x:.0f} {foot - 3 * s:.0f}h{-2 * s:.0f}v{-2.4 * s:.0f}"
        f"M{cactus_x:.0f} {foot - 4.4 * s:.0f}h{2 * s:.0f}v{-2 * s:.0f}"
    )
    ground = [height * 0.66 + height * rng.uniform(-0.01, 0.02) for _ in range(4)]
    return "".join(parts) + line(cactus, p.night, s) + hills(width, height, ground, p.night)


def peaks(width: float, height: float, rng: Random, p: Palette) -> str:
    """Adventure: ranges of mountains before a rising sun."""
    sun_x, sun_r = width * rng.uniform(0.25, 0.75), min(width, height) * rng.uniform(0.13, 0.2)
    parts = [
        sky(width, height, "a", p.middle, p.bright, p.pale),
        glow(sun_x, height * 0.34, sun_r * 3, "g", p.pale, 0.9),
        circle(sun_x, height * 0.34, sun_r, p.pale),
    ]
    for level, (fill, opacity) in enumerate(((p.middle, 0.55), (p.middle, 1), (p.deep, 1), (p.night, 1))):
        base = height * (0.42 + 0.13 * level)
        n_peaks = 3 + level + round(width / height)
        points = [(0.0, height), (0.0, base)]
        for k in range(n_peaks):
            step = width / n_peaks
            points.append((step * (k + rng.uniform(0.3, 0.7)), base - height * rng.uniform(0.08, 0.2)))
            points.append((step * (k + 1), base + height * rng.uniform(-0.02, 0.05)))
        points.append((width, height))
        parts.append(polygon(points, fill, opacity))
    return "".join(parts)


def record(width: float, height: float, rng: Random, p: Palette) -> str:
    """Musical: a record, half out of its sleeve."""
    x, y, r = width * rng.uniform(0.3, 0.7), height * 0.36, height * 0.3
    start = rng.uniform(0, math.tau)
    edges = [start, start + 0.3, start + math.pi, start + math.pi + 0.3]
    grooves = "".join(ring(x, y, r * (0.45 + 0.085 * k), p.deep, 2) for k in range(7))
    return (
        sky(width, height, "a", p.bright, p.middle, p.deep)
        + rect(x - r * 1.1, y - r * 1.1, r * 1.3, r * 2.2, p.pale, 0.9)
        + circle(x, y, r, p.night)
        + grooves
        + rays(x, y, r * 0.96, edges, p.pale, 0.14)
        + circle(x, y, r * 0.36, p.middle)
        + ring(x, y, r * 0.25, p.pale, 3)
        + circle(x, y, r * 0.05, p.night)
    )


def sunburst(width: float, height: float, rng: Random, p: Palette) -> str:
    """Comedy: rays from a low sun, and confetti."""
    x, y, n_rays = width * rng.uniform(0.35, 0.65), height * rng.uniform(0.5, 0.62), rng.choice((11, 13, 15))
    start = rng.random()
    edges = [start + math.pi * k / n_rays for k in range(2 * n_rays)]
    parts = [
        rect(0, 0, width, height, p.bright),
        rays(x, y, width + height, edges, p.middle),
        circle(x, y, height * 0.2, p.pale),
        circle(x, y, height * 0.15, p.middle),
    ]
    for k in range(16):
        left, top = width * rng.random(), height * rng.random() * 0.55
        parts.append(
            f'<rect x="{left:.0f}" y="{top:.0f}" width="14" height="7" rx="2" fill="{(p.pale, p.deep, p.night)[k % 3]}"'
            f' transform="rotate({rng.randrange(180)} {left:.0f} {top:.0f})"/>'
        )
    return "".join(parts)
