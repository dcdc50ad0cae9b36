"""Open arrivals of the http engine, and how long visitors waited."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.behaviour import Visitor
from simulator.engines.http import run_http_visits
from simulator.engines.http_arrivals import scheduled
from simulator.engines.http_latency import WHOLE_VISIT, LatencyLog
from simulator.engines.http_pages import HttpPages, open_connection
from simulator.errors import VisitError
from simulator.jobs import VisitJob, VisitResult

VISITOR = Visitor(0, "v", "anybody", None, 0)
FAR_TOO_FAST = 10_000.0


def arriving(*times_ms: int) -> list[VisitJob]:
    """A visit at each of these simulated times."""
    return [VisitJob(replace(VISITOR, index=place, arrival_ms=at), 1) for place, at in enumerate(times_ms)]


def test_arrivals_keep_their_order_and_the_proportions_of_their_gaps() -> None:
    """Gaps of 1 and 3 hours, at 0.5 visits a second: 2 gaps in 4 s, so 1 s and 3 s."""
    hour = 3_600_000
    arrivals = scheduled(arriving(4 * hour, 0, hour), rate_per_s=0.5)
    assert [arrival.job.visitor.index for arrival in arrivals] == [1, 2, 0]
    assert [arrival.due_s for arrival in arrivals] == pytest.approx([0, 1, 4])


def test_visitors_of_one_moment_are_spread_evenly() -> None:
    assert [arrival.due_s for arrival in scheduled(arriving(9, 9, 9), rate_per_s=2)] == [0, 0.5, 1]


@pytest.mark.parametrize("n_jobs", [0, 1])
def test_few_arrivals_come_at_once(n_jobs: int) -> None:
    assert [arrival.due_s for arrival in scheduled(arriving(*[5] * n_jobs), rate_per_s=2)] == [0] * n_jobs


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_is_above_0(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate above 0"):
        scheduled(arriving(1), rate_per_s=rate)


def test_a_slow_site_does_not_hold_up_arrivals(world: SimpleNamespace, small_site: SimpleNamespace) -> None:
    """The site answers nobody before all 30 have come: in a closed loop of 2 that would never be."""
    jobs = [VisitJob(visitor, 1) for visitor in list(world.visitors)[:30]]
    results: list[VisitResult] = []
    small_site.is_hanging = True
    engine = threading.Thread(
        target=run_http_visits,
        args=(jobs,),
        kwargs={
            "site_url": small_site.url,
            "brain": world.mind,
            "ticket_for": lambda job: job.visitor.visitor_id,
            "n_workers": 2,
            "on_done": results.append,
            "stop": threading.Event(),
            "rate_per_s": FAR_TOO_FAST,
        },
    )
    engine.start()
    deadline = time.monotonic() + 15
    while len(small_site.pages) < 30 and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert [path for _, path, _ in small_site.pages] == ["/enter"] * 30
    assert results == []
    small_site.hang.set()
    engine.join()
    assert [result.status for result in results] == ["done"] * 30


def test_a_stopped_schedule_ends_at_once(world: SimpleNamespace, small_site: SimpleNamespace) -> None:
    """The second visit is due in an hour; the run is stopped when the first is over."""
    stop, results = threading.Event(), []

    def note(result: VisitResult) -> None:
        results.append(result)
        stop.set()

    run_http_visits(
        [VisitJob(visitor, 1) for visitor in list(world.visitors)[:2]],
        site_url=small_site.url,
        brain=world.mind,
        ticket_for=lambda job: job.visitor.visitor_id,
        n_workers=2,
        on_done=note,
        stop=stop,
        rate_per_s=1 / 3600,
    )
    assert len(results) == 1


def test_the_first_wait_of_a_visit_counts_from_when_it_was_due(
    world: SimpleNamespace, small_site: SimpleNamespace
) -> None:
    """Due 100 s ago: the way in took 100 s, and the home page after it no more than it took."""
    log = LatencyLog()
    with open_connection() as connection:
        pages = HttpPages(
            connection, small_site.url, timeout_s=5, latencies=log, due=time.perf_counter() - 100
        )
        pages.enter(next(iter(world.visitors)).visitor_id, 0)
    waits = {row.page: row for row in log.summary()}
    assert waits["enter"].max_ms >= 100_000
    assert 0 < waits["home"].max_ms < 50_000


def test_an_answer_that_never_came_is_a_wait_too() -> None:
    log = LatencyLog()
    with open_connection() as connection, pytest.raises(VisitError):
        HttpPages(connection, "http://127.0.0.1:9", timeout_s=1, latencies=log).enter("ticket", 0)
    assert [(row.page, row.n) for row in log.summary()] == [("enter", 1)]


def test_percentiles_are_waits_that_happened() -> None:
    """1 to 100 ms: the p-th percentile is p ms by definition. The whole visit comes last."""
    log = LatencyLog()
    for wait_ms in np.random.default_rng(1).permutation(np.arange(1, 101)):
        log.add("home", wait_ms / 1000)
    log.add(WHOLE_VISIT, 60.0)
    log.add("film", 0.5)
    film, home, whole = log.summary()
    assert (film.page, whole.page) == ("film", WHOLE_VISIT)
    found = [home.n, home.p50_ms, home.p90_ms, home.p95_ms, home.p99_ms, home.max_ms]
    assert found == pytest.approx([100, 50, 90, 95, 99, 100])


def test_every_page_of_a_run_is_counted(world: SimpleNamespace, small_site: SimpleNamespace) -> None:
    log, results = LatencyLog(), []
    run_http_visits(
        [VisitJob(visitor, 1) for visitor in list(world.visitors)[:20]],
        site_url=small_site.url,
        brain=world.mind.with_outside_option(1.0),
        ticket_for=lambda job: job.visitor.visitor_id,
        n_workers=2,
        on_done=results.append,
        stop=threading.Event(),
        latencies=log,
    )
    counts = {row.page: row.n for row in log.summary()}
    assert counts.pop(WHOLE_VISIT) == len(results) == counts["enter"] == 20
    asked = [path.split("/")[1] or "home" for _, path, _ in small_site.pages]
    assert counts == {page: asked.count(page) for page in set(asked)}
    assert counts["click"] > 0
