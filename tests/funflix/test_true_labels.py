"""Visits made one by one through the site leave labels in the log, and the log can be scored by them."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from catalog import split_ratings, synthetic_dataset
from experiment import EventLog, EventReader
from funflix.simulation import Crew, VisitDriver
from funflix.true_labels import say_label_score
from simulator.behaviour import Instrumentation, Mind, Persona, Population, draw_visitors, fit_truth
from simulator.instruments import BOT_USER_AGENT, EventLabel
from simulator.jobs import VisitJob, VisitResult
from simulator.visit import Brain

LABELS = (EventLabel("lost-view", "slate", 1, 5), EventLabel("doubled-click", "slate", 2, 9))


def visit_in_thought(
    jobs: Sequence[VisitJob],
    *,
    site_url: str,
    brain: Brain,
    ticket_for: Callable[[VisitJob], str],
    n_workers: int,
    on_done: Callable[[VisitResult], None],
    stop: threading.Event,
) -> None:
    """An engine that goes nowhere: the first visitor's events have labels."""
    del site_url, brain, n_workers, stop
    for job in jobs:
        ticket_for(job)
        labels = LABELS if job.visitor.index == 0 else ()
        on_done(VisitResult(job.visitor.visitor_id, job.attempt, "done", None, 0, 0, 0.1, labels))


@pytest.fixture(scope="module")
def dataset() -> SimpleNamespace:
    films = synthetic_dataset(seed=7)
    return SimpleNamespace(films=films.films, held_out=split_ratings(films, seed=7).held_out)


def driven(population: Population, dataset: SimpleNamespace, path: Path) -> list[VisitJob]:
    """Drive 40 visitors; their jobs."""
    truth = fit_truth(dataset.films, dataset.held_out, population, seed=7)
    jobs: list[VisitJob] = []

    def engine(given: Sequence[VisitJob], **others: object) -> None:
        jobs.extend(given)
        visit_in_thought(given, **others)  # type: ignore[arg-type]  # what the driver gives an engine

    with EventLog.open(path) as log:
        driver = VisitDriver(
            run_id="r",
            log=log,
            reader=EventReader(path),
            site_url="http://127.0.0.1:9",
            mind=Mind(population, truth, seed=7, outside_option=0.0),
            sign=lambda ticket: ticket.visitor_id,
            crew=Crew({"http": 40}, {"http": 1}),
            on_progress=lambda _: None,
            engines={"http": engine},
        )
        driver.run(draw_visitors(population, truth, n_visitors=40, seed=7))
    return jobs


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_labels_stand_in_the_log_where_the_population_hides_something(
    dataset: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    population = msgspec.structs.replace(
        Population(),
        instrumentation=Instrumentation(ad_block_share=0.5),
        personas=(Persona(name="somebody", weight=3.0), Persona(name="crawler", is_bot=True)),
    )
    path = tmp_path / "events.db"
    jobs = driven(population, dataset, path)
    named = {job.visitor.visitor_id for job in jobs if job.instruments.user_agent == BOT_USER_AGENT}
    labelled = rows(path, "SELECT visitor_id, persona, is_bot, has_ad_block FROM visitor_labels")
    assert len(labelled) == 40
    assert {visitor for visitor, persona, *_ in labelled if persona == "crawler"} == named
    assert {visitor for visitor, _, is_bot, _ in labelled if is_bot} == named
    assert 5 < sum(bool(row[3]) for row in labelled) < 35
    events = rows(path, "SELECT label, slate_id, position, simulated_at FROM event_labels ORDER BY label")
    assert events == [("doubled-click", "slate", 2, 9), ("lost-view", "slate", 1, 5)]
    say_label_score(SimpleNamespace(events=path), "r")  # type: ignore[arg-type]  # a workspace's log
    said = capsys.readouterr().err
    assert f"0 flagged, 0 of {len(named)} bots caught (recall 0%)" in said
    assert "duplicate clicks refused: 1 of 1" in said


def test_a_population_that_hides_nothing_leaves_no_label_of_visitors(
    dataset: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "events.db"
    driven(Population(), dataset, path)
    assert rows(path, "SELECT COUNT(*) FROM visitor_labels") == [(0,)]
    assert rows(path, "SELECT COUNT(*) FROM visits WHERE status = 'done'") == [(40,)]
