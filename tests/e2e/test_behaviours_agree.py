"""Every click model, with memory, returns and detours: the same rows in every engine."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from engine_world import (
    SEED,
    HashingClient,
    hashing_clients,
    make_visits,
    rows_of,
    site_serving,
    two_variants,
    world_guide,
    world_storefront,
    world_truth,
)

from experiment import BulkLog
from simulator.behaviour import (
    Choice,
    Dynamics,
    Identity,
    Mind,
    Population,
    Session,
    Truth,
    draw_visitors,
)
from simulator.engines import BrowserNotFoundError, find_browser, run_browser_visits, run_http_visits
from simulator.engines.vector import VectorRun, run_vector_visits
from simulator.jobs import VisitEngine

IS_FULL = os.environ.get("FUNFLIX_SOAK") == "full"
EXPERIMENT = two_variants("behaviours")
SESSION = Session(
    return_share=0.5, return_gap_median_hours=6.0, detour_share=0.6, back_share=0.5, novelty=0.5
)
IDENTITY = Identity(profile_share=0.3)
DYNAMICS = Dynamics(satiation=1.0, repeat_exposure=0.3, taste_drift=0.5, fatigue=0.1)
POPULATIONS = {
    choice.model: Population(choice=choice, session=SESSION, dynamics=DYNAMICS, identity=IDENTITY)
    for choice in (
        Choice(model="mnl"),
        Choice(model="pbm"),
        Choice(model="cascade", examination_decay=0.95),
        Choice(model="carousel", visible_columns=2, row_length=3),
    )
}
N_VISITORS = 100 if IS_FULL else 50
CLICKS = (
    "SELECT visitor_id, simulated_at, click_id, slate_id, surface, position, movie_id, variant"
    " FROM counted_clicks"
)
PLAYS = "SELECT visitor_id, simulated_at, movie_id, watch_s, is_completed FROM counted_plays"
SHOWN = (
    "SELECT visitor_id, slate_id, surface, position, movie_id, served_at, is_viewed, is_clicked"
    " FROM impression_outcomes"
)


@dataclass(frozen=True)
class World:
    """A real site on a free port, and its event log, which holds the runs of all engines."""

    truth: Truth
    clients: dict[str, HashingClient]
    url: str
    log_path: Path

    def mind(self, population: Population) -> Mind:
        """A mind of the population that clicks often."""
        return Mind(population, self.truth, seed=SEED, outside_option=1.5, guide=world_guide())

    def visit(self, engine: VisitEngine, mind: Mind, run_id: str, *, n_visitors: int) -> None:
        """Have the first visitors visit the site."""
        visitors = draw_visitors(mind.population, mind.truth, n_visitors=n_visitors, seed=SEED)
        make_visits(engine, visitors, mind, self.url, run_id)

    def visit_at_once(self, mind: Mind, run_id: str, *, n_visitors: int) -> None:
        """Have the first visitors visit without the site, in chunks of 37."""
        with BulkLog(self.log_path) as log:
            run_vector_visits(
                draw_visitors(mind.population, mind.truth, n_visitors=n_visitors, seed=SEED),
                VectorRun(run_id, EXPERIMENT, mind, self.clients, world_storefront().popular),
                attempts={},
                record=log.record,
                on_done=lambda _: None,
                stop=threading.Event(),
                chunk_size=37,
            )

    def rows(self, sql: str, run_id: str) -> list[tuple[object, ...]]:
        """What the event log holds of a run, in order, ids of slates and clicks left out."""
        columns = [name.strip() for name in sql.removeprefix("SELECT").partition(" FROM ")[0].split(",")]
        kept = [place for place, name in enumerate(columns) if name not in {"slate_id", "click_id"}]
        return sorted(tuple(row[place] for place in kept) for row in rows_of(self.log_path, sql, run_id))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    clients, log_path = hashing_clients(EXPERIMENT), tmp_path_factory.mktemp("behaviours") / "events.db"
    with site_serving(EXPERIMENT, clients, log_path) as url:
        yield World(world_truth(Population()), clients, url, log_path)


@pytest.mark.soak
@pytest.mark.parametrize("name", POPULATIONS)
def test_http_and_vector_engine_leave_the_same_rows(world: World, name: str) -> None:
    """100 visitors of each in the soak, 50 here: slates with their times, views, clicks, plays are equal."""
    mind = world.mind(POPULATIONS[name])
    world.visit(run_http_visits, mind, f"http-{name}", n_visitors=N_VISITORS)
    world.visit_at_once(mind, f"vector-{name}", n_visitors=N_VISITORS)
    assert len(world.rows(CLICKS, f"http-{name}")) >= 10
    assert len(world.rows(PLAYS, f"http-{name}")) >= 3
    for sql in (CLICKS, PLAYS, SHOWN):
        assert world.rows(sql, f"vector-{name}") == world.rows(sql, f"http-{name}")


def _agree_in_a_browser(world: World, population: Population, name: str, *, n_visitors: int) -> None:
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    mind = world.mind(population)
    world.visit_at_once(mind, f"vector-too-{name}", n_visitors=n_visitors)
    world.visit(run_browser_visits, mind, f"browser-{name}", n_visitors=n_visitors)
    for sql in (CLICKS, PLAYS):
        assert world.rows(sql, f"browser-{name}") == world.rows(sql, f"vector-too-{name}") != []
    by_browser, by_vector = (
        [(*row[:5], row[6]) for row in world.rows(SHOWN, f"{engine}-{name}")]
        for engine in ("browser", "vector-too")
    )
    assert by_browser == by_vector
    # A page left within a second is viewed by nobody; a busy machine may keep a real one open for longer.
    viewed = [
        {row[:5] for row in world.rows(SHOWN, f"{engine}-{name}") if row[5]}
        for engine in ("browser", "vector-too")
    ]
    assert viewed[0] >= viewed[1]


@pytest.mark.browser
def test_a_browser_makes_the_same_visits_with_everything_on(world: World) -> None:
    """8 visitors, some of whom come again, look elsewhere or go back."""
    _agree_in_a_browser(world, POPULATIONS["cascade"], "cascade", n_visitors=8)


@pytest.mark.soak
@pytest.mark.browser
@pytest.mark.skipif(not IS_FULL, reason="only in the full soak; its short form is the test above")
@pytest.mark.parametrize("name", POPULATIONS)
def test_a_browser_makes_the_same_visits_of_every_population(world: World, name: str) -> None:
    """100 visitors of each."""
    _agree_in_a_browser(world, POPULATIONS[name], f"all-{name}", n_visitors=100)
