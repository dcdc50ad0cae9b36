"""The one thread of a process that writes the event log."""

import atexit
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiment.connections import connect_writer
from experiment.errors import EventLogError
from experiment.group_commit import Submission, commit_group

if TYPE_CHECKING:
    import sqlite3

_LOGGER = logging.getLogger(__name__)


class Writer:
    """Takes all that is queued, commits it in one transaction, tells the callers, and begins anew.

    The thread starts with the first submission. After any failure of the file the connection is opened
    afresh.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self.n_lost = 0
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._connection: sqlite3.Connection | None = None
        self._queue: list[Submission] = []
        self._wakeup = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closing = False

    def submit(self, submission: Submission) -> None:
        """Queue events for the next group; raises EventLogError once the writer is closed."""
        with self._wakeup:
            if self._is_closing:
                raise EventLogError(
                    f"event log {str(self._path)!r} was closed while an event was being recorded"
                )
            if self._thread is None:
                self._start()
            self._queue.append(submission)
            self._wakeup.notify()

    def close(self) -> None:
        """Commit what is queued, then stop the thread."""
        with self._wakeup:
            self._is_closing = True
            self._wakeup.notify()
        if self._thread is not None:
            self._thread.join()
            atexit.unregister(self.close)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="event-log-writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)  # a process that ends in peace stores what it was told to store soon

    def _run(self) -> None:
        while group := self._next_group():
            self._commit(group)
        self._disconnect()

    def _next_group(self) -> list[Submission]:
        """All that is queued, waiting for something to be; empty once the writer is closing."""
        with self._wakeup:
            while not self._queue and not self._is_closing:
                self._wakeup.wait()
            group, self._queue = self._queue, []
            return group

    def _commit(self, group: Sequence[Submission]) -> None:
        try:
            if self._connection is None:
                self._connection = connect_writer(self._path, busy_timeout_s=self._busy_timeout_s)
            outcomes = commit_group(self._connection, group, busy_timeout_s=self._busy_timeout_s)
        except Exception as error:  # noqa: BLE001  whatever it is, the callers must hear of it and the thread live on
            self._disconnect()
            for submission in group:
                self._fail(submission, self._explain(error))
            return
        for submission, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, EventLogError):
                self._fail(submission, outcome)
            else:
                submission.outcome.set_result(outcome)

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
            self.n_lost += len(submission.events)
            _LOGGER.error("lost %d events: %s", len(submission.events), error)
        submission.outcome.set_exception(error)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
