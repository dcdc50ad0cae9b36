"""Worker processes as the runner sees them: started, given a visit, killed with all of their browser."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from simulator.engines.browser import guardian
from simulator.engines.browser.display import BrowserDisplay
from simulator.engines.browser.finding import BrowserPaths
from simulator.engines.browser.grid import Grid
from simulator.engines.browser.messages import Begin, Channel, MakeVisit
from simulator.engines.browser.run_folder import RunFolder
from simulator.instruments import EventLabel
from simulator.jobs import VisitJob, VisitResult

_WORKER_MODULE = "simulator.engines.browser.worker"
_LOG_NAME = "worker.log"


@dataclass(frozen=True, slots=True)
class BrowserLimits:
    """When a browser counts as hung, and when as worn.

    Args:
        start_s: from the start of a worker process to a browser that can be driven.
        page_s: loading of one page; also of one script in it.
        visit_s: one whole visit; a visitor who comes back has as long again.
        stop_s: what is left of a visit once the run is stopped.
        n_visits: visits after which a browser is replaced by a new one, for browsers grow.
    """

    start_s: float = 60.0
    page_s: float = 20.0
    visit_s: float = 90.0
    stop_s: float = 10.0
    n_visits: int = 50


@dataclass(frozen=True, slots=True)
class BrowserSource:
    """Where the browsers of a run come from: this machine, or a Grid.

    Args:
        paths: this machine's; None on a Grid.
        grid: None on this machine.
    """

    paths: BrowserPaths | None
    grid: Grid | None = None

    def __str__(self) -> str:
        if self.grid is not None:
            return f"a browser of the grid {self.grid.url!r}"
        assert self.paths is not None, "one of the two is given"
        return f"{str(self.paths.browser)!r} under {str(self.paths.driver)!r}"


@dataclass(frozen=True, slots=True)
class BegunVisit:
    """The visit a worker is making."""

    job: VisitJob
    began: float


class Worker:
    """One worker process and its browser, from start to kill.

    Args:
        run_folder: where its folder is made, and whose guardian ends it if the runner cannot.
        number: unique in the run; names the folder.
        source: where its browser comes from.
        site_url: the site its visitors come to.
        limits: when it counts as hung.
        display: what there is to see of its visits.
    """

    def __init__(
        self,
        run_folder: RunFolder,
        number: int,
        *,
        source: BrowserSource,
        site_url: str,
        limits: BrowserLimits,
        display: BrowserDisplay,
    ) -> None:
        self._run_folder = run_folder
        self._source = source
        self._session_url: str | None = None
        self._limits = limits
        self._folder = run_folder.path / f"worker-{number}"
        self._folder.mkdir()
        self.is_ready = False
        self.visit: BegunVisit | None = None
        self.n_visits = 0
        self.deadline = time.monotonic() + limits.start_s
        self._process, self.channel = _start_process(self._folder)
        # In this order: an unguarded worker has no browser yet, and ends when the runner does.
        run_folder.guard(self._process.pid)
        with suppress(BrokenPipeError):  # died at once; whoever waits for its answer will notice
            self.channel.send(self._begin(site_url, display))

    @property
    def is_idle(self) -> bool:
        """Whether it can be given a visit."""
        return self.is_ready and self.visit is None and not self.is_worn

    @property
    def is_worn(self) -> bool:
        """Whether its browser has made all the visits it should."""
        return self.n_visits >= self._limits.n_visits

    def be_ready(self, session_id: str) -> None:
        """Note that the browser is up, under this session."""
        if self._source.grid is not None:
            self._session_url = self._source.grid.session_url(session_id)
            self._run_folder.guard(self._session_url)
        self.is_ready = True
        self.deadline = float("inf")

    def hurry(self) -> None:
        """Allow the visit, if any, no more than the time of a stopped run."""
        self.deadline = min(self.deadline, time.monotonic() + self._limits.stop_s)

    def allow_next_visit(self) -> None:
        """Count the time from now: the visitor under way has left, and may come back."""
        self.deadline = time.monotonic() + self._limits.visit_s

    def begin_visit(self, job: VisitJob, ticket: str, *, is_photographed: bool) -> None:
        """Send the visitor of `job` to the site."""
        began = time.monotonic()
        self.visit = BegunVisit(job, began)
        self.n_visits += 1
        self.deadline = began + self._limits.visit_s
        visitor = job.visitor
        with suppress(BrokenPipeError):  # as in the constructor
            self.channel.send(
                MakeVisit(
                    visitor_index=visitor.index,
                    visitor_id=visitor.visitor_id,
                    persona=visitor.persona,
                    user_id=visitor.user_id,
                    arrival_ms=visitor.arrival_ms,
                    attempt=job.attempt,
                    ticket=ticket,
                    is_photographed=is_photographed,
                    instruments=job.instruments,
                )
            )

    def end_visit(
        self, n_clicks: int, n_plays: int, error: str | None, labels: tuple[EventLabel, ...] = ()
    ) -> VisitResult:
        """Note that the visit is over, and how."""
        assert self.visit is not None
        (job, began), self.visit = (self.visit.job, self.visit.began), None
        self.deadline = float("inf")
        seconds = time.monotonic() - began
        return VisitResult(
            visitor_id=job.visitor.visitor_id,
            attempt=job.attempt,
            status="done" if error is None else "failed",
            error=error,
            n_clicks=n_clicks,
            n_plays=n_plays,
            seconds=seconds,
            labels=labels,
        )

    def last_words(self) -> str:
        """The last line the worker wrote to its log: why it died, if it could say."""
        with suppress(OSError):
            lines = (self._folder / _LOG_NAME).read_text(errors="replace").strip().splitlines()
            if lines:
                return _reason(lines)
        return "the worker process was killed"

    def kill(self) -> None:
        """End the worker with every process of its browser, at once, and remove what they wrote."""
        guardian.end_group(self._process.pid)
        self._process.wait()
        self._run_folder.release(self._process.pid)
        if self._session_url is not None:
            guardian.end_session(self._session_url)
            self._run_folder.release(self._session_url)
        self.channel.close()
        guardian.remove_folder(str(self._folder), deadline_s=2.0)

    def _begin(self, site_url: str, display: BrowserDisplay) -> Begin:
        paths, grid, folder = self._source.paths, self._source.grid, display.screenshot_folder
        return Begin(
            browser="" if paths is None else str(paths.browser),
            driver="" if paths is None else str(paths.driver),
            grid_url=None if grid is None else grid.url,
            folder=str(self._folder),
            site_url=site_url,
            page_timeout_s=self._limits.page_s,
            start_timeout_s=self._limits.start_s,
            is_headed=display.is_headed,
            slow_motion_s=display.slow_motion_s,
            screenshot_folder=None if folder is None else str(folder),
        )


def _reason(lines: list[str]) -> str:
    # A WebDriver error ends in a native stack trace; its reason stands in the line that names the exception.
    named = [line for line in lines if "Error:" in line or "Exception:" in line]
    return (named or lines)[-1].strip()


def _start_process(folder: Path) -> tuple[subprocess.Popen[bytes], Channel]:
    ours, theirs = socket.socketpair()
    with theirs, (folder / _LOG_NAME).open("wb") as log:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", _WORKER_MODULE, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return process, Channel(Connection(ours.detach()))
