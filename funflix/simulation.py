"""A simulated run: visitors drawn, the control calibrated, every visit made and written to the ledger."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from experiment import EventLog, EventReader, VisitEnded, VisitStarted, VisitTicket
from funflix.errors import FunflixError
from funflix.true_labels import event_labels, visitor_labels
from simulator.behaviour import Mind, Visitors, uniform
from simulator.engines import run_browser_visits, run_http_visits
from simulator.errors import SimulatorError
from simulator.instruments import instruments_for
from simulator.jobs import VisitEngine, VisitJob, VisitResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ENGINES: Mapping[str, VisitEngine] = {"browser": run_browser_visits, "http": run_http_visits}

# A visitor is tried this often in one go; after that the run ends without them and says so.
_MOST_TRIES = 3
# So many failures in a row, without one visit that worked, mean the site and not the visitor.
_FAILURES_IN_A_ROW = 25


@dataclass(frozen=True, slots=True)
class Crew:
    """Who drives how many of the visitors.

    Args:
        n_visitors: how many each engine drives, by its name.
        n_workers: how many visits each engine makes at a time.
    """

    n_visitors: Mapping[str, int]
    n_workers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """How a run stands.

    Args:
        n_done: visits made, in this and earlier goes.
        n_total: visitors of the run.
        n_failed_attempts: attempts that failed in this go; each was retried.
        by_engine: visits made in this go, by engine.
        n_retries: attempts begun in this go for visitors who had been tried before.
        seconds: since the first visit of this go could begin; 0 where nobody measured.
        seconds_left: until the slowest engine is through at its pace so far; None before the first visit.
    """

    n_done: int
    n_total: int
    n_failed_attempts: int
    by_engine: Mapping[str, int]
    n_retries: int = 0
    seconds: float = 0.0
    seconds_left: float | None = None


def engine_of_each(n_visitors: Mapping[str, int], *, seed: int) -> list[str]:
    """The engine of each visitor, by index; which ones get the rarer engine is drawn by the seed.

    >>> engine_of_each({"browser": 1, "http": 2}, seed=7).count("browser")
    1
    """
    n_total = sum(n_visitors.values())
    draws = uniform(seed, "engine", visitor=np.arange(n_total))
    engines = np.empty(n_total, dtype=object)
    start = 0
    order = np.argsort(draws, kind="stable")
    for name, count in n_visitors.items():
        engines[order[start : start + count]] = name
        start += count
    return [str(name) for name in engines]


@dataclass(slots=True)
class VisitDriver:
    """Makes the visits of one run that are still to be made.

    Args:
        run_id: the run.
        log: where the ledger is written.
        reader: where it is read.
        site_url: the site to visit.
        mind: what the visitors think.
        sign: signs the ticket with which a job enters the site.
        crew: which engine drives how many.
        on_progress: told after each visit.
        engines: the engines by name.
    """

    run_id: str
    log: EventLog
    reader: EventReader
    site_url: str
    mind: Mind
    sign: Callable[[VisitTicket], str]
    crew: Crew
    on_progress: Callable[[Tally], None]
    engines: Mapping[str, VisitEngine] = field(default_factory=lambda: ENGINES)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _done: Counter[str] = field(default_factory=Counter)
    _to_do: Counter[str] = field(default_factory=Counter)
    _started: float = field(default_factory=time.monotonic)
    _n_done_before: int = 0
    _n_failed: int = 0
    _n_retries: int = 0
    _n_failed_in_a_row: int = 0
    _last_error: str = ""

    def run(self, visitors: Visitors) -> Tally:
        """Make every visit of the run that the ledger does not have yet.

        Raises:
            FunflixError: visits kept failing; the run can be resumed.
            KeyboardInterrupt: interrupted; the run can be resumed.
        """
        engines = engine_of_each(self.crew.n_visitors, seed=self.mind.seed)
        done = self.reader.done_visitors(self.run_id)
        self._n_done_before = len(done)
        pending = [visitor.index for visitor in visitors if visitor.visitor_id not in done]
        self._to_do = Counter(engines[index] for index in pending)
        self._started = time.monotonic()
        for _ in range(_MOST_TRIES):
            if not pending:
                break
            self._make(self._jobs(visitors, pending, engines))
            done = self.reader.done_visitors(self.run_id)
            pending = [index for index in pending if visitors[index].visitor_id not in done]
        if pending:
            raise FunflixError(
                f"{len(pending)} of {len(visitors)} visitors failed {_MOST_TRIES} times each, the last with "
                f"{self._last_error!r}; mend that and continue with --resume"
            )
        return self._tally()

    def _jobs(
        self, visitors: Visitors, pending: Sequence[int], engines: Sequence[str]
    ) -> dict[str, list[VisitJob]]:
        attempts = self.reader.next_attempts(self.run_id)
        jobs: dict[str, list[VisitJob]] = {name: [] for name in self.crew.n_visitors}
        for index in pending:
            visitor = visitors[index]
            attempt = attempts.get(visitor.visitor_id, 1)
            instruments = instruments_for(self.mind.population, visitor, seed=self.mind.seed)
            jobs[engines[index]].append(VisitJob(visitor, attempt, instruments))
        return jobs

    def _make(self, jobs: Mapping[str, list[VisitJob]]) -> None:
        busy = {name: of_one_engine for name, of_one_engine in jobs.items() if of_one_engine}
        with ThreadPoolExecutor(max_workers=len(busy)) as pool:
            futures = [pool.submit(self._drive, name, of_one_engine) for name, of_one_engine in busy.items()]
            try:
                # In short waits, so that Ctrl-C is heard at once.
                while wait(futures, timeout=0.2, return_when=FIRST_EXCEPTION).not_done:
                    if any(future.done() and future.exception() for future in futures):
                        break
            finally:
                self._stop.set()
        self._stop.clear()
        for future in futures:
            try:
                future.result()
            except SimulatorError as error:
                raise FunflixError(f"{error}; mend that and continue with --resume") from error
        if self._n_failed_in_a_row >= _FAILURES_IN_A_ROW:
            raise FunflixError(
                f"{self._n_failed_in_a_row} visits in a row failed, the last with {self._last_error!r}; "
                "mend that and continue with --resume"
            )

    def _drive(self, engine: str, jobs: Sequence[VisitJob]) -> None:
        self.engines[engine](
            jobs,
            site_url=self.site_url,
            brain=self.mind,
            ticket_for=lambda job: self._ticket_for(engine, job),
            n_workers=self.crew.n_workers[engine],
            on_done=lambda result: self._note(engine, result),
            stop=self._stop,
        )

    def _ticket_for(self, engine: str, job: VisitJob) -> str:
        """Let a visit begin: its attempt stands in the ledger before the site hears of it."""
        started = VisitStarted(
            run_id=self.run_id,
            visitor_id=job.visitor.visitor_id,
            attempt=job.attempt,
            simulated_at=job.visitor.arrival_ms,
            engine=engine,
        )
        self.log.record(started, *visitor_labels(self.mind.population, job, self.run_id))
        with self._lock:
            self._n_retries += job.attempt > 1
        return self.sign(
            VisitTicket(
                run_id=self.run_id,
                visitor_id=job.visitor.visitor_id,
                user_id=job.visitor.user_id,
                attempt=job.attempt,
                persona=job.visitor.persona,
            )
        )

    def _note(self, engine: str, result: VisitResult) -> None:
        """Write the ledger before anybody is told."""
        ended = VisitEnded(
            run_id=self.run_id,
            visitor_id=result.visitor_id,
            attempt=result.attempt,
            status=result.status,
            error=result.error,
        )
        self.log.record(*event_labels(result, self.run_id), ended)
        with self._lock:
            if result.status == "done":
                self._done[engine] += 1
                self._n_failed_in_a_row = 0
            else:
                self._n_failed += 1
                self._n_failed_in_a_row += 1
                self._last_error = result.error or "no reason given"
                if self._n_failed_in_a_row >= _FAILURES_IN_A_ROW:
                    self._stop.set()
            self.on_progress(self._tally())

    def _tally(self) -> Tally:
        return Tally(
            n_done=self._n_done_before + self._done.total(),
            n_total=sum(self.crew.n_visitors.values()),
            n_failed_attempts=self._n_failed,
            n_retries=self._n_retries,
            seconds=time.monotonic() - self._started,
            by_engine=dict(self._done),
            seconds_left=self._seconds_left(),
        )

    def _seconds_left(self) -> float | None:
        elapsed = time.monotonic() - self._started
        paces = {name: count / elapsed for name, count in self._done.items() if count}
        left = [(self._to_do[name] - self._done[name]) / pace for name, pace in paces.items()]
        return max(left, default=None)


def new_run_id(seed: int, *, now_s: float | None = None) -> str:
    """A run's name: when it began (UTC) and its seed.

    >>> new_run_id(7, now_s=0)
    '19700101-000000-seed7'
    """
    moment = time.gmtime(time.time() if now_s is None else now_s)
    return f"{time.strftime('%Y%m%d-%H%M%S', moment)}-seed{seed}"
