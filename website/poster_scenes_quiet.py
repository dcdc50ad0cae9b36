"""Artwork of the quiet genres; see `poster_scenes_bold` for the rules of a scene."""

# ruff: noqa: E501  a path is read as one line

import math
from random import Random

from website.poster_palettes import Palette
from website.poster_shapes import circle, glow, hills, line, path, rays, rect, ring, sky

__all__ = ["castle", "colour_field", "contours", "eclipse", "globe", "heart", "lone_tree", "sunset_sea"]


def castle(width: float, height: float, rng: Random, p: Palette) -> str:
    """Fantasy: towers before an enormous moon."""
    x, r = width * rng.uniform(0.35, 0.65), min(width * 0.36, height * 0.25)
    stars = "".join(f"M{width * rng.random():.0f} {height * rng.random() * 0.5:.0f}h2" for _ in range(36))
    foot, unit = height * 0.7, height * 0.034
    towers = (
        f"M{x - 3.4 * unit:.0f} {foot:.0f}V{height * 0.47:.0f}"
        + f"h{unit * 0.4:.0f}v8h{unit * 0.45:.0f}v-8" * 8
        + f"V{foot:.0f}Z"
    )
    windows = ""
    for offset, width_share, height_share in (
        (-3.4, 0.8, 0.4),
        (-1.2, 1.0, 0.31),
        (1.3, 0.75, 0.37),
        (3.4, 0.9, 0.43),
    ):
        middle, half, top = (
            x + offset * unit,
            width_share * unit,
            height * (height_share + rng.uniform(-0.03, 0.03)),
        )
        roof = half * rng.uniform(2.2, 3)
        towers += (
            f"M{middle - half:.0f} {foot:.0f}V{top:.0f}h{2 * half:.0f}V{foot:.0f}Z"
            f"M{middle - half * 1.35:.0f} {top:.0f}L{middle:.0f} {top - roof:.0f}L{middle + half * 1.35:.0f} {top:.0f}Z"
        )
        windows += f"M{middle - 3:.0f} {top + half * 1.6:.0f}v-9a3 3 0 0 1 6 0v9Z"
    far = [height * rng.uniform(0.5, 0.6) for _ in range(5)]
    near = [height * rng.uniform(0.58, 0.68) for _ in range(5)]
    return (
        sky(width, height, "a", p.night, p.deep, p.middle)
        + line(stars, p.pale, 3, 0.8)
        + glow(x, height * 0.34, r * 1.8, "g", p.bright, 0.6)
        + circle(x, height * 0.34, r, p.pale)
        + circle(x - r * 0.35, height * 0.3, r * 0.14, p.bright, 0.3)
        + hills(width, height, far, p.middle, 0.8)
        + path(towers, p.night)
        + path(windows, p.bright)
        + hills(width, height, near, p.night)
    )


def colour_field(width: float, height: float, rng: Random, p: Palette) -> str:
    """Drama: blocks of colour that float, after the colour-field painters."""
    inset, split = min(width, height) * 0.09, rng.uniform(0.26, 0.42)
    top, low = rng.sample((p.middle, p.bright, p.pale, p.deep), 2)
    edge = (
        f'<rect x="{inset:.0f}" y="{inset:.0f}" width="{width - 2 * inset:.0f}" height="{height * split:.0f}" rx="6" fill="{top}"/>'
        f'<rect x="{inset:.0f}" y="{inset * 1.5 + height * split:.0f}" width="{width - 2 * inset:.0f}" height="{height * 0.6:.0f}" rx="6" fill="{low}"/>'
    )
    x, r = width * rng.uniform(0.3, 0.7), min(width, height) * rng.uniform(0.06, 0.16)
    return (
        sky(width, height, "a", p.night, p.deep, p.night)
        + edge
        + circle(x, inset + height * split, r, p.night, 0.9)
    )


