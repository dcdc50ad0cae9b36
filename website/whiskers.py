"""Where everything lies in a drawing of rates with their intervals; the template only prints it."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Mark", "Whisker", "Whiskers", "draw_whiskers"]

WIDTH = 640
_LEFT, _RIGHT = 130, 24
_TOP, _ROW_HEIGHT, _FOOT = 26, 44, 30
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_MOST_MARKS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """One arm: its estimate and the ends of its interval."""

    name: str
    y: float
    x: float
    x_low: float
    x_high: float


@dataclass(frozen=True, slots=True)
class Whiskers:
    """The whole drawing, in its own units."""

    width: int
    height: int
    baseline_x: float
    baseline_label: str
    marks: tuple[Mark, ...]
    rows: tuple[Whisker, ...]


def draw_whiskers(rows: Sequence[tuple[str, float, float, float]], *, baseline: float) -> Whiskers:
    """Lay out rates and their intervals.

    Args:
        rows: name, rate, lower and upper end of each arm; fractions.
        baseline: the rate the experiment was planned on, drawn as a line.
    """
    highest = max(baseline, *(high for _, _, _, high in rows))
    step = next(step for step in _STEPS if highest / step <= _MOST_MARKS)
    top = step * (int(highest / step) + 1)

    def x_of(value: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * value / top, 1)

    n_marks = round(top / step)
    return Whiskers(
        width=WIDTH,
        height=_TOP + _ROW_HEIGHT * len(rows) + _FOOT,
        baseline_x=x_of(baseline),
        baseline_label=f"baseline {100 * baseline:g}%",
        marks=tuple(Mark(x_of(step * k), f"{100 * step * k:g}%") for k in range(n_marks + 1)),
        rows=tuple(
            Whisker(name, _TOP + _ROW_HEIGHT * (index + 0.5), x_of(rate), x_of(low), x_of(high))
            for index, (name, rate, low, high) in enumerate(rows)
        ),
    )
