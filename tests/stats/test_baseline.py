import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    Arm,
    InvalidDesignError,
    NotEnoughDataError,
    RatioArm,
    against_baseline,
    ctr_against_baseline,
)

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


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_the_clustered_test_is_students_of_clicks_beyond_the_baseline(alternative: str) -> None:
    """scipy.stats.ttest_1samp of clicks - 0.07 * impressions per visitor; to 1e-9."""
    rng = np.random.default_rng(20_261_109)
    impressions = 6 * rng.geometric(0.3, 925)
    clicks = rng.binomial(impressions, rng.beta(0.5, 6.0, 925))
    arm = RatioArm.from_visitors("control", clicks, impressions)
    theirs = scipy.stats.ttest_1samp(clicks - 0.07 * impressions, 0.0, alternative=alternative)  # type: ignore[call-overload]  # a str
    ours = ctr_against_baseline(arm, 0.07, alternative=alternative)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.difference == pytest.approx(clicks.sum() / impressions.sum() - 0.07)


def test_the_clustered_baseline_test_keeps_alpha_where_the_binomial_does_not() -> None:
    """2,000 arms of 925 at a true CTR of 7%, clustered: two-sided 5% within 4% to 7%; naively over 15%.

    Clicks are heavy-tailed (beta readiness, geometric slates), so the t tail is a little too light.
    """
    rng = np.random.default_rng(20_261_110)
    clustered = naive = 0
    for _ in range(2_000):
        impressions = 6 * rng.geometric(0.3, 925)
        clicks = rng.binomial(impressions, rng.beta(0.7, 9.3, 925))
        arm = RatioArm.from_visitors("control", clicks, impressions)
        clustered += ctr_against_baseline(arm, 0.07, alternative="two-sided").p_value < 0.05
        z = (arm.ctr - 0.07) / np.sqrt(0.07 * 0.93 / arm.impressions)
        naive += abs(z) > 1.96
    assert 0.04 < clustered / 2_000 < 0.07
    assert naive / 2_000 > 0.15


@pytest.mark.parametrize(
    ("clicks", "impressions", "words"),
    [
        ([], [], "no viewed impression"),
        ([1], [6], "1 of the 2 visitors"),
        ([0, 0], [6, 6], "0 of the 5 clicks"),
        ([0, 0], [0, 0], "no viewed impression"),
        ([6, 6], [6, 6], "a test needs variation"),
    ],
)
def test_a_thin_arm_has_no_clustered_comparison(
    clicks: list[int], impressions: list[int], words: str
) -> None:
    with pytest.raises(NotEnoughDataError, match=words):
        ctr_against_baseline(RatioArm.from_visitors("control", clicks, impressions), 0.07)


def test_a_billion_impressions_against_the_baseline_lose_no_digit() -> None:
    """10 million visitors, half 7 clicks, half 8, of 100: mean 7.5, spread 0.5, baseline 7.4999%."""
    half = 5 * 10**6
    arm = RatioArm("control", 2 * half, 15 * half, 200 * half, 113 * half, 20_000 * half, 1_500 * half)
    z = (7.5 - 7.4999) / (0.5 / np.sqrt(2 * half))
    assert ctr_against_baseline(arm, 0.074999).p_value == pytest.approx(scipy.stats.norm.sf(z), rel=1e-3)
