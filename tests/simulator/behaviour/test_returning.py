import msgspec
import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import NO_VISIT, Arrivals, Population, Session, next_visits_ms, return_gaps
from simulator.behaviour.dynamics import MS_PER_DAY, MS_PER_HOUR, start_ms
from simulator.behaviour.returning import novelty

N = 20_000
HALF = Session(return_share=0.5, return_gap_median_hours=20.0, return_gap_sigma=1.2)


def population_of(session: Session, *, days: float = 7.0) -> Population:
    return msgspec.structs.replace(Population(), session=session, arrivals=Arrivals(days=days))


def gaps_of(session: Session, *, visit: int = 0) -> np.ndarray:
    return return_gaps(population_of(session), seed=3, visitor_index=np.arange(N), visit=visit)


def test_about_half_return_when_asked_to() -> None:
    """20,000 visitors and a share of 0.5; binomial, alarms 1 time in 1,000."""
    n_back = int(np.isfinite(gaps_of(HALF)).sum())
    assert scipy.stats.binomtest(n_back, N, 0.5).pvalue > 0.001


def test_nobody_returns_as_shipped() -> None:
    assert np.isnan(gaps_of(Session())).all()


def test_gaps_are_log_normal_beyond_the_timeout() -> None:
    """Kolmogorov-Smirnov of some 10,000 gaps over two hours, with scipy's; alarms 1 time in 1,000."""
    gaps = gaps_of(HALF)
    law = scipy.stats.lognorm(1.2, 0, 20.0)
    late = gaps[gaps > 2.0]
    beyond = np.clip((law.cdf(late) - law.cdf(2.0)) / law.sf(2.0), 0, 1)
    assert scipy.stats.kstest(beyond, "uniform").pvalue > 0.001


def test_nobody_returns_within_a_session() -> None:
    """With a median of six minutes, most gaps are the timeout itself."""
    soon = msgspec.structs.replace(HALF, return_gap_median_hours=0.1, timeout_minutes=45.0)
    gaps = gaps_of(soon)
    assert np.nanmin(gaps) == 0.75
    assert np.nanmedian(gaps) == 0.75


def test_each_visit_decides_anew() -> None:
    first, second = (np.isfinite(gaps_of(HALF, visit=visit)) for visit in (0, 1))
    both = int((first & second).sum())
    assert scipy.stats.binomtest(both, N, 0.25).pvalue > 0.001


def test_a_visit_after_the_last_simulated_day_is_not_made() -> None:
    """All come back after exactly a day: those who leave within the first day of two, and no others."""
    session = Session(return_share=0.95, return_gap_median_hours=24.0, return_gap_sigma=0.0)
    population = population_of(session, days=2.0)
    begin = start_ms(population.arrivals.first_day)
    left_ms = np.array([begin, begin + MS_PER_DAY - 1, begin + MS_PER_DAY, begin + 40 * MS_PER_HOUR])
    next_ms = next_visits_ms(
        population, seed=3, visitor_index=np.full(4, _who_returns(population)), visit=0, left_ms=left_ms
    )
    assert next_ms.tolist() == [begin + MS_PER_DAY, begin + 2 * MS_PER_DAY - 1, NO_VISIT, NO_VISIT]


def _who_returns(population: Population) -> int:
    gaps = return_gaps(population, seed=3, visitor_index=np.arange(50), visit=0)
    return int(np.flatnonzero(np.isfinite(gaps))[0])


def test_novelty_is_whole_at_first_and_halves() -> None:
    session = Session(novelty=0.8, novelty_half_life_days=3.0)
    since = np.array([0, 3, 6, 300]) * MS_PER_DAY
    assert novelty(session, since) == pytest.approx([0.8, 0.4, 0.2, 0.0], abs=1e-9)
