"""When open arrivals come: by the visitors' own times, not when the site is done with others.

In a closed loop a slow site is asked less, which hides how slow it is; in an open one visits queue. Ours is
what Schroeder, Wierman & Harchol-Balter call partly open: visits arrive regardless of the site, and within
one visit each request waits for the answer before it (NSDI 2006, "Open versus closed: a cautionary tale").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.jobs import VisitJob


@dataclass(frozen=True, slots=True)
class Arrival:
    """One visit, and when it is to begin.

    Args:
        job: the visit.
        due_s: seconds after the run began.
    """

    job: VisitJob
    due_s: float


def scheduled(jobs: Sequence[VisitJob], *, rate_per_s: float) -> list[Arrival]:
    """The visits in the order of their simulated arrivals, sped up to a mean of `rate_per_s`.

    Rush hours of the population stay rush hours: gaps are scaled, never evened out. Visitors who all arrive
    at one simulated moment are spread evenly.

    Raises:
        ValueError: `rate_per_s` is not above 0.
    """
    if not rate_per_s > 0:
        raise ValueError(f"rate_per_s is {rate_per_s}; arrivals need a rate above 0 visits a second")
    in_order = sorted(jobs, key=lambda job: (job.visitor.arrival_ms, job.visitor.index))
    times_ms = np.array([job.visitor.arrival_ms for job in in_order], dtype=np.float64)
    if len(in_order) > 1 and times_ms[-1] > times_ms[0]:
        shares = (times_ms - times_ms[0]) / (times_ms[-1] - times_ms[0])
    else:
        shares = np.linspace(0.0, 1.0, len(in_order))
    # n visits have n - 1 gaps between them.
    due_s = shares * max(len(in_order) - 1, 0) / rate_per_s
    return [Arrival(job, due) for job, due in zip(in_order, due_s.tolist(), strict=True)]
