"""A run whose events lie in a lake: Parquet parts read by DuckDB as the tables and views of the event log.

The questions of a report are asked in SQLite's SQL, of the log and of a lake alike; here they are put into
DuckDB's. What a lake holds is told in docs/reference/event-log.md: a part's events are there once its ledger
is, and every visit is the first attempt of its visitor.
"""

import glob
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stats.errors import UnreadableOutcomesError
from stats.readers.files import connected_files
from stats.readers.interrupting import interruptible
from stats.readers.lake_views import GROWN, STORED, VIEWS
from stats.readers.source import Resources, Row, literal

if TYPE_CHECKING:
    import duckdb

_FORMAT: Final = 1
_LEDGER: Final = "visits"
# Where SQLite's SQL is not DuckDB's: joins in a given order, the larger of two, parameters, row numbers
# from 1, a word that DuckDB keeps to itself, what there is.
_IN_DUCKDB: Final = (
    (re.compile(r"CROSS JOIN (\w+ AS \w+)\s+ON"), r"JOIN \1 ON"),
    (re.compile(r"\bmax\(0, "), "greatest(0, "),
    (re.compile(r"(?<![:\w]):(\w+)"), r"$\1"),
    (re.compile(r"\b(\w+)\.rowid\b"), r"(\1.rowid + 1)"),
    (re.compile(r"\bat\b"), '"at"'),
    (re.compile(r"SELECT name FROM sqlite_master WHERE type = 'table'"), "SELECT name FROM sqlite_master"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer, by column name; as of a cursor of `sqlite3`."""

    rows: Sequence[Row]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def fetchall(self) -> list[Row]:
        """All rows."""
        return list(self.rows)

    def fetchone(self) -> Row | None:
        """The first row, or None."""
        return self.rows[0] if self.rows else None


@dataclass(frozen=True, slots=True)
class LakeLog:
    """A lake that is asked like an event log in SQLite: `execute`, with the same tables and views.

    Args:
        connection: in which the tables and views are.
    """

    connection: "duckdb.DuckDBPyConnection"

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Answer:
        """Ask, in SQLite's SQL as far as reports need it."""
        for pattern, translation in _IN_DUCKDB:
            sql = pattern.sub(translation, sql)
        if isinstance(parameters, Mapping):
            # DuckDB refuses those that are not asked for.
            parameters = {name: parameters[name] for name in re.findall(r"\$(\w+)", sql)}
        return interruptible(lambda: self._answer(sql, parameters), self.connection.interrupt)

    def _answer(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Answer:
        cursor = self.connection.execute(sql, parameters or None)
        names = [column[0] for column in cursor.description or ()]
        return Answer([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])


@contextmanager
def open_lake(folder: Path, resources: Resources | None = None) -> Iterator[LakeLog]:
    """Open the lake of a run: the parts that are done, as the tables and views of the event log.

    Raises:
        UnreadableOutcomesError: there is no lake, no part of it is done, or a file cannot be read.
    """
    parts = _done_parts(folder)
    with connected_files(f"lake {folder}", resources or Resources()) as connection:
        connection.execute("SET integer_division = true")  # as in SQLite
        connection.execute("SET preserve_insertion_order = true")
        connection.execute("CREATE MACRO total(x) AS coalesce(CAST(sum(x) AS DOUBLE), 0)")
        for table in STORED:
            files = ", ".join(literal(glob.escape(str(folder / table / part))) for part in parts)
            read = f"read_parquet([{files}]{', union_by_name = true' if table in GROWN else ''})"
            connection.execute(f"CREATE VIEW stored_{table} AS SELECT * FROM {read}")  # noqa: S608 - paths are quoted
        for view in VIEWS:
            connection.execute(view)
        yield LakeLog(connection)


def _done_parts(folder: Path) -> list[str]:
    """Return the names of the files of the parts that are done."""
    manifest = folder / "lake.json"
    try:
        lake_format = json.loads(manifest.read_bytes())["format"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UnreadableOutcomesError(
            f"{manifest} cannot be read ({error}); the events of the run lie beside it: bring its folder back"
        ) from error
    if lake_format != _FORMAT:
        raise UnreadableOutcomesError(
            f"{manifest} says format {lake_format!r}; this version reads {_FORMAT}: use the one that wrote it"
        )
    parts = sorted(path.name for path in (folder / _LEDGER).glob("part-*.parquet"))
    if not parts:
        raise UnreadableOutcomesError(f"{folder} has no part that is done; complete the run with --resume")
    return parts
