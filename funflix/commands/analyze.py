"""`funflix analyze`: the significance report on anyone's data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from funflix.command_line import echo_json
from funflix.errors import CheckFailedError, SetupError
from funflix.options import debug_option, json_option, resample_option
from funflix.progress import say
from funflix.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Callable

    from stats import Reading, Report

_WEIGHT = re.compile(r"(?P<variant>.+)=(?P<weight>\d+(\.\d*)?|\.\d+)", re.ASCII)


def _column_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--visitor`, `--variant` and so on: which column is which."""
    for name, text in (
        ("bot", "1 or true for visitors to leave out."),
        ("clicked", "0 or 1: whether the visitor, or the impression of the row, was clicked."),
        ("impressions", "A number of viewed impressions."),
        ("clicks", "A number of clicks."),
        ("variant", "The visitor's variant."),
        ("visitor", "Who was randomised."),
    ):
        function = click.option(f"--{name}", metavar="COLUMN", help=f"Column: {text}")(function)
    return function


def _detail_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--segment`, `--value` and so on: what else the table tells of its visitors."""
    for option in (
        click.option(
            "--day", metavar="COLUMN", help="Column: the date of a row; gives differences day by day."
        ),
        click.option(
            "--past", metavar="COLUMN", help="Column: a number from before the experiment, for CUPED."
        ),
        click.option(
            "--value",
            "values",
            multiple=True,
            metavar="COLUMN",
            help="Column: a number, summed by visitor; a secondary metric. May be repeated.",
        ),
        click.option(
            "--segment",
            "segments",
            multiple=True,
            metavar="COLUMN",
            help="Column: a group known before assignment, as country. May be repeated.",
        ),
    ):
        function = option(function)
    return function


def _design_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--baseline`, `--mde` and so on: what was decided before the data came."""
    for option in (
        click.option(
            "--weights",
            multiple=True,
            metavar="VARIANT=WEIGHT",
            help="Intended split, once for each variant; default: even.",
        ),
        click.option(
            "--alternative",
            type=click.Choice(["greater", "less", "two-sided"]),
            default="greater",
            show_default=True,
            help="Which difference would count.",
        ),
        click.option("--power", type=float, default=0.9, show_default=True, help="Chance to detect the MDE."),
        click.option("--alpha", type=float, default=0.05, show_default=True, help="False-alarm rate."),
        click.option("--mde", type=float, default=0.04, show_default=True, help="Minimum detectable effect."),
        click.option(
            "--n-looks",
            type=click.IntRange(1, 100),
            default=5,
            show_default=True,
            help="Looks of obrien-fleming and pocock; the last is at the planned size.",
        ),
        click.option(
            "--sequential",
            type=click.Choice(["none", "obrien-fleming", "pocock", "always-valid"]),
            default="none",
            show_default=True,
            help="When the data may be looked at: once, at --n-looks even looks, or at any time.",
        ),
        click.option(
            "--metric",
            type=click.Choice(["visitor_ctr", "impression_ctr"]),
            default="visitor_ctr",
            show_default=True,
            help="What decides.",
        ),
        click.option("--baseline", type=float, default=0.07, show_default=True, help="CTR planned on."),
    ):
        function = option(function)
    return function


@click.command(name="analyze")
@click.argument("location", metavar="FILE|URL", required=False)
@click.option(
    "--counts",
    multiple=True,
    metavar="VARIANT=CLICKED/VISITORS",
    help="Instead of FILE: counts, once for each variant, as control=66/925.",
)
@click.option("--table", metavar="NAME", help="Of SQLite and PostgreSQL: which table or view.")
@click.option(
    "--rows", type=click.Choice(["visitor", "impression"]), help="What one row is; default: found out."
)
@_column_options
@_detail_options
@click.option("--control", metavar="NAME", help="The control variant; default: found by its name.")
@click.option(
    "--treatment", metavar="NAME", help="The only variant to compare with it; default: every other."
)
@_design_options
@click.option("--memory-mb", type=click.IntRange(min=64), help="Memory for reading files; then disk.")
@click.option(
    "--spill-folder",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Disk for what exceeds it; default: the system's temporary folder.",
)
@click.option(
    "--html", "html_file", type=click.Path(dir_okay=False, path_type=Path), help="Also write one HTML file."
)
@resample_option
@json_option
@debug_option
def command(
    location: str | None,
    counts: tuple[str, ...],
    html_file: Path | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click passes every other option by its name
) -> None:
    """Print the significance report on anyone's data; exit code 3 when a trust check failed.

    FILE|URL is a CSV, Parquet or SQLite file, s3://BUCKET/KEY or postgresql://HOST/DATABASE, with one row a
    visitor or one an impression.
    """
    from stats import StatsError, render_html, render_text, report_to_json

    if (location is None) == (not counts):
        raise click.UsageError("give FILE|URL, or --counts once for each variant, and not both")
    try:
        reading = _read_counts(counts, options) if location is None else _read_table(location, options)
        report = _report(reading, location, options)
    except StatsError as error:  # one that reads the input is an OSError too, and still the input's fault
        raise SetupError(str(error)) from error
    for note in reading.notes:
        say(note)
    if html_file is not None:
        from funflix.workspace import write_atomically

        write_atomically(html_file, render_html(report))
        say(f"report: {html_file}")
    if as_json:
        echo_json(report_to_json(report))
    else:
        click.echo(render_text(report))
    if report.failed_check:
        raise CheckFailedError(report.failed_check)


def _read_counts(counts: tuple[str, ...], options: dict[str, Any]) -> Reading:
    from stats import read_counts

    return read_counts(counts, control=options["control"], treatment=options["treatment"])


def _read_table(location: str, options: dict[str, Any]) -> Reading:
    from stats import ColumnNames, DetailColumns, Resources, read_table

    roles = ("visitor", "variant", "clicks", "impressions", "clicked", "bot")
    rows: Literal["visitor", "impression"] | None = options["rows"]
    return read_table(
        location,
        columns=ColumnNames(**{role: options[role] for role in roles}),
        table=options["table"],
        rows=rows,
        control=options["control"],
        treatment=options["treatment"],
        resources=Resources(options["memory_mb"], options["spill_folder"]),
        details=DetailColumns(options["segments"], options["values"], options["past"], options["day"]),
    )


def _report(reading: Reading, location: str | None, options: dict[str, Any]) -> Report:
    from stats import Design, Resampling, build_report

    names = (reading.control, *reading.treatments)
    design = Design(
        alternative=options["alternative"],
        alpha=options["alpha"],
        power=options["power"],
        mde=options["mde"],
        baseline=options["baseline"],
        weights=_weights(options["weights"], names),
        control=reading.control,
        primary_metric=options["metric"],
        sequential=options["sequential"],
        n_looks=options["n_looks"],
    )
    n_resamples = options["n_resamples"]
    resampling = None if n_resamples is None else Resampling(n_resamples)
    run = reading.outcomes.run
    outcomes = replace(reading.outcomes, run=replace(run, settings={**run.settings, **provenance(location)}))
    return build_report(outcomes, design, generated_at=datetime.now(UTC), resampling=resampling)


def _weights(texts: tuple[str, ...], names: tuple[str, ...]) -> dict[str, float]:
    """Read the intended split of all variants compared; even where none is given."""
    if not texts:
        return dict.fromkeys(names, 1.0)
    weights = {}
    for text in texts:
        match = _WEIGHT.fullmatch(text)
        if match is None:
            raise SetupError(
                f"--weights {text!r} is not VARIANT=WEIGHT; write for instance {names[0]}=1 or {names[0]}=0.5"
            )
        weights[match["variant"]] = float(match["weight"])
    if set(weights) != set(names):
        raise SetupError(
            f"--weights name {', '.join(weights)}; they must name the variants compared, "
            f"{' and '.join(names)}, each once"
        )
    return weights
