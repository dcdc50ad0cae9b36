"""Browser and http engine are two speeds of one population: on the real site they leave the same rows."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from engine_world import SEED, hashing_clients, make_visits, rows_of, site_serving, two_variants, world_truth

from simulator.behaviour import Instrumentation, Mind, Persona, Population, Visitors, draw_visitors
from simulator.engines import BrowserNotFoundError, find_browser, run_browser_visits, run_http_visits
from simulator.jobs import VisitEngine, VisitResult

pytestmark = pytest.mark.browser
N_VISITORS = 100 if os.environ.get("FUNFLIX_SOAK") == "full" else 16
CLICKS = "SELECT visitor_id, surface, position, movie_id, variant, simulated_at FROM counted_clicks"
PLAYS = "SELECT visitor_id, movie_id, watch_s, is_completed, simulated_at FROM counted_plays"
VIEWED = "SELECT visitor_id, surface, position, movie_id FROM impression_outcomes"


@dataclass(frozen=True)
class World:
    """The real site on a free port, its event log, and a population that clicks often."""

    url: str
    log_path: Path
    mind: Mind
    visitors: Visitors

    def visit(self, engine: VisitEngine, run_id: str) -> list[VisitResult]:
        """Have all visitors visit."""
        return make_visits(engine, self.visitors, self.mind, self.url, run_id)

    def rows(self, sql: str, run_id: str, *, where: str = "TRUE") -> list[tuple[object, ...]]:
        """What the event log holds of a run, in order."""
        return rows_of(self.log_path, sql, run_id, where=where)


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """Most of its visitors click, that 16 of them leave rows to compare; or those of a parameter."""
    population, n_visitors = getattr(request, "param", (Population(), N_VISITORS))
    truth = world_truth(population)
    mind = Mind(population, truth, seed=SEED, outside_option=-0.5)
    visitors = draw_visitors(population, truth, n_visitors=n_visitors, seed=SEED)
    experiment, log_path = two_variants("engines"), tmp_path / "events.db"
    with site_serving(experiment, hashing_clients(experiment), log_path) as url:
        yield World(url, log_path, mind, visitors)


@pytest.mark.soak
def test_browser_and_http_engine_leave_the_same_rows(world: World) -> None:
    """100 visitors in each in the soak, 16 here: clicks and plays are equal row by row, with their times."""
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    world.visit(run_http_visits, "by-http")
    world.visit(run_browser_visits, "by-browser")
    clicks, plays = world.rows(CLICKS, "by-http"), world.rows(PLAYS, "by-http")
    assert len(clicks) >= 10
    assert len(plays) >= 3
    assert world.rows(CLICKS, "by-browser") == clicks
    assert world.rows(PLAYS, "by-browser") == plays
    served = world.rows(VIEWED, "by-http")
    assert world.rows(VIEWED, "by-browser") == served
    viewed = world.rows(VIEWED, "by-http", where="is_viewed")
    # A page left within a second is viewed by nobody; a busy machine may keep a real one open for longer.
    assert set(viewed) <= set(world.rows(VIEWED, "by-browser", where="is_viewed"))


DIRTY = msgspec.structs.replace(
    Population(),
    instrumentation=Instrumentation(beacon_loss=0.4, double_click_share=0.6),
    personas=(
        Persona(name="somebody", weight=3.0),
        Persona(name="crawler", is_bot=True, is_logged_out=True, bot_pages=2),
    ),
)


@pytest.mark.parametrize("world", [(DIRTY, 8)], indirect=True)
def test_browser_and_http_engine_make_the_same_errors(world: World) -> None:
    """8 visitors in each, one seed: names, clicks, refused second clicks, and what is labelled as lost."""
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    by_http = world.visit(run_http_visits, "by-http")
    by_browser = world.visit(run_browser_visits, "by-browser")
    seen = "SELECT visitor_id, user_agent, is_bot, persona FROM visitors"
    refused = "SELECT event, reason, variant, n FROM refusals"
    for sql in (seen, refused, CLICKS):
        assert world.rows(sql, "by-browser") == world.rows(sql, "by-http")
        assert world.rows(sql, "by-http")
    lost = {
        (result.visitor_id, label.position, label.label, label.at_ms)
        for result in by_http
        for label in result.labels
    }
    assert {what for _, _, what, _ in lost} == {"lost-view", "doubled-click"}
    assert lost == {
        (result.visitor_id, label.position, label.label, label.at_ms)
        for result in by_browser
        for label in result.labels
    }
    unheard = {
        label.slate_id for result in by_browser for label in result.labels if label.label == "lost-view"
    }
    heard = world.rows(
        "SELECT slate_id, 0, 0, 0 FROM impressions", "by-browser", where="viewed_at IS NOT NULL"
    )
    assert heard
    assert not unheard & {slate_id for slate_id, *_ in heard}
