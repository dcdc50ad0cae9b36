"""How long the site let visitors wait, page by page, counted from when each wait was meant to begin."""

import threading
from array import array
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

PERCENTILES = (50, 90, 95, 99)
WHOLE_VISIT = "whole visit"


@dataclass(frozen=True, slots=True)
class PageLatency:
    """How long visitors waited for one kind of page.

    Args:
        page: the first part of its path, such as `film` or `views`; `home`; or `whole visit`.
        n: answers waited for, those that never came included.
        p50_ms: half of them took at most so long; `p90_ms`, `p95_ms` and `p99_ms` likewise.
        max_ms: the longest.
    """

    page: str
    n: int
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class LatencyLog:
    """Keeps every wait of a run, in memory: 8 bytes each. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))

    def add(self, page: str, seconds: float) -> None:
        """Note one wait."""
        with self._lock:
            self._seconds[page].append(seconds)

    def summary(self) -> tuple[PageLatency, ...]:
        """Each kind of page, the slowest by its 95th percentile first, the whole visit last."""
        with self._lock:
            waits = {page: np.array(seconds) for page, seconds in self._seconds.items()}
        rows = [_page_latency(page, seconds) for page, seconds in waits.items()]
        return tuple(sorted(rows, key=lambda row: (row.page == WHOLE_VISIT, -row.p95_ms, row.page)))


def page_of(path: str) -> str:
    """The kind of page at a path of the site.

    >>> page_of("/film/12?from=home"), page_of("/"), page_of("/views")
    ('film', 'home', 'views')
    """
    return path.partition("?")[0].split("/")[1] or "home"


def _page_latency(page: str, seconds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> PageLatency:
    # Waits that happened, never a mean of two of them: the percentile is the least wait not below that share.
    p50, p90, p95, p99 = np.percentile(seconds * 1000, PERCENTILES, method="inverted_cdf").tolist()
    return PageLatency(
        page=page,
        n=len(seconds),
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=float(seconds.max() * 1000),
    )
