"""The one thread of a process that writes the event log."""

import atexit
import contextlib
import logging
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

from experiment.connections import checkpoint, connect_writer
from experiment.errors import EventLogError
from experiment.group_commit import Submission, commit_group

# SQLite itself checkpoints at 4 MB; beyond this it plainly does not keep up.
_WAL_BYTES = 16_000_000
_LOGGER = logging.getLogger(__name__)


class Writer:
    """Takes all that is queued, commits it in one transaction, tells the callers, and begins anew.

    The thread starts, and the file is opened, with the first submission. After any failure of the file it is
    opened afresh. When the process forks, the child begins with an empty queue and opens the file itself.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self._path = path
        self._wal_path = path.with_name(f"{path.name}-wal")
        self._busy_timeout_s = busy_timeout_s
        self._is_closed = False
        self._start_afresh()
        _survive_forks(self)

    def submit(self, submission: Submission) -> None:
        """Queue events for the next group; raises EventLogError once the writer is closed."""
        with self._wakeup:
            if self._is_closed:
                raise EventLogError(
                    f"event log {str(self._path)!r} is closed; record events before closing it"
                )
            if self._thread is None:
                self._start()
            self._queue.append(submission)
            self._wakeup.notify()

    def close(self) -> None:
        """Commit what is queued, then stop the thread and let go of the file."""
        with self._wakeup:
            self._is_closed = True
            self._wakeup.notify()
        if self._thread is not None:
            self._thread.join()
            atexit.unregister(self.close)

    def before_fork(self) -> None:
        """Let go of the file until the fork is done."""
        self._connection_lock.acquire()
        self._disconnect()

    def after_fork_in_parent(self) -> None:
        """Go on; the next group opens the file again."""
        self._connection_lock.release()

    def after_fork_in_child(self) -> None:
        """Begin as a process that has written nothing yet: what is queued is the parent's."""
        self._start_afresh()

    def _start_afresh(self) -> None:
        self.n_lost = 0
        self._queue: list[Submission] = []
        self._wakeup = threading.Condition()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._connection_lock = threading.Lock()  # held while the connection is in use
        self._checkpoint_at_bytes = _WAL_BYTES

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="event-log-writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)  # a process that ends in peace stores what it was told to store soon

    def _run(self) -> None:
        while group := self._next_group():
            with self._connection_lock:
                self._commit(group)
                self._checkpoint_when_due()
        with self._connection_lock:
            self._disconnect()

    def _next_group(self) -> list[Submission]:
        """All that is queued, waiting for something to be; empty once the writer is closed."""
        with self._wakeup:
            while not self._queue and not self._is_closed:
                self._wakeup.wait()
            group, self._queue = self._queue, []
            return group

    def _commit(self, group: Sequence[Submission]) -> None:
        try:
            if self._connection is None:
                self._connection = connect_writer(self._path, busy_timeout_s=self._busy_timeout_s)
            outcomes = commit_group(self._connection, group, busy_timeout_s=self._busy_timeout_s)
        except Exception as error:  # noqa: BLE001  whatever it is, the callers must hear of it
            self._disconnect()
            for submission in group:
                self._fail(submission, self._explain(error))
            return
        for submission, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, EventLogError):
                self._fail(submission, outcome)
            else:
                submission.outcome.set_result(outcome)

    def _checkpoint_when_due(self) -> None:
        # After the callers were told: they do not wait for it.
        try:
            size = self._wal_path.stat().st_size
            if self._connection is None or size < self._checkpoint_at_bytes:
                return
            is_done = checkpoint(self._connection)
        except (OSError, sqlite3.Error) as error:
            _LOGGER.warning("event log %s could not be checkpointed: %s", self._path, error)
            self._disconnect()
        else:
            # Whatever was in the way may stay for long: do not wait for it again after each group.
            self._checkpoint_at_bytes = _WAL_BYTES if is_done else size + _WAL_BYTES

    def _explain(self, error: Exception) -> EventLogError:
        # A new error for each caller: threads that raise one and the same object mix up their tracebacks.
        explained = EventLogError(
            f"event log {str(self._path)!r} cannot be written: {error}; nothing of these events is stored. "
            "Is the disk full, or does another program hold the file?"
        )
        explained.__cause__ = error
        return explained

    def _fail(self, submission: Submission, error: EventLogError) -> None:
        if not submission.is_awaited:
            self.n_lost += len(submission.rows)
            _LOGGER.error("lost %d events: %s", len(submission.rows), error)
        submission.outcome.set_exception(error)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(
                sqlite3.Error
            ):  # a file in trouble; its transaction is rolled back anyhow
                self._connection.close()
            self._connection = None


def _survive_forks(writer: Writer) -> None:
    """Close the writer's connection while the process forks, and give the child a writer without history.

    A child must not inherit an open connection: SQLite would take the parent's file locks for its own.
    https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
    """
    reference = weakref.ref(writer)

    def call(method: Callable[[Writer], None]) -> Callable[[], None]:
        def call_if_alive() -> None:
            alive = reference()
            if alive is not None:
                method(alive)

        return call_if_alive

    if hasattr(os, "register_at_fork"):  # there is no fork on Windows
        os.register_at_fork(
            before=call(Writer.before_fork),
            after_in_parent=call(Writer.after_fork_in_parent),
            after_in_child=call(Writer.after_fork_in_child),
        )
