"""`funflix report`: is the newer model better, by how much, and would you have noticed?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from funflix.command_line import echo_json
from funflix.errors import CheckFailedError
from funflix.options import debug_option, json_option, resample_option, workspace_option
from funflix.progress import say
from funflix.reporting import comparison_of, report_on
from funflix.true_labels import say_label_score
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
@click.option(
    "--compare",
    "compared",
    nargs=2,
    metavar="RUN RUN",
    help="Two runs side by side: their rates and differences, and whether they tell the same.",
)
@resample_option
@workspace_option
@json_option
@debug_option
def command(
    workspace: Workspace,
    run_id: str | None,
    html_file: Path | None,
    compared: tuple[str, str] | None,
    n_resamples: int | None,
    *,
    as_json: bool,
) -> None:
    """Print the significance report of one run; exit code 3 when a trust check or a guardrail failed."""
    from stats import Resampling, render_html, render_text, report_to_json

    if compared is not None:
        if run_id is not None or n_resamples is not None:
            raise click.UsageError("--compare names its runs itself; leave --run and --resample out")
        _compare(workspace, compared, html_file, as_json=as_json)
        return
    resampling = None if n_resamples is None else Resampling(n_resamples)
    report = report_on(workspace, run_id, resampling=resampling)
    if html_file is not None:
        write_atomically(html_file, render_html(report))
        say(f"report: {html_file}")
    say_label_score(workspace, report.run.run_id)
    if as_json:
        echo_json(report_to_json(report))
    else:
        click.echo(render_text(report))
    if report.failed_check:
        raise CheckFailedError(report.failed_check)


def _compare(
    workspace: Workspace, compared: tuple[str, str], html_file: Path | None, *, as_json: bool
) -> None:
    from stats import render_run_comparison, render_run_comparison_html, run_comparison_to_json

    found = comparison_of(workspace, *compared)
    if html_file is not None:
        write_atomically(html_file, render_run_comparison_html(found))
        say(f"comparison: {html_file}")
    if as_json:
        echo_json(run_comparison_to_json(found))
    else:
        click.echo(render_run_comparison(found), nl=False)
