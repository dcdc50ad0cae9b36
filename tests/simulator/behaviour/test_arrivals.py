from datetime import date

import numpy as np
import pytest
import scipy.stats

from simulator.behaviour import Arrivals
from simulator.behaviour.arrivals import arrivals_ms, hour_shape, hourly_intensity, start_ms

HOUR_MS = 3_600_000
EVEN = Arrivals(trough_share=1.0, weekend_factor=1.0, day_sigma=0.0)
NO_LUCK = Arrivals(day_sigma=0.0)


def hours_of(arrivals: Arrivals, *, n_visitors: int, seed: int = 7) -> np.ndarray:
    """Simulated hours since the start at which visitors arrive."""
    times = arrivals_ms(arrivals, seed=seed, visitor_index=np.arange(n_visitors))
    return (times - start_ms(arrivals)) / HOUR_MS


def test_with_all_hours_and_days_alike_arrivals_are_uniform() -> None:
    """2,000 arrivals against the uniform law of 7 days, Kolmogorov-Smirnov; alarms 1 time in 1,000."""
    assert scipy.stats.kstest(hours_of(EVEN, n_visitors=2_000) / 168, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    "arrivals",
    [
        NO_LUCK,
        Arrivals(),
        Arrivals(hours=tuple(range(1, 25)), first_day=date(2026, 1, 9), days=3.25),
    ],
)
def test_arrivals_follow_the_hours_of_their_intensity(arrivals: Arrivals) -> None:
    """20,000 arrivals by simulated hour, chi-square; alarms 1 time in 1,000."""
    hours = hours_of(arrivals, n_visitors=20_000)
    expected = hourly_intensity(arrivals, seed=7)
    counts = np.bincount(hours.astype(int), minlength=len(expected))
    assert scipy.stats.chisquare(counts, 20_000 * expected / expected.sum()).pvalue > 0.001
    assert hours.max() < arrivals.days * 24


def test_uniform_arrivals_fail_the_test_of_the_default_hours() -> None:
    """The planted fault: 2,000 even arrivals against the default intensity."""
    counts = np.bincount(hours_of(EVEN, n_visitors=2_000).astype(int), minlength=168)
    expected = hourly_intensity(NO_LUCK, seed=7)
    assert scipy.stats.chisquare(counts, 2_000 * expected / expected.sum()).pvalue < 1e-6


def test_the_curve_peaks_and_falls_as_the_file_says() -> None:
    arrivals = Arrivals(peak_hour=20.5, trough_share=0.1, day_sigma=0.0)
    shape = hour_shape(arrivals)
    assert int(np.argmax(shape)) == 20
    assert int(np.argmin(shape)) == 8
    assert shape.min() / shape.max() == pytest.approx(0.1)


def test_weekends_have_their_factor() -> None:
    """2026-01-05 is a Monday, so days 6 and 7 are the weekend."""
    by_day = hourly_intensity(Arrivals(weekend_factor=2.0, day_sigma=0.0), seed=7).reshape(7, 24).sum(axis=1)
    assert by_day / by_day[0] == pytest.approx([1, 1, 1, 1, 1, 2, 2])


def test_days_vary_more_than_a_poisson_process_by_day_sigma() -> None:
    """Variance of 400 days' log intensities against day_sigma, chi-square, alarms 2 times in 1,000."""
    arrivals = Arrivals(days=400.0, weekend_factor=1.0, day_sigma=0.5)
    logs = np.log(hourly_intensity(arrivals, seed=3).reshape(400, 24).sum(axis=1))
    low, high = scipy.stats.chi2.ppf([0.001, 0.999], 399) * 0.25 / 399
    assert low < logs.var(ddof=1) < high


def test_more_visitors_leave_the_arrivals_before_them_as_they_were() -> None:
    assert np.array_equal(hours_of(Arrivals(), n_visitors=50), hours_of(Arrivals(), n_visitors=500)[:50])


def test_a_day_keeps_its_luck_when_the_simulation_lasts_longer() -> None:
    week, month = (hourly_intensity(Arrivals(days=days), seed=7) for days in (7.0, 30.0))
    assert np.array_equal(week, month[:168])
