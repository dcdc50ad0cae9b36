"""Storing many submissions in one transaction: each whole or not at all, whatever becomes of the others."""

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from experiment.connections import begin
from experiment.errors import RejectedEventError
from experiment.events import Event, RecordResult
from experiment.statements import STATEMENTS, Row

# What is raised for the event's own fault, as opposed to the file's or the machine's.
EVENT_ERRORS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,  # a value of a type that SQLite does not have
    sqlite3.DataError,
    OverflowError,  # an integer beyond 64 bits
    UnicodeEncodeError,  # half a surrogate pair
)

Outcome = RecordResult | RejectedEventError


@dataclass(frozen=True, slots=True, eq=False)
class Submission:
    """Events that one caller records together, as rows, and where the outcome is told."""

    rows: tuple[tuple[type[Event], Row], ...]
    is_awaited: bool
    outcome: "Future[RecordResult]" = field(default_factory=Future)


def submission_of(events: Sequence[Event], *, recorded_at: int, is_awaited: bool) -> Submission:
    """The events as rows of the log; raises RejectedEventError for what is no event."""
    try:
        rows = tuple((type(event), STATEMENTS[type(event)].row(event, recorded_at)) for event in events)
    except KeyError as error:
        raise RejectedEventError(f"{error} is no kind of event; record those of experiment.events") from error
    return Submission(rows, is_awaited)


def commit_group(
    connection: sqlite3.Connection, group: Sequence[Submission], *, busy_timeout_s: float
) -> list[Outcome]:
    """Store the group in one transaction, and say what became of each submission once it is committed.

    Raises:
        sqlite3.Error: nothing of the group is stored, through no fault of an event.
    """
    try:
        with _transaction(connection, busy_timeout_s):
            return list(_store(connection, group))
    except EVENT_ERRORS:
        with _transaction(connection, busy_timeout_s):
            return [_store_alone(connection, submission) for submission in group]


@contextmanager
def _transaction(connection: sqlite3.Connection, busy_timeout_s: float) -> Iterator[None]:
    begin(connection, busy_timeout_s=busy_timeout_s)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _store_alone(connection: sqlite3.Connection, submission: Submission) -> Outcome:
    connection.execute("SAVEPOINT submission")
    try:
        (result,) = _store(connection, [submission])
    except EVENT_ERRORS as error:
        connection.execute("ROLLBACK TO submission")
        kinds = ", ".join(sorted({kind.__name__ for kind, _ in submission.rows}))
        return RejectedEventError(
            f"events ({kinds}) break a rule of the event log: {error}; none of them is stored"
        )
    finally:
        connection.execute("RELEASE submission")
    return result


def _store(connection: sqlite3.Connection, group: Sequence[Submission]) -> Iterator[RecordResult]:
    """Store all events kind by kind, in the order of `STATEMENTS`; yields a result per submission."""
    rows: dict[type[Event], list[Row]] = {kind: [] for kind in STATEMENTS}
    for submission in group:
        for kind, row in submission.rows:
            rows[kind].append(row)
    is_stored = {
        kind: iter(_store_rows(connection, STATEMENTS[kind].sql, of_kind))
        for kind, of_kind in rows.items()
        if of_kind
    }
    for submission in group:
        yield RecordResult(tuple(next(is_stored[kind]) for kind, _ in submission.rows))


def _store_rows(connection: sqlite3.Connection, sql: str, rows: list[Row]) -> list[bool]:
    """Whether each row changed the log."""
    if len(rows) == 1:
        return [connection.execute(sql, rows[0]).rowcount == 1]
    connection.execute("SAVEPOINT kind")
    n_changed = connection.executemany(sql, rows).rowcount
    if n_changed == len(rows):
        is_stored = [True] * len(rows)
    else:
        # Some were duplicates, and only one at a time says which.
        connection.execute("ROLLBACK TO kind")
        is_stored = [connection.execute(sql, row).rowcount == 1 for row in rows]
    connection.execute("RELEASE kind")
    return is_stored
