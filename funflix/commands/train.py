"""`funflix train`: get the data and train both models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from funflix.command_line import echo_json
from funflix.options import dataset_option, debug_option, json_option, seed_option, workspace_option
from funflix.preparing import find_training_set, train_models
from funflix.progress import ProgressBar, say

if TYPE_CHECKING:
    from funflix.preparing import Training, TrainingSet
    from funflix.workspace import Workspace


@click.command(name="train")
@workspace_option
@dataset_option
@seed_option
@json_option
@debug_option
def command(workspace: Workspace, dataset: str | None, seed: int | None, *, as_json: bool) -> None:
    """Train the control on the older half of the data and the treatment on all of it."""
    workspace.create()
    _, trainings = prepare(workspace, dataset, workspace.seed(seed))
    if as_json:
        echo_json(
            [
                msgspec.to_builtins(training.manifest)
                | {"path": str(training.path), "seconds": training.seconds}
                for training in trainings
            ]
        )


def prepare(workspace: Workspace, dataset: str | None, seed: int) -> tuple[TrainingSet, list[Training]]:
    """Find the data and train the models, saying so as it goes."""
    with ProgressBar("download", None, unit="kB") as bar:
        training_set = find_training_set(
            workspace,
            dataset,
            seed,
            progress=lambda done, total: bar.set(
                done // 1000, total=None if total is None else total // 1000
            ),
        )
    say(training_set.notice)
    trainings = train_models(workspace, training_set)
    for training in trainings:
        say(_line(training))
    return training_set, trainings


def _line(training: Training) -> str:
    manifest, metrics = training.manifest, training.manifest.metrics
    precision = "unknown" if metrics.precision is None else f"{metrics.precision:.3f}"
    return (
        f"model {manifest.name} ({manifest.kind}, version {manifest.version}): "
        f"{manifest.n_ratings:,} ratings, {training.seconds:.1f} s; "
        f"offline precision at {metrics.k}: {precision}"
    )
