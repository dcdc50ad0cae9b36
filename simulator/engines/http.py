"""The http engine: visits by protocol alone, many at a time in threads.

By default in a closed loop: each thread begins its next visit when the last is over. With a rate, arrivals
are open: visits begin when they are due, however slow the site.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import requests

from simulator.engines.http_arrivals import scheduled
from simulator.engines.http_latency import WHOLE_VISIT, LatencyLog
from simulator.engines.http_pages import HttpPages, open_connection
from simulator.jobs import VisitJob, VisitResult, make_visit
from simulator.visit import Brain

# Open arrivals under way at a time. Beyond it visits begin late, and their latency says so.
_MOST_AT_A_TIME = 512


def run_http_visits(
    jobs: Sequence[VisitJob],
    *,
    site_url: str,
    brain: Brain,
    ticket_for: Callable[[VisitJob], str],
    n_workers: int,
    on_done: Callable[[VisitResult], None],
    stop: threading.Event,
    timeout_s: float = 20.0,
    rate_per_s: float | None = None,
    latencies: LatencyLog | None = None,
) -> None:
    """Make all visits of `jobs` over HTTP; fits `VisitEngine`.

    Args:
        jobs: the visits, begun in this order; with a rate, in that of their simulated arrivals.
        site_url: where the site is, without a path.
        brain: decides for the visitors.
        ticket_for: signs the ticket with which the visitor of a job enters.
        n_workers: visits at a time, one thread each; with a rate, threads come as they are needed.
        on_done: told of each visit as it ends, by one thread at a time.
        stop: once set, no new visit begins; those under way end as ever.
        timeout_s: longest wait for any answer of the site; then the visit failed.
        rate_per_s: visits that begin in a second, in the mean; None begins one when another is over.
        latencies: told of every wait. With a rate, that for the first page of a visit counts from when the
            visit was due, so that a visit which began late is not taken for a quick one.
    """
    visiting = _Visiting(site_url, brain, ticket_for, on_done, timeout_s, latencies or LatencyLog())
    try:
        if rate_per_s is None:
            _in_closed_loop(jobs, visiting, max(n_workers, 1), stop)
        else:
            _by_schedule(jobs, visiting, rate_per_s, stop)
    finally:
        visiting.close()


class _Visiting:
    """Makes one visit after another in each thread that asks."""

    def __init__(  # noqa: PLR0917 - the engine's own arguments, handed on
        self,
        site_url: str,
        brain: Brain,
        ticket_for: Callable[[VisitJob], str],
        on_done: Callable[[VisitResult], None],
        timeout_s: float,
        latencies: LatencyLog,
    ) -> None:
        self._site_url = site_url
        self._brain = brain
        self._ticket_for = ticket_for
        self._on_done = on_done
        self._timeout_s = timeout_s
        self._latencies = latencies
        self._turn = threading.Lock()
        self._of_thread = threading.local()
        self._connections: list[requests.Session] = []
        self.halt = threading.Event()

    def make(self, job: VisitJob, due: float | None = None) -> None:
        """Make one visit, which was due at `due` of the monotonic clock; by default now."""
        due = time.perf_counter() if due is None else due
        pages = HttpPages(
            self._connection(), self._site_url, timeout_s=self._timeout_s, latencies=self._latencies, due=due
        )
        try:
            result = make_visit(job, self._brain, pages, self._ticket_for(job))
            self._latencies.add(WHOLE_VISIT, time.perf_counter() - due)
            with self._turn:
                self._on_done(result)
        except BaseException:
            self.halt.set()  # ends the other threads after their present visit
            raise

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._connections:
            connection.close()

    def _connection(self) -> requests.Session:
        connection: requests.Session | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = open_connection()
            self._connections.append(connection)
        return connection


def _in_closed_loop(
    jobs: Sequence[VisitJob], visiting: _Visiting, n_workers: int, stop: threading.Event
) -> None:
    turn, queue = threading.Lock(), iter(jobs)

    def next_jobs() -> Iterator[VisitJob]:
        while not (stop.is_set() or visiting.halt.is_set()):
            with turn:
                job = next(queue, None)
            if job is None:
                return
            yield job

    def work() -> None:
        for job in next_jobs():
            visiting.make(job)

    with ThreadPoolExecutor(max_workers=n_workers, thread_name_prefix="visitor") as pool:
        workers = [pool.submit(work) for _ in range(n_workers)]
        _wait_for(workers, visiting)


def _by_schedule(
    jobs: Sequence[VisitJob], visiting: _Visiting, rate_per_s: float, stop: threading.Event
) -> None:
    arrivals = scheduled(jobs, rate_per_s=rate_per_s)
    visits: list[Future[None]] = []

    def begin(job: VisitJob, due: float) -> None:
        if not (stop.is_set() or visiting.halt.is_set()):
            visiting.make(job, due)

    # The pool starts a thread only where none is idle.
    with ThreadPoolExecutor(max_workers=_MOST_AT_A_TIME, thread_name_prefix="visitor") as pool:
        try:
            began = time.perf_counter()
            for arrival in arrivals:
                due = began + arrival.due_s
                if stop.wait(max(due - time.perf_counter(), 0.0)) or visiting.halt.is_set():
                    break
                visits.append(pool.submit(begin, arrival.job, due))
        finally:
            _wait_for(visits, visiting)


def _wait_for(visits: Sequence[Future[None]], visiting: _Visiting) -> None:
    try:
        for visit in visits:
            visit.result()
    finally:
        visiting.halt.set()  # after an interrupt here too
