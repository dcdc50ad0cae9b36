"""Group sequential boundaries against published ones, and against simulated experiments.

Where the published numbers come from:

- *gsDesign*: the R package's own documentation of `sfLDOF` and its "OF" boundary
  (https://keaven.github.io/gsDesign/reference/), six looks, two-sided 5%, printed to 6 decimals.
- *rpact*: the R package's unit tests of `getDesignGroupSequential` (rpact-com/rpact,
  tests/testthat/test-f_design_group_sequential.R), printed to 7 decimals.
- *Jennison & Turnbull*: Group Sequential Methods (2000), tables 2.1 to 2.4, printed to 3 decimals.
- *DeMets & Lan*, Statistics in Medicine 13 (1994), 1341-1352, table I: printed to 2 decimals.
"""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    InvalidDesignError,
    classical_boundary,
    classical_inflation,
    even_fractions,
    plan,
    repeated_interval,
    sample_size_inflation,
    sequential_power,
    spending_boundary,
    spent_alpha,
    stagewise_p_value,
)
from stats._integration import first_crossings
from stats.sequential import drift_for_power

SPENDINGS = ("obrien-fleming", "pocock")
ALTERNATIVES = ("greater", "less", "two-sided")


def test_six_obrien_fleming_looks_are_those_of_gsdesign() -> None:
    """gsDesign(k = 6, sfu = sfLDOF, test.type = 2)$upper$bound; tolerance 2e-6, as printed."""
    boundary = spending_boundary(even_fractions(6), alternative="two-sided", spending="obrien-fleming")
    published = (5.366558, 3.710340, 2.969736, 2.538677, 2.252190, 2.044790)
    assert boundary.critical_values == pytest.approx(published, abs=3e-6)


def test_uneven_pocock_looks_are_those_of_rpact() -> None:
    """getDesignGroupSequential(alpha = 0.13, typeOfDesign = "asP", c(0.35, 0.7, 1)); tolerance 1e-7."""
    boundary = spending_boundary((0.35, 0.7, 1), alpha=0.13, spending="pocock")
    assert boundary.critical_values == pytest.approx((1.5446617, 1.4828682, 1.4620058), abs=1e-7)
    assert boundary.spent == pytest.approx((0.061214062, 0.10266465, 0.13), abs=1e-7)


def test_crossing_chances_are_those_rpact_and_gsdesign_print_for_their_own_boundaries() -> None:
    """O'Brien-Fleming constants, three looks (rpact, one-sided 2.5%) and six (gsDesign, two-sided 5%)."""
    three = first_crossings((1 / 3, 2 / 3, 1), (3.4710914, 2.4544323, 2.0040356), drift=0, is_two_sided=False)
    assert np.cumsum(three) == pytest.approx((0.00025917372, 0.0071600594, 0.025), abs=1e-7)
    bounds = (5.028296, 3.555542, 2.903088, 2.514148, 2.248722, 2.052793)
    six = first_crossings(even_fractions(6), bounds, drift=0, is_two_sided=True)
    assert sum(six) == pytest.approx(0.05, abs=1e-7)


@pytest.mark.parametrize(
    ("spending", "published"),
    [("obrien-fleming", (4.88, 3.36, 2.68, 2.29, 2.03)), ("pocock", (2.44, 2.43, 2.41, 2.40, 2.39))],
)
def test_five_looks_are_those_of_demets_and_lan(spending: str, published: tuple[float, ...]) -> None:
    """Two-sided 5%, five even looks; tolerance 0.005, as printed."""
    boundary = spending_boundary(even_fractions(5), alternative="two-sided", spending=spending)
    assert boundary.critical_values == pytest.approx(published, abs=5e-3)


