"""The folder of one run, in which its browsers keep all they write, and the guardian who removes it."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from simulator.engines.browser import guardian
from simulator.engines.browser.errors import BrowserStartError

_PREFIX = "funflix-browsers-"
_LOCK_NAME = "lock"
# A folder younger than this may belong to a run that has not locked it yet.
_STALE_AFTER_S = 60.0
_GUARDIAN_ENDS_WITHIN_S = 20.0


def sweep_stale_folders(parent: Path) -> int:
    """Remove the folders of runs of which no process lives; the number removed.

    The guardian of a run holds a lock on its folder; a lock that can be taken means that both are gone.
    """
    n_removed = 0
    for folder in parent.glob(f"{_PREFIX}*"):
        if _is_stale(folder):
            shutil.rmtree(folder, ignore_errors=True)
            n_removed += 1
    return n_removed


def _is_stale(folder: Path) -> bool:
    # OSError: another run's folder that goes just now, another user's, or one whose lock is held.
    with suppress(OSError):
        if time.time() - folder.stat().st_mtime < _STALE_AFTER_S:
            return False
        lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(lock)
        return True
    return False


class RunFolder:
    """A temporary folder and its guardian; leaving it ends every group still guarded and removes the folder.

    Args:
        parent: where the folder is made; the system's temporary folder by default.
    """

    def __init__(self, parent: Path | None = None) -> None:
        parent = Path(tempfile.gettempdir()) if parent is None else parent
        sweep_stale_folders(parent)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = os.open(self.path / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Its own session: a Ctrl-C in the terminal, or a kill of the runner's group, must not reach it.
            self._guardian = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-S", guardian.__file__, str(self.path)],
                stdin=subprocess.PIPE,
                pass_fds=[lock],
                start_new_session=True,
            )
        finally:
            os.close(lock)  # the guardian's copy keeps the lock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def guard(self, group: int | str) -> None:
        """Have the guardian end this process group, or the Grid session at this URL, when the runner ends."""
        self._tell(f"+{group}\n")

    def release(self, group: int | str) -> None:
        """The process group or session has ended; its number may come to mean another."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Let the guardian clear up, and wait for it."""
        assert self._guardian.stdin is not None
        with suppress(BrokenPipeError):
            self._guardian.stdin.close()
        try:
            self._guardian.wait(_GUARDIAN_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._guardian.kill()
            self._guardian.wait()
        guardian.remove_folder(str(self.path), deadline_s=1.0)  # in case somebody killed the guardian

    def _tell(self, line: str) -> None:
        assert self._guardian.stdin is not None
        try:
            self._guardian.stdin.write(line.encode())
            self._guardian.stdin.flush()
        except BrokenPipeError as error:
            raise BrowserStartError(
                f"the guardian of {str(self.path)!r} has been killed; "
                "browsers are not run without one. Start again"
            ) from error
