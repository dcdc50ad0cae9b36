"""What every visitor of a population would do in each arm: each arm's whole visits by the vector engine."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from experiment import CONTROL, EventLog, RunFinished, RunStarted
from funflix.applications import guide_for
from funflix.driving import patient_clients
from funflix.errors import SetupError
from funflix.preparing import prepared_training_set
from funflix.servers import builtin_endpoint
from funflix.vector_run import VECTOR, make_vector_visits
from simulator.behaviour import Mind, draw_visitors, fit_truth, people
from simulator.calibration import calibrate
from simulator.engines import VectorRun
from simulator.slates import ask_home_slates
from stats import VisitorPool, read_visitor_pool
from website import design_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from catalog import Dataset
    from experiment import Experiment
    from funflix.workspace import Workspace
    from recommender_client import RecommenderClient
    from simulator.behaviour import Population, Truth, Visitors
    from simulator.calibration import SlateRows

_TWO = 2
_LEAST_POOL = 10_000
_POOL_PER_VISITOR = 10  # so that an experiment is a small part of its population


@dataclass(frozen=True, slots=True, eq=False)
class TrialPopulation:
    """A population, and what it does.

    Args:
        visitor_ids: of its visitors, bots included.
        control: what each visitor does in the control.
        treatment: likewise.
        improved: in the control, were it better (or worse) by the MDE.
    """

    visitor_ids: tuple[str, ...]
    control: VisitorPool
    treatment: VisitorPool
    improved: VisitorPool


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    experiment: Experiment
    clients: Mapping[str, RecommenderClient]
    visitors: Visitors
    judges: Visitors
    slates: Mapping[str, SlateRows]
    mind: Mind
    event_log: Path


def visit_all_arms(
    workspace: Workspace,
    experiment: Experiment,
    population: Population,
    *,
    seed: int,
    n_visitors: int,
    on_progress: Callable[[str], None],
) -> TrialPopulation:
    """Send one population through each arm alone, and through a control that is better by the MDE.

    Args:
        workspace: prepared; a folder in it holds the events while they are made, and is removed.
        experiment: whose arms; the first treatment where there are several.
        population: its settings.
        seed: of the visitors and all they do.
        n_visitors: of one experiment; the population is at least ten times that.
        on_progress: told what goes on.

    Raises:
        SetupError: requests are assigned, not visitors; not two variants; or the models are not there.
        CalibrationError, RecommenderClientError: as in a run.
    """
    _require_two_variants_of_visitors(experiment)
    training_set = prepared_training_set(workspace)
    truth = fit_truth(training_set.dataset.films, training_set.split.held_out, population, seed=seed)
    n_drawn = max(_LEAST_POOL, _POOL_PER_VISITOR * n_visitors)
    visitors = draw_visitors(population, truth, n_visitors=n_drawn, seed=seed)
    judges = people(population, visitors)
    compared = [CONTROL, next(variant.name for variant in experiment.variants if variant.name != CONTROL)]
    with (
        builtin_endpoint(workspace, experiment) as endpoint_url,
        tempfile.TemporaryDirectory(dir=workspace.root, prefix="validation-") as folder,
    ):
        clients = patient_clients(experiment, training_set.dataset, endpoint_url)
        stage = _Stage(
            experiment=experiment,
            clients=clients,
            visitors=visitors,
            judges=judges,
            slates={
                name: ask_home_slates(clients[name], judges, slate_size=experiment.slate_size)
                for name in compared
            },
            mind=_uncalibrated_mind(population, truth, training_set.dataset, seed),
            event_log=Path(folder) / "events.db",
        )
        return _visit(stage, compared[1], on_progress)


def _uncalibrated_mind(population: Population, truth: Truth, dataset: Dataset, seed: int) -> Mind:
    return Mind(
        population=population,
        truth=truth,
        seed=seed,
        outside_option=0.0,
        guide=guide_for(population, dataset),
    )


def _require_two_variants_of_visitors(experiment: Experiment) -> None:
    if experiment.assignment != "visitor":
        raise SetupError(
            f"assignment {experiment.assignment!r}: each visitor meets several variants, so no test over "
            'visitors is valid; set assignment = "visitor" in the experiment file'
        )
    if len(experiment.variants) != _TWO:
        raise SetupError(
            f"{len(experiment.variants)} variants: the rules of two are tried; keep the control and one "
            "treatment in the experiment file"
        )


def _visit(stage: _Stage, treatment: str, on_progress: Callable[[str], None]) -> TrialPopulation:
    calibration = calibrate(
        stage.mind, stage.judges, stage.slates, control=CONTROL, baseline_ctr=stage.experiment.baseline_ctr
    )
    on_progress(f"{len(stage.visitors):,} visitors through each arm alone, by the vector engine")
    control = _pool(stage, CONTROL, calibration.mind, "control")
    treated = _pool(stage, treatment, calibration.mind, "treatment")
    better = _better_mind(stage, calibration.truth.visitor_ctr[CONTROL], control)
    improved = _pool(stage, CONTROL, better, "improved")
    return TrialPopulation(tuple(stage.visitors.visitor_ids), control, treated, improved)


def _better_mind(stage: _Stage, true_ctr: float, control: VisitorPool) -> Mind:
    """The mind of visitors so much readier to click that the control gains the MDE."""
    design = design_of(stage.experiment)
    gain = -design.mde if design.alternative == "less" else design.mde
    if design.primary_metric == "impression_ctr":
        gain *= control.visitor_ctr / max(control.impression_ctr, 1e-9)
    population = stage.mind.population
    # A population file that fixes the outside option fixes it for the control as it is.
    free = msgspec.structs.replace(
        population, choice=msgspec.structs.replace(population.choice, outside_option=None)
    )
    mind = replace(stage.mind, population=free, outside_option=0.0)
    slates = {CONTROL: stage.slates[CONTROL]}
    return calibrate(mind, stage.judges, slates, control=CONTROL, baseline_ctr=true_ctr + gain).mind


def _pool(stage: _Stage, variant: str, mind: Mind, run_id: str) -> VisitorPool:
    """What all visitors do with this variant alone."""
    experiment = stage.experiment
    (alone,) = (found for found in experiment.variants if found.name == variant)
    run = VectorRun(
        run_id,
        msgspec.structs.replace(experiment, variants=(alone,), holdout=0.0),
        mind,
        clients={variant: stage.clients[variant]},
    )
    with EventLog.open(stage.event_log) as log:
        log.record(
            RunStarted(
                run_id=run_id,
                kind="simulated",
                experiment=experiment.name,
                experiment_toml="",
                experiment_hash="",
                seed=mind.seed,
                engine=VECTOR,
                n_visitors=len(stage.visitors),
            )
        )
        make_vector_visits(run, stage.visitors, event_log=stage.event_log, on_progress=lambda _tally: None)
        log.record(RunFinished(run_id=run_id, status="done"))
    return read_visitor_pool(stage.event_log, run_id)
