import re
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.behaviour import Mind, Moment
from simulator.engines.http import run_http_visits
from simulator.jobs import VisitJob, VisitResult


@pytest.fixture
def eager(world: SimpleNamespace) -> Mind:
    """A mind that clicks often: half of the small world's visitors click."""
    return world.mind.with_outside_option(1.0)


def visit_all(
    site: SimpleNamespace,
    mind: Mind,
    jobs: list[VisitJob],
    *,
    n_workers: int = 4,
    stop: threading.Event | None = None,
    on_done: Callable[[VisitResult], None] | None = None,
    timeout_s: float = 20.0,
) -> list[VisitResult]:
    results: list[VisitResult] = []
    run_http_visits(
        jobs,
        site_url=site.url,
        brain=mind,
        ticket_for=lambda job: job.visitor.visitor_id,
        n_workers=n_workers,
        on_done=on_done or results.append,
        stop=stop or threading.Event(),
        timeout_s=timeout_s,
    )
    return results


def jobs_of(world: SimpleNamespace, n_visitors: int) -> list[VisitJob]:
    return [VisitJob(visitor, 1) for visitor in list(world.visitors)[:n_visitors]]


def test_every_visitor_does_what_their_mind_decides(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    """60 visitors in 4 threads; clicks and plays on the site equal the decisions taken without it."""
    results = visit_all(small_site, eager, jobs_of(world, 60))
    assert {result.status for result in results} == {"done"}
    clicks, plays = decided(world, small_site, eager, 60)
    assert len(clicks) > 20
    assert len(plays) > 5
    assert {tuple(token.split("|")[:4]) for token, _ in small_site.clicks} == clicks
    assert {row[:4] for row in small_site.plays} == plays
    assert sum(result.n_clicks for result in results) == len(small_site.clicks) == len(clicks)
    assert sum(result.n_plays for result in results) == len(small_site.plays) == len(plays)


def decided(
    world: SimpleNamespace, site: SimpleNamespace, mind: Mind, n_visitors: int
) -> tuple[set[Any], set[Any]]:
    """Clicks and plays as the mind decides them on the site's slates, without the visit script."""
    clicks, plays = set(), set()
    for visitor in list(world.visitors)[:n_visitors]:
        surface, film, spent_s, n_clicks = "home", 0, 0.0, 0
        while True:
            slate = site.slate(visitor.visitor_id, surface, film)
            moment = Moment(visitor.arrival_ms, depth=n_clicks, spent_s=spent_s)
            look = mind.look(visitor, slate, moment)
            spent_s += look.dwell_s
            if look.chosen_position is None:
                break
            film = slate[look.chosen_position - 1]
            clicks.add((surface, visitor.visitor_id, str(look.chosen_position), str(film)))
            surface, n_clicks = "film", n_clicks + 1
        watch = mind.watch(visitor, film, moment) if n_clicks else None
        if watch is not None:
            plays.add((visitor.visitor_id, str(film), watch.watch_s, watch.is_completed))
    return clicks, plays


def test_each_page_load_is_a_step_at_its_simulated_time(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    visit_all(small_site, eager, jobs_of(world, 60), n_workers=1)
    player = small_site.plays[0][0]
    asked = [(path, *step.split(".")) for visitor, path, step in small_site.pages if visitor == player]
    pages = [(path, step) for path, step, _ in asked if path not in {"/views", "/plays"}]
    assert pages[0] == ("/", "1")
    assert pages[-1][0] == "/"
    loads = [int(step) for path, step in pages if path != "/click"]
    assert loads == list(range(1, len(loads) + 1))
    times = [int(at_ms) for _, _, at_ms in asked]
    (arrival_ms,) = [v.arrival_ms for v in world.visitors if v.visitor_id == player]
    assert times == sorted(times)
    assert times[0] == arrival_ms


def test_all_positions_of_a_slate_looked_at_for_a_second_are_viewed_after_one(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    visit_all(small_site, eager, jobs_of(world, 40))
    tokens = {token for token, _, _ in small_site.views}
    assert {after_ms for _, _, after_ms in small_site.views} == {1000}
    home_positions: dict[str, set[str]] = {}
    for token in tokens:
        surface, visitor, position, _, _ = token.split("|")
        if surface == "home":
            home_positions.setdefault(visitor, set()).add(position)
    looked = {
        visitor.visitor_id
        for visitor in list(world.visitors)[:40]
        if eager.look(
            visitor, small_site.slate(visitor.visitor_id, "home", 0), Moment(visitor.arrival_ms)
        ).dwell_s
        >= 1
    }
    assert home_positions.keys() == looked
    assert {frozenset(positions) for positions in home_positions.values()} == {frozenset("123456")}


def test_it_passes_for_a_browser(world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind) -> None:
    visit_all(small_site, eager, jobs_of(world, 3))
    (user_agent,) = small_site.user_agents
    assert user_agent.startswith("Mozilla/5.0")
    assert "python" not in user_agent.lower()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/enter", "GET /enter: HTTP 403 'the database is on fire'; expected 303 with a Location"),
        ("/", "GET /: HTTP 403 'the database is on fire'; expected 200"),
        ("/views", "POST /views: HTTP 403 'the database is on fire'; expected 204"),
    ],
)
def test_a_wrong_answer_fails_the_visit_with_its_reason(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind, path: str, answer: str
) -> None:
    small_site.status_of[path] = 403
    (result,) = visit_all(small_site, eager, jobs_of(world, 1))
    assert (result.status, result.error, result.n_clicks) == ("failed", answer, 0)


def home(*cards: str) -> str:
    """A home page whose slate has these cards."""
    slate = "".join(f"<article {card}></article>" for card in cards)
    return f'<body data-page="home"><section data-slate="s">{slate}</section></body>'


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<html>It works!</html>", "site shows a page without data-page; the visit needs page 'home' here"),
        ('<body data-page="film">', "site shows page 'film'; the visit needs page 'home' here"),
        ('<body data-page="home">', "home page has no slate"),
        (home('data-film="ten" data-position="1" data-token="t"'), r"has a card .*'ten'.*; a card needs"),
        (home('data-film="10" data-position="2" data-token="t"'), r"positions \[2\]; they must count up"),
        (home('data-film="7" data-position="1" data-token="t"'), "film 7; the truth knows only the 200"),
    ],
)
def test_a_page_that_is_no_page_of_ours_fails_the_visit(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind, body: str, error: str
) -> None:
    small_site.body_of["/"] = body
    (result,) = visit_all(small_site, eager, jobs_of(world, 1))
    assert result.status == "failed"
    assert re.search(error, result.error or "")


