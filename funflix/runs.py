"""One run from its settings to its last visit: begun or resumed, calibrated, driven, finished."""

from __future__ import annotations

import json
import os
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
    RunRecord,
    RunResumed,
    RunStarted,
    experiment_hash,
    parse_experiment,
)
from funflix.driving import Stage, driving_at_once, driving_through_site, patient_clients
from funflix.errors import SetupError
from funflix.preparing import Data, prepared_data, require_prepared
from funflix.progress import ProgressBar, say
from funflix.servers import endpoint_running
from funflix.simulation import Crew, Tally, new_run_id
from funflix.vector_run import VECTOR
from simulator.behaviour import (
    Mind,
    draw_visitors,
    fit_truth,
    parse_population,
)
from simulator.calibration import Calibration, calibrate
from simulator.slates import ask_home_slates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from funflix.workspace import Workspace
    from simulator.behaviour import Population, Visitors


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run is made of; equal settings give equal clicks.

    Args:
        run_id: its name in the event log.
        experiment_toml: the experiment file as it was when the run began.
        population_toml: the population file, likewise.
        seed: of the visitors and all they do.
        crew: which engine drives how many of them.
        is_resumed: whether the run was begun before.
    """

    run_id: str
    experiment_toml: str
    population_toml: str
    seed: int
    crew: Crew
    is_resumed: bool = False

    @property
    def n_visitors(self) -> int:
        """Visitors of the run, by all engines."""
        return sum(self.crew.n_visitors.values())


class _StoredSettings(msgspec.Struct, frozen=True):
    """What a run keeps of its settings in the event log, beside its files."""

    dataset: str
    dataset_digest: str
    models: dict[str, str]
    engines: dict[str, int]
    outside_option: float
    funflix: str
    python: str


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run went."""

    run_id: str
    tally: Tally
    calibration: Calibration


def default_workers() -> dict[str, int]:
    """How many visits each engine makes at a time on this machine."""
    n_cores = os.cpu_count() or 1
    # A browser waits for a second of every few while its visitor looks: two for each core keep the core busy.
    return {"browser": min(2 * n_cores, 16), "http": min(4 * n_cores, 32)}


def new_run(workspace: Workspace, *, seed: int, crew: Crew, run_id: str | None = None) -> RunSettings:
    """A run by the workspace's present experiment and population files."""
    return RunSettings(
        run_id=run_id or new_run_id(seed),
        experiment_toml=workspace.experiment.read_text(encoding="utf-8"),
        population_toml=workspace.population.read_text(encoding="utf-8"),
        seed=seed,
        crew=crew,
    )


def resumed_run(
    workspace: Workspace, run_id: str | None = None, *, n_workers: Mapping[str, int]
) -> RunSettings:
    """A run to be completed, with the files and the models it was begun with.

    Args:
        workspace: whose event log has it.
        run_id: which; None is the latest simulated one.
        n_workers: how many visits each engine now makes at a time.

    Raises:
        SetupError: there is none, it is complete, or the models have changed since.
        UnknownRunError: the log has no such run.
    """
    reader = EventReader(workspace.events)
    record = None
    if workspace.events.exists():
        record = reader.run(run_id) if run_id else reader.latest_run("simulated")
    if record is None:
        raise SetupError(
            f"workspace {str(workspace.root)!r} has no run to resume; start one without --resume"
        )
    if record.status == "done":
        raise SetupError(
            f"run {record.run_id!r} is complete; print it with `funflix report --run {record.run_id}`"
        )
    settings = _stored_settings(record)
    models = require_prepared(workspace).models
    if settings.models != models:
        raise SetupError(
            f"run {record.run_id!r} was begun with models {settings.models}, the workspace now "
            f"has {models}; start a new run without --resume"
        )
    return RunSettings(
        run_id=record.run_id,
        experiment_toml=record.experiment_toml,
        population_toml=record.population_toml or "",
        seed=record.seed or 0,
        crew=Crew(settings.engines, n_workers),
        is_resumed=True,
    )


