"""One visitor's own rows of the event log: to hand over, and to erase."""

import sqlite3
from pathlib import Path

from experiment.connections import begin, connect_writer, reading
from experiment.errors import EventLogError

__all__ = ["erase_visitor", "rows_of_visitor"]

_BUSY_TIMEOUT_S = 30.0


def rows_of_visitor(path: Path, run_id: str, visitor_id: str) -> dict[str, list[dict[str, object]]]:
    """Everything that the event log holds of a visitor, by table; tables without any are left out.

    Raises:
        EventLogError: the file is missing or not an event log.
    """
    found = {}
    with reading(path) as connection:
        for table in _tables_of_visitors(connection):
            rows = connection.execute(
                f"SELECT * FROM {table} WHERE run_id = ? AND visitor_id = ?",  # noqa: S608 - a name of our own schema
                (run_id, visitor_id),
            ).fetchall()
            if rows:
                found[table] = [dict(row) for row in rows]
    return found


def erase_visitor(path: Path, run_id: str, visitor_id: str) -> int:
    """Delete everything that the event log holds of a visitor, in one transaction; the number of rows.

    Who was erased is in no analysis any more, whatever arm they were in.

    Raises:
        EventLogError: the file cannot be written.
    """
    try:
        connection = connect_writer(path, busy_timeout_s=_BUSY_TIMEOUT_S)
        try:
            begin(connection, busy_timeout_s=_BUSY_TIMEOUT_S)
            n_rows = sum(
                connection.execute(
                    f"DELETE FROM {table} WHERE run_id = ? AND visitor_id = ?",  # noqa: S608 - a name of our own schema
                    (run_id, visitor_id),
                ).rowcount
                for table in _tables_of_visitors(connection)
            )
            connection.execute("COMMIT")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise EventLogError(f"event log {str(path)!r}: visitor {visitor_id!r} not erased: {error}") from error
    return n_rows


def _tables_of_visitors(connection: sqlite3.Connection) -> list[str]:
    """The tables whose rows belong to a visitor, by their columns: a new table needs no entry here."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [
        name
        for (name,) in map(tuple, names)
        if {"run_id", "visitor_id"} <= {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
    ]
