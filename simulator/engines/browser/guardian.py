"""The guardian: a process that outlives the runner just long enough to clear up after it.

It holds one end of a pipe whose other end the runner alone holds. Over it the runner names the process groups
of its workers (`+PID`, `-PID`, a line each). However the runner ends, SIGKILL included, the pipe closes; then
the guardian kills the groups still alive and removes the run's folder, with all browser profiles. It uses
nothing but the standard library and is started without site packages, so that it is up in some 20 ms. Only
POSIX is needed, not Linux.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

_DEADLINE_S = 10.0
_POLL_S = 0.05


def groups_alive(lines: Iterable[str]) -> set[int]:
    """The groups named by `+PID` lines and not yet taken back by `-PID`.

    >>> groups_alive(["+7", "+8", "-7"])
    {8}
    """
    groups: set[int] = set()
    for line in lines:
        name = line.strip()
        if name.startswith("+"):
            groups.add(int(name[1:]))
        elif name.startswith("-"):
            groups.discard(int(name[1:]))
    return groups


def end_group(group: int) -> None:
    """Kill every process of a group; one that is gone already is fine."""
    # PermissionError: macOS answers so for a group of which only zombies are left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def remove_folder(folder: str, *, deadline_s: float = _DEADLINE_S) -> None:
    """Remove a folder in which dying processes may still write for a moment."""
    deadline = time.monotonic() + deadline_s
    while os.path.isdir(folder) and time.monotonic() < deadline:  # noqa: PTH112 - without pathlib it starts faster
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.isdir(folder):  # noqa: PTH112 - as above
            time.sleep(_POLL_S)


def main() -> None:
    """Wait for the runner's end, then clear up. Argument: the run's folder."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for group in groups_alive(sys.stdin):
        end_group(group)
    remove_folder(sys.argv[1])


if __name__ == "__main__":
    main()
