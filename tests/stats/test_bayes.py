import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from stats import Arm, BetaPrior, InvalidDesignError, compare_bayesian, probabilities_best


def counted_probability(control: Arm, treatment: Arm) -> float:
    """The closed form for whole numbers, Evan Miller (2015): a sum over the treatment's successes."""
    a0, b0 = control.successes + 1, control.n - control.successes + 1
    a1, b1 = treatment.successes + 1, treatment.n - treatment.successes + 1
    terms = [
        math.exp(betaln(a0 + i, b1 + b0) - math.log(b1 + i) - betaln(1 + i, b1) - betaln(a0, b0))
        for i in range(a1)
    ]
    return math.fsum(terms)


@settings(max_examples=40, deadline=None)
@given(
    control=st.integers(0, 2_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    treatment=st.integers(0, 2_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
)
def test_the_closed_form_gives_the_same_probability_and_swapping_arms_mirrors_all(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    """To 1e-8."""
    c, t = Arm("c", *control), Arm("t", *treatment)
    ahead, back = compare_bayesian(c, t), compare_bayesian(t, c)
    assert ahead.probability_better == pytest.approx(counted_probability(c, t), abs=1e-8)
    assert ahead.probability_better + back.probability_better == pytest.approx(1, abs=1e-8)
    assert ahead.loss_if_shipped == pytest.approx(back.loss_if_kept, rel=1e-9, abs=1e-15)
    assert ahead.probability_in_rope == pytest.approx(back.probability_in_rope, abs=1e-8)
    assert (ahead.interval.low, ahead.interval.high) == pytest.approx(
        (-back.interval.high, -back.interval.low), abs=1e-7
    )
    # The mean of the difference is what is gained less what is lost.
    means = [(arm.successes + 1) / (arm.n + 2) for arm in (c, t)]
    assert ahead.loss_if_kept - ahead.loss_if_shipped == pytest.approx(means[1] - means[0], abs=1e-9)


@pytest.mark.parametrize("prior", [BetaPrior(), BetaPrior(0.5, 0.5), BetaPrior(7, 93)])
@pytest.mark.parametrize(
    ("control", "treatment"), [((925, 66), (925, 82)), ((925, 0), (925, 4)), ((0, 0), (30, 9))]
)
def test_a_million_draws_agree(
    control: tuple[int, int], treatment: tuple[int, int], prior: BetaPrior
) -> None:
    """Posterior draws by numpy: every number within 0.004 absolutely, the losses within 2%."""
    rng = np.random.default_rng(20_261_118)
    draws = [
        rng.beta(successes + prior.successes, n - successes + prior.failures, 1_000_000)
        for n, successes in (control, treatment)
    ]
    difference = draws[1] - draws[0]
    found = compare_bayesian(Arm("c", *control), Arm("t", *treatment), prior=prior, rope=0.01)
    assert found.probability_better == pytest.approx((difference > 0).mean(), abs=0.004)
    assert found.probability_in_rope == pytest.approx((np.abs(difference) < 0.01).mean(), abs=0.004)
    assert found.loss_if_shipped == pytest.approx(np.maximum(-difference, 0).mean(), rel=0.02, abs=1e-6)
    assert found.loss_if_kept == pytest.approx(np.maximum(difference, 0).mean(), rel=0.02, abs=1e-6)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        np.quantile(difference, [0.025, 0.975]), abs=0.004
    )
    assert found.prior == prior


def test_the_credible_interval_covers_when_the_truth_comes_from_the_prior() -> None:
    """400 experiments with rates drawn from the uniform prior: 95% covered, within the 99.9% band."""
    rng = np.random.default_rng(20_261_119)
    rates = rng.uniform(size=(400, 2))
    clicked = rng.binomial(60, rates)
    missed = sum(
        not compare_bayesian(Arm("c", 60, c), Arm("t", 60, t)).interval.contains(truth[1] - truth[0])
        for (c, t), truth in zip(clicked.tolist(), rates, strict=True)
    )
    fewest, most = scipy.stats.binom.interval(0.999, n=400, p=0.05)
    assert fewest <= missed <= most


@pytest.mark.parametrize(
    ("control", "treatment", "probability"),
    [
        ((0, 0), (0, 0), 0.5),
        ((1, 0), (1, 1), 5 / 6),
        ((925, 925), (925, 0), 0.0),
        ((10**9, 7 * 10**7), (10**9, 8 * 10**7), 1.0),
        ((10**9, 7 * 10**7), (100, 7), scipy.stats.beta.sf(0.07, 8, 94)),
    ],
)
def test_thin_and_huge_data_have_finite_answers(
    control: tuple[int, int], treatment: tuple[int, int], probability: float
) -> None:
    found = compare_bayesian(Arm("c", *control), Arm("t", *treatment))
    assert found.probability_better == pytest.approx(probability, abs=1e-5)
    numbers = [found.loss_if_kept, found.loss_if_shipped, found.interval.low, found.interval.high]
    assert all(math.isfinite(number) for number in numbers)
    assert 0 <= found.probability_in_rope <= 1


def test_the_loss_of_a_sure_thing_is_its_difference() -> None:
    found = compare_bayesian(Arm("c", 10**9, 7 * 10**7), Arm("t", 10**9, 8 * 10**7))
    assert found.loss_if_kept == pytest.approx(0.01, rel=1e-6)
    assert found.loss_if_shipped < 1e-12


def test_impossible_beliefs_are_refused() -> None:
    with pytest.raises(InvalidDesignError, match="both must be above 0"):
        BetaPrior(0, 1)
    with pytest.raises(InvalidDesignError, match="must not be below 0"):
        compare_bayesian(Arm("c", 1, 1), Arm("t", 1, 1), rope=-0.1)
    with pytest.raises(InvalidDesignError, match="confidence is 95"):
        compare_bayesian(Arm("c", 1, 1), Arm("t", 1, 1), confidence=95)


def test_arms_that_all_clicked_compare_without_a_rate_of_one_getting_in_the_way() -> None:
    """Beta(2, 1) against Beta(181, 1): P(better) is 181 / 183, the integral of 181 x^180 x^2."""
    found = compare_bayesian(Arm("control", 1, 1), Arm("treatment", 180, 180))
    assert found.probability_better == pytest.approx(181 / 183, rel=1e-6)


def test_the_chance_to_be_the_best_is_that_of_posterior_draws() -> None:
    """400,000 draws of four arms by scipy; the band of 99.9% is 0.0026 at most."""
    arms = [Arm("a", 400, 28), Arm("b", 400, 33), Arm("c", 300, 30), Arm("d", 5, 0)]
    rng = np.random.default_rng(20_261_148)
    draws = np.stack([rng.beta(arm.successes + 1, arm.n - arm.successes + 1, 400_000) for arm in arms])
    seen = np.bincount(draws.argmax(axis=0), minlength=4) / 400_000
    found = probabilities_best(arms)
    assert list(found.values()) == pytest.approx(seen.tolist(), abs=0.0026)
    assert sum(found.values()) == pytest.approx(1, abs=1e-6)


def test_of_two_the_best_is_the_better_one() -> None:
    control, treatment = Arm("c", 925, 66), Arm("t", 925, 101)
    better = compare_bayesian(control, treatment).probability_better
    assert probabilities_best([control, treatment])["t"] == pytest.approx(better, abs=1e-9)


def test_extreme_arms_have_a_best() -> None:
    """Nobody, everybody, and a billion: the chances still add up to 1."""
    arms = [Arm("none", 10**9, 0), Arm("half", 10**9, 5 * 10**8), Arm("all", 50, 50), Arm("new", 0, 0)]
    found = probabilities_best(arms)
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)
    assert found["none"] == pytest.approx(0, abs=1e-6)
    assert found["all"] > found["new"] > found["half"]
