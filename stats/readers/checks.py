"""What must hold before numbers of a table are believed; each failure is one sentence with the value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from stats.errors import InvalidOutcomesError
from stats.readers.choosing import ColumnNames
from stats.readers.queries import Table, example_query, rows_query, value_types_query
from stats.readers.source import Row
from stats.wording import counted

MOST_IN_A_ROW: Final = 10**9
"""More clicks or impressions than this in one row are a mistake; squares of sums stay within 64 bits."""


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What looking at every row found.

    Args:
        n_rows: variant -> its rows.
        flags: roles of the measures that are never above 1 in a row.
    """

    n_rows: Mapping[str, int]
    flags: frozenset[str]


def check_rows(table: Table, *, is_row_an_impression: bool) -> RowFacts:
    """Look at every row once.

    Args:
        table: what to look at.
        is_row_an_impression: whether the caller said so, so that no row can have two clicks.

    Raises:
        InvalidOutcomesError: no row; a row without variant; a measure that is absent, no number, broken,
            negative, too large, or no truth where one is meant; visitor ids of mixed types.
    """
    name, names = table.source.name, table.names
    found = table.source.rows(rows_query(table))
    if not found:
        raise InvalidOutcomesError(f"{name} has no row; a comparison needs visitors in two variants")
    n_rows = sum(row["n_rows"] for row in found)
    n_blank = sum(row["n_rows"] for row in found if not (row["variant"] or "").strip())
    if n_blank:
        raise InvalidOutcomesError(
            f"{n_blank:,} of {n_rows:,} rows of {name} have no variant in {names.variant!r}; "
            "leave those rows out, or name another column by --variant"
        )
    for role in table.measures:
        check_measure(table, role, merged_facts(found, role), n_rows)
    check_visitor_types(table)
    flags = frozenset(role for role in table.measures if merged_facts(found, role)["high"] <= 1)
    if is_row_an_impression and table.click_role not in flags:
        raise InvalidOutcomesError(
            f"--rows impression, but column {table.measures[table.click_role].name!r} of {name} holds more "
            "than 1; an impression is clicked or it is not: leave --rows out"
        )
    return RowFacts(n_rows={row["variant"]: row["n_rows"] for row in found}, flags=flags)


def check_visitors(groups: Iterable[Row], source: str, names: ColumnNames, *, is_row_a_visitor: bool) -> None:
    """Look at what was summed over visitors.

    Args:
        groups: answers of `visitors_query`.
        source: what messages call the table.
        names: the columns used.
        is_row_a_visitor: whether the caller said that no visitor has two rows.

    Raises:
        InvalidOutcomesError: rows without visitor id; more clicks than impressions; two rows of a visitor
            where one was promised.
    """
    groups = tuple(groups)
    n_blank = sum(row["n_blank_rows"] for row in groups)
    if n_blank:
        raise InvalidOutcomesError(
            f"{n_blank:,} rows of {source} have no visitor id in {names.visitor!r}; a visitor must be known "
            "to count once: leave those rows out, or name another column by --visitor"
        )
    n_over = sum(row["n_over"] for row in groups)
    if n_over and names.clicks and names.impressions:
        raise InvalidOutcomesError(
            f"{counted(n_over, 'visitor')} of {source} {'has' if n_over == 1 else 'have'} more clicks in "
            f"{names.clicks!r} than impressions in {names.impressions!r}; each click needs its impression: "
            "correct the rows, or name other columns by --clicks and --impressions"
        )
    most_rows = max((row["most_rows"] for row in groups), default=0)
    if is_row_a_visitor and most_rows > 1:
        raise InvalidOutcomesError(
            f"--rows visitor, but a visitor of {source} has {most_rows:,} rows in {names.visitor!r}; "
            "say --rows impression if each row is one, or leave --rows out"
        )


def check_measure(table: Table, role: str, facts: Mapping[str, int | float], n_rows: int) -> None:
    """Refuse a column of numbers that is incomplete, no number, broken, negative, too large, or no truth.

    Args:
        table: whose column it is.
        role: of the column; messages call it so.
        facts: of the column, from `merged_facts`.
        n_rows: of the table.

    Raises:
        InvalidOutcomesError: naming the value, the rule and the way out.
    """
    where = f"{table.measures[role].name!r} (--{role}) of {table.source.name}"
    rule = "0 or 1, or true or false" if role in ("clicked", "bot") else "whole numbers from 0"
    if facts["readable"] < facts["present"] or facts["broken"]:
        is_broken = facts["readable"] == facts["present"]
        example = table.source.rows(example_query(table, role, is_broken=is_broken))[0]["example"]
        raise InvalidOutcomesError(
            f"column {where} holds {example!r}; it must hold {rule}: correct the rows, or name another column"
        )
    if facts["present"] < n_rows and role != "bot":
        raise InvalidOutcomesError(
            f"column {where} has no value in {n_rows - int(facts['present']):,} of {n_rows:,} rows; write 0 "
            "where there was none, and leave out rows of which nothing is known"
        )
    if facts["low"] < 0:
        raise InvalidOutcomesError(
            f"column {where} holds {facts['low']:g}, a negative count; counts start at 0"
        )
    if role in ("clicked", "bot") and facts["high"] > 1:
        count = "; for a number of clicks name the column by --clicks" if role == "clicked" else ""
        raise InvalidOutcomesError(f"column {where} holds {facts['high']:g}; it must hold {rule}{count}")
    if facts["high"] > MOST_IN_A_ROW:
        raise InvalidOutcomesError(
            f"column {where} holds {facts['high']:g}; over {MOST_IN_A_ROW:,} in one row is not believed; "
            "is it the right column?"
        )


def merged_facts(found: Iterable[Row], role: str) -> Mapping[str, int | float]:
    """Return what holds of a measure over all variants."""
    found = tuple(found)
    lows = [row[f"{role}_low"] for row in found if row[f"{role}_low"] is not None]
    highs = [row[f"{role}_high"] for row in found if row[f"{role}_high"] is not None]
    return {
        "present": sum(row[f"{role}_present"] for row in found),
        "readable": sum(row[f"{role}_readable"] for row in found),
        "broken": sum(row[f"{role}_broken"] for row in found),
        "low": min(lows, default=0),
        "high": max(highs, default=0),
    }


def check_visitor_types(table: Table) -> None:
    """Refuse visitor ids of mixed types: in SQLite 1 and '1' are two values, and would be two visitors.

    Raises:
        InvalidOutcomesError: naming the types.
    """
    columns = {column.name: column for column in table.source.columns}
    column = columns.get(table.names.visitor or "")
    if column is None or column.kind != "dynamic":
        return
    types = [row["type"] for row in table.source.rows(value_types_query(table, column))]
    if len(types) > 1:
        raise InvalidOutcomesError(
            f"column {column.name!r} (--visitor) of {table.source.name} mixes types "
            f"{' and '.join(types)}; "
            "1 and '1' would be two visitors: cast it to one type, in a view for instance"
        )
