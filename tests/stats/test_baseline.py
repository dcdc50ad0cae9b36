import math

import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import Arm, InvalidDesignError, NotEnoughDataError, against_baseline

ALTERNATIVES = ("greater", "less", "two-sided")


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize(("n", "successes"), [(925, 66), (925, 0), (925, 925), (2, 1), (20_000, 1_500)])
def test_scipy_gives_the_same_exact_p_value(n: int, successes: int, alternative: str) -> None:
    """scipy.stats.binomtest sums the binomial; ours is its incomplete beta function. To 1e-9."""
    ours = against_baseline(Arm("control", n, successes), 0.07, alternative=alternative)
    assert ours.p_value == pytest.approx(
        scipy.stats.binomtest(successes, n, 0.07, alternative).pvalue, rel=1e-9, abs=1e-300
    )
    assert ours.difference == pytest.approx(successes / n - 0.07)
    assert ours.method == "exact binomial"


def test_three_heads_in_three_throws_have_a_chance_of_one_in_eight() -> None:
    assert against_baseline(Arm("coin", 3, 3), 0.5).p_value == pytest.approx(1 / 8)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 3_000), share=st.floats(0, 1), baseline=st.floats(0.001, 0.999))
def test_both_tails_overlap_in_what_was_seen(n: int, share: float, baseline: float) -> None:
    """P(X >= k) + P(X <= k) = 1 + P(X = k), and seeing the complement mirrors the test."""
    successes = round(share * n)
    arm, mirrored = Arm("c", n, successes), Arm("c", n, n - successes)
    greater = against_baseline(arm, baseline).p_value
    less = against_baseline(arm, baseline, alternative="less").p_value
    assert greater + less == pytest.approx(1 + scipy.stats.binom.pmf(successes, n, baseline), rel=1e-6)
    assert against_baseline(mirrored, 1 - baseline, alternative="less").p_value == pytest.approx(
        greater, rel=1e-6, abs=1e-12
    )
    assert math.isfinite(greater)


def test_too_few_visitors_or_no_rate_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="control has 1 of the 2 visitors"):
        against_baseline(Arm("control", 1, 1), 0.07)
    with pytest.raises(InvalidDesignError, match="baseline is 7"):
        against_baseline(Arm("control", 10, 1), 7)
