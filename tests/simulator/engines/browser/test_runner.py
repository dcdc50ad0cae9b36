import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.behaviour import BehaviourError, Look, Moment, Visitor, Watch
from simulator.engines.browser import BrowserLimits, BrowserPaths, BrowserStartError, run_browser_visits
from simulator.engines.http import run_http_visits
from simulator.jobs import VisitEngine, VisitJob, VisitResult

pytestmark = pytest.mark.browser
Recorded = dict[str, list[dict[str, Any]]]
# A page takes a tenth of a second; a busy machine gets a hundred times that before a test takes it for hung.
PATIENT = BrowserLimits(page_s=10.0, visit_s=40.0)
ARRIVAL_MS = 1_700_000_000_000


class TablesBrain:
    """Decides by the visitor's number: 0 looks, 1 clicks, 2 clicks twice; both play. 3 glances and clicks."""

    def look(self, visitor: Visitor, movie_ids: Sequence[int], moment: Moment) -> Look:
        """Look by the visitor's number."""
        kind = visitor.index % 4
        position = 1 + (visitor.index + moment.depth + int(moment.spent_s) + movie_ids[0]) % len(movie_ids)
        most_clicks = (0, 1, 2, 1)[kind]
        return Look(0.4 if kind == 3 else 2.25 + kind, position if moment.depth < most_clicks else None)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:  # noqa: ARG002 - at any time
        """Watch unless one only glances."""
        if visitor.index % 4 == 3:
            return None
        return Watch(60.5 + movie_id / 7, visitor.index % 8 == 1)

    def detour(self, visitor: Visitor, moment: Moment) -> None:
        """Never."""

    def sign_in(self, visitor: Visitor) -> None:
        """Never by hand."""

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:  # noqa: ARG002 - all go by the link
        """By the link home."""
        return False

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> None:
        """Never again."""


@dataclass
class LookingBrain:
    """Nobody clicks; `on_look` happens when a visitor looks."""

    on_look: Callable[[Visitor], None] = field(default=lambda _: None)

    def look(
        self,
        visitor: Visitor,
        movie_ids: Sequence[int],  # noqa: ARG002 - nothing interests them
        moment: Moment,  # noqa: ARG002 - as above
    ) -> Look:
        """Glance and go."""
        self.on_look(visitor)
        return Look(0.1, None)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:  # noqa: ARG002
        """Never."""
        return None

    def detour(self, visitor: Visitor, moment: Moment) -> None:
        """Never."""

    def sign_in(self, visitor: Visitor) -> None:
        """Never by hand."""

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:  # noqa: ARG002 - all go by the link
        """By the link home."""
        return False

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> None:
        """Never again."""


def jobs_of(n_visitors: int) -> list[VisitJob]:
    return [
        VisitJob(Visitor(index, f"visitor-{index:03d}", "anybody", None, ARRIVAL_MS + index * 1000), 1)
        for index in range(n_visitors)
    ]


def collect(engine: VisitEngine, site_url: str, prefix: str, n_visitors: int) -> dict[str, VisitResult]:
    """Results by visitor; the visitors are known to the site under the prefix."""
    results: list[VisitResult] = []
    engine(
        jobs_of(n_visitors),
        site_url=site_url,
        brain=TablesBrain(),
        ticket_for=lambda job: f"{prefix}-{job.visitor.index:03d}",
        n_workers=2,
        on_done=results.append,
        stop=threading.Event(),
    )
    assert len(results) == n_visitors
    return {result.visitor_id: result for result in results}


