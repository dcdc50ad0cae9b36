"""`funflix validate`: are the error rates of this experiment what they claim to be, on this set-up?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from funflix.command_line import echo_json
from funflix.errors import CheckFailedError, SetupError
from funflix.options import (
    dataset_option,
    debug_option,
    json_option,
    visitor_seed_option,
    workspace_option,
)
from funflix.progress import ProgressBar, say
from simulator.engines import BACKENDS, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funflix.sweeping import SweptExperiment
    from funflix.workspace import Workspace
    from simulator.engines.vector_workers import Backend
    from stats import Validation


@click.command(name="validate")
@click.option(
    "--experiments",
    type=click.IntRange(min=100),
    default=10_000,
    show_default=True,
    help="Experiments without an effect; a fifth as many with the treatment's, and with the MDE.",
)
@click.option("--visitors", type=click.IntRange(min=500), help="Of each experiment; default: as planned.")
@click.option("--jobs", type=click.IntRange(1, 1024), help="Processes; default: one per core.")
@click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    default="loky",
    show_default=True,
    help="Processes of this machine, or a cluster's workers.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Of the cluster of --backend dask or ray; default: local workers of it.",
)
@click.option(
    "--plant",
    type=click.Choice(["none", "biased-assignment", "faulty-split", "peeking", "wrong-unit"]),
    default="none",
    show_default=True,
    help="Plant a fault, to see it found.",
)
@click.option(
    "--sweep",
    is_flag=True,
    help="Also say how truth and verdict move with the guesses of the population file.",
)
@click.option(
    "--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write one HTML file."
)
@workspace_option
@dataset_option
@visitor_seed_option
@json_option
@debug_option
def command(  # noqa: PLR0917 - click passes options by name
    workspace: Workspace,
    experiments: int,
    visitors: int | None,
    jobs: int | None,
    backend: Backend,
    scheduler: str | None,
    plant: str,
    html_file: Path | None,
    dataset: str | None,
    seed: int | None,
    *,
    sweep: bool,
    as_json: bool,
) -> None:
    """Try the experiment thousands of times on its own population; exit code 3 when an error rate is off."""
    from funflix.commands.train import prepare
    from funflix.engine_options import require_installed
    from funflix.sweeping import sweep_population
    from funflix.validating import ValidationSettings, validate_setup
    from funflix.workspace import write_atomically
    from stats import render_validation_html

    if scheduler is not None and backend == "loky":
        raise SetupError(f"--scheduler {scheduler!r}: whose? name it by --backend dask or ray")
    require_installed(backend)
    workspace.create()
    if workspace.prepared() is None or dataset is not None:
        prepare(workspace, dataset, workspace.seed(seed))
    settings = ValidationSettings(
        n_experiments=experiments,
        n_visitors=visitors,
        seed=workspace.seed(seed),
        workers=Workers(jobs or os.cpu_count() or 1, backend, scheduler),
        fault=plant,
    )
    say(f"validating with seed {settings.seed}")
    with ProgressBar("experiments", None, unit="parts") as bar:
        found = validate_setup(
            workspace, settings, say=say, on_done=lambda done, total: bar.set(done, total=total)
        )
    swept = sweep_population(workspace, seed=settings.seed, on_row=_say_row) if sweep else ()
    if html_file is not None:
        write_atomically(html_file, render_validation_html(found, sweep=_cells(swept)))
        say(f"validation: {html_file}")
    _tell(found, swept if sweep else None, as_json=as_json)
    if not found.is_sound:
        raise CheckFailedError(found.sentence)


def _tell(found: Validation, swept: Sequence[SweptExperiment] | None, *, as_json: bool) -> None:
    from funflix.sweeping import sweep_json, sweep_text
    from stats import render_validation, validation_to_json

    if as_json:
        echo_json(validation_to_json(found) | {"sweep": None if swept is None else sweep_json(swept)})
        return
    click.echo(render_validation(found), nl=False)
    if swept is not None:
        click.echo(f"\nHOW THE VERDICT MOVES WITH THE POPULATION\n{sweep_text(swept)}")


def _say_row(one: SweptExperiment) -> None:
    say(f"swept: {one.row.variation.words}")


def _cells(swept: Sequence[SweptExperiment]) -> list[tuple[str, ...]]:
    """The sweep as a table for the page."""
    if not swept:
        return []
    rows: list[tuple[str, ...]] = [("varied", "control", "treatment", "difference", "ship")]
    for one in swept:
        words, truth = one.row.variation.words, one.row.truth
        if truth is None:
            rows.append((words, "-", "-", "-", one.row.problem))
            continue
        control, treatment, *_ = truth.visitor_ctr.values()
        chance = "-" if one.ship_chance is None else f"{one.ship_chance:.0%}"
        difference = f"{100 * truth.difference:+.2f} points"
        rows.append((words, f"{control:.2%}", f"{treatment:.2%}", difference, chance))
    return rows
