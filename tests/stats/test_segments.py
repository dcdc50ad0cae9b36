"""Stratification, heterogeneity and novelty: the same visitors cut into parts."""

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from stats import (
    Arm,
    InvalidOutcomesError,
    MeanArm,
    NotEnoughDataError,
    benjamini_hochberg,
    compare,
    compare_segments,
    compare_stratified,
    holm,
    novelty_slope,
)

ALTERNATIVES = ("greater", "less", "two-sided")


def test_a_saturated_regression_gives_the_same_stratified_difference() -> None:
    """OLS (statsmodels) of value on treatment, centred stratum dummies and products, HC2 (Lin 2013); 1e-9."""
    rng = np.random.default_rng(20_261_114)
    stratum = rng.integers(0, 3, 600)
    treated = rng.integers(0, 2, 600)
    value = stratum * 1.5 + treated * (0.2 + 0.1 * stratum) + rng.normal(0, 1 + stratum, 600)
    dummies = np.eye(3)[stratum][:, 1:]
    centred = dummies - dummies.mean(axis=0)
    design = np.column_stack([np.ones(600), treated, centred, treated[:, None] * centred])
    theirs = sm.OLS(value, design).fit(cov_type="HC2")
    strata = {
        str(name): (
            MeanArm.from_visitors("c", value[(stratum == name) & (treated == 0)]),
            MeanArm.from_visitors("t", value[(stratum == name) & (treated == 1)]),
        )
        for name in range(3)
    }
    ours = compare_stratified(strata, alternative="two-sided")
    assert (ours.difference, ours.statistic, ours.p_value) == pytest.approx(
        (theirs.params[1], theirs.tvalues[1], theirs.pvalues[1]), rel=1e-9
    )
    assert ours.variance_reduction > 0.1


def test_one_stratum_is_no_stratification() -> None:
    arms = MeanArm.from_arm(Arm("c", 925, 66)), MeanArm.from_arm(Arm("t", 925, 104))
    found = compare_stratified({"all": arms})
    assert found.variance_reduction == pytest.approx(0, abs=1e-12)
    assert found.difference == pytest.approx((104 - 66) / 925)


def test_the_stratified_test_keeps_alpha() -> None:
    """2,000 A/A experiments in four strata of 3% to 40%: two-sided 5% within the 99.9% band."""
    rng = np.random.default_rng(20_261_115)
    rates, sizes = np.array([0.03, 0.1, 0.2, 0.4]), np.array([300, 300, 200, 125])
    clicked = rng.binomial(sizes[None, :, None], rates[None, :, None], (2_000, 4, 2)).tolist()
    alarms = 0
    for experiment in clicked:
        strata = {
            str(index): (
                MeanArm.from_arm(Arm("c", int(n), c)),
                MeanArm.from_arm(Arm("t", int(n), t)),
            )
            for index, (n, (c, t)) in enumerate(zip(sizes, experiment, strict=True))
        }
        alarms += compare_stratified(strata, alternative="two-sided").p_value < 0.05
    fewest, most = scipy.stats.binom.interval(0.999, n=2_000, p=0.05)
    assert fewest <= alarms <= most


def test_thin_strata_are_named() -> None:
    good = MeanArm.from_arm(Arm("c", 925, 66)), MeanArm.from_arm(Arm("t", 925, 104))
    thin = MeanArm("c", 1, 0.0, 0.0), good[1]
    with pytest.raises(NotEnoughDataError, match="stratum 'cold' has 1 of the 2 visitors of c"):
        compare_stratified({"warm": good, "cold": thin})
    with pytest.raises(NotEnoughDataError, match="needs variation"):
        compare_stratified({"all": (MeanArm("c", 9, 1.0, 0.0), MeanArm("t", 9, 1.0, 0.0))})
    with pytest.raises(InvalidOutcomesError, match="no stratum"):
        compare_stratified({})
    huge = compare_stratified(
        {"all": (MeanArm.from_arm(Arm("c", 10**9, 7 * 10**7)), MeanArm.from_arm(Arm("t", 10**9, 8 * 10**7)))}
    )
    assert huge.interval.low < 0.01 < huge.interval.high


segments = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(*[st.integers(0, 400).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))] * 2),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(counts=segments, alternative=st.sampled_from(ALTERNATIVES))
def test_each_segment_is_its_own_comparison_adjusted_for_their_number(
    counts: dict[str, tuple[tuple[int, int], tuple[int, int]]], alternative: str
) -> None:
    arms = {name: (Arm("c", *control), Arm("t", *treatment)) for name, (control, treatment) in counts.items()}
    found = compare_segments(arms, alternative=alternative)
    tested = [result for result in found.segments if result.comparison.p_value is not None]
    p_values = [result.comparison.p_value or 0.0 for result in tested]
    assert [result.holm_p_value for result in tested] == list(holm(p_values))
    assert [result.benjamini_hochberg_p_value for result in tested] == list(benjamini_hochberg(p_values))
    for result in found.segments:
        assert result.comparison == compare(*arms[result.segment], alternative=alternative)
    swapped = compare_segments({name: (t, c) for name, (c, t) in arms.items()}, alternative="two-sided")
    assert (found.statistic is None) == (swapped.statistic is None)
    if found.statistic is not None:
        assert swapped.statistic == pytest.approx(found.statistic, rel=1e-9, abs=1e-12)
    assert swapped.is_simpson == found.is_simpson


