from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from stats import (
    InvalidOutcomesError,
    LoggedImpressions,
    NotEnoughDataError,
    RatioArm,
    doubly_robust,
    ips,
    snips,
)

LOGGING = np.array([0.5, 0.3, 0.2])
TARGET = np.array([0.1, 0.3, 0.6])
CLICK_CHANCES = np.array([[0.02, 0.05, 0.10], [0.05, 0.10, 0.20]])  # by kind of visitor
TRUTH = float((CLICK_CHANCES @ TARGET).mean())
Array = npt.NDArray[np.float64]


def logged(rng: np.random.Generator, n_visitors: int, *, model_error: float = 1.0) -> LoggedImpressions:
    """Each visitor sees 1 + geometric impressions; who likes films likes all of them."""
    seen = rng.geometric(0.4, n_visitors)
    visitors = np.repeat(np.arange(n_visitors), seen)
    kinds = rng.integers(0, 2, n_visitors)[visitors]
    films = rng.choice(3, visitors.size, p=LOGGING)
    mood = rng.gamma(2.0, 0.5, n_visitors)[visitors]
    rewards = (rng.random(visitors.size) < np.minimum(1, mood * CLICK_CHANCES[kinds, films])).astype(float)
    predicted = model_error * CLICK_CHANCES
    return LoggedImpressions(
        rewards=rewards,
        propensities=LOGGING[films],
        target_chances=TARGET[films],
        visitors=visitors,
        predicted=predicted[kinds, films],
        predicted_target=(predicted @ TARGET)[kinds],
    )


def test_the_same_policy_is_worth_what_it_earned() -> None:
    """Weights of 1: IPS and SNIPS are the plain CTR, their error that of the delta method; to 1e-12."""
    log = logged(np.random.default_rng(1), 300)
    same = replace(log, target_chances=log.propensities)
    assert log.visitors is not None
    counts = np.bincount(log.visitors)
    clicks = np.bincount(log.visitors, weights=log.rewards).astype(int)
    arm = RatioArm.from_visitors("x", clicks, counts)
    for estimate in (ips(same), snips(same)):
        assert estimate.value == pytest.approx(arm.ctr, rel=1e-12)
        assert estimate.standard_error == pytest.approx(arm.variance**0.5, rel=1e-9)
        assert estimate.effective_n == pytest.approx(len(log.rewards))


def test_by_hand() -> None:
    """Two visitors, three impressions, weights 2, 1/2, 1: IPS (2 + 0 + 1)/3, SNIPS 3/3.5."""
    log = LoggedImpressions(
        rewards=np.array([1.0, 0.0, 1.0]),
        propensities=np.array([0.25, 0.5, 0.5]),
        target_chances=np.array([0.5, 0.25, 0.5]),
        visitors=np.array([7, 7, 9]),
        predicted=np.array([0.5, 0.5, 0.5]),
        predicted_target=np.array([0.4, 0.4, 0.4]),
    )
    assert ips(log).value == pytest.approx(1.0)
    assert snips(log).value == pytest.approx(3 / 3.5)
    # 0.4 + mean of 2 * 0.5, 0.5 * -0.5, 1 * 0.5
    assert doubly_robust(log).value == pytest.approx(0.4 + 1.25 / 3)
    assert ips(log).largest_weight == 2
    assert ips(log).effective_n == pytest.approx(3.5**2 / 5.25)


def test_without_a_model_doubly_robust_is_ips_and_with_a_perfect_one_it_has_no_error() -> None:
    log = logged(np.random.default_rng(2), 200)
    nothing = np.zeros_like(log.rewards)
    blank = doubly_robust(replace(log, predicted=nothing, predicted_target=nothing))
    assert (blank.value, blank.standard_error) == (ips(log).value, ips(log).standard_error)
    perfect = doubly_robust(replace(log, predicted=log.rewards, predicted_target=nothing + 0.07))
    assert perfect.value == pytest.approx(0.07)
    assert perfect.standard_error == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("model_error", [1.0, 0.3])
