"""The differences of segments as a forest, and those of days in their order: pure geometry."""

from collections.abc import Callable
from dataclasses import dataclass

from stats.pair_results import DailyResult, DayResult, PairResult, SegmentsResult
from stats.render.figure import Figure, Mark, Whisker, draw_whiskers, points_label, tick_values
from stats.results import Report
from stats.wording import exact_percent, points, points_interval

_WIDTH, _HEIGHT = 640, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 16, 40
_MOST_LABELS = 16


@dataclass(frozen=True, slots=True)
class DayMark:
    """One day in SVG user units: its difference and interval."""

    x: float
    y: float
    y_low: float
    y_high: float


@dataclass(frozen=True, slots=True)
class DailyFigure:
    """The difference of each day, with the line of its slope, and the text alternative."""

    key: str
    title: str
    description: str
    width: float
    height: float
    x_low: float
    x_high: float
    y_zero: float
    days: tuple[DayMark, ...]
    slope: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]


def forest_figure(result: SegmentsResult, pair: PairResult, key: str) -> Figure | None:
    """Return the differences of the segments of one dimension, beside that of all visitors."""
    whiskers = tuple(
        Whisker(
            label=segment.segment,
            value=segment.comparison.difference,
            interval=segment.comparison.difference_ci,
            truth=None,
            words=f"{segment.segment} {points(segment.comparison.difference)}, interval "
            f"{points_interval(segment.comparison.difference_ci)}",
        )
        for segment in result.found.segments
        if segment.comparison.difference is not None and segment.comparison.difference_ci is not None
    )
    if not whiskers:
        return None
    marks = [Mark("no effect", 0.0)]
    whole = next((one.difference for one in pair.opinions if one.difference is not None), None)
    if whole is not None:
        marks.append(Mark("all visitors", whole))
    title = f"Difference by {result.dimension}, {pair.treatment} minus {pair.control}"
    return draw_whiskers(key, title, whiskers, tuple(marks), points_label)


def daily_figure(daily: DailyResult, pair: PairResult, report: Report, key: str) -> DailyFigure | None:
    """Return the difference of each day; None where no day has one."""
    days = [day for day in daily.days if day.difference is not None and day.ci is not None]
    if not days:
        return None
    lows = [day.ci.low for day in days if day.ci]
    highs = [day.ci.high for day in days if day.ci]
    ticks = tick_values(min(0.0, *lows), max(0.0, *highs))
    first, last = daily.days[0].day, daily.days[-1].day

    def x(day: float) -> float:
        share = (day - first + 0.5) / (last - first + 1)
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        share = (ticks[-1] - value) / (ticks[-1] - ticks[0])
        return round(_TOP + share * (_HEIGHT - _TOP - _BOTTOM), 1)

    every = -(-len(daily.days) // _MOST_LABELS)
    return DailyFigure(
        key=key,
        title=f"Difference of visitor CTR by day of first exposure, {pair.treatment} minus {pair.control}",
        description=_description(days, daily, report),
        width=_WIDTH,
        height=_HEIGHT,
        x_low=_LEFT,
        x_high=_WIDTH - _RIGHT,
        y_zero=y(0.0),
        days=tuple(
            DayMark(x(day.day), y(day.difference), y(day.ci.low), y(day.ci.high))
            for day in days
            if day.difference is not None and day.ci is not None
        ),
        slope=_slope(daily, x, y),
        x_ticks=tuple((x(day.day), f"day {day.day}") for day in daily.days[::every]),
        y_ticks=tuple((y(value), points_label(round(value, 9))) for value in ticks),
    )


def _slope(daily: DailyResult, x: Callable[[float], float], y: Callable[[float], float]) -> str:
    """Return the path of the fitted line, from the first day used to the last."""
    found = daily.novelty
    if found is None:
        return ""
    heights = [
        (day, found.middle_difference + found.slope * (day - found.middle_day))
        for day in (found.days[0], found.days[-1])
    ]
    return "M" + "L".join(f"{x(day + 1)} {y(height)}" for day, height in heights)


def _description(days: list[DayResult], daily: DailyResult, report: Report) -> str:
    found = [f"day {day.day} {points(day.difference)}, interval {points_interval(day.ci)}" for day in days]
    if daily.novelty is not None:
        confidence = exact_percent(report.design.confidence)
        found.append(
            f"slope {points(daily.novelty.slope)} a day, {confidence} interval "
            f"{points_interval(daily.novelty.interval)}"
        )
    return "; ".join(found) + "."
