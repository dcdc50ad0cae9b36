"""What the charts of a panel look like; every chart has the same numbers in a table beside it."""

import math
from dataclasses import dataclass

from website.dashboard.charts import BandSeries, Chart, Scale, Series, draw_chart, round_scale
from website.dashboard.traffic_values import ExposuresPanel, FunnelPanel, LiftPanel, PeekingPanel, SwarmPanel
from website.dashboard.values import Range, ScorecardPanel
from website.dashboard.wording import (
    bare_number,
    moment,
    number,
    p_text,
    percent,
    round_percent,
    signed_percent,
    whole,
)
from website.whiskers import Whisker, WhiskerScale, draw_whisker, whisker_scale
from website.words import gettext, localised

_KINDS = ("control", "treatment", "third", "fourth")
_HIGHEST_LIFT = 5.0
_SMALLEST_P = 1e-4
_STEP_HEIGHT, _BAR_HEIGHT, _BAR_LEFT, _BAR_WIDTH = 18, 20, 120, 420


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the funnel; `kind` is its variant's class."""

    kind: str
    y: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars of one step."""

    name: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class FunnelDrawing:
    """The funnel as bars of visitors."""

    width: int
    height: int
    left: int
    bar_height: int
    groups: tuple[BarGroup, ...]


@dataclass(frozen=True, slots=True)
class WhiskerTable:
    """One whisker for each metric of the scorecard, None where there is no lift; and their axis."""

    scale: WhiskerScale
    whiskers: tuple[Whisker | None, ...]


def kind_of(index: int) -> str:
    """The class of the style sheet for the variant at this place, control being first."""
    return _KINDS[min(index, len(_KINDS) - 1)]


def draw_lift(panel: LiftPanel) -> Chart:
    """Cumulative lift of each treatment, with its always-valid band."""
    settled = [
        point.lift_interval for series in panel.series for point in series.points if point.lift_interval
    ]
    # Before there is any band, all of a line is shown.
    known = [series.points[-1:] if settled else series.points for series in panel.series]
    lifts = [point.lift for points in known for point in points if point.lift is not None]
    # The first bands are so wide that nothing else could be seen beside them.
    shown = sorted(settled, key=lambda interval: interval.high - interval.low)[: len(settled) * 3 // 4 + 1]
    low = max(-1.0, min([0.0, *lifts, *(interval.low for interval in shown)]))
    high = min(_HIGHEST_LIFT, max([0.1, *lifts, *(interval.high for interval in shown)]))
    first = panel.series[0]
    return draw_chart(
        [point.at for point in first.points],
        scale=round_scale(max(-1.0, low - 0.05 * (high - low)), high, round_percent),
        time_label=lambda at: moment(at, width_ms=panel.width_ms),
        readouts=[_lift_readout(panel, index) for index in range(len(first.points))],
        lines=[
            Series(kind_of(index), [point.lift for point in series.points])
            for index, series in enumerate(panel.series, start=1)
        ],
        bands=[
            BandSeries(kind_of(index), [_ends(point.lift_interval) for point in series.points])
            for index, series in enumerate(panel.series, start=1)
        ],
        rules=[(0.0, gettext("no lift"))],
    )


def _lift_readout(panel: LiftPanel, index: int) -> str:
    points = [(series.treatment, series.points[index]) for series in panel.series]
    at = moment(points[0][1].at, width_ms=panel.width_ms)
    found = []
    for treatment, point in points:
        text = f"{treatment} {signed_percent(point.lift)}"
        if point.lift_interval:
            low, high = point.lift_interval.low, point.lift_interval.high
            text += f" ({gettext('%(low)s to %(high)s', low=signed_percent(low), high=signed_percent(high))})"
        found.append(
            gettext("%(found)s, %(n)s visitors", found=text, n=whole(point.n_control + point.n_treatment))
        )
    return f"{at}: {'; '.join(found)}"


def _ends(interval: Range | None) -> tuple[float, float] | None:
    return None if interval is None else (interval.low, interval.high)


def draw_exposures(panel: ExposuresPanel) -> Chart:
    """Visitors by moment, a line for each variant."""
    highest = max(max(point.counts) for point in panel.moments)
    return draw_chart(
        [point.at for point in panel.moments],
        scale=round_scale(0.0, 1.05 * max(1.0, highest), whole, n_steps=4),
        time_label=lambda at: moment(at, width_ms=panel.width_ms),
        readouts=[
            f"{moment(point.at, width_ms=panel.width_ms)}: "
            + ", ".join(f"{v} {whole(n)}" for v, n in zip(panel.variants, point.counts, strict=True))
            for point in panel.moments
        ],
        lines=[
            Series(kind_of(index), [point.counts[index] for point in panel.moments])
            for index in range(len(panel.variants))
        ],
    )


def draw_peeking(panel: PeekingPanel) -> Chart:
    """Both p-values at each look, the smaller the higher, and alpha."""

    def height(p_value: float | None) -> float | None:
        return None if p_value is None else -math.log10(max(p_value, _SMALLEST_P))

    named = tuple((-math.log10(p), localised(f"{p:g}")) for p in (1.0, 0.1, 0.01, 0.001, _SMALLEST_P))
    return draw_chart(
        [point.at for point in panel.points],
        scale=Scale(0.0, -math.log10(_SMALLEST_P), named),
        time_label=lambda at: moment(at, width_ms=panel.width_ms),
        readouts=[
            gettext(
                "%(at)s, %(n)s visitors: fixed horizon %(fixed)s, always valid %(valid)s",
                at=moment(point.at, width_ms=panel.width_ms),
                n=whole(point.n),
                fixed=p_text(point.fixed_p_value),
                valid=p_text(point.valid_p_value),
            )
            for point in panel.points
        ],
        lines=[
            Series("fixed", [height(point.fixed_p_value) for point in panel.points]),
            Series("valid", [height(point.valid_p_value) for point in panel.points]),
        ],
        rules=[(-math.log10(panel.alpha), localised(f"alpha {panel.alpha:g}"))],
    )


def draw_pace(panel: SwarmPanel) -> Chart | None:
    """Visits a second, and those that failed; None while one moment holds them all."""
    if len(panel.moments) < 2:  # noqa: PLR2004  a line has two ends
        return None
    width_s = panel.width_ms / 1_000
    highest = max(point.visits_per_s for point in panel.moments)
    return draw_chart(
        [point.at for point in panel.moments],
        scale=round_scale(0.0, 1.05 * max(highest, 0.1), bare_number, n_steps=4),
        time_label=moment,
        readouts=[
            gettext(
                "%(at)s: %(pace)s visits/s, %(n)s failed",
                at=moment(point.at),
                pace=number(point.visits_per_s),
                n=whole(point.n_failed),
            )
            for point in panel.moments
        ],
        lines=[
            Series("treatment", [point.visits_per_s for point in panel.moments]),
            Series("failed", [point.n_failed / width_s for point in panel.moments]),
        ],
    )


def draw_latency(panel: SwarmPanel) -> Chart | None:
    """Median and 95th percentile of what slates took; None while one moment holds them all."""
    timed = [point.p95_ms for point in panel.moments if point.p95_ms is not None]
    if len(timed) < 2:  # noqa: PLR2004  a line has two ends
        return None
    return draw_chart(
        [point.at for point in panel.moments],
        scale=round_scale(0.0, 1.05 * max(0.1, *timed), lambda v: f"{bare_number(v)} ms", n_steps=4),
        time_label=moment,
        readouts=[
            gettext(
                "%(at)s: median %(median)s ms, 95%% within %(high)s ms",
                at=moment(point.at),
                median=number(point.p50_ms),
                high=number(point.p95_ms),
            )
            for point in panel.moments
        ],
        lines=[
            Series("control", [point.p50_ms for point in panel.moments]),
            Series("treatment", [point.p95_ms for point in panel.moments]),
        ],
    )


def draw_funnel(panel: FunnelPanel) -> FunnelDrawing:
    """A group of bars for each step, as long as the share of visitors who took it."""
    groups, y = [], 0.0
    for step in panel.steps:
        bars = []
        for index, (count, share) in enumerate(zip(step.counts, step.shares, strict=True)):
            bar_y = y + index * (_BAR_HEIGHT + 3)
            label = f"{percent(share)} ({whole(count)})"
            bars.append(Bar(kind_of(index), bar_y, round(_BAR_WIDTH * (share or 0.0), 1), label))
        groups.append(BarGroup(step.name, y, tuple(bars)))
        y += len(bars) * (_BAR_HEIGHT + 3) + _STEP_HEIGHT
    return FunnelDrawing(_BAR_LEFT + _BAR_WIDTH + 150, int(y), _BAR_LEFT, _BAR_HEIGHT, tuple(groups))


def draw_whiskers(panel: ScorecardPanel) -> WhiskerTable:
    """The lift of every metric on one axis."""
    found = [(row.lift, row.lift_interval) for row in panel.metrics]
    ends = [end for _, interval in found if interval for end in (interval.low, interval.high)]
    scale = whisker_scale(ends + [lift for lift, _ in found if lift is not None])
    return WhiskerTable(
        scale,
        tuple(
            None
            if lift is None or interval is None
            else draw_whisker(scale, lift, interval.low, interval.high)
            for lift, interval in found
        ),
    )
