"""A workspace's population as a portrait, and held against what is known of people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiment import CONTROL, load_experiment
from funflix.applications import guide_for
from funflix.driving import patient_clients
from funflix.preparing import prepared_training_set
from funflix.servers import builtin_endpoint
from simulator.behaviour import Mind, draw_visitors, fit_truth, people
from simulator.calibration import calibrate
from simulator.population_facts import check_facts
from simulator.portrait import portray
from simulator.slates import ask_home_slates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from experiment import Experiment
    from funflix.preparing import TrainingSet
    from funflix.workspace import Workspace
    from recommender_client import RecommenderClient
    from simulator.behaviour import Population, Visitors
    from simulator.population_facts import FactCheck
    from simulator.portrait import Portrait


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """A population on the data of a workspace; its mind is not calibrated."""

    training_set: TrainingSet
    experiment: Experiment
    mind: Mind
    visitors: Visitors


def portrait_of(workspace: Workspace, population: Population, *, seed: int) -> Portrait:
    """Who they are, what they would click on the control's home slates, when they come.

    Raises:
        SetupError: the workspace has no models yet.
        CalibrationError, TruthError, PopulationError: there is no such population on this data.
        RecommenderClientError: the control's endpoint gives no usable answer.
    """
    world = _world(workspace, population, seed)
    judges = people(population, world.visitors)
    with _control(workspace, world) as client:
        slates = ask_home_slates(client, judges, slate_size=world.experiment.slate_size)
    baseline = world.experiment.baseline_ctr
    mind = calibrate(world.mind, judges, {CONTROL: slates}, control=CONTROL, baseline_ctr=baseline).mind
    return portray(mind, world.visitors, slates[: len(judges)])


def fact_checks(workspace: Workspace, population: Population, *, seed: int) -> tuple[FactCheck, ...]:
    """Whether the population has what is known of people; none of it depends on a model.

    Raises:
        SetupError: the workspace has no models yet.
        TruthError, PopulationError: there is no such population on this data.
    """
    world = _world(workspace, population, seed)
    truth, ratings = world.mind.truth, world.training_set.dataset.ratings
    n_ratings = np.bincount(truth.film_rows(ratings.movie_ids), minlength=len(truth.movie_ids))
    return check_facts(world.mind, world.visitors, n_ratings)


def _world(workspace: Workspace, population: Population, seed: int) -> _World:
    training_set = prepared_training_set(workspace)
    films = training_set.dataset.films
    truth = fit_truth(films, training_set.split.held_out, population, seed=seed)
    visitors = draw_visitors(population, truth, n_visitors=population.crowd.size, seed=seed)
    guide = guide_for(population, training_set.dataset)
    mind = Mind(population=population, truth=truth, seed=seed, outside_option=0.0, guide=guide)
    return _World(training_set, load_experiment(workspace.experiment), mind, visitors)


@contextmanager
def _control(workspace: Workspace, world: _World) -> Iterator[RecommenderClient]:
    with builtin_endpoint(workspace, world.experiment) as url:
        yield patient_clients(world.experiment, world.training_set.dataset, url)[CONTROL]
