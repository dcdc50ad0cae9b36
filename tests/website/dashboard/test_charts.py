from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from website.dashboard.charts import HEIGHT, WIDTH, BandSeries, Scale, Series, draw_chart, round_scale
from website.dashboard.drawings import draw_lift
from website.dashboard.traffic_values import LiftPanel, LiftPoint, LiftSeries
from website.dashboard.wording import duration, moment, number, p_text, percent, points, signed_percent
from website.whiskers import draw_whisker, whisker_scale

fractions = st.floats(-10, 10, allow_nan=False)
POINT = re.compile(r"[ML](-?[\d.]+) (-?[\d.]+)")


def plain(at: int) -> str:
    return str(at)


@pytest.mark.parametrize(
    ("low", "high", "named"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.3, 1.1, [0.0, 0.5, 1.0]),
        (0.0, 47.0, [0, 10, 20, 30, 40]),
        (2.0, 2.0, [2.0, 2.2, 2.4, 2.6, 2.8, 3.0]),
    ],
)
def test_a_scale_names_round_numbers_between_its_ends(low: float, high: float, named: list[float]) -> None:
    scale = round_scale(low, high, lambda value: f"{value:g}")
    assert [value for value, _ in scale.named] == pytest.approx(named)


@given(
    st.lists(st.tuples(fractions | st.none(), fractions, fractions), min_size=1, max_size=30),
    st.integers(1, 10**9),
)
def test_nothing_is_drawn_outside_the_chart(
    rows: list[tuple[float | None, float, float]], width: int
) -> None:
    times = [width * index for index in range(len(rows))]
    chart = draw_chart(
        times,
        scale=Scale(-1.0, 1.0, ((0.0, "0"),)),
        time_label=plain,
        readouts=[str(index) for index in range(len(rows))],
        lines=[Series("control", [value for value, _, _ in rows])],
        bands=[BandSeries("control", [(min(a, b), max(a, b)) for _, a, b in rows])],
        rules=[(5.0, "beyond")],
    )
    for shape in (*chart.lines, *chart.bands):
        for x, y in POINT.findall(shape.path):
            assert chart.left <= float(x) <= chart.right <= WIDTH
            assert chart.top <= float(y) <= chart.bottom <= HEIGHT
    assert chart.rules[0].place == chart.top
    assert [moment.readout for moment in chart.moments] == [str(index) for index in range(len(rows))]
    assert sum(moment.width for moment in chart.moments) == pytest.approx(chart.right - chart.left, abs=3.5)


def test_a_line_is_broken_where_there_is_no_value() -> None:
    chart = draw_chart(
        [0, 1, 2, 3, 4],
        scale=Scale(0.0, 1.0, ()),
        time_label=plain,
        readouts=[""] * 5,
        lines=[Series("control", [0.0, 1.0, None, 1.0, 0.0])],
        bands=[BandSeries("control", [None, (0.0, 1.0), (0.0, 1.0), None, (0.5, 0.5)])],
    )
    assert chart.lines[0].path.count("M") == 2
    assert chart.bands[0].path.count("Z") == 2


def test_lift_is_shown_whole_before_there_is_a_band() -> None:
    lifts = (-0.8, 2.2, 1.0)
    shown = tuple(LiftPoint(at, 10, 10, 2, 4, 0.2, None, lift, None) for at, lift in enumerate(lifts))
    (line,) = draw_lift(LiftPanel("control", 0.95, 1, (LiftSeries("treatment", shown),))).lines
    heights = [float(y) for _, y in POINT.findall(line.path)]
    assert len(set(heights)) == 3
    assert heights[1] < heights[2] < heights[0]
    # The steps are as far apart as the lifts: nothing was cut off.
    assert (heights[2] - heights[1]) / (heights[0] - heights[1]) == pytest.approx(1.2 / 3.0, abs=0.01)


def test_a_single_value_can_be_seen() -> None:
    chart = draw_chart(
        [7], scale=Scale(0.0, 1.0, ()), time_label=plain, readouts=["x"], lines=[Series("control", [0.5])]
    )
    assert chart.lines[0].path.endswith("h0.1")


@given(fractions, st.floats(0, 5), st.floats(0, 5))
def test_whiskers_lie_in_order_on_their_axis(lift: float, below: float, above: float) -> None:
    low, high = lift - below, lift + above
    scale = whisker_scale([lift, low, high])
    drawn = draw_whisker(scale, lift, low, high)
    assert 0 < drawn.x_low <= drawn.x <= drawn.x_high < scale.width
    assert drawn.is_cut_low == (low < scale.low)
    assert drawn.is_cut_high == (high > scale.high)
    assert scale.low < 0 < scale.high


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (percent(0.0714), "7.1%"),
        (percent(None), "–"),
        (signed_percent(0.576), "+57.6%"),
        (points(-0.0411), "−4.1 points"),
        (number(0.45678), "0.457"),
        (number(12345.6), "12,346"),
        (p_text(0.00001), "p < 0.0001"),
        (p_text(0.0123), "p = 0.0123"),
        (duration(59.6), "1 min"),
        (duration(4_000), "1 h 6 min"),
        (duration(90_000), "1 d 1 h"),
        (moment(1_767_571_205_000), "00:00:05"),
        (moment(1_767_571_205_000, width_ms=3_600_000), "5 Jan 00:00"),
        (moment(1_767_571_205_000, width_ms=86_400_000), "5 Jan"),
    ],
)
def test_numbers_are_printed_for_people(shown: str, expected: str) -> None:
    assert shown == expected
