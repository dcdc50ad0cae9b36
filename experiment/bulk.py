"""Many events at once: whole tables of them, each call one transaction.

For who makes whole visits and knows all their events when they are over. The rows are those that the same
events would leave one by one (the statements are the same), so recording a table again changes nothing.
"""

import dataclasses
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from experiment.columns import is_column, listed
from experiment.connections import begin, connect_writer
from experiment.errors import EventLogError, RejectedEventError
from experiment.events import Event
from experiment.group_commit import EVENT_ERRORS
from experiment.statements import STATEMENTS

_BUSY_TIMEOUT_S = 10.0
# A transaction's own pages stay in memory until it is committed.
_CACHE_KB = 64_000
# A checkpoint of many changes writes each page once, one of few writes most of them again and again.
_CHECKPOINT_PAGES = 16_000


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class EventTable:
    """Events of one kind, as columns.

    Args:
        kind: the kind of all of them.
        columns: by the event's field: a `Column` with a value for each event, or one value that all of them
            share. A field left out has its default. At least one is a column.
    """

    kind: type[Event]
    columns: dict[str, Any]

    def __len__(self) -> int:
        return next(len(column) for column in self.columns.values() if is_column(column))

    def rows(self, recorded_at: int) -> Iterator[tuple[Any, ...]]:
        """What fills the question marks of the kind's statement, row by row.

        Raises:
            ValueError: the columns are of different lengths.
        """
        lengths = {len(column) for column in self.columns.values() if is_column(column)}
        if len(lengths) != 1:
            raise ValueError(
                f"columns of {self.kind.__name__} have lengths {sorted(lengths)}; give lists of one length, "
                "and single values for what all events share"
            )
        statement = STATEMENTS[self.kind]
        stamp = [repeat(recorded_at)] if statement.is_stamped else []
        return zip(*stamp, *(self._column(name) for name in statement.names), strict=False)

    def _column(self, name: str) -> Any:  # noqa: ANN401  whatever SQLite can hold
        if name not in self.columns:
            return repeat(_defaults(self.kind)[name])
        column = self.columns[name]
        return listed(column) if is_column(column) else repeat(column)


def _defaults(kind: type[Event]) -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(kind)}


class BulkLog:
    """Records tables of events in the log at `path`; for one thread, which waits for every commit.

    Args:
        path: the SQLite file; its schema is up to date (`EventLog.open` sees to that).
        busy_timeout_s: how long to wait for other processes before a call is given up.
        clock: real time in ms since epoch, for `recorded_at`.
    """

    def __init__(
        self, path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S, clock: Callable[[], int] = _epoch_ms
    ) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._clock = clock
        self._connection: sqlite3.Connection | None = None

    def record(self, tables: Sequence[EventTable]) -> int:
        """Store all events of all tables, or none; how many of them changed the log.

        A table that refers to another comes after it: the end of a visit after its start.

        Raises:
            RejectedEventError: one of the events breaks a rule of its table.
            EventLogError: the log cannot be written.
        """
        try:
            return self._record(tables)
        except EVENT_ERRORS as error:
            kinds = ", ".join(sorted({table.kind.__name__ for table in tables}))
            raise RejectedEventError(
                f"events ({kinds}) break a rule of the event log: {error}; none of them is stored"
            ) from error
        except sqlite3.Error as error:
            self.close()
            raise EventLogError(
                f"event log {str(self._path)!r} cannot be written: {error}; nothing of these events is "
                "stored. Is the disk full, or does another program hold the file?"
            ) from error

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _record(self, tables: Sequence[EventTable]) -> int:
        connection = self._connected()
        recorded_at = self._clock()
        before = connection.total_changes
        begin(connection, busy_timeout_s=self._busy_timeout_s)
        try:
            for table in tables:
                connection.executemany(STATEMENTS[table.kind].sql, table.rows(recorded_at))
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        return connection.total_changes - before

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect_writer(self._path, busy_timeout_s=self._busy_timeout_s)
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        return self._connection
