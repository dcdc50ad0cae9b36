"""What `analyze` reads beyond clicks, on every kind of source, beside pandas on the same rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stats import Arm, ArmDetails, DetailColumns, InvalidOutcomesError, read_table

Put = Callable[[Mapping[str, Sequence[Any]]], str]
ALL = DetailColumns(segments=("country",), values=("revenue",), past="visits_before", day="seen_on")


def impressions() -> pd.DataFrame:
    """600 rows of 200 visitors, one of whom was in both variants."""
    rng = np.random.default_rng(20_261_122)
    visitors = np.arange(600) % 200
    frame = pd.DataFrame(
        {
            "visitor_id": visitors,
            "variant": np.where(visitors % 2, "treatment", "control"),
            "clicked": (rng.random(600) < 0.2).astype(int),
            "country": np.array(["dk", "no", "se"])[visitors % 3],
            "revenue": rng.gamma(2, 3, size=600).round(2),
            "visits_before": (visitors * 7 % 11).astype(float),
            "seen_on": [f"2026-11-{20 + visitor % 4:02} 10:00:00" for visitor in visitors],
        }
    )
    frame.loc[599, "variant"] = "control"  # visitor 199
    return frame


def arms_of(location: str, details: DetailColumns = ALL) -> dict[str, ArmDetails]:
    reading = read_table(location, details=details)
    return {arm.visitors.variant: arm.details for arm in reading.outcomes.arms if arm.details}


@pytest.mark.parametrize("variant", ["control", "treatment"])
def test_every_column_is_summed_over_visitors(put: Put, variant: str) -> None:
    """The crossover counts in neither arm."""
    frame = impressions()
    found = arms_of(put({name: frame[name].tolist() for name in frame}))[variant]
    kept = frame[(frame["visitor_id"] != 199) & (frame["variant"] == variant)]
    visitors = kept.groupby("visitor_id").agg(
        {"clicked": "max", "country": "min", "revenue": "sum", "visits_before": "max", "seen_on": "min"}
    )
    revenue = found.values["revenue"]  # noqa: PD011 - no data frame
    assert revenue.mean == pytest.approx(visitors["revenue"].mean())
    assert revenue.variance == pytest.approx(visitors["revenue"].var())
    assert found.segments["country"] == {
        name: Arm(variant, len(part), int(part["clicked"].sum()))
        for name, part in visitors.groupby("country")
    }
    assert found.days == {
        int(name[8:10]) - 20: Arm(variant, len(part), int(part["clicked"].sum()))
        for name, part in visitors.groupby("seen_on")
    }
    paired = found.clicked_by_past(variant)
    covariance = np.cov(visitors["clicked"], visitors["visits_before"])
    assert paired.value.variance == pytest.approx(covariance[0, 0])
    assert paired.past.variance == pytest.approx(covariance[1, 1])
    assert paired.products / (len(visitors) - 1) == pytest.approx(covariance[0, 1])


def test_a_visitor_without_a_past_has_the_mean_one_and_without_a_segment_none(put: Put) -> None:
    columns = {
        "visitor_id": [1, 2, 3, 4],
        "variant": ["control", "control", "treatment", "treatment"],
        "clicked": [0, 1, 0, 1],
        "before": [2.0, 4.0, 6.0, math.nan],
        "country": ["dk", "no", "dk", None],
    }
    found = arms_of(put(columns), DetailColumns(segments=("country",), past="before"))
    assert found["treatment"].clicked_by_past("treatment").past.mean == pytest.approx(5.0)
    assert found["treatment"].segments == {"country": {"dk": Arm("treatment", 1, 0)}}


@pytest.mark.parametrize(
    ("details", "words"),
    [
        (DetailColumns(segments=("contry",)), ("--segment", "did you mean 'country'?")),
        (DetailColumns(values=("country",)), ("--value", "no numbers")),
        (DetailColumns(past="country"), ("--past", "no numbers")),
        (DetailColumns(day="country"), ("--day", "'dk'", "2026-11-22")),
        (DetailColumns(values=("gap",)), ("--value", "no value in 1 of 600 rows", "write 0")),
    ],
)
def test_a_column_that_cannot_be_used_says_why(
    put: Put, details: DetailColumns, words: tuple[str, ...]
) -> None:
    frame = impressions()
    frame["gap"] = [math.nan, *[1.0] * 599]
    location = put({name: frame[name].tolist() for name in frame})
    with pytest.raises(InvalidOutcomesError) as caught:
        arms_of(location, details)
    assert all(word in str(caught.value) for word in words)


def test_nothing_is_asked_where_nothing_is_named(put: Put) -> None:
    frame = impressions()
    assert arms_of(put({name: frame[name].tolist() for name in frame}), DetailColumns()) == {}
