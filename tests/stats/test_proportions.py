import math
import warnings

import pandas as pd
import pytest
import scipy.stats
import tea_tasting as tt
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from stats import (
    Arm,
    InvalidOutcomesError,
    NotEnoughDataError,
    as_alternative,
    compare,
    katz_interval,
    newcombe_interval,
    proportion_test,
    rate_lift,
    wilson_interval,
)

ALTERNATIVES = ("greater", "less", "two-sided")
STATSMODELS_WORDS = {"greater": "larger", "less": "smaller", "two-sided": "two-sided"}
MIRROR = {"greater": "less", "less": "greater", "two-sided": "two-sided"}
TABLES = [(66, 925, 104, 925), (700, 10_000, 705, 9_000), (30, 60, 31, 40), (12, 400, 30, 500)]


@st.composite
def arms(draw: st.DrawFn, variant: str, most: int = 5_000) -> Arm:
    n = draw(st.integers(2, most))
    return Arm(variant, n, draw(st.integers(0, n)))


@pytest.mark.parametrize(
    ("treatment", "control", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe_interval_gives_the_table_of_the_paper(
    treatment: tuple[int, int], control: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe (1998), Statistics in Medicine 17, table II, method 10, contrasts (a) to (h); four digits."""
    interval = newcombe_interval(Arm("c", control[1], control[0]), Arm("t", treatment[1], treatment[0]))
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(("s0", "n0", "s1", "n1"), TABLES)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_statsmodels_gives_the_same_intervals(s0: int, n0: int, s1: int, n1: int, confidence: float) -> None:
    """Wilson, Newcombe and log-ratio of statsmodels 0.15, to 1e-9 (its "score" is wrong, so not used)."""
    control, treatment, alpha = Arm("c", n0, s0), Arm("t", n1, s1), 1 - confidence
    wilson = wilson_interval(treatment, confidence=confidence)
    assert (wilson.low, wilson.high) == pytest.approx(proportion_confint(s1, n1, alpha, "wilson"), abs=1e-9)
    newcombe = newcombe_interval(control, treatment, confidence=confidence)
    theirs = confint_proportions_2indep(s1, n1, s0, n0, compare="diff", method="newcomb", alpha=alpha)
    assert (newcombe.low, newcombe.high) == pytest.approx(theirs, abs=1e-9)
    katz = katz_interval(control, treatment, confidence=confidence)
    theirs = confint_proportions_2indep(s1, n1, s0, n0, compare="ratio", method="log", alpha=alpha)
    assert (1 + katz.low, 1 + katz.high) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(("s0", "n0", "s1", "n1"), TABLES)
@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_statsmodels_gives_the_same_z_test(s0: int, n0: int, s1: int, n1: int, alternative: str) -> None:
    ours = proportion_test(Arm("c", n0, s0), Arm("t", n1, s1), alternative=alternative)
    statistic, p_value = proportions_ztest([s1, s0], [n1, n0], alternative=STATSMODELS_WORDS[alternative])
    assert ours.method == "two-proportion z, pooled"
    assert (ours.statistic, ours.p_value) == pytest.approx((statistic, p_value), rel=1e-9)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_tea_tasting_gives_the_same_p_value_and_lift(alternative: str) -> None:
    """tea-tasting 1.14, normal approximation without its correction, pooled variance; to 1e-9."""
    table = pd.DataFrame(
        {"variant": [0] * 925 + [1] * 940, "clicked": [1] * 66 + [0] * 859 + [1] * 104 + [0] * 836}
    )
    metric = tt.Proportion(
        "clicked", method="norm", alternative=as_alternative(alternative), correction=False, equal_var=True
    )
    theirs = metric.analyze(table, 0, 1, "variant")
    ours = compare(Arm("c", 925, 66), Arm("t", 940, 104), alternative=alternative)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.difference == pytest.approx(theirs.effect_size, rel=1e-9)
    assert ours.lift == pytest.approx(theirs.rel_effect_size, rel=1e-9)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_few_visitors_get_fishers_test_and_its_name(alternative: str) -> None:
    """1 of 30 against 6 of 30 expects 3.5 clicks per arm, under 5; witness: hypergeometric tails."""
    ours = proportion_test(Arm("c", 30, 1), Arm("t", 30, 6), alternative=alternative)
    tail = scipy.stats.hypergeom(60, 7, 30)
    greater, less = tail.sf(5), tail.cdf(6)
    expected = {"greater": greater, "less": less, "two-sided": 2 * greater}[alternative]
    assert ours.statistic is None
    assert "Fisher" in ours.method
    assert ours.p_value == pytest.approx(expected, rel=1e-9)


def test_nothing_against_twelve_of_400_is_found() -> None:
    """A case where a peer library answers p = 1: expected cells are 6, z = sqrt(800 * 12 / 788) by hand."""
    comparison = compare(Arm("control", 400, 0), Arm("treatment", 400, 12))
    assert comparison.statistic == pytest.approx(math.sqrt(800 * 12 / 788))
    assert comparison.p_value == pytest.approx(scipy.stats.norm.sf(math.sqrt(800 * 12 / 788)))
    assert comparison.lift is None
    assert comparison.missing == (
        "none of control's 400 visitors clicked; a lift over control needs at least 1 who did",
    )


@settings(max_examples=60, deadline=None)
@given(control=arms("c"), treatment=arms("t"), alternative=st.sampled_from(ALTERNATIVES))
def test_swapping_the_arms_negates_the_difference_and_inverts_the_lift(
    control: Arm, treatment: Arm, alternative: str
) -> None:
    ahead = compare(control, treatment, alternative=alternative)
    back = compare(treatment, control, alternative=MIRROR[alternative])
    assert ahead.difference is not None
    assert back.difference == -ahead.difference
    assert ahead.difference_ci is not None
    assert back.difference_ci is not None
    assert (back.difference_ci.low, back.difference_ci.high) == pytest.approx(
        (-ahead.difference_ci.high, -ahead.difference_ci.low), abs=1e-12
    )
    assert (ahead.p_value is None) == (back.p_value is None)
    if ahead.p_value is not None:
        assert back.p_value == pytest.approx(ahead.p_value, abs=1e-12)
    if ahead.lift_ci is not None and back.lift_ci is not None and ahead.lift is not None:
        assert back.lift == pytest.approx(1 / (1 + ahead.lift) - 1, rel=1e-9, abs=1e-12)
        assert back.lift_ci.low == pytest.approx(1 / (1 + ahead.lift_ci.high) - 1, rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(control=arms("c"), treatment=arms("t"))
def test_estimates_lie_in_their_intervals_and_every_number_is_finite(control: Arm, treatment: Arm) -> None:
    """No NaN, no infinity, p in [0, 1]; and a number that is absent has its reason in words."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        comparison = compare(control, treatment)
    numbers = [comparison.difference, comparison.lift, comparison.statistic, comparison.p_value]
    for interval, value in (
        (comparison.difference_ci, comparison.difference),
        (comparison.lift_ci, comparison.lift),
    ):
        if interval is not None and value is not None:
            assert interval.low <= value + 1e-12
            assert value <= interval.high + 1e-12
            numbers += [interval.low, interval.high]
    assert all(math.isfinite(number) for number in numbers if number is not None)
    assert comparison.p_value is None or 0 <= comparison.p_value <= 1
    has_gap = None in (comparison.difference_ci, comparison.lift, comparison.lift_ci, comparison.p_value)
    assert has_gap == bool(comparison.missing)


@pytest.mark.parametrize(
    ("control", "treatment", "words"),
    [
        ((0, 0), (0, 0), "control has no visitor"),
        ((925, 66), (0, 0), "treatment has no visitor"),
        ((1, 0), (1, 1), "control has 1 visitor"),
        ((925, 0), (925, 0), "no visitor of either arm clicked"),
        ((925, 925), (925, 925), "every visitor of both arms clicked"),
    ],
)
def test_thin_data_have_words_and_no_p_value(
    control: tuple[int, int], treatment: tuple[int, int], words: str
) -> None:
    comparison = compare(Arm("control", *control), Arm("treatment", *treatment))
    assert comparison.p_value is None
    assert comparison.statistic is None
    assert any(words in reason for reason in comparison.missing)
    with pytest.raises(NotEnoughDataError, match=words):
        proportion_test(Arm("control", *control), Arm("treatment", *treatment))


def test_a_billion_visitors_are_no_trouble() -> None:
    """1e9 visitors per arm, rates 7.000% and 7.002%: z = 1.7518 by the formula on paper."""
    comparison = compare(Arm("c", 10**9, 70_000_000), Arm("t", 10**9, 70_020_000))
    assert comparison.statistic == pytest.approx(0.00002 / math.sqrt(0.07001 * 0.92999 * 2e-9), rel=1e-9)
    assert comparison.difference_ci is not None
    assert comparison.difference_ci.low < 0.00002 < comparison.difference_ci.high


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InvalidOutcomesError, match="11 successes of 10 visitors"):
        Arm("control", 10, 11)
    with pytest.raises(NotEnoughDataError, match="needs at least 1 who did"):
        rate_lift(Arm("control", 10, 0), Arm("treatment", 10, 1))