def test_a_site_that_hangs_fails_the_visit_in_time(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    small_site.is_hanging = True
    (result,) = visit_all(small_site, eager, jobs_of(world, 1), timeout_s=0.2)
    assert result.status == "failed"
    assert "GET /enter: no answer" in (result.error or "")
    assert 0.2 <= result.seconds < 2


def test_a_site_that_is_not_there_fails_every_visit(world: SimpleNamespace, eager: Mind) -> None:
    nowhere = SimpleNamespace(url="http://127.0.0.1:9")
    results = visit_all(nowhere, eager, jobs_of(world, 3))
    assert [result.status for result in results] == ["failed"] * 3
    # Errors are stored, and their words must not hold the ticket.
    words = "GET /enter: no answer from 127.0.0.1:9: ConnectionError"
    assert {result.error for result in results} == {words}


def test_after_a_stop_no_visit_begins(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    """Stopped at the fifth result, one worker has made exactly five visits."""
    stop, results = threading.Event(), []

    def note(result: VisitResult) -> None:
        results.append(result)
        if len(results) == 5:
            stop.set()

    visit_all(small_site, eager, jobs_of(world, 50), n_workers=1, stop=stop, on_done=note)
    assert [result.visitor_id for result in results] == [v.visitor_id for v in list(world.visitors)[:5]]


def test_an_error_of_the_caller_ends_the_run_and_is_raised(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    n_told = 0

    def fail(result: VisitResult) -> None:
        nonlocal n_told
        n_told += 1
        raise LookupError(result.visitor_id)

    with pytest.raises(LookupError):
        visit_all(small_site, eager, jobs_of(world, 50), n_workers=2, on_done=fail)
    assert n_told <= 2


def test_an_error_in_any_worker_ends_the_others(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    """200 visits; the three other workers end the visit they are at, or one begun in the same instant."""
    told: list[str] = []

    def fail_once(result: VisitResult) -> None:
        told.append(threading.current_thread().name)
        # Not in the first worker: the engine waits for that one first.
        if len(told) >= 6 and not told[-1].endswith("_0") and "failed" not in told:
            told.append("failed")
            raise LookupError(result.visitor_id)

    with pytest.raises(LookupError):
        visit_all(small_site, eager, jobs_of(world, 200), n_workers=4, on_done=fail_once)
    assert len(told) - told.index("failed") < 20


def test_an_attempt_changes_no_decision(
    world: SimpleNamespace, small_site: SimpleNamespace, eager: Mind
) -> None:
    again = [VisitJob(job.visitor, 7) for job in jobs_of(world, 30)]
    results = visit_all(small_site, eager, again)
    assert {result.attempt for result in results} == {7}
    clicks, _ = decided(world, small_site, eager, 30)
    assert {tuple(token.split("|")[:4]) for token, _ in small_site.clicks} == clicks
