"""Where everything lies in a chart: pure geometry in SVG user units; the templates only print it."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 30, 34
_MOST_X_TICKS = 7
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis; a minor one is left out where there is little room."""

    place: float
    label: str
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or a band: an SVG path, and the class that gives it its colour and dashes."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the chart, with its name."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What the pointer finds at one place: a column of the chart, and what to say there."""

    x: float
    left: float
    width: float
    readout: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of series over time."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bands: tuple[Shape, ...]
    lines: tuple[Shape, ...]
    rules: tuple[Rule, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Values over time; `kind` is a class of the style sheet, None a gap."""

    kind: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class BandSeries:
    """Two ends over time; None a gap."""

    kind: str
    ends: Sequence[tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from the lower to the upper edge of a chart, and those that are named."""

    low: float
    high: float
    named: tuple[tuple[float, str], ...]


def round_scale(low: float, high: float, label: Callable[[float], str], *, n_steps: int = 5) -> Scale:
    """A scale from one value to the other, with the round numbers between them named."""
    if high <= low:
        high = low + 1.0
    rough = (high - low) / n_steps
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(magnitude * nice for nice in _STEPS if magnitude * nice >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    named = tuple((k * step, label(k * step)) for k in range(first, last + 1))
    return Scale(low, high, named)


def draw_chart(
    times: Sequence[int],
    *,
    scale: Scale,
    time_label: Callable[[int], str],
    readouts: Sequence[str],
    lines: Sequence[Series] = (),
    bands: Sequence[BandSeries] = (),
    rules: Sequence[tuple[float, str]] = (),
) -> Chart:
    """Lay out series over common times; what lies beyond the scale is drawn at its edge.

    Args:
        times: rising, at least one.
        scale: of the values.
        time_label: what to print below a time.
        readouts: what to say at each time.
        lines: one value a time each.
        bands: two ends a time each.
        rules: values with their names, drawn across.
    """
    first, last = times[0], times[-1]
    plot_width, plot_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x_of(at: float) -> float:
        share = 0.5 if last == first else (at - first) / (last - first)
        return round(_LEFT + share * plot_width, 1)

    def y_of(value: float) -> float:
        inside = min(max(value, scale.low), scale.high)
        return round(_TOP + (scale.high - inside) / (scale.high - scale.low) * plot_height, 1)

    xs = [x_of(at) for at in times]
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        top=_TOP,
        bottom=HEIGHT - _BOTTOM,
        x_ticks=_time_ticks(times, xs, time_label),
        y_ticks=tuple(Tick(y_of(value), label) for value, label in scale.named),
        bands=tuple(Shape(band.kind, _band_path(xs, band.ends, y_of)) for band in bands),
        lines=tuple(Shape(line.kind, _line_path(xs, line.values, y_of)) for line in lines),
        rules=tuple(Rule(y_of(value), label) for value, label in rules),
        moments=_moments(xs, readouts),
    )


def _time_ticks(times: Sequence[int], xs: Sequence[float], label: Callable[[int], str]) -> tuple[Tick, ...]:
    every = max(1, math.ceil(len(times) / _MOST_X_TICKS))
    places = range(0, len(times), every)
    return tuple(Tick(xs[i], label(times[i]), is_minor=k % 2 == 1) for k, i in enumerate(places))


def _line_path(xs: Sequence[float], values: Sequence[float | None], y_of: Callable[[float], float]) -> str:
    parts, is_open = [], False
    for x, value in zip(xs, values, strict=True):
        if value is None:
            is_open = False
            continue
        parts.append(f"{'L' if is_open else 'M'}{x} {y_of(value)}")
        is_open = True
    if len(parts) == 1:
        parts.append("h0.1")  # a single point is drawn as a round cap
    return "".join(parts)


def _band_path(
    xs: Sequence[float], ends: Sequence[tuple[float, float] | None], y_of: Callable[[float], float]
) -> str:
    paths: list[str] = []
    run: list[tuple[float, float, float]] = []
    for x, end in [*zip(xs, ends, strict=True), (0.0, None)]:
        if end is not None:
            run.append((x, *end))
            continue
        if run:
            upper = "L".join(f"{x} {y_of(high)}" for x, _, high in run)
            lower = "L".join(f"{x} {y_of(low)}" for x, low, _ in reversed(run))
            paths.append(f"M{upper}L{lower}Z")
        run = []
    return "".join(paths)


def _moments(xs: Sequence[float], readouts: Sequence[str]) -> tuple[Moment, ...]:
    edges = [
        _LEFT if len(xs) == 1 else xs[0],
        *((a + b) / 2 for a, b in itertools.pairwise(xs)),
        WIDTH - _RIGHT if len(xs) == 1 else xs[-1],
    ]
    return tuple(
        Moment(x, round(left, 1), round(right - left, 1), readout)
        for x, left, right, readout in zip(xs, edges, edges[1:], readouts, strict=False)
    )
