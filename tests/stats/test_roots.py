"""Roots of functions of one number, against SciPy's and by hand."""

import math
from collections.abc import Callable

import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from stats._roots import root_of

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "line": lambda x: 3 * x - 1,
    "cubic": lambda x: x**3 - 2 * x - 5,
    "flat": lambda x: (x - 0.3) ** 9,
    "tail": lambda x: math.erf(20 * (x - 0.125)) + 0.999,
    "falling": lambda x: math.exp(-5 * x) - 0.2,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_root_is_that_of_brent(name: str) -> None:
    """scipy.optimize.brentq, to 1e-11; a flat function has its root where it cannot be told from 0."""
    function, (low, high) = FUNCTIONS[name], (-1.0, 3.0)
    found = root_of(function, low, high, tolerance=1e-12)
    if name == "flat":
        assert abs(function(found)) < 1e-60 or found == pytest.approx(0.3, abs=1e-11)
    else:
        assert found == pytest.approx(scipy.optimize.brentq(function, low, high, xtol=1e-13), abs=1e-11)


@given(at=st.floats(-0.999, 0.999))
def test_a_step_is_found_within_its_tolerance(at: float) -> None:
    assert root_of(lambda x: -1.0 if x < at else 1.0, -1.0, 1.0, tolerance=1e-9) == pytest.approx(
        at, abs=2e-9
    )


def test_a_smooth_root_takes_few_evaluations() -> None:
    """A bisection to the same tolerance takes 44."""
    asked: list[float] = []
    root_of(lambda x: asked.append(x) or math.erf(x - 0.1), -1.0, 1.0, tolerance=1e-13)  # type: ignore[func-returns-value]  # None, so the value follows
    assert len(asked) < 15


def test_an_end_may_be_the_root() -> None:
    assert root_of(lambda x: x, 0.0, 1.0, tolerance=1e-12) == pytest.approx(0.0, abs=1e-12)
    assert root_of(lambda x: x - 1, 0.0, 1.0, tolerance=1e-12) == pytest.approx(1.0, abs=1e-12)
