"""The error rates of the tests are what they say: A/A experiments, with the wrong unit as a planted fault."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats

from stats import Arm, RatioArm, compare, compare_ctr, naive_impression_test, srm_check

N_EXPERIMENTS = 2_000
N_VISITORS = 925
ALPHA = 0.05


def false_alarms_allowed(chance: float) -> tuple[float, float]:
    """The band that holds the count of alarms of 2,000 experiments in 99.9% when each has this chance."""
    return scipy.stats.binom.interval(0.999, n=N_EXPERIMENTS, p=chance)


def clustered_arm(rng: np.random.Generator, variant: str) -> tuple[Arm, RatioArm]:
    """925 visitors who differ in readiness to click (beta) and in how many slates of six they look at."""
    impressions = 6 * rng.geometric(0.3, N_VISITORS)
    clicks = rng.binomial(impressions, rng.beta(0.15, 6.0, N_VISITORS))
    arm = Arm(variant, N_VISITORS, int(np.count_nonzero(clicks)))
    return arm, RatioArm.from_visitors(variant, clicks, impressions)


@pytest.fixture(scope="module")
def pairs() -> list[tuple[tuple[Arm, RatioArm], tuple[Arm, RatioArm]]]:
    """2,000 A/A experiments on clustered, heavy-tailed clicks: both arms are drawn alike."""
    rng = np.random.default_rng(20_260_702)
    return [(clustered_arm(rng, "control"), clustered_arm(rng, "treatment")) for _ in range(N_EXPERIMENTS)]


def alarms(p_values: list[float | None]) -> int:
    assert None not in p_values
    return sum(p_value < ALPHA for p_value in p_values if p_value is not None)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_the_primary_comparison_raises_false_alarms_at_its_nominal_rate(alternative: str) -> None:
    """2,000 A/A tests of 925 visitors per arm at 7%; a test of exactly 5% leaves the band once in 1,000."""
    rng = np.random.default_rng(20_260_703)
    clicked = rng.binomial(N_VISITORS, 0.07, (N_EXPERIMENTS, 2)).tolist()
    found = alarms(
        [
            compare(Arm("c", N_VISITORS, c), Arm("t", N_VISITORS, t), alternative=alternative).p_value
            for c, t in clicked
        ]
    )
    fewest, most = false_alarms_allowed(ALPHA)
    assert fewest <= found <= most


@pytest.mark.parametrize("rate", [0.02, 0.07, 0.3])
def test_the_exact_size_of_the_primary_test_is_close_to_alpha(rate: float) -> None:
    """All 926 x 926 outcomes weighed by their chance: one-sided 5% is 5% within 0.4 points."""
    clicked = np.arange(N_VISITORS + 1)
    chance = scipy.stats.binom.pmf(clicked, N_VISITORS, rate)
    difference = (clicked[None, :] - clicked[:, None]) / N_VISITORS
    pooled = (clicked[None, :] + clicked[:, None]) / (2 * N_VISITORS)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * 2 / N_VISITORS)
    size = np.outer(chance, chance)[difference / error > scipy.stats.norm.isf(ALPHA)].sum()
    assert size == pytest.approx(ALPHA, abs=0.004)


def test_clustered_clicks_do_not_disturb_the_primary_comparison(
    pairs: list[tuple[tuple[Arm, RatioArm], tuple[Arm, RatioArm]]],
) -> None:
    """A visitor counts once however often they click: 5% of 2,000 within the 99.9% band."""
    found = alarms([compare(control, treatment).p_value for (control, _), (treatment, _) in pairs])
    fewest, most = false_alarms_allowed(ALPHA)
    assert fewest <= found <= most


def test_the_delta_method_keeps_its_rate_where_the_naive_test_does_not(
    pairs: list[tuple[tuple[Arm, RatioArm], tuple[Arm, RatioArm]]],
) -> None:
    """Two-sided 5% on 2,000 A/A tests: over visitors inside the 99.9% band, per impression far above it.

    The planted fault: at a design effect of d the naive test alarms at 2 * tail(1.96 / sqrt(d)).
    """
    results = [compare_ctr(c, t, alternative="two-sided") for (_, c), (_, t) in pairs]
    fewest, most = false_alarms_allowed(ALPHA)
    assert fewest <= alarms([result.comparison.p_value for result in results]) <= most
    effects = [result.design_effect for result in results if result.design_effect is not None]
    expected = 2 * scipy.stats.norm.sf(1.96 / np.sqrt(np.mean(effects)))
    naive = alarms([naive_impression_test(c, t, alternative="two-sided").p_value for (_, c), (_, t) in pairs])
    assert np.mean(effects) > 1.5
    assert naive > 2 * most
    assert naive / N_EXPERIMENTS == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(
    "covers",
    [
        pytest.param(lambda c: c.difference_ci.contains(0.04), id="Newcombe"),
        pytest.param(lambda c: c.lift_ci.contains(0.04 / 0.07), id="log-delta"),
    ],
)
def test_intervals_cover_a_known_truth_as_often_as_they_say(covers: Callable[[object], bool]) -> None:
    """2,000 experiments of 925 at 7% and 11%: each 95% interval misses in 5% within the 99.9% band."""
    rng = np.random.default_rng(20_260_704)
    clicked = rng.binomial(N_VISITORS, [0.07, 0.11], (N_EXPERIMENTS, 2)).tolist()
    misses = sum(not covers(compare(Arm("c", N_VISITORS, c), Arm("t", N_VISITORS, t))) for c, t in clicked)
    fewest, most = false_alarms_allowed(0.05)
    assert fewest <= misses <= most


def test_the_split_check_alarms_on_a_faulty_split_and_hardly_ever_on_a_fair_one() -> None:
    """2,000 fair splits of 20,000: at most 9 alarms at 0.1% (99.9% band); a loss of 5% of an arm: nearly all.

    Losing 5% of 10,000 moves chi-square by 500^2 / 19,500, about 12.8: power 64%; 10% of it: over 99%.
    """
    rng = np.random.default_rng(20_260_705)
    fair = rng.binomial(20_000, 0.5, N_EXPERIMENTS).tolist()
    weights = {"control": 1.0, "treatment": 1.0}
    found = sum(not srm_check({"control": c, "treatment": 20_000 - c}, weights).is_ok for c in fair)
    _, most = false_alarms_allowed(0.001)
    assert found <= most
    lost = [round(0.9 * (20_000 - c)) for c in fair]
    caught = sum(
        not srm_check({"control": c, "treatment": t}, weights).is_ok for c, t in zip(fair, lost, strict=True)
    )
    assert caught > 0.99 * N_EXPERIMENTS