def without_prefix(rows: list[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    return [{name: str(value).removeprefix(f"{prefix}-") for name, value in row.items()} for row in rows]


def test_browser_and_http_visits_leave_the_same_clicks_and_plays(
    site_url: str, recorded: Callable[[str], Recorded]
) -> None:
    """The small site's slates depend on the ticket's number alone, so equal behaviour gives equal rows."""
    by_browser = collect(run_browser_visits, site_url, "number-b", 8)
    by_http = collect(run_http_visits, site_url, "number-h", 8)
    browser_rows, http_rows = recorded("number-b"), recorded("number-h")
    for table, n_rows in (("clicks", 8), ("plays", 4)):
        rows = without_prefix(browser_rows[table], "number-b")
        assert len(rows) == n_rows
        assert rows == without_prefix(http_rows[table], "number-h")
    # A page left within a second is viewed by nobody; a busy machine may keep a real one open for longer.
    assert {view["token"].removeprefix("number-b") for view in browser_rows["views"]} >= {
        view["token"].removeprefix("number-h") for view in http_rows["views"]
    }
    assert [(id_, by_browser[id_].n_clicks, by_browser[id_].n_plays) for id_ in sorted(by_browser)] == [
        (id_, by_http[id_].n_clicks, by_http[id_].n_plays) for id_ in sorted(by_http)
    ]
    assert {result.status for result in by_browser.values()} == {"done"}


def run(
    site_url: str,
    jobs: Sequence[VisitJob],
    *,
    faults: dict[int, str] | None = None,
    stop: threading.Event | None = None,
    on_look: Callable[[Visitor], None] = lambda _: None,
    n_workers: int = 1,
    browser: BrowserPaths | None = None,
    limits: BrowserLimits = PATIENT,
) -> list[VisitResult]:
    """The results in order of their end. Each fault is asked of the site in the ticket of that visitor."""
    results: list[VisitResult] = []
    run_browser_visits(
        jobs,
        site_url=site_url,
        brain=LookingBrain(on_look),
        ticket_for=lambda job: job.visitor.visitor_id + (faults or {}).get(job.visitor.index, ""),
        n_workers=n_workers,
        on_done=results.append,
        stop=threading.Event() if stop is None else stop,
        browser=browser,
        limits=limits,
    )
    return results


def test_a_visit_that_the_site_fails_is_reported_and_the_others_are_made(site_url: str) -> None:
    results = run(site_url, jobs_of(3), faults={1: ".error"})
    assert [result.status for result in results] == ["done", "failed", "done"]
    assert results[1].error is not None
    assert "expected the page 'home'" in results[1].error


def test_a_hung_page_fails_its_visit_and_a_new_browser_goes_on(site_url: str) -> None:
    limits = BrowserLimits(page_s=3.0, visit_s=40.0)
    results = run(site_url, jobs_of(3), faults={1: ".hang"}, limits=limits)
    assert [result.status for result in results] == ["done", "failed", "done"]
    assert results[1].error is not None
    assert results[1].error.startswith("TimeoutException")


def test_a_visit_that_takes_too_long_is_ended(site_url: str) -> None:
    limits = BrowserLimits(page_s=30.0, visit_s=2.0)
    results = run(site_url, jobs_of(1), faults={0: ".hang"}, limits=limits)
    assert [(result.status, result.error) for result in results] == [
        ("failed", "the visit was not over within 2 s; its browser was killed")
    ]


def test_a_killed_browser_fails_its_visit_and_is_replaced(site_url: str) -> None:
    def kill_browser(visitor: Visitor) -> None:
        if visitor.index == 1:
            for pid in browsers_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    results = run(site_url, jobs_of(3), on_look=kill_browser)
    assert [result.status for result in results] == ["done", "failed", "done"]


def test_a_killed_worker_fails_its_visit_and_is_replaced(site_url: str) -> None:
    def kill_worker(visitor: Visitor) -> None:
        if visitor.index == 0:
            for pid in workers_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    results = run(site_url, jobs_of(2), on_look=kill_worker)
    assert [result.status for result in results] == ["failed", "done"]


def test_a_brain_that_cannot_decide_fails_that_visit_only(site_url: str) -> None:
    def hesitate(visitor: Visitor) -> None:
        if visitor.index == 0:
            raise BehaviourError("no truth about film 9")

    results = run(site_url, jobs_of(2), on_look=hesitate)
    assert [(result.status, result.error) for result in results] == [
        ("failed", "no truth about film 9"),
        ("done", None),
    ]


def test_a_worn_browser_is_replaced_by_a_new_one(site_url: str) -> None:
    seen: list[int] = []
    run(
        site_url,
        jobs_of(3),
        on_look=lambda _: seen.extend(workers_of(os.getpid())),
        limits=BrowserLimits(n_visits=2),
    )
    first, second, third = seen
    assert first == second != third


def test_no_visit_begins_once_stop_is_set(site_url: str) -> None:
    stop = threading.Event()
    results = run(site_url, jobs_of(5), stop=stop, on_look=lambda visitor: visitor.index == 1 and stop.set())
    assert [result.visitor_id for result in results] == ["visitor-000", "visitor-001"]
    assert {result.status for result in results} == {"done"}


def test_a_hung_visit_does_not_hold_up_a_stopped_run(site_url: str) -> None:
    """The page would hang for 60 s and fail by its own limit; the run is stopped as both visits begin."""
    stop, results = threading.Event(), []
    begun: set[str] = set()

    def ticket_for(job: VisitJob) -> str:
        begun.add(job.visitor.visitor_id)
        if len(begun) == 2:
            stop.set()
        return f"{job.visitor.visitor_id}.hang"

    run_browser_visits(
        jobs_of(2),
        site_url=site_url,
        brain=LookingBrain(),
        ticket_for=ticket_for,
        n_workers=2,
        on_done=results.append,
        stop=stop,
        limits=BrowserLimits(page_s=50.0, stop_s=0.5),
    )
    assert {result.visitor_id for result in results} == begun
    assert len(results) == 2
    assert all(result.error and "after the run was stopped" in result.error for result in results)


def test_a_browser_that_never_starts_is_an_error_that_says_why(
    site_url: str, browser_paths: BrowserPaths, tmp_path: Path
) -> None:
    no_browser = tmp_path / "no-browser"
    no_browser.write_text("#!/bin/sh\nexit 1\n")
    no_browser.chmod(0o755)
    with pytest.raises(
        BrowserStartError, match=r"no-browser.*did not start 3 times in a row \(.*session not created"
    ):
        run(site_url, jobs_of(3), n_workers=3, browser=BrowserPaths(no_browser, browser_paths.driver))


def processes() -> list[tuple[int, int, int, str]]:
    """(pid, parent, session, command line) of every live process."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                status = (process / "stat").read_text().rpartition(")")[2].split()
                command = (process / "cmdline").read_text()
            except OSError:
                continue
            found.append((int(process.name), int(status[1]), int(status[3]), command))
    return found


def workers_of(runner: int) -> list[int]:
    return [pid for pid, parent, _, line in processes() if parent == runner and "browser.worker" in line]


def browsers_of(runner: int) -> list[int]:
    """What runs in the workers' sessions and is a browser: no worker and no driver."""
    workers = workers_of(runner)
    return [
        pid
        for pid, _, session, command in processes()
        if session in workers and pid not in workers and "chromedriver" not in command.split("\0")[0]
    ]
