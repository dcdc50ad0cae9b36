"""`funflix simulate`: drive the site with bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from funflix.command_line import echo_json
from funflix.commands.train import prepare
from funflix.engine_options import EngineOptions
from funflix.errors import SetupError
from funflix.latency_report import page_json
from funflix.options import (
    dataset_option,
    debug_option,
    json_option,
    refuse_beside_resume,
    visitor_seed_option,
    workspace_option,
)
from funflix.progress import say
from funflix.run_settings import default_workers, new_run, resumed_run
from funflix.runs import make_run
from funflix.simulation import ENGINES, Crew
from funflix.true_labels import say_label_score
from funflix.vector_run import VECTOR
from simulator.behaviour import parse_population
from simulator.engines import BACKENDS

if TYPE_CHECKING:
    from funflix.runs import RunOutcome
    from funflix.workspace import Workspace
    from simulator.engines.vector_workers import Backend

LOG, PARQUET = "log", "parquet"


@click.command(name="simulate")
@click.option(
    "--engine",
    type=click.Choice([*ENGINES, VECTOR]),
    default="browser",
    show_default=True,
    help="Real headless browsers; the same visits by HTTP alone; or all at once as arrays, without a site.",
)
@click.option("--visitors", type=click.IntRange(min=1), help="How many; default: size in population.toml.")
@click.option("--workers", type=click.IntRange(1, 64), help="Visits made at a time; default: by cores.")
@click.option(
    "--site",
    metavar="URL",
    help="Visit a Funflix site that already runs on this workspace; default: start one, and stop it.",
)
@click.option(
    "--grid",
    "grid_url",
    metavar="URL",
    help="Browsers of a Selenium Grid in place of this machine's; they must reach the site.",
)
@click.option(
    "--headed", is_flag=True, help="Open the browsers' windows, to watch; one at a time by default."
)
@click.option(
    "--slow-motion",
    "slow_motion_s",
    type=click.FloatRange(0, 60),
    default=0.0,
    metavar="SECONDS",
    help="Pause of a visitor in a browser before each step.",
)
@click.option(
    "--screenshots",
    "screenshot_every",
    type=click.IntRange(min=1),
    metavar="N",
    help="Keep screenshots of every Nth visit in a browser; those that fail are always kept.",
)
@click.option(
    "--rate",
    "rate_per_s",
    type=click.FloatRange(0, 100_000, min_open=True),
    metavar="VISITS_PER_S",
    help="With engine http: visits begin when due, however slow the site; default: one after another.",
)
@click.option(
    "--output",
    type=click.Choice([LOG, PARQUET]),
    default=LOG,
    show_default=True,
    help="With engine vector: events go into the event log; or become Parquet files, for large runs.",
)
@click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    help="With --output parquet: processes of this machine (loky, the default), or a cluster's workers.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Of the cluster of --backend dask or ray; default: local workers of it.",
)
@click.option("--resume", is_flag=True, help="Complete the latest run that was interrupted or killed.")
@click.option("--run", "run_id", metavar="ID", help="With --resume: which run.")
@workspace_option
@dataset_option
@visitor_seed_option
@json_option
@debug_option
def command(  # noqa: PLR0917 - click passes options by name
    workspace: Workspace,
    engine: str,
    visitors: int | None,
    workers: int | None,
    site: str | None,
    grid_url: str | None,
    slow_motion_s: float,
    screenshot_every: int | None,
    rate_per_s: float | None,
    output: str,
    backend: Backend | None,
    scheduler: str | None,
    dataset: str | None,
    seed: int | None,
    run_id: str | None,
    *,
    headed: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Send visitors whose true tastes are known through the site."""
    if resume:
        refuse_beside_resume("engine", "visitors", "seed", "dataset", "output")
    _require_fitting_options(engine, run_id, site, output, is_resumed=resume)
    workspace.create()
    if workspace.prepared() is None or dataset is not None:
        prepare(workspace, dataset, workspace.seed(seed))
    options = EngineOptions(
        grid_url, headed, slow_motion_s, screenshot_every or 0, rate_per_s, backend, scheduler
    )
    n_workers = options.n_workers(default_workers(), workers)
    if resume:
        settings = resumed_run(workspace, run_id, n_workers=n_workers)
    else:
        n_visitors = population_size(workspace) if visitors is None else visitors
        crew = Crew({engine: n_visitors}, n_workers)
        settings = new_run(workspace, seed=workspace.seed(seed), crew=crew, has_lake=output == PARQUET)
    options.require_use(settings.crew.n_visitors)
    if VECTOR in settings.crew.n_visitors:
        options.require_use_by_vector(has_lake=settings.has_lake, n_workers=workers)
    prepared = workspace.prepared()
    if prepared is not None and prepared.seed != settings.seed:
        say(f"the data split and the models keep seed {prepared.seed}; train anew for others")
    say(f"run {settings.run_id}: {settings.n_visitors:,} visitors, seed {settings.seed}")
    outcome = make_run(workspace, settings, site_url=site, options=options)
    _tell(workspace, outcome, as_json=as_json)


def _require_fitting_options(
    engine: str, run_id: str | None, site: str | None, output: str, *, is_resumed: bool
) -> None:
    if run_id is not None and not is_resumed:
        raise SetupError(f"--run {run_id!r} goes with --resume; a new run gets its name here")
    if site is not None and engine == VECTOR:
        raise SetupError(f"--site {site!r}: engine 'vector' visits no site; leave --site out")
    if output == PARQUET and engine != VECTOR:
        raise SetupError(f"--output {output}: engine {engine!r} writes the event log; add --engine vector")


def _tell(workspace: Workspace, outcome: RunOutcome, *, as_json: bool) -> None:
    say_label_score(workspace, outcome.run_id)
    if as_json:
        echo_json(_as_json(outcome))
    else:
        click.echo(outcome.run_id)
    say(f"report: funflix report --workspace {workspace.root} --run {outcome.run_id}")


def population_size(workspace: Workspace) -> int:
    """Visitors that the workspace's population file asks for."""
    text = workspace.population.read_text(encoding="utf-8")
    return parse_population(text, source=str(workspace.population)).crowd.size


def _as_json(outcome: RunOutcome) -> dict[str, object]:
    return {
        "run": outcome.run_id,
        "n_done": outcome.tally.n_done,
        "n_failed_attempts": outcome.tally.n_failed_attempts,
        "n_retries": outcome.tally.n_retries,
        "latency": [page_json(row) for row in outcome.latency],
        "truth": outcome.calibration.truth.to_json(),
    }
