"""`funflix serve`: browse the site by hand."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import click

from experiment import (
    LIVE_RUN_ID,
    EventLog,
    EventReader,
    RunStarted,
    experiment_hash,
    parse_experiment,
)
from funflix.commands.train import prepare
from funflix.errors import FunflixError, SetupError
from funflix.options import (
    DEFAULT_PORT,
    dataset_option,
    debug_option,
    seed_option,
    workspace_option,
)
from funflix.processes import require_free_port
from funflix.progress import say
from funflix.run_settings import require_reportable
from funflix.servers import endpoint_running, has_builtin, site_running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiment import Experiment
    from funflix.processes import ServerProcess
    from funflix.workspace import Workspace


@click.command(name="serve")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="Port of the site."
)
@click.option(
    "--tmdb-key",
    envvar="FUNFLIX_TMDB_KEY",
    help="A key of themoviedb.org, for real posters; as FUNFLIX_TMDB_KEY no list of processes shows it.",
)
@workspace_option
@dataset_option
@seed_option
@debug_option
def command(
    workspace: Workspace, port: int, tmdb_key: str | None, dataset: str | None, seed: int | None
) -> None:
    """Serve the site and the model endpoint on this machine until Ctrl-C.

    What you do there is logged as run "live" and never mixes with simulated runs.
    """
    require_free_port(port, option="--port")
    workspace.create()
    if workspace.prepared() is None or dataset is not None:
        prepare(workspace, dataset, workspace.seed(seed))
    experiment = _record_live_run(workspace)
    with ExitStack() as stack:
        endpoint = stack.enter_context(endpoint_running(workspace)) if has_builtin(experiment) else None
        site = stack.enter_context(
            site_running(
                workspace,
                experiment_file=workspace.experiment,
                endpoint_url="" if endpoint is None else endpoint.url,
                port=port,
                tmdb_key=(tmdb_key or "").strip(),
            )
        )
        click.echo(site.url)
        say(f"the site:            {site.url}/")
        say(f"the experiment page: {site.url}/experiment")
        if endpoint is not None:
            say(f"the model endpoint:  {endpoint.url}/v2")
        say("Ctrl-C stops what was started")
        _watch([server for server in (endpoint, site) if server is not None])


def _watch(servers: Sequence[ServerProcess]) -> NoReturn:
    """Wait for Ctrl-C, or for a server that ends by itself."""
    while True:
        time.sleep(0.5)
        for server in servers:
            if not server.is_running():
                raise FunflixError(f"the {server.name} server ended; see {str(server.log_path)!r}")


def _record_live_run(workspace: Workspace) -> Experiment:
    """Note what live traffic is judged by, and return it; all of it must have met one experiment.

    Raises:
        SetupError: earlier live traffic met another.
    """
    text = workspace.experiment.read_text(encoding="utf-8")
    experiment = parse_experiment(text, source=str(workspace.experiment))
    require_reportable(experiment)
    with EventLog.open(workspace.events) as log:
        result = log.record(
            RunStarted(
                run_id=LIVE_RUN_ID,
                kind="live",
                experiment=experiment.name,
                experiment_toml=text,
                experiment_hash=experiment_hash(text),
            )
        )
    if result.n_stored:
        return experiment
    earlier = EventReader(workspace.events).run(LIVE_RUN_ID).experiment_toml
    if parse_experiment(earlier, source="the experiment file of the live run") != experiment:
        raise SetupError(
            f"{str(workspace.experiment)!r} has changed since earlier live traffic; change it back, or "
            "serve it from a workspace of its own (--workspace)"
        )
    return experiment
