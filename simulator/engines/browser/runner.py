"""Making many visits in real browsers: the engine's entry point."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import wait

from simulator.engines.browser.crew import BrowserLimits, BrowserSource, Worker
from simulator.engines.browser.deciding import decide
from simulator.engines.browser.display import BrowserDisplay
from simulator.engines.browser.errors import BrowserStartError
from simulator.engines.browser.finding import BrowserPaths, find_browser
from simulator.engines.browser.grid import ask_grid
from simulator.engines.browser.messages import (
    Message,
    Question,
    Ready,
    VisitLeft,
    VisitOver,
)
from simulator.engines.browser.run_folder import RunFolder
from simulator.jobs import VisitJob, VisitResult
from simulator.visit import Brain

DEFAULT_LIMITS = BrowserLimits()
NO_DISPLAY = BrowserDisplay()

# How soon a set `stop` and an overdue worker are noticed.
_GLANCE_S = 0.25
# Far more than a visit has steps.
_MOST_PAUSES = 50
# Workers that die one after the other before any comes up: then none will.
_MOST_FAILED_STARTS = 3


def run_browser_visits(
    jobs: Sequence[VisitJob],
    *,
    site_url: str,
    brain: Brain,
    ticket_for: Callable[[VisitJob], str],
    n_workers: int,
    on_done: Callable[[VisitResult], None],
    stop: threading.Event,
    browser: BrowserPaths | None = None,
    limits: BrowserLimits = DEFAULT_LIMITS,
    grid_url: str | None = None,
    display: BrowserDisplay = NO_DISPLAY,
) -> None:
    """Make all visits of `jobs` in browsers, headless ones by default; a `simulator.jobs.VisitEngine`.

    Each of `n_workers` processes drives one browser, in which each visitor has a user context and a window of
    their own. A visitor dwells most of the time, so two workers a core are not too many. A browser that
    crashes or hangs is killed and replaced, and its visitor reported as failed. Nothing started here outlives
    this call or this process, however it ends.

    Args:
        jobs: the visits, begun in this order.
        site_url: where the site answers, such as `http://127.0.0.1:8000`. Browsers reach no other host.
        brain: decides; it stays in this process and is called from the caller's thread only.
        ticket_for: signs the ticket of a job, when its visit begins.
        n_workers: browsers at a time; on a Grid, no more than it has.
        on_done: told of every visit begun, from the caller's thread.
        stop: once set, no visit begins; those begun get `limits.stop_s` to end, and are reported.
        browser: which browser; found by `find_browser` by default.
        limits: when a browser counts as hung or worn.
        grid_url: a Selenium Grid whose browsers are used in place of this machine's. They must reach the site
            at `site_url`.
        display: windows, slow motion and screenshots for people who want to see the visits.

    Raises:
        BrowserNotFoundError: there is no browser on this machine, or no screen for its windows.
        GridError: the Grid does not answer, or has no browser.
        BrowserStartError: browsers do not start.
    """
    if n_workers < 1:
        raise ValueError(f"n_workers is {n_workers}; visits need at least 1 worker")
    source = _source(browser, grid_url, is_headed=display.is_headed)
    if not jobs:
        return
    with RunFolder() as run_folder:
        runner = _Runner(
            jobs=jobs,
            run_folder=run_folder,
            source=source,
            site_url=site_url,
            brain=brain,
            ticket_for=ticket_for,
            n_workers=n_workers if source.grid is None else min(n_workers, source.grid.n_slots),
            on_done=on_done,
            stop=stop,
            limits=_with_pauses(limits, display),
            display=display,
        )
        try:
            runner.run()
        finally:
            runner.kill_all()


def _source(browser: BrowserPaths | None, grid_url: str | None, *, is_headed: bool) -> BrowserSource:
    """The Grid named; else the browser named; else the one that is found."""
    if grid_url is not None:
        return BrowserSource(None, ask_grid(grid_url))
    return BrowserSource(find_browser(is_headed=is_headed) if browser is None else browser)


def _with_pauses(limits: BrowserLimits, display: BrowserDisplay) -> BrowserLimits:
    """Slow motion is no reason to take a visit for hung."""
    return replace(limits, visit_s=limits.visit_s + _MOST_PAUSES * display.slow_motion_s)


class _Runner:
    """The loop that gives visits to workers, answers their questions and replaces those that fail."""

    def __init__(
        self,
        *,
        jobs: Sequence[VisitJob],
        run_folder: RunFolder,
        source: BrowserSource,
        site_url: str,
        brain: Brain,
        ticket_for: Callable[[VisitJob], str],
        n_workers: int,
        on_done: Callable[[VisitResult], None],
        stop: threading.Event,
        limits: BrowserLimits,
        display: BrowserDisplay,
    ) -> None:
        self._waiting = deque(jobs)
        self._run_folder = run_folder
        self._source = source
        self._site_url = site_url
        self._brain = brain
        self._ticket_for = ticket_for
        self._n_workers = n_workers
        self._on_done = on_done
        self._stop = stop
        self._limits = limits
        self._display = display
        self._workers: list[Worker] = []
        self._is_stopping = False
        self._n_started = 0
        self._n_begun = 0
        self._n_failed_starts = 0

    def run(self) -> None:
        """Loop until every visit is over."""
        while self._has_visits_to_begin() or any(worker.visit for worker in self._workers):
            self._hire()
            heard = wait([worker.channel.connection for worker in self._workers], _GLANCE_S)
            for worker in [worker for worker in self._workers if worker.channel.connection in heard]:
                self._hear(worker)
            self._heed_stop()
            self._kill_overdue()

    def kill_all(self) -> None:
        """End every worker."""
        while self._workers:
            self._workers.pop().kill()

    def _has_visits_to_begin(self) -> bool:
        return bool(self._waiting) and not self._stop.is_set()

    def _hire(self) -> None:
        """Have as many workers as there is work for."""
        if not self._has_visits_to_begin():
            return
        n_wanted = min(
            self._n_workers, len(self._waiting) + sum(worker.visit is not None for worker in self._workers)
        )
        while len(self._workers) < n_wanted:
            self._n_started += 1
            self._workers.append(
                Worker(
                    self._run_folder,
                    self._n_started,
                    source=self._source,
                    site_url=self._site_url,
                    limits=self._limits,
                    display=self._display,
                )
            )

    def _hear(self, worker: Worker) -> None:
        try:
            message = worker.channel.receive()
            answer = self._answer(worker, message)
            if answer is not None:
                worker.channel.send(answer)
        except (EOFError, OSError):
            self._replace(worker, worker.last_words())

    def _answer(self, worker: Worker, message: Message) -> Message | None:
        match message:
            case Ready():
                self._n_failed_starts = 0
                worker.be_ready(message.session_id)
                self._give_visit(worker)
            case VisitOver():
                self._end_visit(worker, message)
            case _ if isinstance(message, Question):
                assert worker.visit is not None
                if isinstance(message, VisitLeft) and not self._is_stopping:
                    worker.allow_next_visit()
                return decide(self._brain, worker.visit.job.visitor, message)
            case _:
                raise AssertionError(f"a worker says {message!r}, which only the runner says")
        return None

    def _give_visit(self, worker: Worker) -> None:
        if self._has_visits_to_begin() and worker.is_idle:
            job = self._waiting.popleft()
            is_photographed = self._display.is_photographed(self._n_begun)
            self._n_begun += 1
            worker.begin_visit(job, self._ticket_for(job), is_photographed=is_photographed)

    def _end_visit(self, worker: Worker, over: VisitOver) -> None:
        result = worker.end_visit(over.n_clicks, over.n_plays, over.error, over.labels)
        if over.is_browser_well and not worker.is_worn:
            self._give_visit(worker)
        if worker.visit is None:
            self._dismiss(worker)
        self._on_done(result)

    def _heed_stop(self) -> None:
        if self._stop.is_set() and not self._is_stopping:
            self._is_stopping = True
            for worker in self._workers:
                worker.hurry()

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for worker in [worker for worker in self._workers if worker.deadline < now]:
            self._replace(worker, self._why_overdue(worker))

    def _why_overdue(self, worker: Worker) -> str:
        if self._is_stopping:
            return f"the visit was not over {self._limits.stop_s:g} s after the run was stopped"
        if worker.is_ready:
            return f"the visit was not over within {self._limits.visit_s:g} s; its browser was killed"
        return f"the browser was not up within {self._limits.start_s:g} s of its start; it was killed"

    def _replace(self, worker: Worker, reason: str) -> None:
        """Lose a worker that failed; `_hire` starts another while there is work."""
        if not worker.is_ready:
            self._n_failed_starts += 1
        result = None if worker.visit is None else worker.end_visit(0, 0, reason)
        self._dismiss(worker)
        if result is not None:
            self._on_done(result)
        if self._n_failed_starts >= _MOST_FAILED_STARTS:
            self._give_up(reason)

    def _give_up(self, reason: str) -> None:
        for worker in [worker for worker in self._workers if worker.visit is not None]:
            result = worker.end_visit(0, 0, "no browser starts any more")
            self._dismiss(worker)
            self._on_done(result)
        raise BrowserStartError(
            f"{self._source} did not start {_MOST_FAILED_STARTS} times in a row ({reason}); "
            + (
                "look at its hub and nodes"
                if self._source.grid is not None
                else "run `funflix doctor`, or name another browser in FUNFLIX_BROWSER"
            )
        )

    def _dismiss(self, worker: Worker) -> None:
        self._workers.remove(worker)
        worker.kill()
