"""Rows of the event log as they are, a portion at a time, for whoever wants to compute something else.

A portion is all rows of the next so many visitors. Each is read for itself, so that a slow reader never holds
a transaction open, in which the log's WAL file would only grow.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from experiment.connections import reading
from experiment.errors import EventLogError

__all__ = ["RAW_TABLES", "TablePortion", "read_table_columns", "read_table_portions"]

RAW_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "visitor_outcomes": "one row per visitor who met the experiment: what analysis reads",
        "impression_outcomes": "one row per film served in a slate",
        "counted_clicks": "clicks on recommended films that count",
        "counted_plays": "films watched that count",
        "exposures": "every attempt's variant",
        "slates": "every slate, with its model and latency",
        "visits": "the simulator's ledger",
    }
)
"""The tables and views that can be read, and what they hold."""


@dataclass(frozen=True, slots=True)
class TablePortion:
    """Some rows, in the order of their visitors."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def read_table_columns(path: Path, table: str) -> tuple[str, ...]:
    """The names of a table's columns.

    Raises:
        EventLogError: there is no such table to read, or no such file.
    """
    select = _select(table)
    with reading(path) as connection, closing(connection.execute(f"{select} LIMIT 0")) as cursor:
        return tuple(column[0] for column in cursor.description)


def read_table_portions(path: Path, table: str, run_id: str, *, n_visitors: int) -> Iterator[TablePortion]:
    """The rows of one run, in portions of so many visitors.

    Raises:
        EventLogError: there is no such table to read, or no such file.
    """
    select = _select(table)
    ledger = "visits" if table == "visits" else "exposures"
    next_visitors = (
        "SELECT MAX(visitor_id) FROM (SELECT DISTINCT visitor_id FROM "  # noqa: S608  our own words
        f"{ledger} WHERE run_id = ? AND visitor_id > ? ORDER BY visitor_id LIMIT ?)"
    )
    rows_of = f"{select} WHERE run_id = ? AND visitor_id > ? AND visitor_id <= ? ORDER BY visitor_id"
    after = ""
    while True:
        with reading(path) as connection:
            connection.row_factory = None
            (last,) = connection.execute(next_visitors, (run_id, after, n_visitors)).fetchone()
            if last is None:
                return
            with closing(connection.execute(rows_of, (run_id, after, last))) as cursor:
                columns = tuple(column[0] for column in cursor.description)
                rows = tuple(cursor.fetchall())
        yield TablePortion(columns, rows)
        after = last


def _select(table: str) -> str:
    if table not in RAW_TABLES:
        raise EventLogError(f"no table {table!r} can be read; there are {', '.join(RAW_TABLES)}")
    return f"SELECT * FROM {table}"  # noqa: S608  one of ours
