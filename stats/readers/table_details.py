"""What a table tells of an arm besides who clicked: segments, days, further values, and the past, by SQL.

Each is asked for by naming its column, and is one more query over the rows: grouped by visitor, then summed.
Of several values of a visitor the segment and the day are the least, a past the largest, values are summed.
Who was seen in two variants, or is a bot, is part of no arm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stats.cuped import PairedArm
from stats.details import ArmDetails
from stats.errors import InvalidOutcomesError
from stats.means import MeanArm
from stats.proportions import Arm
from stats.readers.choosing import did_you_mean
from stats.readers.queries import Table, bits_of, visitors_select
from stats.readers.source import Column, Row

_REAL = "DOUBLE PRECISION"
_MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class DetailColumns:
    """Columns that tell more of the visitors; none has to be there.

    Args:
        segments: texts, each a dimension of segments known before assignment, for instance country.
        values: numbers, summed over a visitor's rows: secondary metrics.
        past: a number of what the visitor did before the experiment, for CUPED; empty takes the mean.
        day: a date, or a moment that begins with one (ISO 8601), or the number of a day.
    """

    segments: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    past: str | None = None
    day: str | None = None

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Option and column of each, for messages."""
        found = [*(("segment", name) for name in self.segments), *(("value", name) for name in self.values)]
        found += [("past", self.past)] if self.past else []
        return (*found, *([("day", self.day)] if self.day else []))


def read_table_details(table: Table, arms: Sequence[str], wanted: DetailColumns) -> dict[str, ArmDetails]:
    """Return the details of each arm; none where no column was named.

    Raises:
        InvalidOutcomesError: a column is missing, holds what is no number or date, or has too many segments.
    """
    if not wanted.named:
        return {}
    columns = {column.name: column for column in table.source.columns}
    for option, name in wanted.named:
        if name not in columns:
            raise InvalidOutcomesError(
                f"{table.source.name} has no column {name!r} (--{option}); it has {', '.join(columns)}"
                f"{did_you_mean(name, list(columns))}"
            )
    variants = dict(zip(bits_of(arms), arms, strict=True))
    segments = {name: _parts(table, arms, columns[name], "segment", variants) for name in wanted.segments}
    days = _days(table, arms, columns[wanted.day], variants) if wanted.day else {}
    values = {name: _values(table, arms, columns[name], variants) for name in wanted.values}
    pasts = _pasts(table, arms, columns[wanted.past], variants) if wanted.past else {}
    return {
        variant: ArmDetails(
            values={name: found[variant] for name, found in values.items() if variant in found},
            segments={name: found.get(variant, {}) for name, found in segments.items()},
            days=days.get(variant, {}),
            past=pasts.get(variant),
            past_name=wanted.past or "",
        )
        for variant in arms
    }


def _parts(
    table: Table, arms: Sequence[str], column: Column, option: str, variants: Mapping[int, str]
) -> dict[str, dict[str, Arm]]:
    """Return variant -> text of the column -> its visitors; who has none is in no part."""
    text = f"CAST({column.sql} AS {table.source.dialect.text})"
    if option == "day":
        text = f"substr({text}, 1, 10)"
    query = (
        f"WITH per_visitor AS ({visitors_select(table, arms, f'min({text}) AS part', f'{text} AS part')}) "  # noqa: S608 - as in `queries`
        "SELECT membership, part, count(*) AS n, sum(CASE WHEN clicks > 0 THEN 1 ELSE 0 END) AS n_clicked "
        "FROM per_visitor WHERE part IS NOT NULL GROUP BY membership, part ORDER BY part"
    )
    found: dict[str, dict[str, Arm]] = {}
    rows = table.source.rows(query)
    if len(rows) > _MOST_PARTS:
        raise InvalidOutcomesError(
            f"column {column.name!r} (--{option}) of {table.source.name} has {len(rows):,} parts; name a "
            "column of groups, not of single visitors"
        )
    for row in rows:
        variant = variants.get(int(row["membership"]))
        if variant is not None:
            arm = Arm(variant, int(row["n"]), int(row["n_clicked"]))
            found.setdefault(variant, {})[str(row["part"])] = arm
    return found


def _days(
    table: Table, arms: Sequence[str], column: Column, variants: Mapping[int, str]
) -> dict[str, dict[int, Arm]]:
    parts = _parts(table, arms, column, "day", variants)
    numbers = {text: _day_number(text, column, table) for cells in parts.values() for text in cells}
    first = min(numbers.values(), default=0)
    return {
        variant: {numbers[text] - first: arm for text, arm in cells.items()}
        for variant, cells in parts.items()
    }