def make_run(workspace: Workspace, settings: RunSettings, *, site_url: str | None = None) -> RunOutcome:
    """Make every visit of a run that is still to be made, against our own site or the one at `site_url`.

    Raises:
        KeyboardInterrupt: interrupted; everything started is stopped, and the run can be resumed.
        FunflixError: the servers or the visits fail.
    """
    data = prepared_data(workspace)
    files = _stored_files(workspace, settings)
    experiment = parse_experiment(settings.experiment_toml, source=str(files / "experiment.toml"))
    population = parse_population(settings.population_toml, source=str(files / "population.toml"))
    with ExitStack() as stack:
        log = stack.enter_context(EventLog.open(workspace.events))
        endpoint = stack.enter_context(endpoint_running(workspace))
        visitors, calibration = _people(data, experiment, population, settings, endpoint.url)
        _announce(calibration, experiment)
        _begin(log, workspace, settings, experiment, calibration)
        bar = stack.enter_context(ProgressBar("visits", settings.n_visitors))

        def show(tally: Tally) -> None:
            bar.set(tally.n_done, note=_note(tally), seconds_left=tally.seconds_left)

        stage = Stage(
            workspace=workspace,
            run_id=settings.run_id,
            log=log,
            dataset=data.dataset,
            experiment=experiment,
            mind=calibration.mind,
            crew=settings.crew,
            endpoint_url=endpoint.url,
            on_progress=show,
        )
        if VECTOR in settings.crew.n_visitors:
            drive = driving_at_once(stage)
        else:
            drive = stack.enter_context(driving_through_site(stage, files / "experiment.toml", site_url))
        try:
            tally = drive(visitors)
        except BaseException:
            log.record(RunFinished(run_id=settings.run_id, status="interrupted"))
            raise
        log.record(RunFinished(run_id=settings.run_id, status="done"))
    return RunOutcome(settings.run_id, tally, calibration)


def _people(
    data: Data, experiment: Experiment, population: Population, settings: RunSettings, endpoint_url: str
) -> tuple[Visitors, Calibration]:
    """The visitors, and what they think once the control has its baseline."""
    truth = fit_truth(data.dataset.films, data.split.held_out, population, seed=settings.seed)
    # Truth is a matter of the population, so that a short run of it has the same; its first visitors come.
    n_drawn = max(population.crowd.size, settings.n_visitors)
    visitors = draw_visitors(population, truth, n_visitors=n_drawn, seed=settings.seed)
    clients = patient_clients(experiment, data.dataset, endpoint_url)
    slates = {
        name: ask_home_slates(client, visitors, slate_size=experiment.slate_size)
        for name, client in clients.items()
    }
    mind = Mind(population=population, truth=truth, seed=settings.seed, outside_option=0.0)
    calibration = calibrate(mind, visitors, slates, control=CONTROL, baseline_ctr=experiment.baseline_ctr)
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
    log.record(
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
                _StoredSettings(
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


def _stored_files(workspace: Workspace, settings: RunSettings) -> Path:
    """The files of the run, kept beside the logs so that its servers read what the run was begun with."""
    folder = workspace.reports / settings.run_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "experiment.toml").write_text(settings.experiment_toml, encoding="utf-8")
    (folder / "population.toml").write_text(settings.population_toml, encoding="utf-8")
    return folder


def _stored_settings(record: RunRecord) -> _StoredSettings:
    try:
        return msgspec.json.decode(record.settings_json or "{}", type=_StoredSettings)
    except msgspec.ValidationError as error:
        raise SetupError(
            f"run {record.run_id!r} was not begun by this version ({error}); start one without --resume"
        ) from error


def _note(tally: Tally) -> str:
    parts = [f"{name} {count}" for name, count in sorted(tally.by_engine.items())]
    if tally.n_failed_attempts:
        parts.append(f"{tally.n_failed_attempts} failed attempts")
    return ", ".join(parts)
