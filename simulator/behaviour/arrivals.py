"""When visitors come: a Poisson process whose intensity follows the hours of the day and the week.

How many come is fixed by the population's size. Given their number, the arrivals of a Poisson process are
independent draws from its intensity (Kingman, "Poisson Processes", 1993, section 2.4), so each visitor's time
is one draw, put through the inverse of the cumulative intensity. Where every day has luck of its own, this is
a Cox process: counts by day vary more than Poisson ones.

That video services have a peak in the evening and busier weekends is well known (Yu, Zheng, Zhao & Zheng,
"Understanding user behavior in large-scale video-on-demand systems", EuroSys 2006,
doi:10.1145/1217935.1217968). The curve and its numbers are guesses: replace them by your own site's.
"""

from datetime import UTC, datetime, time

import numpy as np

from simulator.behaviour.draws import Floats, Integers, normal, uniform
from simulator.behaviour.traffic_tables import Arrivals

HOURS_PER_DAY = 24
_MS_PER_HOUR = 3_600_000
_SATURDAY = 5


def arrivals_ms(arrivals: Arrivals, *, seed: int, visitor_index: Integers) -> Integers:
    """When each visitor comes, simulated epoch milliseconds, (n_visitors,)."""
    draw = uniform(seed, "arrival", visitor=visitor_index)
    sums = np.concatenate([[0.0], np.cumsum(hourly_intensity(arrivals, seed=seed))])
    # The last hour may be cut short by the end of the last day; intensity within an hour is even.
    edges = np.minimum(np.arange(len(sums), dtype=np.float64), arrivals.days * HOURS_PER_DAY)
    hours = np.interp(draw * sums[-1], sums, edges)
    offset_ms = np.floor(hours * _MS_PER_HOUR).astype(np.int64)
    last_ms = int(np.ceil(arrivals.days * HOURS_PER_DAY * _MS_PER_HOUR)) - 1
    return np.asarray(start_ms(arrivals) + np.minimum(offset_ms, last_ms), dtype=np.int64)


def start_ms(arrivals: Arrivals) -> int:
    """Midnight of the first simulated day, epoch milliseconds."""
    return int(datetime.combine(arrivals.first_day, time(), tzinfo=UTC).timestamp()) * 1000


def hourly_intensity(arrivals: Arrivals, *, seed: int) -> Floats:
    """Relative arrivals in each simulated hour, a begun last one counted by its part, (n_hours,)."""
    n_hours = int(np.ceil(arrivals.days * HOURS_PER_DAY))
    hours = np.arange(n_hours)
    days = hours // HOURS_PER_DAY
    is_weekend = (arrivals.first_day.weekday() + days) % 7 >= _SATURDAY
    intensity = hour_shape(arrivals)[hours % HOURS_PER_DAY] * np.where(
        is_weekend, arrivals.weekend_factor, 1.0
    )
    # By the date, so that a day keeps its luck when the simulation begins earlier or lasts longer.
    dates = arrivals.first_day.toordinal() + days
    intensity *= np.exp(arrivals.day_sigma * normal(seed, "arrival-day", visitor=dates))
    intensity[-1] *= arrivals.days * HOURS_PER_DAY - (n_hours - 1)
    return np.asarray(intensity, dtype=np.float64)


def hour_shape(arrivals: Arrivals) -> Floats:
    """Relative arrivals in each hour of a day, (24,), mean 1: as the file lists them, or one smooth peak.

    The peak is the curve of the von Mises law, exp(k cos t), whose trough is exp(-2k) of its peak, taken at
    the middle of each hour: the one-parameter bump of a circle (Mardia & Jupp, "Directional Statistics",
    2000, section 3.5.4).
    """
    if arrivals.hours:
        shape = np.array(arrivals.hours)
    else:
        angle = 2 * np.pi * (np.arange(HOURS_PER_DAY) + 0.5 - arrivals.peak_hour) / HOURS_PER_DAY
        shape = np.exp(-np.log(arrivals.trough_share) / 2 * np.cos(angle))
    return np.asarray(shape / shape.mean(), dtype=np.float64)
