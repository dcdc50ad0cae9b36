"""`funflix demo`: the whole experiment, from data to significance report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from experiment import load_experiment
from funflix.commands.train import prepare
from funflix.errors import CheckFailedError, FunflixError
from funflix.options import dataset_option, debug_option, seed_option, workspace_option
from funflix.progress import say
from funflix.reporting import design_of, report_on, write_report_files
from funflix.runs import default_workers, make_run, new_run, resumed_run
from funflix.simulation import Crew
from stats import render_text

if TYPE_CHECKING:
    from funflix.workspace import Workspace

_N_IN_BROWSERS = 150


@click.command(name="demo")
@click.option(
    "--browsers",
    "n_browser",
    type=click.IntRange(min=0),
    default=_N_IN_BROWSERS,
    show_default=True,
    help="How many of the visitors come in real headless Chromium; the others by HTTP.",
)
@click.option("--resume", is_flag=True, help="Complete the latest run that was interrupted or killed.")
@workspace_option
@dataset_option
@seed_option
@debug_option
def command(workspace: Workspace, n_browser: int, dataset: str | None, seed: int, *, resume: bool) -> None:
    """Run the whole experiment and print its significance report.

    Prepares data, trains both models, serves them and the site on free loopback ports, sends the visitors
    that the plan asks for, prints the report, and stops what it started.
    """
    workspace.create()
    settings = resumed_run(workspace, n_workers=default_workers()) if resume else None
    if settings is None:
        prepare(workspace, dataset, seed)
        n_planned = design_of(load_experiment(workspace.experiment)).planned.n_total
        n_browser = min(n_browser, n_planned)
        crew = Crew({"browser": n_browser, "http": n_planned - n_browser}, default_workers())
        settings = new_run(workspace, seed=seed, crew=crew)
    in_browsers = settings.crew.n_visitors.get("browser", 0)
    say(
        f"run {settings.run_id}: {settings.n_visitors:,} visitors, {in_browsers} of them in real browsers, "
        f"seed {settings.seed}"
    )
    try:
        outcome = make_run(workspace, settings)
    except (KeyboardInterrupt, FunflixError):
        say(f"to complete this run: funflix demo --resume --workspace {workspace.root}")
        raise
    report = report_on(workspace, outcome.run_id)
    click.echo(render_text(report))
    files = write_report_files(workspace, report)
    say("")
    say(f"report:    {files.html}")
    say(f"as JSON:   {files.json}")
    say(f"events:    {workspace.events}")
    say(f"settings:  {workspace.experiment}, {workspace.population}")
    say(f"browse the site that produced it:  funflix serve --workspace {workspace.root}")
    if report.verdict.code == "invalid":
        raise CheckFailedError(report.verdict.sentence)
