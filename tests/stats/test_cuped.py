import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import tea_tasting as tt
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import InvalidOutcomesError, PairedArm, as_alternative, compare_cuped, compare_means

ALTERNATIVES = ("greater", "less", "two-sided")
pairs = st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), max_size=25)


def paired_arm(
    rng: np.random.Generator, variant: str, n: int, *, gain: float = 0.0, correlation: float = 0.7
) -> PairedArm:
    """Plays in the experiment and before it, heavy-tailed, correlated by a shared liking."""
    liking = rng.gamma(1.0, 2.0, n)
    past = liking + rng.gamma(1.0, 2.0 * math.sqrt(1 / correlation - 1), n)
    values = liking + rng.gamma(1.0, 2.0 * math.sqrt(1 / correlation - 1), n) + gain
    return PairedArm.from_visitors(variant, values, past)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_tea_tasting_gives_the_same_adjusted_comparison(alternative: str) -> None:
    """tea-tasting 1.14 Mean with covariate, Welch: difference, statistic, p-value; to 1e-9."""
    rng = np.random.default_rng(20_261_111)
    past0, past1 = rng.gamma(1, 3, 500), rng.gamma(1, 3, 400)
    now0, now1 = past0 + rng.normal(0, 1, 500), past1 + rng.normal(0.2, 1.5, 400)
    table = pd.DataFrame(
        {
            "variant": np.repeat([0, 1], [500, 400]),
            "now": np.concatenate([now0, now1]),
            "past": np.concatenate([past0, past1]),
        }
    )
    metric = tt.Mean("now", "past", alternative=as_alternative(alternative), equal_var=False, use_t=True)
    theirs = metric.analyze(table, 0, 1, "variant")
    found = compare_cuped(
        PairedArm.from_visitors("c", now0, past0),
        PairedArm.from_visitors("t", now1, past1),
        alternative=alternative,
    )
    ours = found.comparison
    assert (ours.difference, ours.statistic, ours.p_value) == pytest.approx(
        (theirs.effect_size, theirs.statistic, theirs.pvalue), rel=1e-9
    )
    correlation = np.corrcoef(table["now"], table["past"])[0, 1]
    assert found.correlation == pytest.approx(correlation, rel=1e-9)
    assert found.variance_reduction == pytest.approx(correlation**2, abs=0.02)


def test_the_adjusted_test_keeps_alpha_and_has_more_power() -> None:
    """2,000 A/A experiments of 300 + 300: 5% within the 99.9% band; a gain of 0.4 is seen more often."""
    rng = np.random.default_rng(20_261_112)
    alarms = adjusted = plain = covered = 0
    for _ in range(2_000):
        found = compare_cuped(paired_arm(rng, "c", 300), paired_arm(rng, "t", 300), alternative="two-sided")
        assert found.comparison.p_value is not None
        assert found.comparison.difference_ci is not None
        alarms += found.comparison.p_value < 0.05
        covered += found.comparison.difference_ci.contains(0)
    fewest, most = scipy.stats.binom.interval(0.999, n=2_000, p=0.05)
    assert fewest <= alarms <= most
    assert covered == 2_000 - alarms
    for _ in range(300):
        arms = paired_arm(rng, "c", 300), paired_arm(rng, "t", 300, gain=0.4)
        adjusted += (compare_cuped(*arms).comparison.p_value or 0) < 0.05
        plain += (compare_means(arms[0].value, arms[1].value).p_value or 0) < 0.05
    assert adjusted > 1.15 * plain


@settings(max_examples=40, deadline=None)
@given(first=pairs, second=pairs, third=pairs)
def test_merging_is_associative_and_equals_counting_all_at_once(
    first: list[tuple[float, float]], second: list[tuple[float, float]], third: list[tuple[float, float]]
) -> None:
    def arm(visitors: list[tuple[float, float]]) -> PairedArm:
        return PairedArm.from_visitors("c", [v for v, _ in visitors], [p for _, p in visitors])

    a, b, c = arm(first), arm(second), arm(third)
    once = arm([*first, *second, *third])
    for merged in (a.merged(b).merged(c), a.merged(b.merged(c))):
        assert merged.products == pytest.approx(once.products, rel=1e-9, abs=1e-5)
        assert merged.value.n == once.value.n


@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
def test_swapping_arms_negates_the_difference(alternative: str) -> None:
    rng = np.random.default_rng(20_261_113)
    control, treatment = paired_arm(rng, "c", 50), paired_arm(rng, "t", 60)
    ahead = compare_cuped(control, treatment, alternative=alternative).comparison
    back = compare_cuped(
        treatment, control, alternative="less" if alternative == "greater" else alternative
    ).comparison
    assert ahead.difference is not None
    assert back.difference == pytest.approx(-ahead.difference, rel=1e-9)
    assert back.p_value == pytest.approx(ahead.p_value, rel=1e-9)


@pytest.mark.parametrize(
    ("values", "past"),
    [([], []), ([1.0], [1.0]), ([0.0] * 9, [0.0] * 9), ([1.0, 0.0, 1.0], [4.0, 4.0, 4.0])],
)
def test_without_a_past_the_plain_comparison_stays(values: list[float], past: list[float]) -> None:
    found = compare_cuped(
        PairedArm.from_visitors("c", values, past), PairedArm.from_visitors("t", values, past)
    )
    if found.theta is None:
        assert found.comparison == compare_means(
            PairedArm.from_visitors("c", values, past).value, PairedArm.from_visitors("t", values, past).value
        )
    assert found.variance_reduction is None


def test_a_past_of_other_visitors_is_refused() -> None:
    with pytest.raises(InvalidOutcomesError, match="give both for each visitor"):
        PairedArm.from_visitors("c", [1.0, 2.0], [1.0])