def test_each_estimate_is_right_on_average_and_its_interval_covers(model_error: float) -> None:
    """600 logs of 600 visitors: means within 1.5% of the truth, misses of 95% in 3% to 8%.

    The planted fault: the plain CTR of the log, which ignores the policies, is 30% off and never covers well.
    """
    rng = np.random.default_rng(20_261_126)
    values: dict[str, list[float]] = {"IPS": [], "SNIPS": [], "doubly robust": []}
    misses = dict.fromkeys(values, 0)
    plain = []
    for _ in range(600):
        log = logged(rng, 600, model_error=model_error)
        plain.append(log.rewards.mean())
        for estimate in (ips(log), snips(log), doubly_robust(log)):
            values[estimate.method].append(estimate.value)
            misses[estimate.method] += not estimate.interval.contains(TRUTH)
    for method, found in values.items():
        assert np.mean(found) == pytest.approx(TRUTH, rel=0.02)
        assert 0.03 < misses[method] / 600 < 0.08
    assert abs(np.mean(plain) / TRUTH - 1) > 0.3
    assert np.std(values["doubly robust"]) <= np.std(values["IPS"])


def test_taking_impressions_for_visitors_makes_the_interval_too_short() -> None:
    """The planted fault of the wrong unit: visitors of 10 impressions each, alike."""
    rng = np.random.default_rng(3)
    visitors = np.repeat(np.arange(300), 10)
    rewards = (rng.random(3_000) < rng.beta(0.3, 3, 300)[visitors]).astype(float)
    log = LoggedImpressions(rewards, np.full(3_000, 0.5), np.full(3_000, 0.5), visitors)
    naive = ips(replace(log, visitors=None))
    assert ips(log).standard_error > 1.4 * naive.standard_error
    assert naive.standard_error == pytest.approx(scipy.stats.sem(rewards), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), n=st.integers(2, 30))
def test_order_is_irrelevant(data: st.DataObject, n: int) -> None:
    log = logged(np.random.default_rng(n), n)
    order = np.array(data.draw(st.permutations(range(len(log.rewards)))))
    assert log.visitors is not None
    shuffled = LoggedImpressions(
        log.rewards[order], log.propensities[order], log.target_chances[order], log.visitors[order]
    )
    assert ips(shuffled).value == pytest.approx(ips(log).value)
    assert snips(shuffled).standard_error == pytest.approx(snips(log).standard_error, abs=1e-12)


def arrays(**changed: list[float]) -> dict[str, Array]:
    columns = {"rewards": [1.0, 0.0], "propensities": [0.5, 0.5], "target_chances": [0.5, 0.5], **changed}
    return {name: np.array(values) for name, values in columns.items()}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"propensities": [0.0, 0.5]}, "never rebuild them"),
        ({"propensities": [1.5, 0.5]}, "at most 1"),
        ({"target_chances": [0.5, 1.5]}, "outside"),
        ({"rewards": [float("nan"), 0.0]}, "not finite"),
        ({"rewards": [1.0]}, "differ in length"),
    ],
)
def test_a_faulty_log_is_refused(changed: dict[str, list[float]], message: str) -> None:
    with pytest.raises(InvalidOutcomesError, match=message):
        LoggedImpressions(**arrays(**changed))


def test_thin_logs_have_words() -> None:
    with pytest.raises(NotEnoughDataError, match="0 visitors"):
        ips(LoggedImpressions(**arrays(rewards=[], propensities=[], target_chances=[])))
    with pytest.raises(NotEnoughDataError, match="1 visitor;"):
        ips(LoggedImpressions(**arrays(), visitors=np.array([4, 4])))
    with pytest.raises(NotEnoughDataError, match="none of the logged films"):
        snips(LoggedImpressions(**arrays(target_chances=[0.0, 0.0])))
    with pytest.raises(InvalidOutcomesError, match="fit a reward model"):
        doubly_robust(LoggedImpressions(**arrays()))
    assert ips(LoggedImpressions(**arrays(rewards=[0.0, 0.0]))).value == 0.0
