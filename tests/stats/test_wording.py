"""Numbers as reports print them."""

from datetime import UTC, datetime

import pytest

from stats import Arm, ArmOutcomes, Design, Interval, Outcomes, Run, build_report, render_html, render_text
from stats.wording import (
    bare_points,
    exact_percent,
    lift,
    lift_interval,
    points,
    points_interval,
    rate_interval,
)


def test_intervals_have_the_usual_decimals_where_these_keep_their_ends_apart() -> None:
    wide = Interval(0.0149, 0.0674)
    assert rate_interval(wide) == "1.49% to 6.74%"
    assert points_interval(wide) == "+1.49 to +6.74 points"
    assert bare_points(wide) == "+1.5 to +6.7"
    assert lift_interval(wide) == "+1.5% to +6.7%"
    assert points(0.04, wide) == points(0.04) == "+4.00 points"


def test_a_narrow_interval_has_as_many_decimals_as_its_ends_need() -> None:
    """0.012 and 0.0141 points are apart from the third decimal on; the estimate beside has it, too."""
    narrow = Interval(0.00012, 0.000141)
    assert rate_interval(narrow) == "0.012% to 0.014%"
    assert points_interval(narrow) == "+0.012 to +0.014 points"
    assert bare_points(narrow) == "+0.012 to +0.014"
    assert lift_interval(narrow) == "+0.012% to +0.014%"
    assert points(0.00013, narrow) == "+0.013 points"
    assert points_interval(Interval(-0.00002, 0.00002)) == "-0.002 to +0.002 points"


def test_an_interval_of_one_value_is_printed_as_usual() -> None:
    assert rate_interval(Interval(0.5, 0.5)) == "50.00% to 50.00%"


@pytest.mark.parametrize(("value", "shown"), [(-0.0, "+0.0%"), (-0.0004, "+0.0%"), (-0.0006, "-0.1%")])
def test_no_minus_stands_before_a_zero(value: float, shown: str) -> None:
    assert lift(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.05, "5%"), (0.00989010989, "0.989%"), (0.123456, "12.35%"), (0.99995, "99.995%"), (1.0, "100%")],
)
def test_a_percentage_has_at_most_four_digits_but_close_to_one(value: float, shown: str) -> None:
    assert exact_percent(value) == shown


def test_a_report_on_billions_tells_the_ends_of_its_intervals_apart() -> None:
    """1e9 visitors an arm, 7.000% and 7.002%: the interval is 0.0045 points wide."""
    arms = (
        ArmOutcomes(Arm("control", 10**9, 70_000_000)),
        ArmOutcomes(Arm("treatment", 10**9, 70_020_000)),
    )
    report = build_report(
        Outcomes(Run("r", status="done"), arms), Design(), generated_at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    for shown in (report.verdict.sentence, render_text(report), render_html(report)):
        text = " ".join(shown.split())
        assert "+0.00 to" not in text
        assert "-0.000 to +0.004 points" in text
