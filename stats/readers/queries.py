"""The questions put to a table, in SQL that DuckDB, SQLite and PostgreSQL all understand.

Two passes. The first looks at the rows: which variants there are, and whether every value can be used. The
second groups the rows by visitor and then sums over visitors: what comes back is one row for each
*membership*, a small whole number that holds which variants a visitor was seen in.

Names of columns and tables are quoted as identifiers, values as literals; that is why the lint rule against
SQL made of strings (S608) is switched off line by line.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from stats.outcomes import HOLDOUT
from stats.readers.choosing import ColumnNames
from stats.readers.source import Column, Source, literal

IN_CONTROL: Final = 1
IN_TREATMENT: Final = 2
IN_HOLDOUT: Final = 4
IS_BOT: Final = 8
IN_FURTHER: Final = 16
"""The bits of a membership; further treatments have 32, 64 and so on. Two but that of bots: crossed over."""


def bits_of(arms: Sequence[str]) -> tuple[int, ...]:
    """Return the bit of each arm: control, treatment, further treatments."""
    further = (IN_FURTHER << number for number in range(len(arms) - 2))
    return (IN_CONTROL, IN_TREATMENT, *further)


@dataclass(frozen=True, slots=True)
class Table:
    """A source, and the roles of its columns."""

    source: Source
    names: ColumnNames

    @property
    def measures(self) -> Mapping[str, Column]:
        """The columns of numbers by role: clicks, impressions, clicked, bot, as far as there are such."""
        by_name = {column.name: column for column in self.source.columns}
        named = self.names.named().items()
        return {role: by_name[name] for role, name in named if role not in ("visitor", "variant")}

    @property
    def click_role(self) -> str:
        """The role whose values are summed as clicks."""
        return "clicks" if self.names.clicks is not None else "clicked"

    def number(self, role: str) -> str:
        """Return SQL for a measure as a number, NULL where it is none."""
        return self.source.dialect.number(self.measures[role])

    @property
    def variant(self) -> str:
        """SQL for the variant as text."""
        return f"CAST({_quoted(self.names.variant or '')} AS {self.source.dialect.text})"


def rows_query(table: Table) -> str:
    """Ask for each variant: its rows, and how many values of each measure there are, can be read, are broken.

    Columns: variant, n_rows, and for each role ROLE_present, ROLE_readable, ROLE_broken, ROLE_low, ROLE_high.
    """
    terms = [f"{table.variant} AS variant", "count(*) AS n_rows"]
    for role, column in table.measures.items():
        number = table.number(role)
        terms += [
            f"count({column.sql}) AS {role}_present",
            f"count({number}) AS {role}_readable",
            f"{_broken(column, number)} AS {role}_broken",
            f"min({number}) AS {role}_low",
            f"max({number}) AS {role}_high",
        ]
    return f"SELECT {', '.join(terms)} FROM {table.source.relation} GROUP BY 1"  # noqa: S608 - see above


def example_query(table: Table, role: str, *, is_broken: bool) -> str:
    """Ask for one value of a measure that is no number or, `is_broken`, no whole one."""
    column, number = table.measures[role].sql, table.number(role)
    wrong = f"{number} <> round({number})" if is_broken else f"({number}) IS NULL"
    return (
        f"SELECT CAST({column} AS {table.source.dialect.text}) AS example FROM {table.source.relation} "  # noqa: S608 - see above
        f"WHERE {column} IS NOT NULL AND {wrong} LIMIT 1"
    )


def value_types_query(table: Table, column: Column) -> str:
    """Ask which types the values of a column without one type have (SQLite)."""
    return (
        f"SELECT typeof({column.sql}) AS type FROM {table.source.relation} "  # noqa: S608 - see above
        f"WHERE {column.sql} IS NOT NULL GROUP BY 1 ORDER BY 1"
    )


def visitors_query(table: Table, *, arms: Sequence[str], flags: AbstractSet[str], has_others: bool) -> str:
    """Ask for the sums over visitors, by membership.

    Columns: membership, n, n_blank_rows (rows without visitor id), most_rows (of one visitor), n_clicked,
    n_over (visitors with more clicks than impressions), and the sums of a `RatioArm`, where impressions are
    the visitor's rows unless a column counts them.

    Args:
        table: the table to ask.
        arms: the control, and the treatments; their visitors get the bits of `bits_of`.
        flags: roles of the measures that are never above 1: to count them takes less memory than a sum.
        has_others: whether the table holds further variants, whose rows must be passed over.
    """
    dialect = table.source.dialect
    sums = _sums(table)
    seen = "impressions" if "impressions" in sums else "n_rows"
    clicked = "clicked" if "clicked" in sums else "clicks"
    kept = ", ".join(literal(name) for name in (*arms, HOLDOUT))
    where = f"WHERE {table.variant} IN ({kept})" if has_others else ""
    return f"""
