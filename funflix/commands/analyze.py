"""`funflix analyze`: the significance report on anyone's data."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from funflix.analysis_options import (
    column_options,
    design_options,
    detail_options,
    other_options,
)
from funflix.command_line import echo_json
from funflix.errors import CheckFailedError, SetupError
from funflix.options import debug_option, json_option, resample_option
from funflix.other_traffic import (
    OtherTraffic,
    has_arms,
    read_others,
    refuse_useless_options,
    report_without_arms,
)
from funflix.progress import say
from funflix.provenance import provenance

if TYPE_CHECKING:
    from stats import ArmlessReport, Reading, Report

_UNBREAKABLE = "\N{NO-BREAK SPACE}"
_WEIGHT = re.compile(r"(?P<variant>.+)=(?P<weight>\d+(\.\d*)?|\.\d+)", re.ASCII)


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
    "--rows",
    type=click.Choice(["visitor", "impression", "click"]),
    help="What one row is; default: found out. A click: of --interleaving.",
)
@column_options
@detail_options
@click.option("--control", metavar="NAME", help="The control variant; default: found by its name.")
@click.option(
    "--treatment", metavar="NAME", help="The only variant to compare with it; default: every other."
)
@other_options
@design_options
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
@click.pass_context
def command(
    context: click.Context,
    /,
    location: str | None,
    counts: tuple[str, ...],
    html_file: Path | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click passes every other option by its name
) -> None:
    """Print the significance report on anyone's data; exit code 3 when a trust check failed.

    FILE|URL is a CSV, Parquet or SQLite file, s3://BUCKET/KEY or postgresql://HOST/DATABASE, with one row a
    visitor or one an impression. Interleaved slates and logs with propensities have no arms: --interleaving
    and --off-policy, each with a file of its own for a section beside the arms, or alone where they are in
    FILE.
    """
    from stats import StatsError, render_html, render_text, report_to_json

    is_with_arms = has_arms(location, counts, options)
    refuse_useless_options(context, is_with_arms=is_with_arms)
    try:
        report, notes = _analyze(location, counts, options, is_with_arms=is_with_arms)
    except StatsError as error:  # one that reads the input is an OSError too, and still the input's fault
        raise SetupError(str(error)) from error
    for note in notes:
        say(_wrapped(note))
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


def _wrapped(note: str) -> str:
    """A note in lines of at most 80 columns; what stands for what is not torn apart."""
    kept = re.sub(r" = \S+(?: \(by its name\))?", lambda found: found[0].replace(" ", _UNBREAKABLE), note)
    lines = textwrap.wrap(kept, 80, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace(_UNBREAKABLE, " ")


def _analyze(
    location: str | None, counts: tuple[str, ...], options: dict[str, Any], *, is_with_arms: bool
) -> tuple[Report | ArmlessReport, tuple[str, ...]]:
    """Return the report, and what to say of how the input was read."""
    if not is_with_arms:
        others = read_others(location, options, None)
        return report_without_arms(others, options), others.notes
    reading = _read_counts(counts, options) if location is None else _read_table(location, options)
    others = read_others(location, options, reading)
    return _report(reading, location, options, others), (*reading.notes, *others.notes)


def _read_counts(counts: tuple[str, ...], options: dict[str, Any]) -> Reading:
    from stats import read_counts

    return read_counts(counts, control=options["control"], treatment=options["treatment"])


def _read_table(location: str, options: dict[str, Any]) -> Reading:
    from stats import ColumnNames, DetailColumns, Resources, read_table

    roles = ("visitor", "variant", "clicks", "impressions", "clicked", "bot")
    rows: Literal["visitor", "impression"] | None = options["rows"] if options["rows"] != "click" else None
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


def _report(reading: Reading, location: str | None, options: dict[str, Any], others: OtherTraffic) -> Report:
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
    settings = {**run.settings, **others.settings, **provenance(location)}
    outcomes = replace(reading.outcomes, run=replace(run, settings=settings))
    return build_report(
        outcomes, design, generated_at=datetime.now(UTC), resampling=resampling, others=others.designs
    )


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