@pytest.mark.parametrize(("constant", "exponent", "inflation"), [(2.040, 0.5, 1.026), (2.413, 0.0, 1.207)])
def test_five_classical_looks_have_the_size_and_inflation_of_jennison_and_turnbull(
    constant: float, exponent: float, inflation: float
) -> None:
    """Tables 2.1 to 2.4, two-sided 5%, power 90%: O'Brien-Fleming 2.040 and 1.026; Pocock 2.413 and 1.207."""
    fractions = even_fractions(5)
    bounds = [constant * fraction**-exponent for fraction in fractions]
    size = sum(first_crossings(fractions, bounds, drift=0, is_two_sided=True))
    assert size == pytest.approx(0.05, abs=1e-4)
    fixed = scipy.stats.norm.isf(0.025) + scipy.stats.norm.isf(0.1)
    found = (drift_for_power(fractions, bounds, 0.9, "two-sided") / fixed) ** 2
    assert found == pytest.approx(inflation, abs=1e-3)


@pytest.mark.parametrize(
    ("n_looks", "obrien_fleming", "pocock", "inflations"),
    [
        (2, 1.977, 2.178, (1.008, 1.007, 1.110, 1.100)),
        (3, 2.004, 2.289, (1.017, 1.016, 1.166, 1.151)),
        (4, 2.024, 2.361, (1.024, 1.022, 1.202, 1.183)),
        (5, 2.040, 2.413, (1.028, 1.026, 1.229, 1.207)),
    ],
)
def test_classical_boundaries_are_those_of_jennison_and_turnbull(
    n_looks: int, obrien_fleming: float, pocock: float, inflations: tuple[float, ...]
) -> None:
    """Tables 2.1 to 2.4, two-sided 5%: constants; inflation at power 80% and 90%; to 0.001."""
    found = [
        classical_boundary(n_looks, alternative="two-sided", spending=kind).critical_values[-1]
        for kind in ("obrien-fleming", "pocock")
    ]
    assert found == pytest.approx([obrien_fleming, pocock], abs=6e-4)
    costs = [
        classical_inflation(n_looks, alternative="two-sided", power=power, spending=kind)
        for kind in ("obrien-fleming", "pocock")
        for power in (0.8, 0.9)
    ]
    assert costs == pytest.approx(inflations, abs=1e-3)


def test_a_classical_boundary_spends_alpha_and_one_look_is_a_plain_test() -> None:
    for alternative in ("greater", "two-sided"):
        boundary = classical_boundary(4, alternative=alternative)
        assert boundary.spent[-1] == pytest.approx(0.05, abs=1e-7)
        assert list(boundary.spent) == sorted(boundary.spent)
    assert classical_boundary(1).critical_values[0] == pytest.approx(scipy.stats.norm.isf(0.05))
    assert classical_inflation(1) == pytest.approx(1, abs=1e-6)


def test_the_shipped_design_with_five_looks_needs_955_visitors_a_variant() -> None:
    """Lan-DeMets O'Brien-Fleming, one-sided 5%, power 90%: 1.0325 times 924.17 is 954.2; two-sided 1.0231.

    The classical boundary (not the spending function) costs 1.037 and, at two-sided 5%, 1.0265.
    """
    assert sample_size_inflation(5, spending="obrien-fleming") == pytest.approx(1.0325, abs=5e-5)
    two_sided = sample_size_inflation(5, alternative="two-sided", spending="obrien-fleming")
    assert two_sided == pytest.approx(1.0231, abs=5e-5)
    planned = plan(baseline=0.07, mde=0.04, n_looks=5, spending="obrien-fleming")
    assert (planned.n_per_variant, planned.n_looks) == (955, 5)


def test_one_look_is_the_fixed_test() -> None:
    for spending in SPENDINGS:
        boundary = spending_boundary((1.0,), spending=spending)
        assert boundary.critical_values[0] == pytest.approx(scipy.stats.norm.isf(0.05), abs=1e-9)
        assert sample_size_inflation(1, spending=spending) == pytest.approx(1, abs=1e-6)
    assert stagewise_p_value(boundary, 1, 2.0) == pytest.approx(scipy.stats.norm.sf(2.0), abs=1e-12)


