"""Outcomes from anyone's table: CSV, Parquet, SQLite or PostgreSQL, a row a visitor or an impression."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from stats.errors import InvalidOutcomesError
from stats.outcomes import HOLDOUT, ArmOutcomes, Outcomes, Run
from stats.proportions import Arm
from stats.ratio_arm import RatioArm
from stats.readers.checks import RowFacts, check_rows, check_visitors
from stats.readers.choosing import ColumnNames, choose_arms, choose_columns
from stats.readers.opening import open_table
from stats.readers.queries import IN_CONTROL, IN_HOLDOUT, IS_BOT, Table, bits_of, visitors_query
from stats.readers.reading import Reading
from stats.readers.source import Resources, Row
from stats.readers.table_details import DetailColumns, read_table_details

RowUnit = Literal["visitor", "impression"]
_ROWS_OF_IMPRESSIONS: Final = 2
"""From so many rows a visitor on average, a table without counts is taken to be one of impressions."""
_TWO: Final = 2
_SUMS: Final = ("clicks", "impressions", "clicks_squared", "impressions_squared", "clicks_impressions")


def read_table(
    location: str,
    *,
    columns: ColumnNames | None = None,
    table: str | None = None,
    rows: RowUnit | None = None,
    control: str | None = None,
    treatment: str | None = None,
    resources: Resources | None = None,
    details: DetailColumns | None = None,
) -> Reading:
    """Return the outcomes a table holds; all of it is aggregated by SQL where it lies.

    A visitor seen in two variants counts in neither arm, and makes the trust check fail. Visitors of the
    variant "holdout", and bots where a column tells them, are counted and left out.

    Args:
        location: a CSV, Parquet or SQLite file; a folder or pattern of CSV or Parquet files;
            `s3://BUCKET/KEY`; or `postgresql://...`.
        columns: the columns to use; those not named are found by usual names.
        table: of SQLite and PostgreSQL, which table or view; None for the only one.
        rows: what one row is; None to find out: an impression where visitors have two rows or more on
            average, no column counts impressions, and no row has two clicks.
        control: the control variant; None to find it by usual names.
        treatment: the only variant to compare with it; None for every other.
        resources: memory and disk that reading files may use.
        details: columns of segments, days, further values and the past; each takes one more query.

    Raises:
        UnreadableOutcomesError: nothing can be read there.
        InvalidOutcomesError: what was read contradicts itself, or a choice is not clear; the message names
            the value and the way out.
    """
    wanted = columns or ColumnNames()
    with open_table(location, table, resources or Resources()) as source:
        names = choose_columns(wanted, [column.name for column in source.columns], source=source.name)
        if rows == "impression" and wanted.impressions is None:
            names = replace(names, impressions=None)
        _require_unit(names, rows, source.name)
        read = Table(source, names)
        facts = check_rows(read, is_row_an_impression=rows == "impression")
        arms = choose_arms(sorted(facts.n_rows), control=control, treatment=treatment, source=source.name)
        others = sorted(set(facts.n_rows) - {*arms, HOLDOUT})
        query = visitors_query(read, arms=arms, flags=facts.flags, has_others=bool(others))
        groups = {int(row["membership"]): row for row in source.rows(query)}
        check_visitors(groups.values(), source.name, names, is_row_a_visitor=rows == "visitor")
        found = read_table_details(read, arms, details or DetailColumns())
        unit = rows or _unit(facts, groups, names)
        notes = _notes(names, wanted, unit, arms, others)
    run = Run(source.name, settings=dict(note.partition(": ")[::2] for note in notes))
    counted = _arms(groups, arms, has_impressions=_has_impressions(names, unit))
    known = tuple(replace(arm, details=found.get(arm.visitors.variant)) for arm in counted)
    return Reading(_outcomes(run, known, groups), arms[0], arms[1:], notes=notes)


def _outcomes(run: Run, arms: tuple[ArmOutcomes, ...], groups: Mapping[int, Row]) -> Outcomes:
    """The arms, beside the visitors who were left out of them."""
    return Outcomes(
        run,
        arms=arms,
        n_bots=sum(int(row["n"]) for membership, row in groups.items() if membership & IS_BOT),
        n_holdout=int(groups[IN_HOLDOUT]["n"]) if IN_HOLDOUT in groups else 0,
    )


def _require_unit(names: ColumnNames, rows: RowUnit | None, source: str) -> None:
    """Refuse to guess that rows are visitors: impressions counted as such raise false alarms."""
    if names.visitor is None and rows != "visitor":
        raise InvalidOutcomesError(
            f"{source} has no column of a usual name for the visitor; name it by --visitor, "
            "or say --rows visitor where every row is another visitor"
        )


def _unit(facts: RowFacts, groups: Mapping[int, Row], names: ColumnNames) -> RowUnit | None:
    """Return what one row is; None where rows are parts of visitors, or where it cannot be told.

    A table of visitors in which a few stand twice is not one of impressions: those come in slates.
    """
    if max(row["most_rows"] for row in groups.values()) == 1:
        return "visitor"
    is_clicked_once = ("clicks" if names.clicks else "clicked") in facts.flags
    if names.impressions is not None or not is_clicked_once:
        return None
    n_visitors = sum(int(row["n"]) for row in groups.values())
    n_rows = sum(int(row["impressions"]) for row in groups.values())  # no column counts them
    return "impression" if n_rows >= _ROWS_OF_IMPRESSIONS * n_visitors else None


def _has_impressions(names: ColumnNames, unit: RowUnit | None) -> bool:
    return unit == "impression" or (names.clicks is not None and names.impressions is not None)


def _arms(
    groups: Mapping[int, Row], arms: tuple[str, ...], *, has_impressions: bool
) -> tuple[ArmOutcomes, ...]:
    """Return control and treatments; who was in several is counted once, at the control."""
    apart = {0, *bits_of(arms), IN_HOLDOUT}
    n_crossovers = sum(
        int(row["n"])
        for membership, row in groups.items()
        if not membership & IS_BOT and membership not in apart
    )
    return tuple(
        _arm(
            groups.get(bit),
            variant,
            n_crossovers if bit == IN_CONTROL else 0,
            has_impressions=has_impressions,
        )
        for bit, variant in zip(bits_of(arms), arms, strict=True)
    )


def _arm(row: Row | None, variant: str, n_crossovers: int, *, has_impressions: bool) -> ArmOutcomes:
    sums = {name: int(row[name]) if row else 0 for name in _SUMS}
    n = int(row["n"]) if row else 0
    return ArmOutcomes(
        Arm(variant, n, int(row["n_clicked"]) if row else 0),
        RatioArm(variant, n, **sums) if has_impressions else None,
        n_crossovers=n_crossovers,
    )


def _notes(
    names: ColumnNames, wanted: ColumnNames, unit: RowUnit | None, arms: tuple[str, ...], others: list[str]
) -> tuple[str, ...]:
    """Say what was chosen, and which of it was found rather than named."""
    chosen = ", ".join(
        f"{role} = {column!r}{'' if role in wanted.named() else ' (by its name)'}"
        for role, column in names.named().items()
    )
    rows = {
        "visitor": "one a visitor",
        "impression": "one an impression, summed over each visitor",
        None: "some visitors have several, summed over each visitor",
    }[unit]
    if unit is None and names.impressions is None:
        rows += " (say --rows impression where each row is one)"
    if not _has_impressions(names, unit):
        rows += "; without numbers of clicks and impressions there is no impression CTR"
    notes = [
        f"columns: {chosen}",
        f"rows: {rows}",
        f"variants: control = {arms[0]!r}, "
        + (
            f"treatment = {arms[1]!r}"
            if len(arms) == _TWO
            else f"treatments = {', '.join(map(repr, arms[1:]))}"
        ),
    ]
    if others:
        notes.append(f"left out: {', '.join(repr(name) for name in others)}")
    return tuple(notes)
