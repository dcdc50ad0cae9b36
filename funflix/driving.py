"""How the visits of a run are made: through the site's pages, or all at once without a site."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from experiment import EventLog, EventReader, TokenSigner, load_or_create_secret
from funflix.applications import clients_of, popular_films, ratings_per_user
from funflix.servers import site_running
from funflix.simulation import VisitDriver
from funflix.vector_run import make_lake_visits, make_vector_visits
from funflix.visited_site import require_same_log
from simulator.engines import LakeRun, VectorRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from catalog import Dataset
    from experiment import Experiment
    from funflix.simulation import Crew, Tally
    from funflix.workspace import Workspace
    from recommender_client import RecommenderClient
    from simulator.behaviour import Mind, Visitors
    from simulator.engines import Workers
    from simulator.jobs import VisitEngine

    Drive = Callable[[Visitors], Tally]

_TICKET_AGE_S = 24 * 3600.0
_ASKING_TIMEOUT_S = 30.0
_NICER_THAN_SERVERS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What visits are made on.

    Args:
        workspace: of the run.
        run_id: its name in the event log.
        log: where the ledger of visits through the site is written.
        dataset: films and ratings.
        experiment: what is tested.
        mind: decides for the visitors.
        crew: which engine drives how many of them.
        endpoint_url: our own model endpoint.
        engines: those that go through the site's pages, by name.
        on_progress: told how the run stands.
    """

    workspace: Workspace
    run_id: str
    log: EventLog
    dataset: Dataset
    experiment: Experiment
    mind: Mind
    crew: Crew
    endpoint_url: str
    engines: Mapping[str, VisitEngine]
    on_progress: Callable[[Tally], None]


@contextmanager
def driving_through_site(stage: Stage, experiment_file: Path, site_url: str | None) -> Iterator[Drive]:
    """Makes visits through the pages of the site at `site_url`, or of our own while the context lasts."""
    if site_url is None:
        with site_running(
            stage.workspace, experiment_file=experiment_file, endpoint_url=stage.endpoint_url
        ) as site:
            yield _site_driver(stage, site.url).run
    else:
        require_same_log(site_url, stage.run_id)
        yield _site_driver(stage, site_url).run


def driving_at_once(stage: Stage) -> Drive:
    """Makes visits by the vector engine, which asks the model endpoints and nobody else."""
    run = VectorRun(
        stage.run_id,
        stage.experiment,
        stage.mind,
        clients=patient_clients(stage.experiment, stage.dataset, stage.endpoint_url),
        popular=popular_films(stage.dataset) if stage.experiment.holdout else (),
        n_ratings=ratings_per_user(stage.dataset),
    )
    return partial(make_vector_visits, run, event_log=stage.workspace.events, on_progress=stage.on_progress)


def driving_into_lake(stage: Stage, workers: Workers) -> Tally:
    """Makes all visits by the vector engine, part by part, and stores their events as Parquet files."""
    run = LakeRun(
        stage.run_id,
        stage.experiment,
        stage.mind,
        make_clients=partial(
            clients_of,
            stage.experiment,
            endpoint_url=stage.endpoint_url,
            known_films=[film.movie_id for film in stage.dataset.films],
            timeout_s=_ASKING_TIMEOUT_S,
        ),
        folder=stage.workspace.lakes.resolve() / stage.run_id,
        popular=popular_films(stage.dataset) if stage.experiment.holdout else (),
        n_ratings=ratings_per_user(stage.dataset),
    )
    n_visitors = sum(stage.crew.n_visitors.values())
    return make_lake_visits(run, n_visitors, workers=workers, on_progress=stage.on_progress)


def patient_clients(
    experiment: Experiment, dataset: Dataset, endpoint_url: str
) -> dict[str, RecommenderClient]:
    """Clients that ask for many slates at a time, and hold the answers against the catalogue."""
    films = [film.movie_id for film in dataset.films]
    return clients_of(experiment, endpoint_url=endpoint_url, known_films=films, timeout_s=_ASKING_TIMEOUT_S)


def _site_driver(stage: Stage, site_url: str) -> VisitDriver:
    signer = TokenSigner(load_or_create_secret(stage.workspace.secret), max_age_s=_TICKET_AGE_S)
    # The servers answer first: a visitor can wait, a slow model call turns into a fallback.
    os.nice(_NICER_THAN_SERVERS)
    return VisitDriver(
        run_id=stage.run_id,
        log=stage.log,
        reader=EventReader(stage.workspace.events),
        site_url=site_url,
        mind=stage.mind,
        sign=signer.sign,
        crew=stage.crew,
        on_progress=stage.on_progress,
        engines=stage.engines,
    )
