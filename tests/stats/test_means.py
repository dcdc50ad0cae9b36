import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import Arm, InvalidOutcomesError, MeanArm, NotEnoughDataError, RatioArm, compare_means
from stats.means import ratio_arm

ALTERNATIVES = ("greater", "less", "two-sided")
values = st.lists(st.floats(-1e3, 1e3), min_size=0, max_size=30)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_scipy_gives_the_same_welch_test(alternative: str) -> None:
    """scipy.stats.ttest_ind(equal_var=False): statistic, p-value and interval; to 1e-9."""
    rng = np.random.default_rng(20_261_108)
    watched = rng.exponential(30, 200), rng.exponential(36, 300)
    control, treatment = (
        MeanArm.from_visitors(name, found) for name, found in zip("ct", watched, strict=True)
    )
    ours = compare_means(control, treatment, alternative=alternative)
    theirs = scipy.stats.ttest_ind(watched[1], watched[0], equal_var=False, alternative=alternative)  # type: ignore[call-overload]  # a str
    assert (ours.statistic, ours.p_value) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-9)
    two_sided = scipy.stats.ttest_ind(watched[1], watched[0], equal_var=False).confidence_interval(0.95)
    assert ours.difference_ci is not None
    assert (ours.difference_ci.low, ours.difference_ci.high) == pytest.approx(
        (two_sided.low, two_sided.high), rel=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(first=values, second=values, third=values)
def test_merging_is_associative_and_equals_counting_all_at_once(
    first: list[float], second: list[float], third: list[float]
) -> None:
    a, b, c = (MeanArm.from_visitors("c", found) for found in (first, second, third))
    once = MeanArm.from_visitors("c", [*first, *second, *third])
    for merged in (a.merged(b).merged(c), a.merged(b.merged(c))):
        assert merged.n == once.n
        assert merged.mean == pytest.approx(once.mean, rel=1e-9, abs=1e-9)
        assert merged.squares == pytest.approx(once.squares, rel=1e-9, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(control=values, treatment=values)
def test_swapping_arms_negates_the_difference(control: list[float], treatment: list[float]) -> None:
    arms = MeanArm.from_visitors("c", control), MeanArm.from_visitors("t", treatment)
    ahead = compare_means(*arms, alternative="greater")
    back = compare_means(arms[1], arms[0], alternative="less")
    assert (ahead.difference is None) == (back.difference is None)
    if ahead.difference is not None and back.difference is not None:
        assert back.difference == -ahead.difference
    if ahead.p_value is not None:
        assert back.p_value == pytest.approx(ahead.p_value, rel=1e-9)
    numbers = (ahead.difference, ahead.lift, ahead.statistic, ahead.p_value)
    assert all(math.isfinite(number) for number in numbers if number is not None)


def ratings(rng: np.random.Generator, variant: str, n: int) -> MeanArm:
    """The stars of visitors who rate often or seldom, and kindly or not: each one's ratings are alike."""
    n_rated = rng.geometric(0.3, size=n)
    stars = rng.normal(3.5, 0.8, size=n) * n_rated + rng.normal(0, 1, size=n) * np.sqrt(n_rated)
    return ratio_arm(variant, sums_of(stars, n_rated))


def sums_of(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    return {"n": len(x), "x": x.sum(), "y": y.sum(), "xx": x @ x, "yy": y @ y, "xy": x @ y}


def test_a_ratio_over_visitors_has_the_variance_of_the_delta_method() -> None:
    """`RatioArm` counts the same of clicks over impressions; to 1e-12."""
    rng = np.random.default_rng(4)
    seen = rng.integers(1, 9, size=400)
    clicks = rng.binomial(seen, 0.3)
    expected = RatioArm.from_visitors("c", clicks, seen)
    found = ratio_arm("c", sums_of(clicks, seen))
    assert (found.n, found.mean) == (400, expected.ctr)
    assert found.error_variance == pytest.approx(expected.variance, rel=1e-12)


def test_a_ratio_raises_false_alarms_at_its_nominal_rate() -> None:
    """2,000 A/A tests of 200 raters an arm, at 5%; the band is 99.9%.

    The planted fault, each rating for itself at the true variance of one, alarms beyond that band.
    """
    rng = np.random.default_rng(20_261_122)
    arms = [(ratings(rng, "c", 200), ratings(rng, "t", 200)) for _ in range(2_000)]
    found = [compare_means(*pair, alternative="two-sided") for pair in arms]
    alarms = sum((each.p_value or 0.0) < 0.05 for each in found)
    fewest, most = scipy.stats.binom.interval(0.999, n=2_000, p=0.05)
    assert fewest <= alarms <= most
    # A geometric of 0.3 has mean 1 / 0.3; a rating varies by 0.8 between visitors and 1 within.
    error = math.sqrt(2 * (0.8**2 + 1) / (200 / 0.3))
    assert sum(abs(each.difference or 0.0) > 1.96 * error for each in found) > most


def test_a_ratio_that_does_not_vary_has_no_test() -> None:
    """Everybody's mean is 13/3, which no float is."""
    sums = sums_of(np.array([13.0, 26.0, 13.0]), np.array([3.0, 6.0, 3.0]))
    assert ratio_arm("c", sums).squares == 0
    found = compare_means(ratio_arm("c", sums), ratio_arm("t", sums))
    assert (found.p_value, found.difference) == (None, 0.0)
    assert ratio_arm("c", {"n": 0, "x": 0, "y": 0, "xx": 0, "yy": 0, "xy": 0}).n == 0


def test_a_rate_is_the_mean_of_ones_and_zeros() -> None:
    assert MeanArm.from_arm(Arm("c", 10, 3)) == MeanArm.from_visitors("c", [1] * 3 + [0] * 7).merged(
        MeanArm("c", 0, 0.0, 0.0)
    )
    assert MeanArm.from_arm(Arm("c", 0, 0)).n == 0


@pytest.mark.parametrize(
    ("control", "treatment", "words"),
    [
        ([], [], "needs"),
        ([1.0], [2.0, 3.0], "c has 1 of the 2 visitors"),
        ([2.0, 2.0], [2.0, 2.0], "the same value"),
    ],
)
def test_thin_data_have_words_and_no_number(control: list[float], treatment: list[float], words: str) -> None:
    found = compare_means(MeanArm.from_visitors("c", control), MeanArm.from_visitors("t", treatment))
    assert (found.p_value, found.difference_ci, found.lift_ci) == (None, None, None)
    assert words in " ".join(found.missing)


def test_a_billion_visitors_and_nonsense() -> None:
    control, treatment = MeanArm("c", 10**9, 1e6, 1e9), MeanArm("t", 10**9, 1e6 + 1e-3, 1e9)
    found = compare_means(control, treatment)
    assert found.statistic == pytest.approx(1e-3 / math.sqrt(2e-9), rel=1e-6)
    with pytest.raises(InvalidOutcomesError, match="must be finite"):
        MeanArm("c", 1, math.nan, 0.0)
    with pytest.raises(InvalidOutcomesError, match="one number per visitor"):
        MeanArm.from_visitors("c", [[1.0]])
    with pytest.raises(NotEnoughDataError, match="that a variance needs"):
        _ = MeanArm("c", 1, 1.0, 0.0).variance
