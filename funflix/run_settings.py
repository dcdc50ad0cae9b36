"""What a run is made of: taken from the workspace for a new run, from the event log for a resumed one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from experiment import HOLDOUT, EventReader, Experiment, RunRecord, assign, parse_experiment
from funflix.errors import SetupError
from funflix.preparing import ensure_models, require_prepared
from funflix.simulation import Crew, new_run_id
from simulator.behaviour import parse_population, visitor_id
from website import design_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funflix.workspace import Workspace


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
        has_lake: whether its events go into a lake of Parquet files, and not into the event log.
    """

    run_id: str
    experiment_toml: str
    population_toml: str
    seed: int
    crew: Crew
    is_resumed: bool = False
    has_lake: bool = False

    @property
    def n_visitors(self) -> int:
        """Visitors of the run, by all engines."""
        return sum(self.crew.n_visitors.values())


class StoredSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run keeps of its settings in the event log, beside its files, as JSON.

    `lake` is the folder of its Parquet files, seen from the folder of the event log; None where it has none.
    """

    dataset: str
    dataset_digest: str
    models: dict[str, str]
    engines: dict[str, int]
    outside_option: float
    funflix: str
    python: str
    lake: str | None = None


def default_workers() -> dict[str, int]:
    """How many visits each engine makes at a time on this machine."""
    n_cores = os.cpu_count() or 1
    # A browser waits for a second of every few while its visitor looks: two for each core keep the core busy.
    return {"browser": min(2 * n_cores, 16), "http": min(4 * n_cores, 32), "vector": n_cores}


def new_run(
    workspace: Workspace, *, seed: int, crew: Crew, run_id: str | None = None, has_lake: bool = False
) -> RunSettings:
    """A run by the workspace's present experiment and population files.

    Raises:
        ExperimentFileError, PopulationError: a file is at fault.
        SetupError, InvalidDesignError: the experiment could be run, and no report be made of it.
    """
    experiment_toml = workspace.experiment.read_text(encoding="utf-8")
    population_toml = workspace.population.read_text(encoding="utf-8")
    require_reportable(parse_experiment(experiment_toml, source=str(workspace.experiment)))
    parse_population(population_toml, source=str(workspace.population))
    ensure_models(workspace, visitor_seed=seed)
    return RunSettings(
        run_id=run_id or new_run_id(seed),
        experiment_toml=experiment_toml,
        population_toml=population_toml,
        seed=seed,
        crew=crew,
        has_lake=has_lake,
    )


def resumed_run(
    workspace: Workspace, run_id: str | None = None, *, n_workers: Mapping[str, int]
) -> RunSettings:
    """A run to be completed, with the files and the models it was begun with.

    Args:
        workspace: whose event log has it.
        run_id: which; None is the latest simulated one that is not complete.
        n_workers: how many visits each engine now makes at a time.

    Raises:
        SetupError: there is none, it is complete, or the models have changed since.
        UnknownRunError: the log has no such run.
    """
    record = _run_to_resume(workspace, run_id)
    if record is None:
        raise SetupError(
            f"workspace {str(workspace.root)!r} has no run to resume; start one without --resume"
        )
    if record.status == "done":
        raise SetupError(
            f"run {record.run_id!r} is complete; print it with `funflix report --run {record.run_id}`"
        )
    settings = _stored(record)
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
        has_lake=settings.lake is not None,
    )


def require_reportable(experiment: Experiment) -> None:
    """Check, before anybody is sent, that a report can be made in the end.

    Raises:
        SetupError: the file asks for what is not there yet.
        InvalidDesignError: as `stats.Design`.
    """
    design_of(experiment)
    if experiment.shadows:
        raise SetupError("[[shadows]] in the experiment file is not available yet; take it out")


def n_to_send(experiment: Experiment, n_planned: int, *, seed: int) -> int:
    """Visitors to send so that `n_planned` of them take part, and the others are held out.

    Assignment is a function of the visitor's name, so this is a count and no guess.
    """
    n_sent = n_taking_part = 0
    while n_taking_part < n_planned:
        n_taking_part += assign(experiment, visitor_id(seed, n_sent)).variant != HOLDOUT
        n_sent += 1
    return n_sent


def _run_to_resume(workspace: Workspace, run_id: str | None) -> RunRecord | None:
    if not workspace.events.exists():
        return None
    reader = EventReader(workspace.events)
    if run_id is not None:
        return reader.run(run_id)
    simulated = [run for run in reader.runs() if run.kind == "simulated"]
    return next((run for run in simulated if run.status != "done"), simulated[0] if simulated else None)


def _stored(record: RunRecord) -> StoredSettings:
    try:
        return msgspec.json.decode(record.settings_json or "{}", type=StoredSettings)
    except msgspec.ValidationError as error:
        raise SetupError(
            f"run {record.run_id!r} was not begun by this version ({error}); start one without --resume"
        ) from error
