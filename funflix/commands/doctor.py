"""`funflix doctor`: what this machine lacks, and how to get it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from funflix.command_line import echo_json
from funflix.diagnosis import Finding, examine
from funflix.errors import CheckFailedError
from funflix.options import DEFAULT_PORT, debug_option, json_option, workspace_option

if TYPE_CHECKING:
    from funflix.workspace import Workspace

_MARKS = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}


@click.command(name="doctor")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port `serve` would use.",
)
@workspace_option
@json_option
@debug_option
def command(workspace: Workspace, port: int, *, as_json: bool) -> None:
    """Check the browser, ports, disk, dataset and models; exit code 3 when something needed is missing."""
    findings = examine(workspace, port)
    if as_json:
        echo_json([dataclasses.asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(_line(finding))
    missing = [finding.subject for finding in findings if finding.status == "missing"]
    if missing:
        raise CheckFailedError(f"missing: {', '.join(missing)}")


def _line(finding: Finding) -> str:
    remedy = f"\n{'':20}-> {finding.remedy}" if finding.remedy else ""
    return f"{_MARKS[finding.status]}  {finding.subject:<9}  {finding.words}{remedy}"
