"""Whether and when a visitor comes back, and how much of the first visit's curiosity is then left.

A visit is a session: the next one begins after more than the timeout without a sign of the visitor. Half an
hour is the convention of web analytics, near the 25.5 minutes of Catledge & Pitkow, "Characterizing browsing
strategies in the World-Wide Web" (1995), doi:10.1016/0169-7552(95)00043-7. Gaps between sessions are
log-normal, about a day long: Halfaker et al., "User session identification based on strong regularities in
inter-activity time" (WWW 2015), doi:10.1145/2736277.2741117. Their spread, and the size and half-life of
novelty, are guesses: no published number fits.
"""

import numpy as np

from simulator.behaviour.draws import Floats, Integers, normal, uniform
from simulator.behaviour.dynamics import MS_PER_DAY, MS_PER_HOUR, half_life_weight, start_ms
from simulator.behaviour.population import Population
from simulator.behaviour.visit_tables import Session

NO_VISIT = -1
# Nobody comes more often. With the highest share, 0.95, one visitor in 20 million would.
_MOST_VISITS = 330


def return_gaps(population: Population, *, seed: int, visitor_index: Integers, visit: int) -> Floats:
    """Hours from the end of each visitor's visit `visit` (from 0) to the next; nan for those who stay away.

    One in `return_share` comes back, after a log-normal time, but never within the session's timeout. The end
    of the simulated days is not looked at here: see `next_visits_ms`.
    """
    session = population.session
    comes_back = uniform(seed, "return", visitor=visitor_index, visit=visit) < session.return_share
    spread = normal(seed, "return-gap", visitor=visitor_index, visit=visit)
    hours = session.return_gap_median_hours * np.exp(session.return_gap_sigma * spread)
    hours = np.maximum(hours, session.timeout_minutes / 60)
    return np.where(comes_back & (visit + 1 < _MOST_VISITS), hours, np.nan)


def next_visits_ms(
    population: Population, *, seed: int, visitor_index: Integers, visit: int, left_ms: Integers
) -> Integers:
    """When each visitor comes again who left visit `visit` at `left_ms`; `NO_VISIT` for no more.

    Whoever would come after the last simulated day does not.
    """
    if population.session.return_share == 0:
        return np.full(len(visitor_index), NO_VISIT, dtype=np.int64)
    hours = return_gaps(population, seed=seed, visitor_index=visitor_index, visit=visit)
    arrivals = population.arrivals
    end_ms = start_ms(arrivals.first_day) + arrivals.days * MS_PER_DAY
    # The latest is far beyond any end, and still an integer.
    gap_ms = np.rint(np.minimum(np.nan_to_num(hours, nan=0.0), 1e9) * MS_PER_HOUR).astype(np.int64)
    next_ms = left_ms + gap_ms
    return np.where(np.isnan(hours) | (next_ms >= end_ms), NO_VISIT, next_ms)


def novelty(session: Session, since_first_ms: Integers) -> Floats:
    """Log-odds of a click that curiosity adds so long after a visitor's first visit began, (n_visitors,)."""
    half_life_ms = session.novelty_half_life_days * MS_PER_DAY
    return session.novelty * half_life_weight(np.maximum(since_first_ms, 0), half_life_ms)
