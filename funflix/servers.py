"""The model endpoint and the site, started together and stopped together."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from funflix.applications import ENDPOINT_VARIABLE, EXPERIMENT_VARIABLE, WORKSPACE_VARIABLE
from funflix.processes import ServerProcess, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from funflix.workspace import Workspace

_SITE_READY_PATH = "/readyz"
_ENDPOINT_READY_PATH = "/v2/health/ready"
# NumPy's threads would fight with the server workers for the cores; serving multiplies no large matrix.
_ONE_THREAD_EACH = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where our servers listen; `site` is None where somebody else's site is visited."""

    endpoint: ServerProcess
    site: ServerProcess | None

    def dead_server(self) -> str | None:
        """The name of a server that ended although nobody asked it to; None while all run."""
        running = [server for server in (self.endpoint, self.site) if server is not None]
        return next((server.name for server in running if not server.is_running()), None)


@contextmanager
def endpoint_running(workspace: Workspace) -> Iterator[ServerProcess]:
    """The model endpoint, on a free port, for as long as the context lasts."""
    server = ServerProcess(
        name="endpoint",
        port=free_port(),
        ready_path=_ENDPOINT_READY_PATH,
        logs=workspace.logs,
        environment=_environment(workspace, "endpoint"),
        n_workers=_n_workers(),
        n_threads=4,
    )
    with server:
        yield server


@contextmanager
def site_running(
    workspace: Workspace, *, experiment_file: Path, endpoint_url: str, port: int | None = None
) -> Iterator[ServerProcess]:
    """The site, on `port` or a free one, for as long as the context lasts."""
    environment = _environment(workspace, "site") | {
        EXPERIMENT_VARIABLE: str(experiment_file),
        ENDPOINT_VARIABLE: endpoint_url,
    }
    server = ServerProcess(
        name="site",
        port=free_port() if port is None else port,
        ready_path=_SITE_READY_PATH,
        logs=workspace.logs,
        environment=environment,
        n_workers=_n_workers(),
        n_threads=8,
    )
    with server:
        yield server


def _environment(workspace: Workspace, name: str) -> dict[str, str]:
    metrics = workspace.logs / "metrics" / name
    metrics.mkdir(parents=True, exist_ok=True)
    for stale in metrics.glob("*.db"):  # counters of an earlier process
        stale.unlink(missing_ok=True)
    return {
        **_ONE_THREAD_EACH,
        WORKSPACE_VARIABLE: str(workspace.root),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }


def _n_workers() -> int:
    return max(1, min(os.cpu_count() or 1, 8))
