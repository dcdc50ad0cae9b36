import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    Arm,
    NotEnoughDataError,
    always_valid_comparison,
    always_valid_critical_value,
    always_valid_inflation,
    always_valid_p_value,
    mixture_information,
)

ALTERNATIVES = ("greater", "less", "two-sided")


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("statistic", [-1.0, 0.5, 2.0, 3.3])
def test_the_p_value_is_the_inverse_of_the_averaged_likelihood_ratio(
    statistic: float, alternative: str
) -> None:
    """The mixture integrated by scipy.integrate: effects normal (two-sided) or half-normal; to 1e-9."""
    fraction = 0.7
    information = fraction * mixture_information(0.05, alternative)
    reached = -statistic if alternative == "less" else statistic

    def weighed_ratio(effect: float) -> float:
        """Effect in units of the mixture's own spread: its drift is effect * sqrt(information)."""
        drift = effect * math.sqrt(information)
        return math.exp(drift * reached - drift**2 / 2) * scipy.stats.norm.pdf(effect)

    if alternative == "two-sided":
        average = scipy.integrate.quad(weighed_ratio, -12, 12, epsabs=1e-12)[0]
    else:
        average = 2 * scipy.integrate.quad(weighed_ratio, 0, 12, epsabs=1e-12)[0]
    found = always_valid_p_value(statistic, fraction, alternative=alternative)
    assert found == pytest.approx(min(1.0, 1 / average), rel=1e-9)


def test_the_two_sided_boundary_is_the_published_closed_form() -> None:
    """Waudby-Smith et al. (2024), theorem 2.2: sqrt((v + 1) / v * log((v + 1) / alpha^2)); to 1e-12."""
    for fraction in (0.05, 0.5, 1.0, 3.0):
        v = fraction * mixture_information(0.05, "two-sided")
        expected = math.sqrt((v + 1) / v * math.log((v + 1) / 0.05**2))
        found = always_valid_critical_value(fraction, alternative="two-sided")
        assert found == pytest.approx(expected, rel=1e-12)


def test_the_one_sided_boundary_lies_just_below_the_published_bound() -> None:
    """Their one-sided boundary sqrt(2 (v + 1) / v * log(1 + sqrt(v + 1) / 2 alpha)) bounds the exact one."""
    for fraction in (0.05, 0.5, 1.0, 3.0):
        v = fraction * mixture_information(0.05, "greater")
        published = math.sqrt(2 * (v + 1) / v * math.log(1 + math.sqrt(v + 1) / (2 * 0.05)))
        found = always_valid_critical_value(fraction)
        assert 0.95 * published < found < published


@pytest.mark.parametrize("alternative", ["greater", "two-sided"])
def test_the_mixture_is_tightest_at_the_planned_size(alternative: str) -> None:
    """At the plan the critical value, hence the interval, is least over mixtures (one-sided: nearly)."""
    tuned = always_valid_critical_value(1.0, alternative=alternative)
    slack = 0 if alternative == "two-sided" else 0.01
    for factor in (0.5, 0.8, 1.25, 2.0):
        # A mixture `factor` times as wide is the tuned one after `factor` times the information.
        assert always_valid_critical_value(factor, alternative=alternative) > tuned - slack


@settings(max_examples=60, deadline=None)
@given(statistic=st.floats(-6, 6), fraction=st.floats(0.001, 20), alternative=st.sampled_from(ALTERNATIVES))
def test_p_falls_below_alpha_where_the_statistic_passes_the_critical_value(
    statistic: float, fraction: float, alternative: str
) -> None:
    critical = always_valid_critical_value(fraction, alternative=alternative)
    reached = {"greater": statistic, "less": -statistic, "two-sided": abs(statistic)}[alternative]
    p_value = always_valid_p_value(statistic, fraction, alternative=alternative)
    assert 0 < p_value <= 1
    if abs(reached - critical) > 1e-9:
        assert (p_value < 0.05) == (reached > critical)


