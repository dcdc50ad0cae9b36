import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from simulator.behaviour import gumbel, normal, uniform
from simulator.behaviour.draws import _GOLDEN, _MASK, Floats, _cosine, _mix_integer

COUNTERS = st.integers(min_value=0, max_value=2**63 - 1)


@given(seed=st.integers(), visitor=COUNTERS, visit=COUNTERS, step=COUNTERS, position=COUNTERS)
def test_one_draw_alone_has_the_bits_it_has_in_an_array(
    seed: int, visitor: int, visit: int, step: int, position: int
) -> None:
    alone = uniform(seed, "choice", visitor=visitor, visit=visit, step=step, position=position)
    among = uniform(
        seed,
        "choice",
        visitor=np.array([[5], [visitor]]),
        visit=np.array([[visit]]),
        step=step,
        position=np.array([1, 2, position]),
    )
    assert among.shape == (2, 3)
    assert alone == among[1, 2]
    assert 0 <= alone < 1


@pytest.mark.parametrize("law", [uniform, gumbel, normal])
def test_many_draws_have_the_bits_that_each_has_alone(law: Callable[..., Floats]) -> None:
    """17,000 x 3 draws are made in several blocks; 50 of them are drawn again one by one."""
    visitors, positions = np.arange(17_000)[:, None], np.array([4, 0, 9])
    among = law(3, "choice", visitor=visitors, step=visitors % 5, position=positions)
    for row in range(0, 17_000, 340):
        assert among[row, 2] == law(3, "choice", visitor=row, step=row % 5, position=9)


def test_cosines_are_those_of_the_standard_library() -> None:
    turns = np.linspace(0, 1, 10_001)
    expected = [math.cos(2 * math.pi * turn) for turn in turns.tolist()]
    assert _cosine(turns) == pytest.approx(expected, abs=1e-15, rel=0)


def test_splitmix64_is_mixed_as_published() -> None:
    """The first outputs of SplitMix64 from state 1234567, as in its reference listing (prng.di.unimi.it)."""
    outputs = [_mix_integer((1234567 + step * _GOLDEN) & _MASK) for step in (1, 2, 3)]
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("counter", ["visitor", "visit", "step", "position"])
def test_draws_along_every_counter_are_uniform(counter: str) -> None:
    """100,000 draws by Kolmogorov-Smirnov and, in 1,000 cells, chi-square; each alarms 1 time in 1,000."""
    draws = uniform(1, "examination", **({"visitor": 3} | {counter: np.arange(100_000)}))
    assert scipy.stats.kstest(draws, "uniform").pvalue > 0.001
    cells = np.bincount((draws * 1000).astype(int), minlength=1000)
    assert 0.0005 < scipy.stats.chisquare(cells).pvalue < 0.9995


def test_draws_of_too_few_bits_are_not_called_uniform() -> None:
    """The planted fault: draws cut to 256 values fail the same chi-square test."""
    lumpy = np.floor(uniform(1, "examination", visitor=np.arange(100_000)) * 256) / 256
    cells = np.bincount((lumpy * 1000).astype(int), minlength=1000)
    assert scipy.stats.chisquare(cells).pvalue < 0.001


@pytest.mark.parametrize("other", ["visitor", "position", "purpose", "seed"])
def test_neighbouring_draws_are_independent(other: str) -> None:
    """Chi-square over 20 x 20 cells of 100,000 pairs that differ in one counter by 1; alarms 1 in 1,000."""
    index = np.arange(100_000)
    here = uniform(1, "choice", visitor=index, position=4)
    there = {
        "visitor": lambda: uniform(1, "choice", visitor=index + 1, position=4),
        "position": lambda: uniform(1, "choice", visitor=index, position=5),
        "purpose": lambda: uniform(1, "examination", visitor=index, position=4),
        "seed": lambda: uniform(2, "choice", visitor=index, position=4),
    }[other]()
    table = np.histogram2d(here, there, bins=20, range=[[0, 1], [0, 1]])[0]
    assert scipy.stats.chi2_contingency(table).pvalue > 0.001


def test_draws_do_not_depend_on_the_order_of_counters_by_accident() -> None:
    """A plain sum of counters would make visitor 2 at position 3 the twin of visitor 3 at position 2."""
    assert uniform(1, "choice", visitor=2, position=3) != uniform(1, "choice", visitor=3, position=2)
    grid = uniform(1, "choice", visitor=np.arange(300)[:, None], position=np.arange(300))
    assert len(np.unique(grid)) == grid.size


def test_gumbel_draws_follow_the_gumbel_law() -> None:
    """100,000 draws by Kolmogorov-Smirnov against scipy; alarms 1 time in 1,000."""
    draws = gumbel(1, "choice", visitor=np.arange(100_000))
    assert scipy.stats.kstest(draws, "gumbel_r").pvalue > 0.001
    assert np.isfinite(draws).all()


def test_normal_draws_follow_the_normal_law() -> None:
    """100,000 draws by Kolmogorov-Smirnov, and by Shapiro's kurtosis; each alarms 1 time in 1,000."""
    draws = normal(1, "patience", visitor=np.arange(100_000))
    assert scipy.stats.kstest(draws, "norm").pvalue > 0.001
    assert scipy.stats.kurtosistest(draws).pvalue > 0.001


def test_a_bell_of_four_uniforms_is_not_called_normal() -> None:
    """The planted fault: a sum of four uniforms has the right mean and sd but too light tails."""
    index = np.arange(100_000)
    total = sum(uniform(1, "patience", visitor=index, position=place) for place in range(4))
    assert scipy.stats.kurtosistest((total - 2) * np.sqrt(3)).pvalue < 0.001
