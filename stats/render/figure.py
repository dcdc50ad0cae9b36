"""Whisker plots as pure geometry: the template draws them as inline SVG, a description tells them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from stats.estimates import Interval
from stats.results import Report
from stats.wording import exact_percent, exact_points, points, points_interval, rate, rate_interval

_WIDTH = 640
_LEFT, _RIGHT = 130, 30
_TOP, _ROW_HEIGHT, _BOTTOM = 34, 44, 30
_N_TICKS = 6
_LABEL_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Whisker:
    """One estimate with its interval; `truth` where the simulator knows it."""

    label: str
    value: float
    interval: Interval
    truth: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical reference line, for instance no effect, or the MDE."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class DrawnWhisker:
    """A whisker in SVG user units."""

    label: str
    y: float
    x_low: float
    x: float
    x_high: float
    x_truth: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A whisker plot in SVG user units, with its text alternative; a mark's third part is its text-anchor."""

    key: str
    title: str
    description: str
    width: float
    height: float
    whiskers: tuple[DrawnWhisker, ...]
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, str, str], ...]

    @property
    def has_truth(self) -> bool:
        """Whether a diamond marks the truth."""
        return any(whisker.x_truth is not None for whisker in self.whiskers)


def figures(report: Report) -> tuple[Figure, ...]:
    """Return the plots this report has data for: the arms' rates, and the difference."""
    drawn = (_rates_figure(report), _difference_figure(report))
    return tuple(figure for figure in drawn if figure is not None)


def _rates_figure(report: Report) -> Figure | None:
    truths = report.truth.truth.visitor_ctr if report.truth else {}
    whiskers = tuple(
        Whisker(
            label=arm.arm.variant,
            value=arm.rate,
            interval=arm.ci,
            truth=truths.get(arm.arm.variant),
            words=f"{arm.arm.variant} {rate(arm.rate)}, interval {rate_interval(arm.ci)}"
            + _truth_words(truths.get(arm.arm.variant), rate),
        )
        for arm in report.primary.arms
        if arm.rate is not None and arm.ci is not None
    )
    baseline = report.design.baseline
    marks = (Mark(f"baseline {exact_percent(baseline)}", baseline),)
    title = f"{'Impression' if report.primary.ctr else 'Visitor'} CTR of each arm"
    return draw_whiskers("rates", title, whiskers, marks, exact_percent) if whiskers else None


def _difference_figure(report: Report) -> Figure | None:
    design, primary = report.design, report.primary
    comparisons = [found.comparison for found in primary.several] or [primary.comparison]
    truth = report.truth.truth.difference if report.truth and not primary.several else None
    whiskers = tuple(
        Whisker(
            label=found.treatment if primary.several else "difference",
            value=found.difference,
            interval=found.difference_ci,
            truth=truth,
            words=f"{found.treatment if primary.several else 'difference'} "
            f"{points(found.difference, found.difference_ci)}, "
            f"interval {points_interval(found.difference_ci)}" + _truth_words(truth, points),
        )
        for found in comparisons
        if found.difference is not None and found.difference_ci is not None
    )
    if not whiskers:
        return None
    mde = -design.mde if design.alternative == "less" else design.mde
    marks = (Mark("no effect", 0.0), Mark(f"MDE {exact_points(design.mde)}", mde))
    unit = "impression" if primary.ctr else "visitor"
    who = "each treatment" if primary.several else design.treatment
    title = f"Difference in {unit} CTR, {who} minus {design.control}"
    return draw_whiskers("difference", title, whiskers, marks, points_label)


def draw_whiskers(
    key: str,
    title: str,
    whiskers: tuple[Whisker, ...],
    marks: tuple[Mark, ...],
    tick_label: Callable[[float], str],
) -> Figure:
    """Place whiskers, one below the other, and vertical marks on one scale of round numbers."""
    values = [mark.value for mark in marks]
    for whisker in whiskers:
        values += [whisker.interval.low, whisker.interval.high]
        values += [] if whisker.truth is None else [whisker.truth]
    ticks = tick_values(min(values), max(values))
    low, high = ticks[0], ticks[-1]

    def x(value: float) -> float:
        return round(_LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT), 1)

    return Figure(
        key=key,
        title=title,
        description="; ".join([*(whisker.words for whisker in whiskers), *(mark.label for mark in marks)])
        + ".",
        width=_WIDTH,
        height=_TOP + _ROW_HEIGHT * len(whiskers) + _BOTTOM,
        whiskers=tuple(
            DrawnWhisker(
                label=whisker.label,
                y=_TOP + _ROW_HEIGHT * (index + 0.5),
                x_low=x(whisker.interval.low),
                x=x(whisker.value),
                x_high=x(whisker.interval.high),
                x_truth=None if whisker.truth is None else x(whisker.truth),
            )
            for index, whisker in enumerate(whiskers)
        ),
        ticks=tuple((x(value), tick_label(round(value, 9))) for value in ticks),
        marks=_placed_marks(tuple((x(mark.value), mark.label) for mark in marks)),
    )


def _placed_marks(marks: tuple[tuple[float, str], ...]) -> tuple[tuple[float, str, str], ...]:
    """Let two labels that would meet grow away from each other."""
    places = [x for x, _ in marks]
    is_close = len(marks) > 1 and max(places) - min(places) < _LABEL_WIDTH
    return tuple(
        (x, label, "middle" if not is_close else "end" if x == min(places) else "start") for x, label in marks
    )


def points_label(value: float) -> str:
    """A difference on an axis of percentage points."""
    return f"{100 * value:+.6g}" if value else "0 points"


def _truth_words(truth: float | None, printed: Callable[[float], str]) -> str:
    return "" if truth is None else f", truth {printed(truth)}"


def tick_values(low: float, high: float) -> list[float]:
    """Return round numbers, evenly spaced, the first at or below `low` and the last at or above `high`."""
    span = (high - low) or 0.01
    rough = span / _N_TICKS
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, max(last, first + 1) + 1)]
