import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import SRM_ALARM, InvalidDesignError, NotEnoughDataError, srm_check

EVEN = {"control": 1.0, "treatment": 1.0}


@settings(max_examples=60, deadline=None)
@given(control=st.integers(5, 10**6), treatment=st.integers(5, 10**6), weight=st.floats(0.2, 5))
def test_scipy_gives_the_same_chi_square(control: int, treatment: int, weight: float) -> None:
    total = control + treatment
    expected = [total / (1 + weight), total * weight / (1 + weight)]
    if min(expected) < 5:
        return
    ours = srm_check({"control": control, "treatment": treatment}, {"control": 1.0, "treatment": weight})
    theirs = scipy.stats.chisquare([control, treatment], expected, sum_check=False)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-300)


def test_the_alarm_rings_under_one_in_a_thousand() -> None:
    """The chi-square critical value at 0.001 and 1 degree of freedom is 10.828 (any printed table)."""
    quiet = srm_check({"control": 1_000, "treatment": 1_147}, EVEN)
    loud = srm_check({"control": 1_000, "treatment": 1_155}, EVEN)
    assert quiet.statistic < 10.828 < loud.statistic
    assert quiet.is_ok
    assert quiet.p_value > SRM_ALARM > loud.p_value
    assert not loud.is_ok


def test_three_weighted_variants_are_checked_together() -> None:
    """A split 50:30:20 met exactly has chi-square 0 and p-value 1."""
    check = srm_check({"a": 500, "b": 300, "c": 200}, {"a": 5.0, "b": 3.0, "c": 2.0})
    assert (check.statistic, check.p_value) == (0.0, 1.0)


def test_what_cannot_be_checked_is_said() -> None:
    with pytest.raises(NotEnoughDataError, match="4 visitors are too few"):
        srm_check({"control": 4, "treatment": 0}, EVEN)
    with pytest.raises(InvalidDesignError, match="name the same variants"):
        srm_check({"control": 4}, EVEN)
    with pytest.raises(InvalidDesignError, match="weight 0"):
        srm_check({"control": 4, "treatment": 4}, {"control": 1.0, "treatment": 0.0})
