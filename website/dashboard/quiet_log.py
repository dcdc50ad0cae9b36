"""Whether anything was recorded since the event log was last read, told by its files, without opening it."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LogState", "log_state"]

# Clocks of file systems tick every few ms: a commit in the tick of one before it leaves the time as it was.
_SETTLED_NS = 200_000_000


@dataclass(frozen=True, slots=True)
class LogState:
    """Inode, size and time of the last change, of the log and of its write-ahead file."""

    files: tuple[tuple[int, int, int], ...]


def log_state(path: Path, *, clock_ns: Callable[[], int] = time.time_ns) -> LogState | None:
    """The state of the log at `path`; None where it is not there, or was changed this very moment.

    Equal states, the first taken before the log was read, mean that a second reading would find the same.
    """
    try:
        found = [path.stat()]
    except OSError:
        return None
    with suppress(FileNotFoundError):  # removed when the last connection closed
        found.append(path.with_name(f"{path.name}-wal").stat())
    if max(each.st_mtime_ns for each in found) > clock_ns() - _SETTLED_NS:
        return None
    return LogState(tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found))