WITH per_visitor AS ({_per_visitor(table, arms, sums, flags, where)})
SELECT membership, count(*) AS n,
       sum(CASE WHEN visitor IS NULL OR CAST(visitor AS {dialect.text}) = '' THEN n_rows ELSE 0 END)
           AS n_blank_rows,
       max(n_rows) AS most_rows,
       sum(CASE WHEN {clicked} > 0 THEN 1 ELSE 0 END) AS n_clicked,
       sum(CASE WHEN clicks > {seen} THEN 1 ELSE 0 END) AS n_over,
       sum(clicks) AS clicks, sum({seen}) AS impressions,
       sum(CAST(clicks AS {dialect.whole}) * clicks) AS clicks_squared,
       sum(CAST({seen} AS {dialect.whole}) * {seen}) AS impressions_squared,
       sum(CAST(clicks AS {dialect.whole}) * {seen}) AS clicks_impressions
FROM per_visitor GROUP BY membership"""  # noqa: S608 - see above


def visitors_select(table: Table, arms: Sequence[str], grouped: str, single: str) -> str:
    """Return the SELECT of one row a visitor of these arms: membership, clicks, and a further column.

    Args:
        table: the table to ask.
        arms: control and treatments; rows of other variants are passed over.
        grouped: SQL of the further column over a visitor's rows.
        single: the same where no column names the visitor, and every row is one.
    """
    dialect, relation = table.source.dialect, table.source.relation
    role = "clicked" if table.names.clicked is not None else table.click_role
    membership, clicks = _membership(table, arms), _whole(table, role)
    where = f"WHERE {table.variant} IN ({', '.join(literal(name) for name in arms)})"
    if table.names.visitor is None:
        return f"SELECT {membership} AS membership, {clicks} AS clicks, {single} FROM {relation} {where}"  # noqa: S608 - see above
    joined = dialect.bit_or(membership, max(IS_BOT, *bits_of(arms)))
    return (
        f"SELECT {joined} AS membership, CAST(sum({clicks}) AS {dialect.whole}) AS clicks, {grouped} "  # noqa: S608 - see above
        f"FROM {relation} {where} GROUP BY {_quoted(table.names.visitor)}"
    )


def _broken(column: Column, number: str) -> str:
    is_always_whole = column.kind in ("whole", "truth")
    return "0" if is_always_whole else f"count(CASE WHEN {number} <> round({number}) THEN 1 END)"


def _sums(table: Table) -> Mapping[str, str]:
    """Return what is summed over a visitor's rows -> the role it comes from."""
    sums = {"clicks": table.click_role}
    if table.names.impressions is not None:
        sums["impressions"] = "impressions"
    if table.names.clicked is not None and table.click_role != "clicked":
        sums["clicked"] = "clicked"
    return sums


def _per_visitor(
    table: Table, arms: Sequence[str], sums: Mapping[str, str], flags: AbstractSet[str], where: str
) -> str:
    """Return the SELECT of one row a visitor; where no column names the visitor, every row is one."""
    dialect, relation = table.source.dialect, table.source.relation
    membership = _membership(table, arms)
    if table.names.visitor is None:
        values = "".join(f", {_whole(table, role)} AS {name}" for name, role in sums.items())
        return (
            f"SELECT 'row' AS visitor, {membership} AS membership, 1 AS n_rows{values} "  # noqa: S608 - see above
            f"FROM {relation} {where}"
        )
    values = "".join(
        f", count(*) FILTER (WHERE {table.number(role)} > 0) AS {name}"
        if role in flags
        else f", CAST(sum({_whole(table, role)}) AS {dialect.whole}) AS {name}"
        for name, role in sums.items()
    )
    visitor = _quoted(table.names.visitor)
    joined = dialect.bit_or(membership, max(IS_BOT, *bits_of(arms)))
    return (
        f"SELECT {visitor} AS visitor, {joined} AS membership, "  # noqa: S608 - see above
        f"count(*) AS n_rows{values} FROM {relation} {where} GROUP BY {visitor}"
    )


def _membership(table: Table, arms: Sequence[str]) -> str:
    cases = " ".join(
        f"WHEN {table.variant} = {literal(name)} THEN {bit}"
        for name, bit in zip(arms, bits_of(arms), strict=True)
    )
    of_variant = f"CASE {cases} ELSE {IN_HOLDOUT} END"
    if table.names.bot is None:
        return of_variant
    return f"({of_variant}) | CASE WHEN {table.number('bot')} > 0 THEN {IS_BOT} ELSE 0 END"


def _whole(table: Table, role: str) -> str:
    return f"CAST({table.number(role)} AS {table.source.dialect.whole})"


def _quoted(column: str) -> str:
    return Column(column, "other").sql
