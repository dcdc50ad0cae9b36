"""`funflix demo`: the whole experiment, from data to significance report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from experiment import EventLog, EventReader, load_experiment
from funflix.commands.train import prepare
from funflix.errors import CheckFailedError, FunflixError, SetupError
from funflix.options import (
    dataset_option,
    debug_option,
    refuse_beside_resume,
    seed_option,
    workspace_option,
)
from funflix.progress import say
from funflix.reporting import report_on, write_report_files
from funflix.run_settings import default_workers, n_to_send, new_run, resumed_run
from funflix.runs import make_run
from funflix.simulation import Crew, new_run_id
from funflix.workspace import write_atomically
from stats import render_text
from website import design_of

if TYPE_CHECKING:
    from pathlib import Path

    from funflix.workspace import Workspace

_N_IN_BROWSERS = 150


class _Order(msgspec.Struct, frozen=True):
    """What a demo was asked for, kept from its first moment so that it can be resumed at any."""

    run_id: str
    dataset: str | None
    seed: int
    n_browser: int


@click.command(name="demo")
@click.option(
    "--browsers",
    "n_browser",
    type=click.IntRange(min=0),
    default=_N_IN_BROWSERS,
    show_default=True,
    help="How many of the visitors come in real headless Chromium; the others by HTTP.",
)
@click.option("--resume", is_flag=True, help="Complete the latest demo of this workspace.")
@workspace_option
@dataset_option
@seed_option
@debug_option
def command(
    workspace: Workspace, n_browser: int, dataset: str | None, seed: int | None, *, resume: bool
) -> None:
    """Run the whole experiment and print its significance report.

    Prepares data, trains both models, serves them and the site on free loopback ports, sends the visitors
    that the plan asks for, prints the report, and stops what it started.
    """
    if resume:
        refuse_beside_resume("n_browser", "dataset", "seed")
    workspace.create()
    order = _earlier_order(workspace) if resume else None
    if order is None:
        seed = workspace.seed(seed)
        order = _Order(run_id=new_run_id(seed), dataset=dataset, seed=seed, n_browser=n_browser)
        write_atomically(_order_file(workspace), msgspec.json.encode(order).decode() + "\n")
    try:
        _fill(workspace, order)
    except (KeyboardInterrupt, FunflixError):
        say(f"to complete this demo: funflix demo --resume --workspace {workspace.root}")
        raise
    report = report_on(workspace, order.run_id)
    click.echo(render_text(report))
    files = write_report_files(workspace, report)
    say("")
    say(f"report:    {files.html}")
    say(f"as JSON:   {files.json}")
    say(f"events:    {workspace.events}")
    say(f"settings:  {workspace.experiment}, {workspace.population}")
    say(f"browse the site that produced it:  funflix serve --workspace {workspace.root}")
    if report.failed_check:
        raise CheckFailedError(report.failed_check)


def _fill(workspace: Workspace, order: _Order) -> None:
    """Make the run of an order, or what is left of it; nothing when it is complete."""
    status = _status(workspace, order.run_id)
    if status == "done":
        return
    if status is None:
        prepare(workspace, order.dataset, order.seed)
        experiment = load_experiment(workspace.experiment)
        n_visitors = n_to_send(experiment, design_of(experiment).planned.n_total, seed=order.seed)
        n_browser = min(order.n_browser, n_visitors)
        crew = Crew({"browser": n_browser, "http": n_visitors - n_browser}, default_workers())
        settings = new_run(workspace, run_id=order.run_id, seed=order.seed, crew=crew)
    else:
        settings = resumed_run(workspace, order.run_id, n_workers=default_workers())
    in_browsers = settings.crew.n_visitors["browser"]
    say(
        f"run {settings.run_id}: {settings.n_visitors:,} visitors, {in_browsers} of them in real browsers, "
        f"seed {settings.seed}"
    )
    make_run(workspace, settings)


def _status(workspace: Workspace, run_id: str) -> str | None:
    """How the event log has a run; None while it has not."""
    EventLog.open(workspace.events).close()  # made where there is none, brought up to date where it is old
    runs = EventReader(workspace.events).runs()
    return next((run.status for run in runs if run.run_id == run_id), None)


def _order_file(workspace: Workspace) -> Path:
    return workspace.reports / "demo.json"


def _earlier_order(workspace: Workspace) -> _Order | None:
    try:
        return msgspec.json.decode(_order_file(workspace).read_bytes(), type=_Order)
    except FileNotFoundError:
        say("no earlier demo in this workspace: starting one")
        return None
    except msgspec.MsgspecError as error:
        raise SetupError(
            f"{str(_order_file(workspace))!r} is damaged ({error}); start a demo without --resume"
        ) from error
