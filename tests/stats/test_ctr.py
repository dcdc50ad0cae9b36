import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import scipy.special
import statsmodels.api as sm
import tea_tasting as tt
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    InvalidOutcomesError,
    NotEnoughDataError,
    RatioArm,
    as_alternative,
    compare_ctr,
    ctr_interval,
    naive_impression_test,
)

ALTERNATIVES = ("greater", "less", "two-sided")
Counts = npt.NDArray[np.int64]


def clustered_visitors(rng: np.random.Generator, n: int) -> tuple[Counts, Counts]:
    """Clicks and impressions of visitors who differ in readiness (beta) and in how much they look at."""
    impressions = 6 * (1 + rng.geometric(0.4, n))
    return rng.binomial(impressions, rng.beta(0.5, 9.5, n)), impressions


def visitor_lists() -> st.SearchStrategy[list[tuple[int, int]]]:
    visitor = st.integers(0, 60).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen)))
    return st.lists(visitor, min_size=1, max_size=40)


def arm_of(variant: str, visitors: list[tuple[int, int]]) -> RatioArm:
    return RatioArm.from_visitors(variant, [clicks for clicks, _ in visitors], [seen for _, seen in visitors])


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_tea_tasting_gives_the_same_ratio_of_means(alternative: str) -> None:
    """tea-tasting 1.14 RatioOfMeans, normal tails, unequal variances: estimate, both intervals, p; to 1e-9.

    Its intervals are one-sided for one-sided alternatives, so those are compared at the two-sided one only.
    """
    rng = np.random.default_rng(20_260_701)
    clicks0, seen0 = clustered_visitors(rng, 900)
    clicks1, seen1 = clustered_visitors(rng, 700)
    table = pd.DataFrame(
        {
            "variant": np.repeat([0, 1], [900, 700]),
            "clicks": np.concatenate([clicks0, clicks1]),
            "impressions": np.concatenate([seen0, seen1]),
        }
    )
    metric = tt.RatioOfMeans(
        "clicks", "impressions", alternative=as_alternative(alternative), use_t=False, equal_var=False
    )
    theirs = metric.analyze(table, 0, 1, "variant")
    control, treatment = (
        RatioArm.from_visitors("c", clicks0, seen0),
        RatioArm.from_visitors("t", clicks1, seen1),
    )
    ours = compare_ctr(control, treatment, alternative=alternative).comparison
    assert (ours.difference, ours.lift, ours.statistic, ours.p_value) == pytest.approx(
        (theirs.effect_size, theirs.rel_effect_size, theirs.statistic, theirs.pvalue), rel=1e-9
    )
    if alternative == "two-sided":
        assert ours.difference_ci is not None
        assert ours.lift_ci is not None
        assert (ours.difference_ci.low, ours.difference_ci.high) == pytest.approx(
            (theirs.effect_size_ci_lower, theirs.effect_size_ci_upper), rel=1e-9
        )
        assert (ours.lift_ci.low, ours.lift_ci.high) == pytest.approx(
            (theirs.rel_effect_size_ci_lower, theirs.rel_effect_size_ci_upper), rel=1e-9
        )


def test_the_variance_is_that_of_the_residuals_by_hand() -> None:
    """Visitors (1 of 6), (0 of 6), (3 of 12): ctr 4/24, residuals 0, -1, 1, so variance 2 / 24^2 * 3/2."""
    arm = RatioArm.from_visitors("c", [1, 0, 3], [6, 6, 12])
    assert arm.ctr == pytest.approx(1 / 6)
    assert arm.variance == pytest.approx(2 / 24**2 * 3 / 2)


def test_one_impression_a_visitor_is_a_plain_proportion() -> None:
    """Then the delta method's variance is p (1 - p) / (n - 1), and the design effect n / (n - 1)."""
    control = RatioArm.from_visitors("c", [1] * 30 + [0] * 70, [1] * 100)
    treatment = RatioArm.from_visitors("t", [1] * 40 + [0] * 60, [1] * 100)
    assert control.variance == pytest.approx(0.3 * 0.7 / 99)
    assert compare_ctr(control, treatment).design_effect == pytest.approx(100 / 99)


@settings(max_examples=60, deadline=None)
@given(visitors=visitor_lists(), data=st.data())
def test_the_order_of_visitors_is_irrelevant(visitors: list[tuple[int, int]], data: st.DataObject) -> None:
    assert arm_of("c", data.draw(st.permutations(visitors))) == arm_of("c", visitors)


@settings(max_examples=60, deadline=None)
@given(first=visitor_lists(), second=visitor_lists(), third=visitor_lists())
def test_merging_arms_is_associative_and_equals_counting_all_at_once(
    first: list[tuple[int, int]], second: list[tuple[int, int]], third: list[tuple[int, int]]
) -> None:
    a, b, c = arm_of("c", first), arm_of("c", second), arm_of("c", third)
    assert a.merged(b).merged(c) == a.merged(b.merged(c)) == arm_of("c", [*first, *second, *third])


