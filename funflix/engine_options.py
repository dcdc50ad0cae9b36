"""How the visits of a run are made to order: from whose browsers, at what pace, and what is seen of them.

None of it changes what visitors decide, so a run may be resumed with other options than it was begun with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from funflix.errors import SetupError
from funflix.simulation import ENGINES
from simulator.engines import (
    BrowserDisplay,
    GridError,
    LatencyLog,
    Workers,
    ask_grid,
    find_browser,
    run_browser_visits,
    run_http_visits,
)
from simulator.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from simulator.engines.vector_workers import Backend
    from simulator.jobs import VisitEngine

_HEADED_WORKERS = 1


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What a command was asked for.

    Args:
        grid_url: a Selenium Grid whose browsers visit; None takes this machine's.
        is_headed: open windows to watch.
        slow_motion_s: pause of a browser's visitor before each step, real seconds.
        screenshot_every: keep screenshots of every so many visits in browsers; 0 only of failed ones.
        rate_per_s: visits by HTTP that begin in a second, whatever the site does; None: when others are over.
        backend: who makes the parts of a lake: processes of this machine, or workers of a cluster; None
            is this machine.
        scheduler: address of that cluster; None starts local workers of it.
    """

    grid_url: str | None = None
    is_headed: bool = False
    slow_motion_s: float = 0.0
    screenshot_every: int = 0
    rate_per_s: float | None = None
    backend: Backend | None = None
    scheduler: str | None = None

    def require_use(self, engines: Mapping[str, int]) -> None:
        """Check that the run has a use for every option given.

        Raises:
            SetupError: an option is for an engine that makes no visit of this run.
        """
        of_browsers = {
            "--grid": self.grid_url,
            "--headed": self.is_headed,
            "--slow-motion": self.slow_motion_s,
            "--screenshots": self.screenshot_every,
        }
        for engine, options in (("browser", of_browsers), ("http", {"--rate": self.rate_per_s})):
            given = [name for name, value in options.items() if value]
            if given and not engines.get(engine):
                others = " and ".join(name for name, count in engines.items() if count)
                raise SetupError(
                    f"{given[0]} is for engine {engine!r}, and this run has {others!r}; leave it out"
                )

    def require_use_by_vector(self, *, has_lake: bool, n_workers: int | None) -> None:
        """Check that options of the vector engine are given to a run that has a use for them.

        Args:
            has_lake: whether the run's events are Parquet files.
            n_workers: as asked for.

        Raises:
            SetupError: it has none.
        """
        given = {"--backend": self.backend, "--scheduler": self.scheduler}
        for name, value in given.items():
            if value and not has_lake:
                raise SetupError(
                    f"{name} {value!r} is for runs of --engine vector --output parquet; leave it out"
                )
        if self.scheduler and self.backend not in {"dask", "ray"}:
            raise SetupError(f"--scheduler {self.scheduler!r}: whose? name it by --backend dask or ray")
        if self.backend is not None:
            require_installed(self.backend)
        if has_lake or n_workers is None:
            return
        raise SetupError(
            f"--workers {n_workers}: the vector engine writes the event log by one process; leave it out, or "
            "add --output parquet"
        )

    def require_browser(self, engines: Mapping[str, int]) -> None:
        """Check that there is a browser to visit with, or get one.

        Raises:
            BrowserNotFoundError: browsers of this machine make visits, and there is none.
        """
        if engines.get("browser") and self.grid_url is None:
            find_browser(is_headed=self.is_headed)

    def vector_workers(self, n_workers: Mapping[str, int]) -> Workers:
        """Who makes the parts of a run into a lake."""
        return Workers(n_workers["vector"], self.backend or "loky", self.scheduler)

    def n_workers(self, by_default: Mapping[str, int], asked: int | None) -> dict[str, int]:
        """How many visits each engine makes at a time: as asked, else what suits the options.

        Raises:
            SetupError: the Grid does not answer, or has no browser.
        """
        counts = {name: asked or count for name, count in by_default.items()}
        if self.grid_url is not None:
            try:
                n_slots = ask_grid(self.grid_url).n_slots
            except GridError as error:
                raise SetupError(f"--{error}") from error
            counts["browser"] = min(asked or n_slots, n_slots)
        elif self.is_headed and asked is None:
            counts["browser"] = _HEADED_WORKERS  # who watches sees one window at a time
        return counts

    def engines(self, *, screenshot_folder: Path, latencies: LatencyLog) -> dict[str, VisitEngine]:
        """The engines, made to order."""
        display = BrowserDisplay(
            is_headed=self.is_headed,
            slow_motion_s=self.slow_motion_s,
            screenshot_folder=screenshot_folder,
            screenshot_every=self.screenshot_every,
        )
        return {
            **ENGINES,
            "browser": partial(run_browser_visits, grid_url=self.grid_url, display=display),
            "http": partial(run_http_visits, rate_per_s=self.rate_per_s, latencies=latencies),
        }


def require_installed(backend: Backend) -> None:
    """Check that a backend's library is there, before anything begins that nobody could complete.

    Raises:
        SetupError: it is not; the message names its extra.
    """
    try:
        Workers(backend=backend).require_installed()
    except MissingExtraError as error:
        raise SetupError(str(error)) from error