def test_a_multivariate_normal_gives_the_same_chances() -> None:
    """P(no crossing in three looks) by scipy's integral of the joint normal; tolerance 1e-5, its own."""
    fractions, bounds = (0.2, 0.5, 1.0), (2.9, 2.3, 1.9)
    covariance = [[(min(s, t) / max(s, t)) ** 0.5 for s in fractions] for t in fractions]
    means = [1.5 * t**0.5 for t in fractions]
    stays = scipy.stats.multivariate_normal.cdf(bounds, means, covariance, abseps=1e-7, releps=1e-7)
    assert sum(first_crossings(fractions, bounds, drift=1.5, is_two_sided=False)) == pytest.approx(
        1 - stays, abs=1e-5
    )


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.floats(0.002, 1), min_size=1, max_size=12),
    alpha=st.floats(0.001, 0.3),
    spending=st.sampled_from(SPENDINGS),
    alternative=st.sampled_from(ALTERNATIVES),
)
def test_any_looks_spend_what_the_function_allows(
    steps: list[float], alpha: float, spending: str, alternative: str
) -> None:
    """The chance of ever crossing without an effect is the alpha spent, to 1e-7, wherever the looks fall."""
    times = np.cumsum(steps)
    fractions = tuple((times / times[-1]).tolist())
    boundary = spending_boundary(fractions, alpha=alpha, alternative=alternative, spending=spending)
    assert boundary.spent[-1] == pytest.approx(alpha, rel=1e-12)
    assert sequential_power(boundary, 0.0) == pytest.approx(alpha, abs=1e-7)


def test_a_hundred_looks_and_two_looks_close_together_are_no_trouble() -> None:
    many = spending_boundary(even_fractions(100), spending="obrien-fleming")
    close = spending_boundary((0.5, 0.5001, 1), spending="pocock")
    assert sequential_power(many, 0.0) == pytest.approx(0.05, abs=1e-7)
    assert sequential_power(close, 0.0) == pytest.approx(0.05, abs=1e-6)


def test_a_first_look_so_early_that_nothing_may_be_spent_cannot_be_crossed() -> None:
    boundary = spending_boundary((1e-6, 1.0), spending="obrien-fleming")
    assert boundary.first_crossed((30.0,)) is None
    assert boundary.critical_values[1] == pytest.approx(scipy.stats.norm.isf(0.05), abs=1e-6)


def test_the_alternative_decides_which_side_crosses() -> None:
    greater, less, both = (
        spending_boundary(even_fractions(2), alternative=alternative, spending="pocock")
        for alternative in ALTERNATIVES
    )
    assert greater.critical_values == less.critical_values
    assert (greater.first_crossed((1, 4)), greater.first_crossed((-9, -9))) == (2, None)
    assert (less.first_crossed((-4, 0)), less.first_crossed((4, 4))) == (1, None)
    assert both.first_crossed((0, -4)) == 2


def test_the_stagewise_p_value_reaches_alpha_exactly_at_the_boundary() -> None:
    """At the last look on its critical value p = alpha; at an earlier one p = alpha spent by then."""
    for alternative in ALTERNATIVES:
        boundary = spending_boundary(even_fractions(4), alternative=alternative, spending="obrien-fleming")
        sign = -1 if alternative == "less" else 1
        for look in range(1, 5):
            p_value = stagewise_p_value(boundary, look, sign * boundary.critical_values[look - 1])
            assert p_value == pytest.approx(boundary.spent[look - 1], abs=1e-8)
    assert stagewise_p_value(boundary, 4, 0.0) == 1.0


def test_the_repeated_interval_is_the_estimate_within_the_boundary() -> None:
    boundary = spending_boundary(even_fractions(5), alternative="two-sided", spending="pocock")
    interval = repeated_interval(0.04, 0.01, 1, boundary)
    assert interval.low == pytest.approx(0.04 - 0.02438, abs=1e-5)
    assert interval.high == pytest.approx(0.04 + 0.02438, abs=1e-5)


def test_peeking_at_every_look_keeps_alpha_where_the_naive_test_does_not() -> None:
    """20,000 random walks without an effect, ten looks, one-sided 5%; the band holds 99.9% of such counts.

    The planted fault: crossing 1.645 at any of ten looks happens in 14.2% to 15.7% (exact: 14.96%).
    """
    rng = np.random.default_rng(20_261_101)
    walks = np.cumsum(rng.standard_normal((20_000, 10)), axis=1) / np.sqrt(np.arange(1, 11))
    fewest, most = scipy.stats.binom.interval(0.999, n=20_000, p=0.05)
    for spending in SPENDINGS:
        critical = np.array(spending_boundary(even_fractions(10), spending=spending).critical_values)
        assert fewest <= np.count_nonzero((walks >= critical).any(axis=1)) <= most
    naive = sum(first_crossings(even_fractions(10), [1.644854] * 10, drift=0, is_two_sided=False))
    fewest, most = scipy.stats.binom.interval(0.999, n=20_000, p=naive)
    assert fewest <= np.count_nonzero((walks >= 1.644854).any(axis=1)) <= most
    assert naive > 0.14


