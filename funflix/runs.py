"""One run from its settings to its last visit: begun or resumed, calibrated, driven, finished."""

from __future__ import annotations

import json
import platform
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from experiment import (
    EventLog,
    EventLogError,
    RunFinished,
    RunResumed,
    RunStarted,
    experiment_hash,
    parse_experiment,
)
from funflix.driving import Stage, driving_at_once, driving_into_lake, driving_through_site
from funflix.engine_options import EngineOptions
from funflix.errors import SetupError
from funflix.ground_truth import establish_truth, truth_in_words
from funflix.latency_report import keep_latency, latency_json, latency_text
from funflix.preparing import prepared_training_set, require_prepared
from funflix.progress import say
from funflix.run_progress import RunProgress, arms_so_far
from funflix.run_settings import RunSettings, StoredSettings
from funflix.servers import builtin_endpoint
from funflix.vector_run import VECTOR, resumable
from funflix.visited_site import require_same_experiment
from funflix.workspace import write_atomically
from simulator.behaviour import draw_visitors, parse_population
from simulator.engines import LatencyLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from experiment import Experiment
    from funflix.preparing import TrainingSet
    from funflix.run_progress import ArmSoFar
    from funflix.simulation import Tally
    from funflix.workspace import Workspace
    from simulator.calibration import Calibration
    from simulator.engines import PageLatency

_LATENCY, _SCREENSHOTS = "latency.json", "screenshots"
AS_EVER = EngineOptions()


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run went.

    Args:
        run_id: its name.
        tally: what was done.
        calibration: its population's truth.
        latency: how long visitors by HTTP waited for each kind of page in this go.
    """

    run_id: str
    tally: Tally
    calibration: Calibration
    latency: tuple[PageLatency, ...] = ()


def make_run(
    workspace: Workspace,
    settings: RunSettings,
    *,
    site_url: str | None = None,
    options: EngineOptions = AS_EVER,
) -> RunOutcome:
    """Make every visit of a run that is still to be made, against our own site or the one at `site_url`.

    Args:
        workspace: whose data, models and event log.
        settings: what the run is made of.
        site_url: None starts the workspace's own site, and stops it.
        options: how its visits are made; changes nothing of what visitors decide.

    Raises:
        KeyboardInterrupt: interrupted; everything started is stopped, and the run can be resumed.
        FunflixError: the servers or the visits fail.
        BrowserNotFoundError: it needs a browser, and there is none.
    """
    options.require_browser(settings.crew.n_visitors)
    training_set = prepared_training_set(workspace)
    experiment = parse_experiment(
        settings.experiment_toml, source=f"the experiment file of {settings.run_id}"
    )
    if site_url is not None:
        require_same_experiment(site_url, experiment)
    with ExitStack() as stack:
        log = stack.enter_context(EventLog.open(workspace.events))
        endpoint_url = stack.enter_context(builtin_endpoint(workspace, experiment))
        calibration = _calibrated(settings, training_set, experiment, endpoint_url)
        _begin(log, workspace, settings, experiment, calibration)
        progress = stack.enter_context(RunProgress(_arms_reader(workspace, settings)))
        latencies = LatencyLog()
        stage = Stage(
            workspace=workspace,
            run_id=settings.run_id,
            log=log,
            dataset=training_set.dataset,
            experiment=experiment,
            mind=calibration.mind,
            crew=settings.crew,
            endpoint_url=endpoint_url,
            engines=options.engines(
                screenshot_folder=_screenshots(workspace, settings.run_id), latencies=latencies
            ),
            on_progress=progress.note,
        )
        tally = _drive_to_an_end(stage, settings, site_url, options)
    _say_where_screenshots_are(stage)
    latency = latencies.summary()
    if latency:
        _tell_latency(stage, latency, options)
    return RunOutcome(settings.run_id, tally, calibration, latency)


def _calibrated(
    settings: RunSettings, training_set: TrainingSet, experiment: Experiment, endpoint_url: str
) -> Calibration:
    """The truth of the run's population, told as it is found."""
    population = parse_population(settings.population_toml, source=f"the population of {settings.run_id}")
    calibration = establish_truth(
        training_set,
        experiment,
        population,
        seed=settings.seed,
        n_visitors=settings.n_visitors,
        endpoint_url=endpoint_url,
    )
    for line in truth_in_words(calibration, experiment):
        say(line)
    return calibration


def _tell_latency(stage: Stage, latency: tuple[PageLatency, ...], options: EngineOptions) -> None:
    file = stage.workspace.reports / stage.run_id / _LATENCY
    keep_latency(file, stage.run_id, latency_json(latency, rate_per_s=options.rate_per_s))
    say(latency_text(latency))


def _screenshots(workspace: Workspace, run_id: str) -> Path:
    return workspace.reports / run_id / _SCREENSHOTS


def _say_where_screenshots_are(stage: Stage) -> None:
    folder = _screenshots(stage.workspace, stage.run_id)
    if folder.is_dir():
        say(f"screenshots: {folder}")


def _arms_reader(workspace: Workspace, settings: RunSettings) -> Callable[[], list[ArmSoFar]]:
    """What tells how the arms stand while the run goes on; of a lake nothing, for it is read as a whole."""
    if settings.has_lake:
        return list
    return lambda: arms_so_far(workspace.events, settings.run_id)


def _drive_to_an_end(
    stage: Stage, settings: RunSettings, site_url: str | None, options: EngineOptions
) -> Tally:
    """Make the visits, and write into the log how the run ended."""
    try:
        with resumable():
            tally = _drive(stage, settings, site_url, options)
    except BaseException:
        _say_where_screenshots_are(stage)
        # A log that takes no visits takes no word of that either: the run stays as one that was killed.
        with suppress(EventLogError):
            stage.log.record(RunFinished(run_id=stage.run_id, status="interrupted"))
        raise
    stage.log.record(RunFinished(run_id=stage.run_id, status="done"))
    return tally


def _drive(stage: Stage, settings: RunSettings, site_url: str | None, options: EngineOptions) -> Tally:
    if settings.has_lake:
        return driving_into_lake(stage, options.vector_workers(settings.crew.n_workers))
    mind = stage.mind
    visitors = draw_visitors(mind.population, mind.truth, n_visitors=settings.n_visitors, seed=mind.seed)
    if VECTOR in settings.crew.n_visitors:
        return driving_at_once(stage)(visitors)
    experiment_file = _stored_file(stage.workspace, settings)
    with driving_through_site(stage, experiment_file, site_url) as drive:
        return drive(visitors)


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
                    lake=f"{workspace.lakes.name}/{settings.run_id}" if settings.has_lake else None,
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
