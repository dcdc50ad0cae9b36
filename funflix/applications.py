"""The two applications that our servers serve, made from what the environment says.

Each is a factory that a server worker calls once. The environment is how the command line hands settings to
its server processes; users set none of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from experiment import BUILTIN_URL, load_or_create_secret, parse_experiment
from funflix.preparing import artefact_paths, prepared_training_set
from funflix.processes import SERVER_VARIABLE, stop_with_parent
from funflix.workspace import Workspace
from recommender_client import RecommenderClient, create_client
from simulator.behaviour import film_guide, needs_guide

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Flask

    from catalog import Dataset
    from experiment import Experiment
    from simulator.behaviour import FilmGuide, Population
    from website import TmdbPosters

WORKSPACE_VARIABLE = "FUNFLIX_WORKSPACE"
EXPERIMENT_VARIABLE = "FUNFLIX_EXPERIMENT_FILE"
ENDPOINT_VARIABLE = "FUNFLIX_ENDPOINT_URL"
TMDB_VARIABLE = "FUNFLIX_SITE_TMDB_KEY"


def endpoint() -> Flask:
    """The model endpoint, with the models that the workspace trained last."""
    from recommender import create_endpoint_app

    stop_with_parent(int(os.environ[SERVER_VARIABLE]))
    return create_endpoint_app(artefact_paths(_workspace()))


def site() -> Flask:
    """The demo site, for the experiment file named in the environment."""
    from website import SiteSettings, arrange_storefront, create_app

    stop_with_parent(int(os.environ[SERVER_VARIABLE]))
    workspace = _workspace()
    dataset = prepared_training_set(workspace).dataset
    experiment_file = Path(os.environ[EXPERIMENT_VARIABLE])
    experiment = parse_experiment(experiment_file.read_text(encoding="utf-8"), source=str(experiment_file))
    return create_app(
        SiteSettings(
            experiment=experiment,
            storefront=arrange_storefront(dataset.films, dataset.ratings),
            clients=clients_of(
                experiment,
                endpoint_url=os.environ[ENDPOINT_VARIABLE],
                known_films=[film.movie_id for film in dataset.films],
            ),
            event_log_path=workspace.events,
            secret=load_or_create_secret(workspace.secret),
            real_posters=_real_posters(workspace, dataset),
        )
    )


def _real_posters(workspace: Workspace, dataset: Dataset) -> TmdbPosters | None:
    from website import TmdbPosters

    key = os.environ.get(TMDB_VARIABLE, "")
    return TmdbPosters(key, dataset.tmdb_ids, workspace.posters) if key else None


def popular_films(dataset: Dataset) -> tuple[int, ...]:
    """What the site shows where it asks no model, best known first."""
    from website import arrange_storefront

    return arrange_storefront(dataset.films, dataset.ratings).popular


def guide_for(population: Population, dataset: Dataset) -> FilmGuide | None:
    """The films of the site as its visitors know them; None for a population that needs no guide."""
    if not needs_guide(population):
        return None
    from website import arrange_storefront

    popular_row, *genre_rows = arrange_storefront(dataset.films, dataset.ratings).rows
    return film_guide(dataset.films, popular_row.movie_ids, {row.key: row.movie_ids for row in genre_rows})


def ratings_per_user(dataset: Dataset) -> dict[int, int]:
    """How many ratings each user has, as the site's profiles say."""
    from website import count_ratings

    return count_ratings(dataset.films, dataset.ratings)


def clients_of(
    experiment: Experiment,
    *,
    endpoint_url: str,
    known_films: Collection[int] | None = None,
    timeout_s: float | None = None,
) -> dict[str, RecommenderClient]:
    """A client for each variant of an experiment, by the variant's name.

    Args:
        experiment: whose variants.
        endpoint_url: the endpoint we started ourselves; "builtin" in the experiment file means this one.
        known_films: the films a slate may hold; None lets any pass.
        timeout_s: a time limit for all; None takes each variant's own.
    """
    return {
        variant.name: create_client(
            variant.protocol,
            endpoint_url if variant.url == BUILTIN_URL else variant.url,
            variant.model,
            timeout_s=variant.timeout_s if timeout_s is None else timeout_s,
            known_films=known_films,
        )
        for variant in experiment.variants
    }


def _workspace() -> Workspace:
    return Workspace(Path(os.environ[WORKSPACE_VARIABLE]))
