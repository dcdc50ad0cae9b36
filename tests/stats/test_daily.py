"""The days of a report: whether an effect fades, and how it is drawn."""

import re
import xml.etree.ElementTree as ET

import pytest
from pair_reports import report_on

from stats import (
    Arm,
    ArmDetails,
    ArmOutcomes,
    Report,
    render_html,
    render_text,
)
from stats.wording import points


def test_an_effect_that_fades_is_seen_day_by_day() -> None:
    """From +20 points on day 1 to none on day 5, 2,000 visitors an arm and day."""
    control = {day: Arm("control", 2_000, 200) for day in range(5)}
    treatment = {day: Arm("treatment", 2_000, 600 - 100 * day) for day in range(5)}
    arms = [
        ArmOutcomes(
            Arm(name, 10_000, sum(arm.successes for arm in days.values())), details=ArmDetails(days=days)
        )
        for name, days in (("control", control), ("treatment", treatment))
    ]
    report = report_on(arms)
    daily = report.pairs[0].daily
    assert daily is not None
    assert daily.novelty is not None
    assert daily.novelty.slope == pytest.approx(-0.05, abs=0.005)
    assert [day.day for day in daily.days] == [1, 2, 3, 4, 5]
    assert "the effect fades (novelty)" in " ".join(render_text(report).split())


@pytest.mark.parametrize(
    ("clicked", "answer"),
    [(range(200, 700, 100), "fades (novelty)"), (range(600, 100, -100), "grows (learning)")],
)
def test_a_harm_fades_towards_no_difference_and_grows_away_from_it(clicked: range, answer: str) -> None:
    """A treatment 20 points worse on the first day or on the last, 2,000 visitors an arm and day."""
    days = {
        "control": [Arm("control", 2_000, 600)] * 5,
        "treatment": [Arm("treatment", 2_000, n) for n in clicked],
    }
    arms = [
        ArmOutcomes(
            Arm(name, 10_000, sum(arm.successes for arm in cells)),
            details=ArmDetails(days=dict(enumerate(cells))),
        )
        for name, cells in days.items()
    ]
    assert f"the effect {answer}" in " ".join(render_text(report_on(arms)).split())


def test_the_page_draws_a_forest_and_the_days_with_their_numbers_in_words(report: Report) -> None:
    page = render_html(report)
    drawn = {
        figure.get("aria-labelledby"): figure
        for figure in (
            ET.fromstring(svg)  # noqa: S314 - our own page
            for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        )
    }
    forest = drawn["figure-segments-persona-title figure-segments-persona-description"]
    days = drawn["figure-daily-title figure-daily-description"]
    pair = report.pairs[0]
    for segment in pair.segments[0].found.segments:
        assert f"{segment.segment} {points(segment.comparison.difference)}" in (forest.findtext("desc") or "")
    assert pair.daily is not None
    for day in pair.daily.days:
        assert f"day {day.day} {points(day.difference)}" in (days.findtext("desc") or "")
    assert len(forest.findall("circle")) == 3
    assert len(days.findall("circle")) == 5
    assert "slope" in (days.findtext("desc") or "")


def test_the_fitted_line_goes_through_the_days_it_was_fitted_to() -> None:
    """Differences on a line exactly: middle and slope give each of them back."""
    arms = [
        ArmOutcomes(
            Arm(name, 3_000, 300),
            details=ArmDetails(days={day: Arm(name, 1_000, 100 + gain * day) for day in range(3)}),
        )
        for name, gain in (("control", 0), ("treatment", 10))
    ]
    daily = report_on(arms).pairs[0].daily
    assert daily is not None
    found = daily.novelty
    assert found is not None
    for day, difference in zip(found.days, found.differences, strict=True):
        line = found.middle_difference + found.slope * (day - found.middle_day)
        assert line == pytest.approx(difference)