def _day_number(text: str, column: Column, table: Table) -> int:
    try:
        return (
            int(text)
            if text.lstrip("-").isdecimal() and len(text) < len("20261122")
            else (date.fromisoformat(text).toordinal())
        )
    except ValueError as error:
        raise InvalidOutcomesError(
            f"column {column.name!r} (--day) of {table.source.name} holds {text!r}; it must hold dates as "
            "2026-11-22, moments that begin so, or numbers of days"
        ) from error


def _values(
    table: Table, arms: Sequence[str], column: Column, variants: Mapping[int, str]
) -> dict[str, MeanArm]:
    """Return variant -> the sums of its visitors, in two passes, so that no large sums are subtracted."""
    number = _real(table, column)
    _require_numbers(table, column, "value", may_be_empty=False)
    query = (
        f"WITH per_visitor AS ({visitors_select(table, arms, f'sum({number}) AS v', f'{number} AS v')}), "  # noqa: S608 - as in `queries`
        "means AS (SELECT membership, avg(v) AS mean FROM per_visitor GROUP BY membership) "
        "SELECT membership, count(*) AS n, min(mean) AS mean, sum((v - mean) * (v - mean)) AS squares "
        "FROM per_visitor JOIN means USING (membership) GROUP BY membership"
    )
    return {
        variants[int(row["membership"])]: MeanArm(
            variants[int(row["membership"])], int(row["n"]), float(row["mean"]), float(row["squares"])
        )
        for row in table.source.rows(query)
        if int(row["membership"]) in variants
    }


def _pasts(
    table: Table, arms: Sequence[str], column: Column, variants: Mapping[int, str]
) -> dict[str, PairedArm]:
    """Return variant -> who clicked beside the past; a visitor without one has the mean of all."""
    number = _real(table, column)
    _require_numbers(table, column, "past", may_be_empty=True)
    query = (
        f"WITH per_visitor AS ({visitors_select(table, arms, f'max({number}) AS v', f'{number} AS v')}), "  # noqa: S608 - as in `queries`
        "known AS (SELECT membership, CASE WHEN clicks > 0 THEN 1.0 ELSE 0.0 END AS clicked, "
        "coalesce(v, (SELECT avg(v) FROM per_visitor)) AS v FROM per_visitor), "
        "means AS (SELECT membership, avg(v) AS mean, avg(clicked) AS rate FROM known GROUP BY membership) "
        "SELECT membership, count(*) AS n, min(mean) AS mean, sum(clicked) AS n_clicked, "
        "sum((v - mean) * (v - mean)) AS squares, sum((v - mean) * (clicked - rate)) AS products "
        "FROM known JOIN means USING (membership) GROUP BY membership"
    )
    return {
        variants[int(row["membership"])]: _paired(variants[int(row["membership"])], row)
        for row in table.source.rows(query)
        if int(row["membership"]) in variants and row["mean"] is not None
    }


def _paired(variant: str, row: Row) -> PairedArm:
    n = int(row["n"])
    return PairedArm(
        value=MeanArm.from_arm(Arm(variant, n, round(row["n_clicked"]))),
        past=MeanArm(variant, n, float(row["mean"]), float(row["squares"])),
        products=float(row["products"]),
    )


def _real(table: Table, column: Column) -> str:
    return f"CAST({table.source.dialect.number(column)} AS {_REAL})"


def _require_numbers(table: Table, column: Column, option: str, *, may_be_empty: bool) -> None:
    number = table.source.dialect.number(column)
    query = (
        f"SELECT count(*) AS n_rows, count({column.sql}) AS n_present, count({number}) AS n_readable "  # noqa: S608 - as in `queries`
        f"FROM {table.source.relation}"
    )
    facts = table.source.rows(query)[0]
    where = f"column {column.name!r} (--{option}) of {table.source.name}"
    if facts["n_readable"] < facts["n_present"]:
        raise InvalidOutcomesError(
            f"{where} holds {facts['n_present'] - facts['n_readable']:,} values that are no numbers; correct "
            "those rows, or name another column"
        )
    if not may_be_empty and facts["n_present"] < facts["n_rows"]:
        raise InvalidOutcomesError(
            f"{where} has no value in {facts['n_rows'] - facts['n_present']:,} of {facts['n_rows']:,} rows; "
            "write 0 where there was nothing"
        )
