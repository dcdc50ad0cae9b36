import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from stats import (
    Arm,
    InvalidDesignError,
    InvalidOutcomesError,
    benjamini_hochberg,
    compare,
    compare_several,
    dunnett_critical_value,
    dunnett_p_value,
    holm,
)

ALTERNATIVES = ("greater", "less", "two-sided")


@settings(max_examples=25, deadline=None)
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_statsmodels_adjusts_p_values_alike(p_values: list[float]) -> None:
    """`multipletests` by holm and fdr_bh; to 1e-12."""
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-12)
    expected = multipletests(p_values, method="fdr_bh")[1]
    assert benjamini_hochberg(p_values) == pytest.approx(expected, abs=1e-12)


def test_adjusting_nothing_or_nonsense() -> None:
    assert holm([]) == benjamini_hochberg([]) == ()
    with pytest.raises(InvalidOutcomesError, match="must lie between 0 and 1"):
        holm([1.5])


@pytest.mark.parametrize(
    ("alternative", "critical_values"),
    [("greater", (1.64, 1.92, 2.06, 2.16, 2.23)), ("two-sided", (1.96, 2.21, 2.35, 2.44, 2.51))],
)
def test_dunnetts_tables_come_out(alternative: str, critical_values: tuple[float, ...]) -> None:
    """Dunnett (1955, 1964), infinite degrees of freedom, 5%, one to five treatments; to 2 decimals."""
    for number, published in enumerate(critical_values, start=1):
        found = dunnett_critical_value(1_000, [1_000] * number, alternative=alternative)
        assert found == pytest.approx(published, abs=0.0051)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_a_multivariate_normal_gives_the_same_p_value(alternative: str) -> None:
    """Scipy's joint normal of three unequal arms; tolerance 1e-4, its own."""
    sizes, control, statistic = np.array([300, 900, 2_000]), 800, 1.7
    loadings = np.sqrt(sizes / (sizes + control))
    covariance = np.outer(loadings, loadings)
    np.fill_diagonal(covariance, 1)
    low = [-statistic] * 3 if alternative == "two-sided" else None
    stays = scipy.stats.multivariate_normal.cdf(
        [statistic] * 3, np.zeros(3), covariance, lower_limit=low, rng=np.random.default_rng(1)
    )
    signed = -statistic if alternative == "less" else statistic
    assert dunnett_p_value(signed, control, sizes.tolist(), alternative) == pytest.approx(1 - stays, abs=1e-4)


@pytest.mark.parametrize("method", ["dunnett", "holm"])
@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_a_single_treatment_needs_no_adjustment(method: str, alternative: str) -> None:
    control, treatment = Arm("c", 925, 66), Arm("t", 925, 90)
    (found,) = compare_several(control, [treatment], method=method, alternative=alternative)  # type: ignore[arg-type]  # parametrised
    assert found.adjusted_p_value == pytest.approx(found.comparison.p_value, rel=1e-6)
    assert found.comparison == compare(control, treatment, alternative=alternative)


@settings(max_examples=40, deadline=None)
@given(
    clicked=st.lists(st.integers(0, 300), min_size=2, max_size=5),
    alternative=st.sampled_from(ALTERNATIVES),
    data=st.data(),
)
def test_order_is_irrelevant_and_adjusting_only_raises(
    clicked: list[int], alternative: str, data: st.DataObject
) -> None:
    control = Arm("c", 900, 70)
    arms = [Arm(f"t{index}", 900, number) for index, number in enumerate(clicked)]
    for method in ("dunnett", "holm"):
        found = compare_several(control, arms, method=method, alternative=alternative)  # type: ignore[arg-type]  # both are known
        shuffled = data.draw(st.permutations(arms))
        again = compare_several(control, shuffled, method=method, alternative=alternative)  # type: ignore[arg-type]
        by_name = {result.comparison.treatment: result.adjusted_p_value for result in again}
        for result in found:
            adjusted = result.adjusted_p_value
            assert adjusted == pytest.approx(by_name[result.comparison.treatment], abs=1e-12)
            assert adjusted is not None
            assert result.comparison.p_value is not None
            assert adjusted >= result.comparison.p_value - 1e-9


def test_three_equal_treatments_raise_any_false_alarm_at_alpha() -> None:
    """4,000 experiments of four arms of 925 at 7%: Dunnett 5% within the 99.9% band, Holm at most that.

    The planted fault, each at 5% by itself, alarms in more than 10%.
    """
    rng = np.random.default_rng(20_261_107)
    clicked = rng.binomial(925, 0.07, (4_000, 4))
    critical = dunnett_critical_value(925, [925] * 3)
    pooled = (clicked[:, :1] + clicked[:, 1:]) / 1_850
    z = (clicked[:, 1:] - clicked[:, :1]) / 925 / np.sqrt(pooled * (1 - pooled) * 2 / 925)
    largest = z.max(axis=1)
    fewest, most = scipy.stats.binom.interval(0.999, n=4_000, p=0.05)
    assert fewest <= np.count_nonzero(largest > critical) <= most
    assert np.count_nonzero(largest > scipy.stats.norm.isf(0.05 / 3)) <= most
    assert np.count_nonzero(largest > 1.645) > 400


def test_thin_arms_have_no_p_value_and_the_others_still_pay_for_them() -> None:
    control = Arm("c", 400, 0)
    empty, clicked, none = compare_several(control, [Arm("a", 0, 0), Arm("b", 400, 12), Arm("d", 400, 0)])
    assert (empty.adjusted_p_value, none.is_significant) == (None, None)
    assert clicked.comparison.p_value is not None
    assert clicked.adjusted_p_value is not None
    assert clicked.adjusted_p_value > clicked.comparison.p_value
    huge = compare_several(
        Arm("c", 10**9, 7 * 10**7), [Arm("a", 10**9, 7 * 10**7), Arm("b", 10**9, 8 * 10**7)]
    )
    assert [result.is_significant for result in huge] == [False, True]


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(InvalidDesignError, match="0 treatments"):
        compare_several(Arm("c", 9, 1), [])
    with pytest.raises(InvalidDesignError, match="'tukey'"):
        compare_several(Arm("c", 9, 1), [Arm("t", 9, 1)], method="tukey")  # type: ignore[arg-type]  # wrong on purpose