def peeked_statistics(
    rng: np.random.Generator, rates: tuple[float, float], n: int, n_experiments: int
) -> Iterator[tuple[int, npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """Yield, after each visitor pair past the burn-in: n so far, differences, standard errors."""
    control = np.cumsum(rng.random((n_experiments, n)) < rates[0], axis=1)
    treatment = np.cumsum(rng.random((n_experiments, n)) < rates[1], axis=1)
    for so_far in range(1, n + 1):
        clicked = np.stack([control[:, so_far - 1], treatment[:, so_far - 1]])
        may_speak = np.minimum(clicked, so_far - clicked).min(axis=0) >= 10
        share = clicked / so_far
        errors = np.sqrt((share * (1 - share)).sum(axis=0) / so_far)
        yield so_far, np.where(may_speak, share[1] - share[0], np.nan), np.where(may_speak, errors, 1.0)


@pytest.mark.parametrize("rate", [0.07, 0.3])
def test_looking_after_every_visitor_keeps_alpha_where_the_naive_test_does_not(rate: float) -> None:
    """1,000 A/A experiments of 925 + 925, 925 looks each: at most 5% ever alarm (99.9% band: 74).

    The planted fault, z > 1.645 at any look, alarms in more than 15%.
    """
    rng = np.random.default_rng(20_261_102)
    alarmed = {name: np.zeros(1_000, dtype=bool) for name in ("greater", "two-sided", "naive")}
    for so_far, differences, errors in peeked_statistics(rng, (rate, rate), 925, 1_000):
        statistics = np.nan_to_num(differences / errors)
        alarmed["greater"] |= statistics >= always_valid_critical_value(so_far / 925)
        both = always_valid_critical_value(so_far / 925, alternative="two-sided")
        alarmed["two-sided"] |= np.abs(statistics) >= both
        alarmed["naive"] |= statistics >= 1.645
    most = scipy.stats.binom.ppf(0.999, 1_000, 0.05)
    assert alarmed["greater"].sum() <= most
    assert alarmed["two-sided"].sum() <= most
    assert alarmed["naive"].sum() > 150


def test_the_confidence_sequence_covers_the_truth_at_all_times_together() -> None:
    """1,000 experiments at 7% and 11%, intervals after every visitor: at most 5% ever miss (band: 74)."""
    rng = np.random.default_rng(20_261_103)
    missed = np.zeros(1_000, dtype=bool)
    for so_far, differences, errors in peeked_statistics(rng, (0.07, 0.11), 925, 1_000):
        margin = errors * always_valid_critical_value(so_far / 925, alternative="two-sided")
        missed |= np.nan_to_num(np.abs(differences - 0.04)) > margin
    assert missed.sum() <= scipy.stats.binom.ppf(0.999, 1_000, 0.05)


def test_the_inflated_plan_has_its_power() -> None:
    """20,000 walks of 20 looks whose drift is that of the inflated size: 90% cross, within 1 point."""
    rng = np.random.default_rng(20_261_104)
    drift = (scipy.stats.norm.isf(0.05) + scipy.stats.norm.isf(0.1)) * always_valid_inflation() ** 0.5
    at = np.arange(1, 21) / 20
    walks = np.cumsum(rng.normal(drift / 20, 1 / math.sqrt(20), (20_000, 20)), axis=1) / np.sqrt(at)
    critical = np.array([always_valid_critical_value(fraction) for fraction in at.tolist()])
    assert (walks >= critical).any(axis=1).mean() == pytest.approx(0.9, abs=0.01)


def test_swapping_arms_negates_the_comparison() -> None:
    ahead = always_valid_comparison(Arm("c", 925, 66), Arm("t", 925, 120), planned_total=1_850)
    back = always_valid_comparison(
        Arm("t", 925, 120), Arm("c", 925, 66), planned_total=1_850, alternative="less"
    )
    assert back.difference == -ahead.difference
    assert back.p_value == pytest.approx(ahead.p_value, rel=1e-12)
    assert (back.interval.low, back.interval.high) == pytest.approx(
        (-ahead.interval.high, -ahead.interval.low)
    )


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        ((0, 0), (0, 0)),
        ((1, 1), (1, 0)),
        ((925, 0), (925, 90)),
        ((925, 925), (925, 925)),
        ((50, 9), (50, 20)),
    ],
)
def test_thin_data_say_nothing_yet(control: tuple[int, int], treatment: tuple[int, int]) -> None:
    with pytest.raises(NotEnoughDataError, match="needs at least 10 of each"):
        always_valid_comparison(Arm("c", *control), Arm("t", *treatment), planned_total=1_850)


def test_a_billion_visitors_are_no_trouble() -> None:
    found = always_valid_comparison(
        Arm("c", 10**9, 7 * 10**7), Arm("t", 10**9, 7 * 10**7 + 10**6), planned_total=1_850
    )
    assert found.p_value < 1e-100
    assert 0 < found.interval.low < 0.001 < found.interval.high
    assert always_valid_p_value(80.0, 1.0) == pytest.approx(0.0, abs=1e-300)