def contours(width: float, height: float, rng: Random, p: Palette) -> str:
    """Documentary: the lines of a map."""
    x, y = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.25, 0.45)
    bumps = [rng.uniform(0.75, 1.25) for _ in range(8)]
    reach = height * 0.09
    corners = [
        (x + reach * bump * math.cos(math.tau * k / 8), y + reach * bump * math.sin(math.tau * k / 8))
        for k, bump in enumerate(bumps)
    ]
    middles = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    d = f"M{middles[-1][0]:.0f} {middles[-1][1]:.0f}" + "".join(
        f"Q{c[0]:.0f} {c[1]:.0f} {m[0]:.0f} {m[1]:.0f}" for c, m in zip(corners, middles, strict=True)
    )
    scales = [1, 1.9, 2.8, 3.8, 4.9, 6.1, 7.4]
    rings = "".join(
        f'<use href="#c" transform="translate({x * (1 - s):.0f} {y * (1 - s):.0f}) scale({s})" stroke-width="{3 / s:.2f}"/>'
        for s in scales
    )
    return (
        sky(width, height, "a", p.deep, p.deep, p.night)
        + f'<defs><path id="c" d="{d}Z"/></defs>'
        + f'<use href="#c" fill="{p.bright}" transform="translate({-x * 0.4:.0f} {-y * 0.4:.0f}) scale(1.4)"/>'
        + f'<g fill="none" stroke="{p.pale}" opacity=".75">{rings}</g>'
    )


def eclipse(width: float, height: float, rng: Random, p: Palette) -> str:
    """Drama: a sun half covered, mirrored in still water."""
    x, y, r = width * rng.uniform(0.35, 0.65), height * 0.33, min(width, height) * rng.uniform(0.19, 0.26)
    horizon = height * 0.56
    ripples = "".join(
        f"M{x - r * rng.uniform(0.2, 1.1):.0f} {horizon + height * (0.02 + 0.03 * k):.0f}h{r * rng.uniform(0.5, 1.4):.0f}"
        for k in range(7)
    )
    shift = rng.choice((-1, 1)) * r * rng.uniform(0.35, 0.6)
    return (
        sky(width, height, "a", p.deep, p.middle, p.bright)
        + glow(x, y, r * 2.4, "g", p.pale, 0.7)
        + circle(x, y, r, p.pale)
        + circle(x + shift, y - r * 0.1, r * 0.92, p.deep, 0.88)
        + rect(0, horizon, width, height, p.deep)
        + line(ripples, p.pale, 4, 0.6)
    )


def globe(width: float, height: float, rng: Random, p: Palette) -> str:
    """Documentary: the world as a wire frame."""
    x, y, r = width * rng.uniform(0.35, 0.65), height * 0.36, min(width * 0.42, height * 0.29)
    turn = rng.uniform(-30, 30)
    meridians = "".join(
        f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{r * k:.0f}" ry="{r:.0f}"/>' for k in (0.25, 0.55, 0.82)
    )
    parallels = "".join(
        f'<path d="M{x - r * math.cos(a):.0f} {y + r * math.sin(a):.0f}h{2 * r * math.cos(a):.0f}"/>'
        for a in (-0.9, -0.45, 0, 0.45, 0.9)
    )
    wide = rng.uniform(0, math.tau)
    return (
        sky(width, height, "a", p.deep, p.deep, p.night)
        + rays(x, y, width + height, [wide, wide + 0.9], p.middle, 0.5)
        + circle(x, y, r, p.middle)
        + f'<g transform="rotate({turn:.0f} {x:.0f} {y:.0f})" fill="none" stroke="{p.pale}" stroke-width="2.5" opacity=".8">'
        + meridians
        + parallels
        + "</g>"
        + ring(x, y, r, p.pale, 5)
        + circle(x + r * 0.4, y - r * 0.35, r * 0.1, p.bright)
    )


