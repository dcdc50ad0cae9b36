"""The process of one server.

Started as `python -m funflix.server_process PARENT endpoint|site PORT N_WORKERS N_THREADS`.

It ends with the process that started it, even when that one was killed.
"""

import os
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from funflix.processes import LOOPBACK, SERVER_VARIABLE, stop_with_parent


def serve(parent: int, name: str, port: int, n_workers: int, n_threads: int) -> None:
    """Serve one of the applications of `funflix.applications` until told to stop."""
    stop_with_parent(parent)
    os.environ[SERVER_VARIABLE] = str(os.getpid())  # for the workers, whose parent this process is
    Granian(
        f"funflix.applications:{name}",
        address=LOOPBACK,
        port=port,
        interface=Interfaces.WSGI,
        workers=n_workers,
        blocking_threads=n_threads,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], *(int(number) for number in sys.argv[3:6]))
