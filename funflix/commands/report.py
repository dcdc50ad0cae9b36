"""`funflix report`: is the newer model better, by how much, and would you have noticed?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from funflix.command_line import echo_json
from funflix.errors import CheckFailedError
from funflix.options import debug_option, json_option, resample_option, workspace_option
from funflix.progress import say
from funflix.reporting import report_on
from funflix.workspace import write_atomically

if TYPE_CHECKING:
    from funflix.workspace import Workspace


@click.command(name="report")
@click.option(
    "--run", "run_id", metavar="ID", help='Which run; default: the latest simulated one, else "live".'
)
@click.option(
    "--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write one HTML file."
)
@resample_option
@workspace_option
@json_option
@debug_option
def command(
    workspace: Workspace,
    run_id: str | None,
    html_file: Path | None,
    n_resamples: int | None,
    *,
    as_json: bool,
) -> None:
    """Print the significance report of one run; exit code 3 when a trust check or a guardrail failed."""
    from stats import Resampling, render_html, render_text, report_to_json

    resampling = None if n_resamples is None else Resampling(n_resamples)
    report = report_on(workspace, run_id, resampling=resampling)
    if html_file is not None:
        write_atomically(html_file, render_html(report))
        say(f"report: {html_file}")
    if as_json:
        echo_json(report_to_json(report))
    else:
        click.echo(render_text(report))
    if report.failed_check:
        raise CheckFailedError(report.failed_check)
