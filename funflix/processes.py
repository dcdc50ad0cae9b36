"""Server processes: started on loopback, waited for, and never left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import requests

from funflix.errors import FunflixError, SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

LOOPBACK = "127.0.0.1"
SERVER_VARIABLE = "FUNFLIX_SERVER_PID"
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 8.0
_PARENT_CHECK_S = 0.2


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free_port(port: int, *, option: str) -> None:
    """Check that a server may listen on `port`.

    Raises:
        SetupError: somebody listens there, or the port may not be used; the message names `option`.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise SetupError(
                f"port {port} on {LOOPBACK} cannot be used ({error.strerror}); choose another with {option}"
            ) from error


def stop_with_parent(parent: int) -> None:
    """End this process when its parent has died, however it died and however early.

    Args:
        parent: the process id of the parent as the parent knows it; asking for it here would be too late for
            a parent that died while we were starting.

    A polling thread and not a signal of the kernel's, because it works on every system, and because the
    kernel's (`PR_SET_PDEATHSIG`) follows the thread that forked rather than the process.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_S)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="stop-with-parent", daemon=True).start()


@dataclass(slots=True)
class ServerProcess:
    """One of our servers in a process of its own; a context manager that starts and stops it.

    Args:
        name: which one, "endpoint" or "site"; also names its log file.
        port: the loopback port it listens on.
        ready_path: the page that answers 200 once the server can do its work.
        logs: the folder for its log.
        environment: settings it reads, added to ours.
        n_workers: server worker processes.
        n_threads: threads in each worker.
    """

    name: str
    port: int
    ready_path: str
    logs: Path
    environment: Mapping[str, str]
    n_workers: int = 2
    n_threads: int = 8
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log_path(self) -> Path:
        """What the server printed."""
        return self.logs / f"{self.name}.log"

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process, and return at once."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we stop the servers last.
            self._process = subprocess.Popen(  # noqa: S603 - our own module, started with our own Python
                [
                    *(sys.executable, "-m", "funflix.server_process", str(os.getpid()), self.name),
                    *(str(self.port), str(self.n_workers), str(self.n_threads)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    def wait_until_ready(self, timeout_s: float = _START_TIMEOUT_S) -> None:
        """Wait until the server answers.

        Raises:
            FunflixError: it ended, or was not ready in time; the message holds its last words.
        """
        deadline = time.monotonic() + timeout_s
        with requests.Session() as session:
            session.trust_env = False  # a proxy in the environment must not come between
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    raise FunflixError(f"the {self.name} server ended while starting: {self._last_words()}")
                with contextlib.suppress(requests.RequestException):
                    if session.get(self.url + self.ready_path, timeout=2).ok:
                        return
                time.sleep(0.05)
        raise FunflixError(
            f"the {self.name} server was not ready within {timeout_s:.0f} s; see {str(self.log_path)!r}"
        )

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ask the server to end, and end it if it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _last_words(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        # Lines in brackets are the server software's own; the one before them says what is wrong.
        words = [line for line in lines[-40:] if line and not line.startswith((" ", "["))]
        return f"{words[-1] if words else 'it printed nothing'} (log: {str(self.log_path)!r})"
