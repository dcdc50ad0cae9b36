"""Http and vector engine are two speeds of one population: one seed, the same rows, ids included."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from engine_world import (
    SEED,
    HashingClient,
    hashing_clients,
    make_visits,
    site_serving,
    two_variants,
    world_dataset,
    world_storefront,
    world_truth,
)

from experiment import BulkLog, EventLog, Experiment
from funflix.true_labels import event_labels, visitor_labels
from simulator.behaviour import (
    Identity,
    Instrumentation,
    Mind,
    Persona,
    Population,
    Session,
    Visitors,
    draw_visitors,
)
from simulator.engines import VectorRun, run_http_visits, run_vector_visits
from simulator.instruments import instruments_for
from simulator.jobs import VisitJob
from website import count_ratings

RUN_ID = "one-run"
N_VISITORS = 100
ROWS = {
    "exposures": "SELECT visitor_id, attempt, simulated_at, variant, router_claim FROM exposures",
    "visitors": (
        "SELECT visitor_id, attempt, simulated_at, user_id, persona, is_bot, n_ratings_before FROM visitors"
    ),
    "slates": (
        "SELECT visitor_id, attempt, simulated_at, slate_id, surface, variant, model, model_version,"
        " is_fallback, fallback_reason, is_known_user, propensity FROM slates"
    ),
    "impressions": (
        "SELECT visitor_id, attempt, simulated_at, slate_id, position, movie_id, served_at, viewed_at"
        " FROM impressions"
    ),
    "visitor_labels": (
        "SELECT visitor_id, attempt, simulated_at, persona, person_index, is_bot, has_ad_block"
        " FROM visitor_labels"
    ),
    "event_labels": ("SELECT slate_id, position, label, visitor_id, attempt, simulated_at FROM event_labels"),
    "refusals": "SELECT event, reason, variant, n, run_id FROM refusals",
    "impression_outcomes": (
        "SELECT visitor_id, surface, position, movie_id, is_viewed, is_clicked FROM impression_outcomes"
    ),
    "counted_clicks": (
        "SELECT visitor_id, attempt, simulated_at, click_id, slate_id, surface, position, movie_id, variant"
        " FROM counted_clicks"
    ),
    "counted_plays": (
        "SELECT visitor_id, attempt, simulated_at, play_id, movie_id, watch_s, is_completed"
        " FROM counted_plays"
    ),
    "visitor_outcomes": (
        "SELECT visitor_id, variant, exposed_at, n_slates, n_served, n_impressions, n_clicks, clicked,"
        " n_plays, watch_s, n_fallbacks, is_bot, persona, user_id, n_variants FROM visitor_outcomes"
    ),
}


def experiment_of(more: str) -> Experiment:
    """Twice as many visitors in the treatment."""
    return two_variants("engines", more=more, treatment_weight=2.0)


@dataclass(frozen=True)
class World:
    """A population that clicks often, and what its slates come from."""

    mind: Mind
    visitors: Visitors
    folder: Path

    def of(self, population: Population) -> "World":
        """The same world with other people in it."""
        return world_of(population, self.folder)

    def clients(self, experiment: Experiment) -> dict[str, HashingClient]:
        """A model for each variant; each knows the users of even number, and one is behind a router."""
        return hashing_clients(experiment, knows_all=False, routed_model="other")

    def by_http(self, experiment: Experiment) -> Path:
        """The event log after all visits through the real site."""
        path = self.folder / "http.db"
        population = self.mind.population
        with site_serving(experiment, self.clients(experiment), path) as url:
            results = make_visits(run_http_visits, self.visitors, self.mind, url, RUN_ID)
        with EventLog.open(path) as log:
            for who in self.visitors:
                job = VisitJob(who, 1, instruments_for(population, who, seed=SEED))
                log.record(*visitor_labels(population, job, RUN_ID))
            for result in results:
                log.record(*event_labels(result, RUN_ID))
        return path

    def by_vector(self, experiment: Experiment, *, chunk_size: int = 37) -> Path:
        """The event log after all visits at once, in chunks."""
        path = self.folder / f"vector-{chunk_size}.db"
        EventLog.open(path).close()
        dataset = world_dataset()
        with BulkLog(path) as log:
            run_vector_visits(
                self.visitors,
                VectorRun(
                    RUN_ID,
                    experiment,
                    self.mind,
                    self.clients(experiment),
                    world_storefront().popular,
                    count_ratings(dataset.films, dataset.ratings),
                ),
                attempts={},
                record=log.record,
                on_done=lambda _: None,
                stop=threading.Event(),
                chunk_size=chunk_size,
            )
        return path


def rows(path: Path, name: str) -> list[tuple[object, ...]]:
    """The rows of a table or view, in an order of their own."""
    with closing(sqlite3.connect(path)) as log:
        found: list[tuple[object, ...]] = log.execute(f"{ROWS[name]} ORDER BY 1, 2, 3, 4, 5").fetchall()
    return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    """About half of its visitors click."""
    return world_of(Population(), tmp_path)


def world_of(population: Population, folder: Path) -> World:
    truth = world_truth(population)
    return World(
        mind=Mind(population, truth, seed=SEED, outside_option=1.0),
        visitors=draw_visitors(population, truth, n_visitors=N_VISITORS, seed=SEED),
        folder=folder,
    )


@pytest.mark.parametrize("more", ["", 'assignment = "request"', "holdout = 0.3"])
def test_http_and_vector_engine_leave_the_same_rows(world: World, more: str) -> None:
    """100 visitors in each, in chunks of 37 in the vector engine: every column but latency is equal."""
    experiment = experiment_of(more)
    by_http, by_vector = world.by_http(experiment), world.by_vector(experiment)
    assert len(rows(by_http, "counted_clicks")) >= 40
    assert len(rows(by_http, "counted_plays")) >= 10
    for name in ROWS:
        assert rows(by_vector, name) == rows(by_http, name), name


def test_http_and_vector_engine_make_the_same_errors_and_label_them_alike(world: World) -> None:
    """Lost reports, ad blockers, double clicks, bots, second devices, no login; some visitors come back."""
    crawler = Persona(name="crawler", weight=0.1, is_bot=True, is_logged_out=True, bot_pages=4)
    disguised = msgspec.structs.replace(crawler, name="disguised", is_disguised=True)
    new = Persona(name="new", weight=0.1, is_new_user=True)
    population = msgspec.structs.replace(
        world.mind.population,
        identity=Identity(second_device_share=0.3, login_rate=0.7),
        session=Session(return_share=0.4),
        instrumentation=Instrumentation(beacon_loss=0.2, ad_block_share=0.2, double_click_share=0.5),
        personas=(*world.mind.population.personas[:3], crawler, disguised, new),
    )
    dirty = world.of(population)
    experiment = experiment_of("")
    by_http, by_vector = dirty.by_http(experiment), dirty.by_vector(experiment)
    for name in ROWS:
        assert rows(by_vector, name) == rows(by_http, name), name
    assert {row[2] for row in rows(by_http, "event_labels")} == {"lost-view", "doubled-click"}
    variants = ("control", "treatment")
    assert [row[:3] for row in rows(by_http, "refusals")] == [
        ("click", "replayed", name) for name in variants
    ]
    assert len({row[4] for row in rows(by_http, "visitor_labels")}) < N_VISITORS
    flagged = {row[0] for row in rows(by_http, "visitors") if row[5]}
    bots = {row[0] for row in rows(by_http, "visitor_labels") if row[3] == "crawler"}
    assert flagged == bots
    clean = world.of(msgspec.structs.replace(population, instrumentation=Instrumentation()))
    without = clean.by_vector(experiment, chunk_size=50)
    assert rows(without, "counted_clicks") == rows(by_vector, "counted_clicks")
    assert rows(without, "counted_plays") == rows(by_vector, "counted_plays")
    n_views = [sum(row[7] is not None for row in rows(path, "impressions")) for path in (without, by_vector)]
    n_lost = sum(row[2] == "lost-view" for row in rows(by_vector, "event_labels"))
    assert n_views[0] == n_views[1] + n_lost


def test_another_outside_option_leaves_other_rows(world: World) -> None:
    """The comparison can fail: a tenth in log-odds moves clicks of 100 visitors."""
    experiment = experiment_of("")
    before = rows(world.by_vector(experiment), "counted_clicks")
    moved = replace(world, mind=world.mind.with_outside_option(1.1))
    assert rows(moved.by_vector(experiment, chunk_size=50), "counted_clicks") != before
