"""Axes of line plots: round numbers, whatever the limits are."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.render.line_figure import LineFigure, svg_element
from stats.wording import exact_percent


def labels(limits: tuple[float, float], printed: Callable[[float], str]) -> list[str]:
    """The numbers along the horizontal axis."""
    figure = LineFigure(
        key="k",
        title="",
        description="",
        x_label="",
        y_label="",
        x_range=limits,
        y_range=(0.0, 1.0),
        x_tick=printed,
        y_tick=lambda _: "y",
    )
    return re.findall(r'y="270" text-anchor="middle">([^<]+)<', svg_element(figure))


@pytest.mark.parametrize(
    ("limits", "printed", "expected"),
    [
        ((0.0, 1.0), exact_percent, "0% 20% 40% 60% 80% 100%"),
        ((0.0, 0.0813), exact_percent, "0% 2% 4% 6% 8%"),
        ((0.0, 0.0633), exact_percent, "0% 1% 2% 3% 4% 5% 6%"),
        ((0.9387, 0.9613), lambda value: f"{100 * value:.1f}%", "94.0% 94.5% 95.0% 95.5% 96.0%"),
        ((8.0, 13.0), lambda value: f"{value:.0f}", "8 9 10 11 12 13"),
        ((0.0, 2.0), lambda value: f"{value:.0f}", "0 1 2"),
    ],
)
def test_an_axis_has_round_numbers(
    limits: tuple[float, float], printed: Callable[[float], str], expected: str
) -> None:
    assert labels(limits, printed) == expected.split()


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6))
def test_an_axis_of_any_limits_has_two_to_eight_numbers_within_them(low: float, span: float) -> None:
    found = [float(label) for label in labels((low, low + span), repr)]
    assert 2 <= len(found) <= 8
    assert found == sorted(set(found))
    assert all(low - 1e-6 * span <= value <= low + span * (1 + 1e-6) for value in found)
