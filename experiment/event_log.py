"""The event log: one SQLite file, written by one thread per process, which commits in groups.

While one group is being committed, callers queue; the next group takes all of them. So the busier the site,
the fewer commits each event costs, and still each caller returns only once its own events are committed.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from experiment.connections import prepare
from experiment.errors import EventLogError
from experiment.events import Event, RecordResult
from experiment.group_commit import Submission, submission_of
from experiment.writer import Writer

_BUSY_TIMEOUT_S = 10.0


def _epoch_ms() -> int:
    return time.time_ns() // 1_000_000


class EventLog:
    """Where events are recorded; shared by all threads of a process, and usable in several processes at once.

    The file is opened with the first event of each process, so a log may be made before a process forks.

    Args:
        path: the SQLite file; its schema is up to date (`EventLog.open` sees to that).
        busy_timeout_s: how long to wait for other processes before an event is given up.
        clock: real time in ms since epoch, for `recorded_at`.
    """

    def __init__(
        self, path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S, clock: Callable[[], int] = _epoch_ms
    ) -> None:
        self._clock = clock
        self._writer = Writer(path, busy_timeout_s=busy_timeout_s)

    @classmethod
    def open(
        cls, path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S, clock: Callable[[], int] = _epoch_ms
    ) -> Self:
        """The log in the file `path`, made where there is none, with its schema brought up to date.

        Raises:
            EventLogError: the file cannot be made, read or brought up to date.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            prepare(path, busy_timeout_s=busy_timeout_s)
        except (OSError, sqlite3.Error) as error:
            raise EventLogError(
                f"event log {str(path)!r} cannot be opened: {error}; check path, disk and permissions"
            ) from error
        return cls(path, busy_timeout_s=busy_timeout_s, clock=clock)

    def record(self, *events: Event) -> RecordResult:
        """Store the events, all or none; returns once they are committed.

        Raises:
            RejectedEventError: one of them breaks a rule of its table.
            EventLogError: the log cannot be written; nothing is stored, and the log may be used again.
        """
        return self._submit(events, is_awaited=True).outcome.result()

    def record_soon(self, *events: Event) -> None:
        """Store the events soon, without waiting; a failure is logged and counted in `n_lost`."""
        self._submit(events, is_awaited=False)

    @property
    def n_lost(self) -> int:
        """Events given to `record_soon` in this process that could not be stored."""
        return self._writer.n_lost

    def close(self) -> None:
        """Store what is queued and let go of the file; nothing can be recorded here afterwards."""
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _submit(self, events: tuple[Event, ...], *, is_awaited: bool) -> Submission:
        submission = submission_of(events, recorded_at=self._clock(), is_awaited=is_awaited)
        self._writer.submit(submission)
        return submission