@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
@pytest.mark.parametrize("spending", SPENDINGS)
def test_the_inflated_plan_has_its_power(spending: str, alternative: str) -> None:
    """The drift of the inflated size crosses one of five looks with chance 90%, to 1e-6."""
    inflation = sample_size_inflation(5, alternative=alternative, spending=spending)
    fixed = scipy.stats.norm.isf(0.05 if alternative == "greater" else 0.025) + scipy.stats.norm.isf(0.1)
    boundary = spending_boundary(even_fractions(5), alternative=alternative, spending=spending)
    assert sequential_power(boundary, fixed * inflation**0.5) == pytest.approx(0.9, abs=1e-6)


@pytest.mark.parametrize(
    ("fractions", "options", "message"),
    [
        ((), {}, "must rise"),
        ((0.5, 0.5), {}, "must rise"),
        ((0.0, 1.0), {}, "must rise"),
        ((0.5, 1.1), {}, "at most 1"),
        ((float("nan"),), {}, "must rise"),
        ((1.0,), {"alpha": 1.0}, "alpha is 1.0"),
        ((1.0,), {"spending": "haybittle"}, "'haybittle' is unknown"),
        ((1.0,), {"alternative": "up"}, "'up' is unknown"),
    ],
)
def test_impossible_looks_say_which_value_breaks_which_rule(
    fractions: tuple[float, ...], options: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidDesignError, match=message):
        spending_boundary(fractions, **{"spending": "pocock", **options})  # type: ignore[arg-type]  # wrong on purpose


def test_impossible_plans_say_so_too() -> None:
    with pytest.raises(InvalidDesignError, match="5 looks without a spending function"):
        plan(baseline=0.07, mde=0.04, n_looks=5)
    with pytest.raises(InvalidDesignError, match="n_looks is 0"):
        plan(baseline=0.07, mde=0.04, n_looks=0, spending="pocock")
    with pytest.raises(InvalidDesignError, match="planned for at least"):
        sample_size_inflation(5, power=0.01, spending="pocock")
    with pytest.raises(InvalidDesignError, match="planned for 1e-10 to"):
        sample_size_inflation(5, alpha=0.5, spending="pocock")
    with pytest.raises(InvalidDesignError, match="several looks are planned for"):
        plan(baseline=0.07, mde=0.04, alpha=1e-300, spending="always-valid")
    with pytest.raises(InvalidDesignError, match="look 3 is not among the 2"):
        stagewise_p_value(spending_boundary(even_fractions(2), spending="pocock"), 3, 1.0)


@pytest.mark.parametrize("spending", SPENDINGS)
def test_alpha_is_spent_from_nothing_to_all(spending: str) -> None:
    spent = [spent_alpha(fraction, alpha=0.05, spending=spending) for fraction in (0, 0.1, 0.5, 0.9, 1, 1.2)]
    assert spent == sorted(spent)
    assert spent[0] == 0.0
    assert spent[-1] == pytest.approx(0.05)


@pytest.mark.parametrize("alpha", [1e-10, 1e-4, 0.05, 0.25])
@pytest.mark.parametrize("power", [0.5, 0.9, 1 - 1e-9])
@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", "always-valid"])
def test_extreme_plans_of_several_looks_need_more_visitors_but_not_absurdly_many(
    alpha: float, power: float, alternative: str, spending: str
) -> None:
    """Never fewer than a single look, never more than six times as many."""
    n_looks = 1 if spending == "always-valid" else 5
    planned = plan(
        baseline=0.07, mde=0.04, alpha=alpha, power=power, alternative=alternative, n_looks=n_looks,
        spending=spending,
    )  # fmt: skip
    assert 1 <= planned.inflation < 6