def test_statsmodels_combines_effects_to_the_same_q() -> None:
    """combine_effects with our differences and smoothed variances: Q and its p-value; to 1e-9."""
    arms = {
        "a": (Arm("c", 300, 20), Arm("t", 320, 41)),
        "b": (Arm("c", 900, 60), Arm("t", 880, 60)),
        "d": (Arm("c", 200, 40), Arm("t", 210, 30)),
    }
    effects = [treatment.rate - control.rate for control, treatment in arms.values()]
    variances = []
    for pair in arms.values():
        smoothed = [((arm.successes + 0.5) / (arm.n + 1), arm.n) for arm in pair]
        variances.append(sum(rate * (1 - rate) / n for rate, n in smoothed))
    theirs = combine_effects(np.array(effects), np.array(variances))
    found = compare_segments(arms)
    assert found.statistic == pytest.approx(theirs.q, rel=1e-9)
    assert found.p_value == pytest.approx(scipy.stats.chi2.sf(theirs.q, 2), rel=1e-9)
    assert not found.is_simpson


def test_simpsons_paradox_is_flagged() -> None:
    """Better in both segments, worse in all: the treatment got the segment that clicks little."""
    found = compare_segments(
        {
            "eager": (Arm("c", 800, 320), Arm("t", 200, 90)),
            "shy": (Arm("c", 200, 10), Arm("t", 800, 60)),
        }
    )
    assert all((result.comparison.difference or 0) > 0 for result in found.segments)
    assert found.is_simpson


def test_equal_effects_look_different_at_alpha() -> None:
    """2,000 experiments, four segments with the same difference: Q alarms in 5% within 3% to 6.5%."""
    rng = np.random.default_rng(20_261_116)
    rates = np.array([[0.07, 0.1], [0.12, 0.15], [0.2, 0.23], [0.3, 0.33]])
    clicked = rng.binomial(600, rates, (2_000, 4, 2)).tolist()
    alarms = 0
    for experiment in clicked:
        arms = {str(index): (Arm("c", 600, c), Arm("t", 600, t)) for index, (c, t) in enumerate(experiment)}
        alarms += (compare_segments(arms).p_value or 1.0) < 0.05
    assert 0.03 < alarms / 2_000 < 0.065


def test_segments_without_data_say_nothing() -> None:
    found = compare_segments({"a": (Arm("c", 0, 0), Arm("t", 0, 0)), "b": (Arm("c", 1, 1), Arm("t", 1, 0))})
    assert (found.statistic, found.p_value, found.is_simpson) == (None, None, False)
    assert found.segments[0].holm_p_value is None
    with pytest.raises(InvalidOutcomesError, match="no segment"):
        compare_segments({})


def test_statsmodels_fits_the_same_slope() -> None:
    """WLS with the pooled variances taken as known (scale 1): slope, error; to 1e-9."""
    days = [
        (1, Arm("c", 130, 9), Arm("t", 140, 22)),
        (2, Arm("c", 130, 10), Arm("t", 125, 16)),
        (3, Arm("c", 110, 7), Arm("t", 120, 12)),
        (5, Arm("c", 90, 6), Arm("t", 95, 7)),
    ]
    differences = np.array([treatment.rate - control.rate for _, control, treatment in days])
    pooled = np.array([(c.successes + t.successes) / (c.n + t.n) for _, c, t in days])
    variances = pooled * (1 - pooled) * np.array([1 / c.n + 1 / t.n for _, c, t in days])
    design = sm.add_constant(np.array([1.0, 2.0, 3.0, 5.0]))
    theirs = sm.WLS(differences, design, weights=1 / variances).fit(cov_type="fixed scale", use_t=False)
    ours = novelty_slope(days)
    assert (ours.slope, ours.statistic, ours.p_value) == pytest.approx(
        (theirs.params[1], theirs.tvalues[1], theirs.pvalues[1]), rel=1e-9
    )
    assert ours.interval.contains(ours.slope)


def test_a_constant_effect_shows_a_slope_at_alpha_and_a_fading_one_more_often() -> None:
    """2,000 experiments of 7 days, 130 a day and arm: 5% within 3.5% to 6.5%; halving daily: over 20%."""
    rng = np.random.default_rng(20_261_117)

    def alarms(treatment_rates: list[float]) -> float:
        rates = np.array([[0.07, rate] for rate in treatment_rates])
        found = 0
        for experiment in rng.binomial(130, rates, (2_000, 7, 2)).tolist():
            days = [(day, Arm("c", 130, c), Arm("t", 130, t)) for day, (c, t) in enumerate(experiment)]
            found += novelty_slope(days).p_value < 0.05
        return found / 2_000

    assert 0.035 < alarms([0.1] * 7) < 0.065
    assert alarms([0.07 + 0.1 * 0.5**day for day in range(7)]) > 0.2


def test_too_few_days_have_no_trend() -> None:
    day = Arm("c", 100, 7), Arm("t", 100, 9)
    empty = Arm("c", 0, 0), Arm("t", 100, 9)
    for days in ([], [(1, *day), (2, *day)], [(1, *day), (2, *day), (3, *empty)], [(1, *day)] * 3):
        with pytest.raises(NotEnoughDataError, match="a trend needs at least 3"):
            novelty_slope(days)