@settings(max_examples=60, deadline=None)
@given(control=visitor_lists(), treatment=visitor_lists())
def test_swapping_the_arms_negates_the_difference_and_inverts_the_lift(
    control: list[tuple[int, int]], treatment: list[tuple[int, int]]
) -> None:
    ahead = compare_ctr(arm_of("c", control), arm_of("t", treatment), alternative="greater").comparison
    back = compare_ctr(arm_of("t", treatment), arm_of("c", control), alternative="less").comparison
    if ahead.difference is not None:
        assert back.difference == -ahead.difference
    if ahead.lift is not None and ahead.lift > -1:
        assert back.lift == pytest.approx(1 / (1 + ahead.lift) - 1, rel=1e-9, abs=1e-12)
    if ahead.p_value is not None:
        assert back.p_value == pytest.approx(ahead.p_value, rel=1e-9)
    numbers = [ahead.difference, ahead.lift, ahead.statistic, ahead.p_value]
    assert all(math.isfinite(number) for number in numbers if number is not None)


@pytest.mark.parametrize(
    ("visitors", "words"),
    [
        ([], "c has 0 of the 2 visitors"),
        ([(1, 6)], "c has 1 of the 2 visitors"),
        ([(0, 0), (0, 0)], "no viewed impression"),
        ([(0, 6)] * 50, "c has 0 of the 5 clicks"),
        ([(6, 6)] * 50, "clicked at the same rate"),
    ],
)
def test_thin_data_have_words_and_no_number(visitors: list[tuple[int, int]], words: str) -> None:
    arm = arm_of("c", visitors)
    with pytest.raises(NotEnoughDataError, match=words):
        ctr_interval(arm)
    result = compare_ctr(arm, arm_of("t", visitors))
    assert result.comparison.p_value is None
    assert result.comparison.difference_ci is None
    assert result.comparison.missing


def test_an_arms_interval_is_that_of_a_logistic_regression_clustered_by_visitor() -> None:
    """Statsmodels' Logit of an intercept alone, sandwich variance over visitors; to 1e-6."""
    rng = np.random.default_rng(20_261_122)
    seen = rng.integers(1, 12, size=300)
    clicks = rng.binomial(seen, rng.beta(1, 9, size=300))
    clicked = np.concatenate([np.arange(n) < k for n, k in zip(seen, clicks, strict=True)]).astype(float)
    groups = np.repeat(np.arange(300), seen)
    fitted = sm.Logit(clicked, np.ones_like(clicked)).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": groups}
    )
    expected = scipy.special.expit(fitted.conf_int(alpha=0.1)[0])
    found = ctr_interval(RatioArm.from_visitors("c", clicks, seen), confidence=0.9)
    assert (found.low, found.high) == pytest.approx(expected.tolist(), rel=1e-6)


def test_more_clicks_than_impressions_have_no_interval() -> None:
    with pytest.raises(NotEnoughDataError, match="12 clicks of 9 viewed impressions"):
        ctr_interval(arm_of("c", [(6, 3), (6, 6)]))


def test_a_billion_impressions_lose_no_digit() -> None:
    """10 million visitors, 100 impressions each, half 7 clicks, half 8: variance 0.25 / n / 100^2."""
    n = 10**7
    half = n // 2
    arm = RatioArm(
        variant="c",
        n=n,
        clicks=15 * half,
        impressions=100 * n,
        clicks_squared=(49 + 64) * half,
        impressions_squared=10_000 * n,
        clicks_impressions=1_500 * half,
    )
    assert arm.variance == pytest.approx(0.25 / (n - 1) / 100**2, rel=1e-12)


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InvalidOutcomesError, match="both must be one row of visitors"):
        RatioArm.from_visitors("c", [1, 2], [6])
    with pytest.raises(InvalidOutcomesError, match="none of them can be negative"):
        RatioArm("c", -1, 0, 0, 0, 0, 0)


def test_the_naive_test_is_a_two_proportion_z_test_on_impressions() -> None:
    """Its only use is as the labelled mistake; by hand 20/600 against 40/600 gives z = 2.6419."""
    control = RatioArm.from_visitors("c", [1] * 20 + [0] * 80, [6] * 100)
    treatment = RatioArm.from_visitors("t", [2] * 20 + [0] * 80, [6] * 100)
    naive = naive_impression_test(control, treatment)
    assert naive.statistic == pytest.approx((20 / 600) / math.sqrt(0.05 * 0.95 * 2 / 600))
    assert "wrong" in naive.method
