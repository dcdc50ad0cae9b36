"""TrainingSet and models: found, split, trained and remembered in the workspace."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import MOVIELENS, Dataset, RatingsSplit, find_dataset, split_ratings
from experiment import load_experiment
from funflix.errors import SetupError
from funflix.oracle import ORACLE, oracle_model
from funflix.workspace import Prepared, Workspace
from recommender import ensure_artefact, kind_for_catalogue, load_artefact, save_artefact

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog import Progress, Ratings
    from recommender import Manifest

# The shipped experiment: an older model on older data against a newer one on newer data.
_OLDER, _NEWER = "older-svd", "newer-ease"
# Reference arms which are kinds of model as well.
_UNTRAINED = ("random", "popularity")


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """The films and ratings a workspace works with.

    Args:
        choice: what to pass to `--dataset` for the same data.
        dataset: all of it.
        split: what each model, and the truth, may see.
        notice: one line that says what data this is and why.
    """

    choice: str
    seed: int
    dataset: Dataset
    split: RatingsSplit
    notice: str


@dataclass(frozen=True, slots=True)
class Training:
    """One model of the workspace, and how long it took to have it.

    Args:
        manifest: what the artefact says of itself, with its offline metrics.
        path: the folder of its version.
        seconds: time to train and save it, or to find it sound from an earlier training.
    """

    manifest: Manifest
    path: Path
    seconds: float


def find_training_set(
    workspace: Workspace, choice: str | None, seed: int, *, progress: Progress | None = None
) -> TrainingSet:
    """Find the data asked for; without a choice, what the workspace already uses.

    Raises:
        CatalogError: the data cannot be had, or is not what it should be.
    """
    prepared = workspace.prepared()
    if choice is None and prepared is not None:
        choice = prepared.dataset
    found = find_dataset(choice, folder=workspace.datasets, seed=seed, progress=progress)
    dataset = found.dataset
    return TrainingSet(
        choice=_repeatable_choice(choice, dataset),
        seed=seed,
        dataset=dataset,
        split=split_ratings(dataset, seed=seed),
        notice=found.notice,
    )


def train_models(
    workspace: Workspace,
    training_set: TrainingSet,
    *,
    visitor_seed: int | None = None,
    on_start: Callable[[str], None] = lambda _name: None,
) -> list[Training]:
    """Train the built-in models that the experiment file asks for, and remember them.

    Args:
        workspace: whose experiment file, and where the models go.
        training_set: what they are trained on.
        visitor_seed: of the visitors whose truth the oracle ranks by; None: that of the training set.
        on_start: told the name of each model before it is trained.

    Raises:
        SetupError: a variant asks the built-in endpoint for a model that nobody trains.
    """
    trainings = []
    for name in _builtin_models(workspace):
        on_start(name)
        started = time.perf_counter()
        if name == ORACLE:
            seed = training_set.seed if visitor_seed is None else visitor_seed
            path = save_artefact(oracle_model(training_set, workspace.population, seed), workspace.models)
        else:
            path = _trained(workspace, training_set, name)
        seconds = time.perf_counter() - started
        trainings.append(Training(manifest=load_artefact(path).manifest, path=path, seconds=seconds))
    workspace.remember(
        Prepared(
            dataset=training_set.choice,
            seed=training_set.seed,
            digest=training_set.dataset.digest,
            models={training.manifest.name: training.manifest.version for training in trainings},
        )
    )
    return trainings


def ensure_models(workspace: Workspace, *, visitor_seed: int) -> None:
    """Train what the experiment file asks for and the workspace lacks; the oracle is made anew.

    A workspace that was never prepared is left alone.

    Raises:
        SetupError: as `train_models`, or the data changed since.
    """
    prepared = workspace.prepared()
    if prepared is None:
        return
    wanted = set(_builtin_models(workspace))
    if ORACLE in wanted or not wanted <= prepared.models.keys():
        train_models(workspace, prepared_training_set(workspace), visitor_seed=visitor_seed)


def require_prepared(workspace: Workspace) -> Prepared:
    """What the workspace was prepared with.

    Raises:
        SetupError: no models were trained here yet.
    """
    prepared = workspace.prepared()
    if prepared is None:
        raise SetupError(
            f"workspace {str(workspace.root)!r} has no models yet; run `funflix train` or `funflix demo`"
        )
    return prepared


def artefact_paths(workspace: Workspace) -> list[Path]:
    """The artefacts that the built-in endpoint serves: of each model, the version trained last."""
    prepared = require_prepared(workspace)
    return [workspace.models / name / version for name, version in sorted(prepared.models.items())]


def prepared_training_set(workspace: Workspace) -> TrainingSet:
    """The data of a prepared workspace, checked to be the same that its models were trained on.

    Raises:
        SetupError: the data changed since.
    """
    prepared = require_prepared(workspace)
    training_set = find_training_set(workspace, prepared.dataset, prepared.seed)
    if training_set.dataset.digest != prepared.digest:
        raise SetupError(
            f"dataset {prepared.dataset!r} has changed since the models of {str(workspace.root)!r} were "
            "trained; run `funflix train` again"
        )
    return training_set


def _builtin_models(workspace: Workspace) -> list[str]:
    experiment = load_experiment(workspace.experiment)
    names = [variant.model for variant in experiment.variants if variant.url == "builtin"]
    return list(dict.fromkeys(names))


def _trained(workspace: Workspace, training_set: TrainingSet, name: str) -> Path:
    kind, ratings = _recipe(name, training_set, workspace)
    return ensure_artefact(
        workspace.models,
        name,
        kind,
        films=training_set.dataset.films,
        ratings=ratings,
        held_out=training_set.split.held_out,
        seed=training_set.seed,
    )


def _recipe(name: str, training_set: TrainingSet, workspace: Workspace) -> tuple[str, Ratings]:
    if name == _OLDER:
        return "svd", training_set.split.control
    if name == _NEWER:
        return kind_for_catalogue(len(training_set.dataset.films)), training_set.split.treatment
    if name in _UNTRAINED:
        return name, training_set.split.treatment
    known = ", ".join(repr(model) for model in (_OLDER, _NEWER, *_UNTRAINED, ORACLE))
    raise SetupError(
        f"{str(workspace.experiment)!r} asks the built-in endpoint for model {name!r}, which has only "
        f"{known}; set url to the endpoint that serves it"
    )


def _repeatable_choice(choice: str | None, dataset: Dataset) -> str:
    if dataset.is_synthetic:
        return "synthetic"
    if choice is None or choice in MOVIELENS:
        return dataset.name if choice is None else choice
    return str(Path(choice).resolve())
