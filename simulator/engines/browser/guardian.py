"""The guardian: a process that outlives the runner just long enough to clear up after it.

It holds one end of a pipe whose other end the runner alone holds. Over it the runner names the process groups
of its workers and the sessions they have on a Selenium Grid (`+PID`, `-PID`, `+URL`, `-URL`, a line each).
However the runner ends, SIGKILL included, the pipe closes; then the guardian kills the groups still alive,
ends the sessions and removes the run's folder, with all browser profiles. It uses nothing but the standard
library and is started without site packages, so that it is up in some 20 ms. Only POSIX is needed, not Linux.
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
_SESSION_ENDS_WITHIN_S = 5.0


def left_behind(lines: Iterable[str]) -> list[str]:
    """The groups and sessions named by `+` lines and not yet taken back by `-`, in the order of their names.

    >>> left_behind(["+7", "+8", "+http://grid/session/1", "-7"])
    ['8', 'http://grid/session/1']
    """
    names: set[str] = set()
    for line in lines:
        sign, name = line[:1], line[1:].strip()
        if sign == "+":
            names.add(name)
        elif sign == "-":
            names.discard(name)
    return sorted(names)


def end_group(group: int) -> None:
    """Kill every process of a group; one that is gone already is fine."""
    # PermissionError: macOS answers so for a group of which only zombies are left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def end_session(url: str) -> None:
    """End a session on a Selenium Grid; one that is gone already, with its node or its Grid, is fine."""
    from http.client import HTTPException
    from urllib.request import ProxyHandler, Request, build_opener

    # urllib's own errors are OSErrors; HTTPException: what answers speaks no HTTP.
    with suppress(OSError, HTTPException):
        request = Request(url, method="DELETE")  # noqa: S310 - the scheme was checked when the Grid was asked
        build_opener(ProxyHandler({})).open(request, timeout=_SESSION_ENDS_WITHIN_S).close()


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
    left = left_behind(sys.stdin)
    for group in [int(name) for name in left if name.isdigit()]:
        end_group(group)
    for url in [name for name in left if not name.isdigit()]:
        end_session(url)
    remove_folder(sys.argv[1])


if __name__ == "__main__":
    main()