def heart(width: float, height: float, rng: Random, p: Palette) -> str:
    """Romance: two hearts that overlap."""
    x, y, s = width * 0.5, height * 0.34, min(width * 0.3, height * 0.2) * rng.uniform(0.9, 1.1)
    shape = f"M0 {s * 0.95:.0f}C{-s * 1.7:.0f} {-s * 0.1:.0f} {-s * 0.9:.0f} {-s * 1.35:.0f} 0 {-s * 0.45:.0f}C{s * 0.9:.0f} {-s * 1.35:.0f} {s * 1.7:.0f} {-s * 0.1:.0f} 0 {s * 0.95:.0f}Z"
    turn, apart = rng.uniform(8, 22), s * rng.uniform(0.3, 0.5)
    dots = "".join(
        circle(width * rng.random(), height * rng.random() * 0.6, rng.uniform(2, 6), p.pale, 0.5)
        for _ in range(10)
    )
    return (
        sky(width, height, "a", p.deep, p.middle, p.bright)
        + glow(x, y, height * 0.42, "g", p.pale, 0.5)
        + dots
        + f'<path transform="translate({x - apart:.0f} {y:.0f}) rotate({-turn:.0f})" d="{shape}" fill="{p.bright}" opacity=".92"/>'
        + f'<path transform="translate({x + apart:.0f} {y + s * 0.12:.0f}) rotate({turn:.0f})" d="{shape}" fill="{p.pale}" opacity=".8"/>'
    )


def lone_tree(width: float, height: float, rng: Random, p: Palette) -> str:
    """Drama and romance: one tree on a hill."""
    x, foot, s = width * rng.uniform(0.28, 0.72), height * 0.58, height * 0.05
    crown_y = foot - s * 5
    leaves = []
    for fill, lift, n_leaves in ((p.deep, 0.0, 11), (p.middle, -0.45, 6)):
        for k in range(n_leaves):
            turn, reach = math.tau * (k + rng.random() * 0.5) / n_leaves, s * rng.uniform(0.9, 1.9)
            leaf_x, leaf_y = x + reach * 1.25 * math.cos(turn), crown_y + reach * math.sin(turn) * 0.9
            leaves.append(circle(leaf_x + lift * s, leaf_y + lift * s, s * (1.15 + 0.9 * lift), fill))
    trunk = path(
        f"M{x - s * 0.42:.0f} {foot + s:.0f}Q{x - s * 0.1:.0f} {foot - s * 2:.0f} {x - s * 0.16:.0f} {crown_y:.0f}h{s * 0.36:.0f}Q{x + s * 0.16:.0f} {foot - s * 2:.0f} {x + s * 0.5:.0f} {foot + s:.0f}Z",
        p.deep,
    )
    far = [height * rng.uniform(0.5, 0.58) for _ in range(5)]
    near = [height * rng.uniform(0.62, 0.68), foot + s * 0.5, foot + s * 1.1, height * rng.uniform(0.62, 0.7)]
    return (
        sky(width, height, "a", p.bright, p.pale, p.pale)
        + glow(width - x, height * 0.3, height * 0.3, "g", p.bright, 0.9)
        + circle(width - x, height * 0.3, height * rng.uniform(0.07, 0.1), p.middle, 0.85)
        + hills(width, height, far, p.bright, 0.6)
        + trunk
        + "".join(leaves)
        + hills(width, height, near, p.deep)
    )


def sunset_sea(width: float, height: float, rng: Random, p: Palette) -> str:
    """Romance and drama: the sun goes down into layered waves."""
    x, r = width * rng.uniform(0.35, 0.65), min(width * 0.34, height * 0.2)
    parts = [
        sky(width, height, "a", p.middle, p.bright, p.pale),
        glow(x, height * 0.42, r * 2.2, "g", p.pale, 0.8),
        circle(x, height * 0.42, r, p.pale),
    ]
    for k, fill in enumerate((p.bright, p.middle, p.deep, p.night)):
        level = height * (0.46 + 0.075 * k)
        wave = [level + height * 0.02 * math.sin(j * 1.7 + k + rng.random()) for j in range(7)]
        parts.append(hills(width, height, wave, fill, 0.9))
    bird_x, bird_y, s = width - x, height * 0.17, height * 0.02
    bird = f"M{bird_x - 2 * s:.0f} {bird_y:.0f}q{s:.0f} {-s:.0f} {2 * s:.0f} {s * 0.4:.0f}q{s:.0f} {-s * 1.4:.0f} {2 * s:.0f} {-s * 0.4:.0f}"
    return "".join(parts) + line(bird, p.deep, 4)
