"""Where everything lies in a drawing of lifts with their intervals; the template only prints it."""

from collections.abc import Sequence
from dataclasses import dataclass

from website.words import localised

__all__ = ["Mark", "Whisker", "WhiskerScale", "draw_whisker", "whisker_scale"]

WIDTH, HEIGHT = 240, 34
_MARGIN = 8
_LOWEST, _HIGHEST = -1.0, 3.0  # a lift cannot be lower; one beyond 300% is drawn at the edge
_NARROWEST = 0.1
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_MOST_MARKS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class WhiskerScale:
    """The axis that all rows of one table share."""

    width: int
    height: int
    low: float
    high: float
    zero_x: float
    marks: tuple[Mark, ...]

    def x_of(self, value: float) -> float:
        """The place of a lift; beyond the axis, its end."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return round(_MARGIN + share * (WIDTH - 2 * _MARGIN), 1)


@dataclass(frozen=True, slots=True)
class Whisker:
    """One metric: its estimate and the ends of its interval; whether they lie beyond the axis."""

    x: float
    x_low: float
    x_high: float
    is_cut_low: bool
    is_cut_high: bool


def whisker_scale(values: Sequence[float]) -> WhiskerScale:
    """An axis that holds 0 and all these lifts, as far as they are reasonable."""
    low = max(_LOWEST, min(-_NARROWEST, *values) if values else -_NARROWEST)
    high = min(_HIGHEST, max(_NARROWEST, *values) if values else _NARROWEST)
    step = next((step for step in _STEPS if (high - low) / step <= _MOST_MARKS), _STEPS[-1])
    bare = WhiskerScale(WIDTH, HEIGHT, low, high, 0.0, ())
    first, last = -int(-low / step), int(high / step)
    marks = tuple(Mark(bare.x_of(step * k), _label(100 * step * k)) for k in range(first, last + 1))
    return WhiskerScale(WIDTH, HEIGHT, low, high, bare.x_of(0.0), marks)


def _label(percent: float) -> str:
    return localised(f"{percent:+g}%".replace("+0%", "0%").replace("-", "−"))


def draw_whisker(scale: WhiskerScale, lift: float, low: float, high: float) -> Whisker:
    """Lay out one lift and its interval on a common axis."""
    return Whisker(
        x=scale.x_of(lift),
        x_low=scale.x_of(low),
        x_high=scale.x_of(high),
        is_cut_low=low < scale.low,
        is_cut_high=high > scale.high,
    )
