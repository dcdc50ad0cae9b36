"""One run from its settings to its last visit: begun or resumed, calibrated, driven, finished."""

from __future__ import annotations

import json
import platform
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from experiment import (
    CONTROL,
    EventLog,
    EventReader,
    Experiment,
    RunFinished,
    RunResumed,
    RunStarted,
    experiment_hash,
    parse_experiment,
)
from funflix.driving import Stage, driving_at_once, driving_through_site, patient_clients
from funflix.errors import SetupError
from funflix.preparing import TrainingSet, prepared_training_set, require_prepared
from funflix.progress import ProgressBar, say
from funflix.run_settings import RunSettings, StoredSettings
from funflix.servers import builtin_endpoint
from funflix.vector_run import VECTOR
from funflix.visited_site import require_same_experiment
from funflix.workspace import write_atomically
from simulator.behaviour import (
    Mind,
    draw_visitors,
    fit_truth,
    parse_population,
    people,
)
from simulator.calibration import Calibration, calibrate
from simulator.slates import ask_home_slates

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.simulation import Tally
    from funflix.workspace import Workspace
    from simulator.behaviour import Population, Visitors


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run went."""

    run_id: str
    tally: Tally
    calibration: Calibration


def make_run(workspace: Workspace, settings: RunSettings, *, site_url: str | None = None) -> RunOutcome:
    """Make every visit of a run that is still to be made, against our own site or the one at `site_url`.

    Raises:
        KeyboardInterrupt: interrupted; everything started is stopped, and the run can be resumed.
        FunflixError: the servers or the visits fail.
    """
    training_set = prepared_training_set(workspace)
    experiment = parse_experiment(
        settings.experiment_toml, source=f"the experiment file of {settings.run_id}"
    )
    population = parse_population(settings.population_toml, source=f"the population of {settings.run_id}")
    if site_url is not None:
        require_same_experiment(site_url, experiment)
    with ExitStack() as stack:
        log = stack.enter_context(EventLog.open(workspace.events))
        endpoint_url = stack.enter_context(builtin_endpoint(workspace, experiment))
        visitors, calibration = _people(training_set, experiment, population, settings, endpoint_url)
        _announce(calibration, experiment)
        _begin(log, workspace, settings, experiment, calibration)
        done = len(EventReader(workspace.events).done_visitors(settings.run_id))
        bar = stack.enter_context(ProgressBar("visits", settings.n_visitors, done_before=done))
        stage = Stage(
            workspace=workspace,
            run_id=settings.run_id,
            log=log,
            dataset=training_set.dataset,
            experiment=experiment,
            mind=calibration.mind,
            crew=settings.crew,
            endpoint_url=endpoint_url,
            on_progress=lambda tally: bar.set(
                tally.n_done, note=_note(tally), seconds_left=tally.seconds_left
            ),
        )
        try:
            tally = _drive(stage, settings, site_url, visitors)
        except BaseException:
            log.record(RunFinished(run_id=settings.run_id, status="interrupted"))
            raise
        log.record(RunFinished(run_id=settings.run_id, status="done"))
    return RunOutcome(settings.run_id, tally, calibration)


def _drive(stage: Stage, settings: RunSettings, site_url: str | None, visitors: Visitors) -> Tally:
    if VECTOR in settings.crew.n_visitors:
        return driving_at_once(stage)(visitors)
    experiment_file = _stored_file(stage.workspace, settings)
    with driving_through_site(stage, experiment_file, site_url) as drive:
        return drive(visitors)


def _people(
    training_set: TrainingSet,
    experiment: Experiment,
    population: Population,
    settings: RunSettings,
    endpoint_url: str,
) -> tuple[Visitors, Calibration]:
    """The visitors, and what they think once the control has its baseline."""
    truth = fit_truth(training_set.dataset.films, training_set.split.held_out, population, seed=settings.seed)
    # Truth is a matter of the population, so that a short run of it has the same; its first visitors come.
    n_drawn = max(population.crowd.size, settings.n_visitors)
    visitors = draw_visitors(population, truth, n_visitors=n_drawn, seed=settings.seed)
    judges = people(population, visitors)
    clients = patient_clients(experiment, training_set.dataset, endpoint_url)
    slates = {
        name: ask_home_slates(client, judges, slate_size=experiment.slate_size)
        for name, client in clients.items()
    }
    mind = Mind(population=population, truth=truth, seed=settings.seed, outside_option=0.0)
    calibration = calibrate(mind, judges, slates, control=CONTROL, baseline_ctr=experiment.baseline_ctr)
    return visitors[: settings.n_visitors], calibration


def _announce(calibration: Calibration, experiment: Experiment) -> None:
    truth = calibration.truth
    rates = ", ".join(f"{variant} {ctr:.2%}" for variant, ctr in truth.visitor_ctr.items())
    say(
        f"true visitor CTR of this population: {rates} "
        f"(calibrated to a baseline of {experiment.baseline_ctr:.0%})"
    )


def _begin(
    log: EventLog,
    workspace: Workspace,
    settings: RunSettings,
    experiment: Experiment,
    calibration: Calibration,
) -> None:
    if settings.is_resumed:
        log.record(RunResumed(run_id=settings.run_id))
        return
    prepared = require_prepared(workspace)
    result = log.record(
        RunStarted(
            run_id=settings.run_id,
            kind="simulated",
            experiment=experiment.name,
            experiment_toml=settings.experiment_toml,
            experiment_hash=experiment_hash(settings.experiment_toml),
            population_toml=settings.population_toml,
            seed=settings.seed,
            engine="+".join(name for name, count in settings.crew.n_visitors.items() if count),
            n_visitors=settings.n_visitors,
            truth_json=json.dumps(calibration.truth.to_json()),
            settings_json=msgspec.json.encode(
                StoredSettings(
                    dataset=prepared.dataset,
                    dataset_digest=prepared.digest,
                    models=prepared.models,
                    engines=dict(settings.crew.n_visitors),
                    outside_option=calibration.mind.outside_option,
                    funflix=version("funflix"),
                    python=platform.python_version(),
                )
            ).decode(),
        )
    )
    if result.n_duplicates:
        raise SetupError(f"run {settings.run_id!r} was begun by another command this second; start it again")


def _stored_file(workspace: Workspace, settings: RunSettings) -> Path:
    """The experiment file as it was when the run began, for the site; the user's own may change meanwhile."""
    path = workspace.reports / settings.run_id / "experiment.toml"
    write_atomically(path, settings.experiment_toml)
    return path


def _note(tally: Tally) -> str:
    parts = [f"{name} {count}" for name, count in sorted(tally.by_engine.items())]
    if tally.n_failed_attempts:
        parts.append(f"{tally.n_failed_attempts} failed attempts")
    return ", ".join(parts)
