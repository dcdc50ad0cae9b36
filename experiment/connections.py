"""Opening the event log's SQLite file, and waiting for its lock."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from experiment.errors import EventLogError
from experiment.schema import MIGRATIONS

_POLL_S = 0.0005
_CHECKPOINT_PATIENCE_MS = 100


def connect_writer(path: Path, *, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection that writes; transactions are begun and ended by hand.

    SQLite's own busy timeout is off: it polls ever more slowly, up to every 100 ms, and would let the more
    eager of two processes starve the other. `begin` polls evenly instead.
    """
    # check_same_thread: the writer's thread opens it, and whoever closes the log closes it.
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        _wait_while_busy(lambda: _switch_to_wal(connection), timeout_s=busy_timeout_s)
        # In WAL mode NORMAL loses nothing when a process dies; a power cut may cost the last moments, never
        # consistency. https://sqlite.org/pragma.html#pragma_synchronous
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, for as long as the block lasts; rows are addressed by column name."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            connection.row_factory = sqlite3.Row
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise EventLogError(
            f"event log {str(path)!r} cannot be read: {error}; has anything been recorded yet?"
        ) from error


def begin(connection: sqlite3.Connection, *, busy_timeout_s: float) -> None:
    """Begin a transaction that may write, waiting for other processes at most `busy_timeout_s`."""
    _wait_while_busy(lambda: connection.execute("BEGIN IMMEDIATE"), timeout_s=busy_timeout_s)


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Move what the WAL file holds into the database and empty it; False if somebody was in the way.

    SQLite's automatic checkpoint waits for nobody, and the WAL file is begun anew only when all of it
    has been moved. Two busy writers leave no such moment: the file grew by 100 MB a second.
    """
    connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_PATIENCE_MS}")
    give_up_at = time.monotonic() + _CHECKPOINT_PATIENCE_MS / 1_000
    try:
        # SQLite waits for readers and writers, but not for another process that is at a checkpoint itself.
        while _is_checkpoint_refused(connection):
            if time.monotonic() >= give_up_at:
                return False
            time.sleep(_POLL_S)
    finally:
        connection.execute("PRAGMA busy_timeout = 0")
    return True


def prepare(path: Path, *, busy_timeout_s: float) -> None:
    """Make the log, or bring its schema up to date; several processes may do so at once."""
    connection = connect_writer(path, busy_timeout_s=busy_timeout_s)
    try:
        # The lock is taken before the list of applied migrations is read: whoever comes second finds
        # nothing to do.
        begin(connection, busy_timeout_s=busy_timeout_s)
        try:
            MIGRATIONS.apply(Database(connection, recursive_triggers=False))
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
    finally:
        connection.close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.NotSupportedError(f"its file system offers journal mode {mode!r}, and WAL is needed")


def _is_checkpoint_refused(connection: sqlite3.Connection) -> bool:
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(is_busy)


def _wait_while_busy(action: Callable[[], object], *, timeout_s: float) -> None:
    give_up_at = time.monotonic() + timeout_s
    while True:
        try:
            action()
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # the low byte; the rest says why
            if not is_busy or time.monotonic() >= give_up_at:
                raise
            time.sleep(_POLL_S)
        else:
            return
