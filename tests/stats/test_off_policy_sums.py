"""Sums over visitors give what arrays give, and a difference whose interval is right."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from stats import LoggedImpressions, NotEnoughDataError, OffPolicySums, doubly_robust, ips, snips
from stats.off_policy_sums import p_value_against

LOGGING, TARGET = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
CLICK_CHANCES = np.array([0.03, 0.07, 0.12])
GAIN = float(CLICK_CHANCES @ (TARGET - LOGGING))


def logged(rng: np.random.Generator, n_visitors: int) -> LoggedImpressions:
    """Visitors of 1 + geometric impressions, who like all films or none much."""
    visitors = np.repeat(np.arange(n_visitors), rng.geometric(0.3, n_visitors))
    films = rng.choice(3, visitors.size, p=LOGGING)
    mood = rng.gamma(2.0, 0.5, n_visitors)[visitors]
    return LoggedImpressions(
        rewards=(rng.random(visitors.size) < np.minimum(1, mood * CLICK_CHANCES[films])).astype(float),
        propensities=LOGGING[films],
        target_chances=TARGET[films],
        visitors=visitors,
        predicted=CLICK_CHANCES[films],
        predicted_target=np.full(visitors.size, float(CLICK_CHANCES @ TARGET)),
    )


def test_sums_give_what_the_arrays_give() -> None:
    """`ips`, `snips` and `doubly_robust` work on residuals of arrays; to 1e-9."""
    log = logged(np.random.default_rng(20_261_144), 500)
    sums = OffPolicySums.from_logged(log)
    for whole, terms in (
        (ips(log), ("weighted_rewards", "impressions")),
        (snips(log), ("weighted_rewards", "weights")),
        (doubly_robust(log), ("corrected", "impressions")),
    ):
        found = sums.ratio(*terms, confidence=0.95)
        assert found.value == pytest.approx(whole.value, rel=1e-9)
        assert found.standard_error == pytest.approx(whole.standard_error, rel=1e-9)
        assert found.interval.low == pytest.approx(whole.interval.low, rel=1e-9)
        assert sums.effective_n == pytest.approx(whole.effective_n, rel=1e-9)
        assert sums.largest_weight == whole.largest_weight


def test_the_error_of_a_difference_is_that_of_leaving_out_one_visitor_at_a_time() -> None:
    """The jackknife over 400 visitors, by numpy: SNIPS minus the plain mean; within 3%."""
    log = logged(np.random.default_rng(20_261_145), 400)
    assert log.visitors is not None
    sums = OffPolicySums.from_logged(log)
    target = sums.ratio("weighted_rewards", "weights", confidence=0.95)
    earned = sums.ratio("rewards", "impressions", confidence=0.95)
    found = sums.difference(target, earned, confidence=0.95)
    values = [
        log.weights[kept] @ log.rewards[kept] / log.weights[kept].sum() - log.rewards[kept].mean()
        for kept in (log.visitors != visitor for visitor in range(400))
    ]
    jackknife = np.sqrt(399 / 400 * ((np.array(values) - np.mean(values)) ** 2).sum())
    assert found.standard_error == pytest.approx(jackknife, rel=0.03)
    assert found.standard_error < np.hypot(target.standard_error, earned.standard_error)


def test_the_difference_covers_the_truth_and_raises_few_false_alarms() -> None:
    """600 logs of 500 visitors; misses of 95% in 2.3% to 8.3%, the 99.9% band of 5%, or two logs more.

    Where both policies earn the same, p < 5% in as many. The planted fault, errors taken for independent,
    misses hardly ever: both values are of the same visitors.
    """
    rng = np.random.default_rng(20_261_146)
    misses = dict.fromkeys(("IPS", "SNIPS", "doubly robust"), 0)
    alarms = careless = 0
    for _ in range(600):
        log = logged(rng, 500)
        sums = OffPolicySums.from_logged(log)
        earned = sums.ratio("rewards", "impressions", confidence=0.95)
        for name, above, below in (
            ("IPS", "weighted_rewards", "impressions"),
            ("SNIPS", "weighted_rewards", "weights"),
            ("doubly robust", "corrected", "impressions"),
        ):
            change = sums.difference(sums.ratio(above, below, confidence=0.95), earned, confidence=0.95)
            misses[name] += not change.interval.contains(GAIN)
        target = sums.ratio("weighted_rewards", "weights", confidence=0.95)
        half = 1.96 * np.hypot(target.standard_error, earned.standard_error)
        careless += abs(target.value - earned.value - GAIN) > half
        # A reward that no film changes: the policies are worth the same.
        same = OffPolicySums.from_logged(replace(log, rewards=(rng.random(log.rewards.size) < 0.1) * 1.0))
        equal = same.difference(
            same.ratio("weighted_rewards", "weights", confidence=0.95),
            same.ratio("rewards", "impressions", confidence=0.95),
            confidence=0.95,
        )
        p_value = p_value_against(equal, 0.0, "two-sided")
        assert p_value is not None
        alarms += p_value < 0.05
    fewest, most = scipy.stats.binom.interval(0.999, n=600, p=0.05)
    for name, count in misses.items():
        assert fewest <= count <= most + 2, name
    assert fewest <= alarms <= most
    assert careless < fewest


def test_the_same_policy_differs_by_nothing() -> None:
    log = logged(np.random.default_rng(3), 50)
    sums = OffPolicySums.from_logged(replace(log, target_chances=log.propensities))
    earned = sums.ratio("rewards", "impressions", confidence=0.95)
    change = sums.difference(
        sums.ratio("weighted_rewards", "weights", confidence=0.95), earned, confidence=0.95
    )
    assert (change.value, change.standard_error) == (0.0, 0.0)
    assert p_value_against(change, 0.0, "two-sided") is None


def test_thin_sums_have_words() -> None:
    nobody = LoggedImpressions(*(np.array([]) for _ in range(3)))
    with pytest.raises(NotEnoughDataError, match="0 visitors"):
        OffPolicySums.from_logged(nobody).ratio("rewards", "impressions", confidence=0.95)
    never = LoggedImpressions(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([0.0, 0.0]))
    with pytest.raises(NotEnoughDataError, match="none of the logged films"):
        OffPolicySums.from_logged(never).ratio("weighted_rewards", "weights", confidence=0.95)


def test_a_billion_impressions_keep_their_error() -> None:
    """Two kinds of visitors, a billion impressions in all; the delta method by hand; to 1e-6."""
    n = 1e7
    terms = {"impressions": (100.0, 100.0), "rewards": (7.0, 8.0), "weights": (100.0, 100.0)}
    names = tuple(terms)
    sums = OffPolicySums(
        n_visitors=int(n),
        totals={name: n / 2 * sum(values) for name, values in terms.items()},
        products={
            (a, b): n / 2 * sum(x * y for x, y in zip(terms[a], terms[b], strict=True))
            for a in names
            for b in names
        },
        weight_squares=n * 100,
        largest_weight=1.0,
        n_never=0,
        n_rewarded=10**7,
        rewards=(0.0, 1.0),
    )
    found = sums.ratio("rewards", "impressions", confidence=0.95)
    assert found.value == pytest.approx(0.075)
    assert found.standard_error == pytest.approx(0.005 / np.sqrt(n), rel=1e-6)
