"""The process of one server: `python -m funflix.server_process endpoint|site PORT N_WORKERS N_THREADS`.

It ends with the process that started it, even when that one was killed.
"""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from funflix.processes import LOOPBACK, stop_with_parent


def serve(name: str, port: int, n_workers: int, n_threads: int) -> None:
    """Serve one of the applications of `funflix.applications` until told to stop."""
    stop_with_parent()
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
    serve(sys.argv[1], *(int(number) for number in sys.argv[2:5]))
