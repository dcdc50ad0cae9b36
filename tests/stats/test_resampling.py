import numpy as np
import pytest
import scipy.stats

from stats import (
    Arm,
    InvalidDesignError,
    InvalidOutcomesError,
    NotEnoughDataError,
    RatioArm,
    VisitorTable,
    compare,
    compare_by_resampling,
    compare_ctr,
)


def rng_of(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_the_permutation_is_fishers_exact_test(alternative: str) -> None:
    """Permuting yes and no is the hypergeometric; 40,000 draws: within 0.01 of scipy's exact p."""
    control, treatment = Arm("c", 60, 9), Arm("t", 70, 17)
    table = [[17, 53], [9, 51]]
    found = compare_by_resampling(
        VisitorTable.from_arm(control),
        VisitorTable.from_arm(treatment),
        rng=rng_of(1),
        n_resamples=40_000,
        alternative=alternative,
    )
    exact = scipy.stats.fisher_exact(table, alternative=alternative).pvalue  # type: ignore[call-overload]  # a str
    assert found.p_value == pytest.approx(exact, abs=0.01)
    assert found.difference == pytest.approx(17 / 70 - 9 / 60)


def test_scipy_bootstraps_the_same_interval() -> None:
    """scipy.stats.bootstrap, percentile, two means, 20,000 draws each: ends within 3% of the width."""
    rng = rng_of(2)
    plays = rng.geometric(0.3, 300), rng.geometric(0.27, 280)
    theirs = scipy.stats.bootstrap(
        (plays[1], plays[0]),
        lambda t, c, axis: t.mean(axis=axis) - c.mean(axis=axis),
        n_resamples=20_000, method="percentile", vectorized=True, rng=rng_of(3),
    ).confidence_interval  # fmt: skip
    tables = [VisitorTable.from_visitors("x", values, np.ones(values.size)) for values in plays]
    ours = compare_by_resampling(tables[0], tables[1], rng=rng_of(4), n_resamples=20_000).interval
    width = theirs.high - theirs.low
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03 * width)


def test_it_agrees_with_the_formulas_on_clustered_clicks() -> None:
    """Delta method and bootstrap, 5,000 draws: ends within 6% of the width, p within 0.02."""
    rng = rng_of(5)
    impressions = [6 * (1 + rng.geometric(0.4, 900)) for _ in range(2)]
    clicks = [rng.binomial(seen, rng.beta(0.5, 9.5, 900)) for seen in impressions]
    arms = [RatioArm.from_visitors("x", c, i) for c, i in zip(clicks, impressions, strict=True)]
    tables = [VisitorTable.from_visitors("x", c, i) for c, i in zip(clicks, impressions, strict=True)]
    formula = compare_ctr(arms[0], arms[1]).comparison
    found = compare_by_resampling(tables[0], tables[1], rng=rng_of(6), n_resamples=5_000)
    assert formula.difference_ci is not None
    width = formula.difference_ci.high - formula.difference_ci.low
    assert found.difference == pytest.approx(formula.difference, rel=1e-12)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (formula.difference_ci.low, formula.difference_ci.high), abs=0.06 * width
    )
    assert found.p_value == pytest.approx(formula.p_value, abs=0.02)


def test_both_keep_their_error_rates_on_clustered_clicks() -> None:
    """250 A/A experiments of 300 + 300, 300 draws each: p < 5% and misses of 95% in 1% to 10%."""
    rng = rng_of(7)
    alarms = misses = 0
    for _ in range(250):
        impressions = 6 * rng.geometric(0.3, (2, 300))
        clicks = rng.binomial(impressions, rng.beta(0.5, 6.0, (2, 300)))
        tables = [VisitorTable.from_visitors("x", c, i) for c, i in zip(clicks, impressions, strict=True)]
        found = compare_by_resampling(tables[0], tables[1], rng=rng, n_resamples=300, alternative="two-sided")
        alarms += found.p_value < 0.05
        misses += not found.interval.contains(0)
    assert 0.01 < alarms / 250 < 0.1
    assert 0.01 < misses / 250 < 0.1


def test_order_is_irrelevant_and_a_seed_repeats() -> None:
    rng = rng_of(8)
    clicks, impressions = rng.integers(0, 4, 50), rng.integers(4, 30, 50)
    shuffled = rng.permutation(50)
    tables = [
        VisitorTable.from_visitors("x", clicks, impressions),
        VisitorTable.from_visitors("x", clicks[shuffled], impressions[shuffled]),
    ]
    other = VisitorTable.from_visitors("y", [1, 0, 2], [6, 6, 9])
    results = [compare_by_resampling(table, other, rng=rng_of(9)) for table in tables]
    assert results[0] == results[1]


def test_a_billion_visitors_cost_no_more() -> None:
    control, treatment = Arm("c", 10**9, 7 * 10**7), Arm("t", 10**9, 7 * 10**7 + 20_000)
    found = compare_by_resampling(
        VisitorTable.from_arm(control), VisitorTable.from_arm(treatment), rng=rng_of(10)
    )
    assert found.p_value == pytest.approx(compare(control, treatment).p_value, abs=0.03)


def test_extremes_have_words_or_certainty() -> None:
    none = VisitorTable.from_arm(Arm("c", 100, 0))
    found = compare_by_resampling(none, none, rng=rng_of(11))
    assert (found.difference, found.p_value) == (0.0, 1.0)
    every = compare_by_resampling(none, VisitorTable.from_arm(Arm("t", 100, 100)), rng=rng_of(12))
    assert every.p_value == 1 / 2_001
    for thin in (VisitorTable.from_arm(Arm("c", 1, 1)), VisitorTable.from_visitors("c", [0, 0], [0, 0])):
        with pytest.raises(NotEnoughDataError, match="resampling needs 2 and 1"):
            compare_by_resampling(thin, none, rng=rng_of(13))
    with pytest.raises(InvalidDesignError, match="use at least 100"):
        compare_by_resampling(none, none, rng=rng_of(14), n_resamples=10)
    with pytest.raises(InvalidOutcomesError, match="one row of visitors"):
        VisitorTable.from_visitors("c", [1, 2], [1])
