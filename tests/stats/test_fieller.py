import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    Arm,
    NotEnoughDataError,
    RatioArm,
    compare_ctr,
    fieller_g,
    fieller_interval,
    fieller_lift_interval,
    katz_interval,
)


@settings(max_examples=60, deadline=None)
@given(
    numerator=st.floats(-5, 5),
    denominator=st.floats(0.5, 5),
    errors=st.tuples(st.floats(0.01, 0.2), st.floats(0.01, 0.2)),
    correlation=st.floats(-0.9, 0.9),
)
def test_both_ends_are_the_ratios_that_a_z_test_just_rejects(
    numerator: float, denominator: float, errors: tuple[float, float], correlation: float
) -> None:
    """The definition: at each end, numerator - end * denominator is 1.96 standard errors from 0; to 1e-6."""
    covariance = correlation * errors[0] * errors[1]
    interval = fieller_interval(
        numerator,
        denominator,
        numerator_variance=errors[0] ** 2,
        denominator_variance=errors[1] ** 2,
        covariance=covariance,
    )
    for end in (interval.low, interval.high):
        variance = errors[0] ** 2 - 2 * end * covariance + end**2 * errors[1] ** 2
        z = (numerator - end * denominator) / math.sqrt(variance)
        assert abs(z) == pytest.approx(1.959964, rel=1e-5)
    assert interval.low <= numerator / denominator <= interval.high


def test_a_known_denominator_leaves_the_plain_interval() -> None:
    interval = fieller_interval(2.0, 4.0, numerator_variance=0.04, denominator_variance=0.0)
    assert (interval.low, interval.high) == pytest.approx((0.5 - 1.959964 * 0.05, 0.5 + 1.959964 * 0.05))


def test_a_denominator_that_may_be_zero_has_no_bounded_interval() -> None:
    for denominator in (0.0, 0.1):
        with pytest.raises(NotEnoughDataError, match="cannot be told from 0"):
            fieller_interval(1.0, denominator, numerator_variance=1.0, denominator_variance=0.01)
    assert fieller_g(0.0, 1.0) == math.inf
    with pytest.raises(NotEnoughDataError, match="a lift over c needs at least 1"):
        fieller_lift_interval(Arm("c", 400, 0), Arm("t", 400, 12))
    with pytest.raises(NotEnoughDataError, match="cannot be told from 0"):
        fieller_lift_interval(Arm("c", 400, 2), Arm("t", 400, 12))


def test_with_many_clicks_it_agrees_with_the_log_delta_interval() -> None:
    """9.3 million clicks: both within 1e-5 of each other; and nothing is lost at 1e9 visitors."""
    control, treatment = Arm("c", 10**9, 7 * 10**7), Arm("t", 10**9, 8 * 10**7)
    ours, katz = fieller_lift_interval(control, treatment), katz_interval(control, treatment)
    assert (ours.low, ours.high) == pytest.approx((katz.low, katz.high), abs=1e-6)


def test_it_covers_where_the_denominator_is_weak() -> None:
    """4,000 experiments of 400 at 5% (g about 0.2) and 8%: misses 5% within 4% to 6.5%."""
    rng = np.random.default_rng(20_261_106)
    clicked = rng.binomial(400, [0.05, 0.08], (4_000, 2)).tolist()
    misses = sum(
        not fieller_lift_interval(Arm("c", 400, c), Arm("t", 400, t)).contains(0.6) for c, t in clicked
    )
    assert 0.04 < misses / 4_000 < 0.065


def test_compare_ctr_turns_to_fieller_where_the_control_is_weak() -> None:
    """Twelve clicks have a relative error near 30%; 600 clicks 4%."""
    weak = RatioArm.from_visitors("c", [1] * 12 + [0] * 188, [6] * 200)
    strong = RatioArm.from_visitors("c", [1] * 600 + [0] * 3_400, [6] * 4_000)
    treatment = RatioArm.from_visitors("t", [1] * 60 + [0] * 140, [6] * 200)
    assert compare_ctr(weak, treatment).comparison.lift_ci_method == "Fieller"
    assert compare_ctr(strong, treatment).comparison.lift_ci_method == "log-delta"
    z = scipy.stats.norm.isf(0.025)
    assert fieller_g(weak.ctr, weak.variance) == pytest.approx(z**2 * weak.variance / weak.ctr**2)
