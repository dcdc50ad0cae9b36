"""Traffic that was not split into arms, as `funflix analyze` reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from funflix.analysis_options import IN_THE_FILE
from funflix.errors import SetupError
from funflix.provenance import provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats import (
        ArmlessReport,
        InterleavedReading,
        LoggedReading,
        OtherDesigns,
        Reading,
        Resources,
    )

_ONLY: Final = {
    "interleaving": ("team",),
    "off_policy": ("reward", "propensity", "target_chance", "predicted", "predicted_target"),
}
"""Columns that only one of these designs has."""

_SHARED: Final = {
    "interleaving": ("visitor", "clicks", "clicked", "impressions", "bot"),
    "off_policy": ("visitor", "bot"),
}
"""Columns that a table of arms has, too."""

_OF_ROWS: Final = (
    *("visitor", "variant", "clicks", "impressions", "clicked", "bot"),
    *("segments", "values", "past", "day"),
)
"""Columns of a table of arms; counts have none."""

_OF_ANY: Final = (
    *("location", "interleaving", "off_policy", "alpha", "alternative", "table", "rows", "memory_mb"),
    *("spill_folder", "html_file", "as_json", "debug"),
)


@dataclass(frozen=True, slots=True)
class OtherTraffic:
    """What was read, with what to say of it.

    Args:
        notes: what was sniffed, one line each.
        settings: what is needed to repeat the analysis.
    """

    designs: OtherDesigns
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, str]


def has_arms(location: str | None, counts: tuple[str, ...], options: Mapping[str, Any]) -> bool:
    """Say whether there is a table of arms: FILE, unless one of the other designs is in it; or counts.

    Raises:
        click.UsageError: there is nothing to read, or more than one thing in a place.
    """
    given = [name for name in _ONLY if options[name] is not None]
    in_the_file = [name for name in given if options[name] == IN_THE_FILE]
    if in_the_file and location is None:
        option = _option(in_the_file[0])
        raise click.UsageError(f"{option} alone means the traffic of FILE; give FILE, or {option} FILE")
    if in_the_file and counts:
        raise click.UsageError("--counts are of arms, and FILE is other traffic; name it behind its option")
    is_table_of_arms = location is not None and not in_the_file
    if (is_table_of_arms and counts) or not (location or counts or given):
        raise click.UsageError("give FILE|URL, or --counts once for each variant, and not both")
    return is_table_of_arms or bool(counts)


def refuse_useless_options(context: click.Context, *, is_with_arms: bool) -> None:
    """Refuse options that the traffic given has no use for, rather than ignore them.

    Raises:
        click.UsageError: naming the option.
    """
    given = [name for name in _ONLY if context.params[name] is not None]
    _refuse_useless_options_of_arms(context)
    for name, parameter in ((parameter.name, parameter) for parameter in context.command.params):
        if context.get_parameter_source(str(name)) is not ParameterSource.COMMANDLINE:
            continue
        owner = next((design for design, columns in _ONLY.items() if name in columns), None)
        if owner is not None and owner not in given:
            raise click.UsageError(
                f"{parameter.opts[0]} is a column of {_option(owner)} traffic; give that, too"
            )
        used = {*_OF_ANY, *(column for design in given for column in (*_ONLY[design], *_SHARED[design]))}
        used |= {"control", "treatment"} if "interleaving" in given else set()
        if not is_with_arms and name not in used:
            raise click.UsageError(
                f"{parameter.opts[0]} is of arms, and there are none; leave it out, or give FILE of an A/B "
                f"test beside {' and '.join(f'{_option(design)} FILE' for design in given)}"
            )


def _refuse_useless_options_of_arms(context: click.Context) -> None:
    """Refuse columns of counts, and looks that no boundary pays for."""
    told = {
        str(parameter.name): parameter.opts[0]
        for parameter in context.command.params
        if context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    }
    column = next((name for name in _OF_ROWS if name in told), None)
    if context.params["counts"] and column is not None:
        raise click.UsageError(
            f"{told[column]} is a column, and --counts have none; leave it out, or give FILE instead of them"
        )
    if "n_looks" in told and context.params["sequential"] in {"none", "always-valid"}:
        raise click.UsageError(
            f"--n-looks is of --sequential obrien-fleming and pocock, not of {context.params['sequential']}; "
            "name one of them, or leave it out"
        )


def read_others(location: str | None, options: Mapping[str, Any], arms: Reading | None) -> OtherTraffic:
    """Read what interleaved and logged traffic there is.

    Column options that arms have, too, name those of the arms' table where there is one. So does `table`:
    beside that, a table is named behind the location, as `shop.db#drafts`.

    Raises:
        StatsError: a table cannot be read, or contradicts itself.
        SetupError: the traffic is of other variants than the arms.
    """
    from stats import OtherDesigns, Resources

    found = OtherTraffic(OtherDesigns(), (), (), {})
    resources = Resources(options["memory_mb"], options["spill_folder"])
    for_others = options["table"] if arms is None or location is None else None
    for design, read in (("interleaving", _read_draft), ("off_policy", _read_log)):
        if options[design] is None:
            continue
        at, table = _place(str(location) if options[design] == IN_THE_FILE else options[design])
        found = read(at, {**options, "table": table or for_others}, arms, resources, found)
    return found


def _place(text: str) -> tuple[str, str | None]:
    """Return a location, and the table named behind it: `shop.db#drafts`."""
    location, _, table = text.rpartition("#")
    return (text, None) if not location or Path(text).exists() else (location, table)


def report_without_arms(traffic: OtherTraffic, options: Mapping[str, Any]) -> ArmlessReport:
    """Judge the traffic by itself."""
    from stats import Demands, Run, build_armless_report

    run = Run(", ".join(dict.fromkeys(traffic.sources)), settings={**traffic.settings, **provenance(None)})
    demands = Demands(options["alternative"], options["alpha"])
    return build_armless_report(run, traffic.designs, demands, generated_at=datetime.now(UTC))


def _read_draft(
    at: str, options: Mapping[str, Any], arms: Reading | None, resources: Resources, found: OtherTraffic
) -> OtherTraffic:
    from stats import read_interleaved

    if arms is None and options["rows"] == "visitor":
        raise SetupError(
            "--rows visitor with --interleaving: a visitor has films of both teams, each a row; say "
            "impression or click, or leave it out"
        )
    is_rows_told = options["rows"] == "click" or (arms is None and options["rows"] == "impression")
    reading = read_interleaved(
        at,
        columns=_columns("interleaving", options, arms),
        rows=options["rows"] if is_rows_told else None,
        table=options["table"],
        control=arms.control if arms else options["control"],
        treatment=_treatment(arms) if arms else options["treatment"],
        resources=resources,
    )
    draft = reading.draft
    if arms is not None and draft.treatment not in arms.treatments:
        raise SetupError(
            f"{reading.source} has films of team {draft.treatment!r}, which is no treatment of the arms "
            f"({', '.join(arms.treatments)}); analyze it by itself"
        )
    return _joined(found, replace(found.designs, draft=draft), reading, "interleaving", at)


def _treatment(arms: Reading) -> str | None:
    return arms.treatment if len(arms.treatments) == 1 else None


def _read_log(
    at: str, options: Mapping[str, Any], arms: Reading | None, resources: Resources, found: OtherTraffic
) -> OtherTraffic:
    from stats import read_logged

    reading = read_logged(
        at,
        columns=_columns("off_policy", options, arms),
        is_row_a_visitor=arms is None and options["rows"] == "visitor",
        table=options["table"],
        resources=resources,
    )
    return _joined(found, replace(found.designs, logged=reading.logged), reading, "off-policy", at)


def _joined(
    found: OtherTraffic,
    designs: OtherDesigns,
    reading: InterleavedReading | LoggedReading,
    name: str,
    at: str,
) -> OtherTraffic:
    told = tuple(f"{name} {note}" for note in reading.notes)
    facts = {key: value for key, value in provenance(at).items() if key.startswith("file ")}
    settings = {**found.settings, **dict(note.partition(": ")[::2] for note in told)}
    settings |= {f"{name} source": reading.source, **{f"{name} {key}": facts[key] for key in facts}}
    return OtherTraffic(designs, (*found.sources, reading.source), (*found.notes, *told), settings)


def _columns(design: str, options: Mapping[str, Any], arms: Reading | None) -> dict[str, str | None]:
    names = _ONLY[design] if arms else (*_ONLY[design], *_SHARED[design])
    return {name.replace("_", "-"): options[name] for name in names}


def _option(design: str) -> str:
    return f"--{design.replace('_', '-')}"
