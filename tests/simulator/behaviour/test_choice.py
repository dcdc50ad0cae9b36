import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import NOTHING, Choice, Session, click_probabilities
from simulator.behaviour.choice import chosen_positions
from simulator.behaviour.examination import examined, patience_s

N = 50_000
WORTH = np.array([0.5, -0.2, 1.1, 0.0])
SEEN = np.array([True, False, True, True])
OUTSIDE = 0.7


def expected_shares() -> np.ndarray:
    """Shares of (nothing, position 1, 2, 3, 4) by hand: each option's e**worth over their sum."""
    odds = np.array([np.exp(OUTSIDE), np.exp(0.5), 0.0, np.exp(1.1), 1.0])
    return odds / odds.sum()


def drawn_shares(outside: float = OUTSIDE) -> np.ndarray:
    chosen = chosen_positions(
        np.tile(WORTH, (N, 1)),
        np.tile(SEEN, (N, 1)),
        np.full(N, outside),
        seed=5,
        visitor_index=np.arange(N),
        step=0,
    )
    return np.bincount(chosen, minlength=5)


def test_choices_are_as_frequent_as_the_multinomial_logit_says() -> None:
    """50,000 visitors, chi-square over the four options that can be chosen; alarms 1 time in 1,000."""
    counts, shares = drawn_shares(), expected_shares()
    assert counts[2] == 0
    possible = shares > 0
    assert scipy.stats.chisquare(counts[possible], N * shares[possible]).pvalue > 0.001


def test_an_outside_option_off_by_a_tenth_is_noticed() -> None:
    """The planted fault: the same test on choices made with another outside option."""
    counts, shares = drawn_shares(OUTSIDE + 0.1), expected_shares()
    possible = shares > 0
    assert scipy.stats.chisquare(counts[possible], N * shares[possible]).pvalue < 0.001


def test_probabilities_are_the_closed_form() -> None:
    found = click_probabilities(WORTH[None, :], SEEN[None, :], np.array([OUTSIDE]))[0]
    assert found == pytest.approx(expected_shares()[1:], abs=1e-15)


@pytest.mark.parametrize("outside", [-900.0, 900.0])
def test_probabilities_stay_finite_at_any_outside_option(outside: float) -> None:
    found = click_probabilities(WORTH[None, :], SEEN[None, :], np.array([outside]))[0]
    assert found.sum() == pytest.approx(1.0 if outside < 0 else 0.0)


def test_who_examines_nothing_clicks_nothing() -> None:
    nothing_seen = np.zeros((100, 4), dtype=bool)
    chosen = chosen_positions(
        np.full((100, 4), 9.0), nothing_seen, np.zeros(100), seed=1, visitor_index=np.arange(100), step=0
    )
    assert (chosen == NOTHING).all()
    assert click_probabilities(np.full((100, 4), 9.0), nothing_seen, np.zeros(100)).sum() == 0


def test_the_first_position_is_always_tempting_and_later_ones_less_and_less() -> None:
    """Chances 0.8**(p - 1) for 20,000 patient visitors; each of 5 binomials alarms 1 time in 1,000."""
    seen = examined(
        Choice(examination_decay=0.8),
        Session(),
        np.full(20_000, 1e9),
        seed=1,
        visitor_index=np.arange(20_000),
        step=0,
        n_positions=6,
    )
    assert seen[:, 0].all()
    for offset in range(1, 6):
        assert scipy.stats.binomtest(int(seen[:, offset].sum()), 20_000, 0.8**offset).pvalue > 0.001


def test_patience_ends_the_reading() -> None:
    """With 5 seconds left and 1.8 a title, the first two tempting titles are examined and no more."""
    seen = examined(
        Choice(examination_decay=1.0),
        Session(),
        np.array([5.0, 1.7, 0.0, -3.0]),
        seed=1,
        visitor_index=np.arange(4),
        step=0,
        n_positions=4,
    )
    assert seen.tolist() == [[True, True, False, False], [False] * 4, [False] * 4, [False] * 4]


def test_patience_is_log_normal_about_its_median() -> None:
    """20,000 visitors, Kolmogorov-Smirnov against scipy's log-normal; alarms 1 time in 1,000."""
    session = Session(patience_median_s=75, patience_sigma=0.8)
    found = patience_s(session, np.full(20_000, 2.0), seed=1, visitor_index=np.arange(20_000))
    assert scipy.stats.kstest(found, "lognorm", args=(0.8, 0, 150)).pvalue > 0.001
