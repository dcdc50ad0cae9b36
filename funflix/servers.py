"""The model endpoint and the site, started together and stopped together."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from experiment import BUILTIN_URL
from funflix.applications import (
    ENDPOINT_VARIABLE,
    EXPERIMENT_VARIABLE,
    TMDB_VARIABLE,
    WORKSPACE_VARIABLE,
)
from funflix.errors import SetupError
from funflix.preparing import artefact_paths
from funflix.processes import ServerProcess, free_port
from recommender import load_artefact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from experiment import Experiment
    from funflix.workspace import Workspace

_SITE_READY_PATH = "/readyz"
_ENDPOINT_READY_PATH = "/v2/health/ready"
_WORKERS_VARIABLE = "FUNFLIX_SERVER_WORKERS"
_MOST_WORKERS = 8
_MOST_WORKERS_ASKED = 64
# NumPy's threads would fight with the server workers for the cores; serving multiplies no large matrix.
_ONE_THREAD_EACH = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def has_builtin(experiment: Experiment) -> bool:
    """Whether a variant asks the workspace's own endpoint."""
    return any(variant.url == BUILTIN_URL for variant in experiment.variants)


@contextmanager
def builtin_endpoint(workspace: Workspace, experiment: Experiment) -> Iterator[str]:
    """The URL of the model endpoint while it runs; empty where every variant has an endpoint of its own."""
    if has_builtin(experiment):
        with endpoint_running(workspace) as endpoint:
            yield endpoint.url
    else:
        yield ""


@contextmanager
def endpoint_running(workspace: Workspace) -> Iterator[ServerProcess]:
    """The model endpoint, on a free port, for as long as the context lasts.

    Raises:
        ArtefactNotFoundError, CorruptArtefactError: a model cannot be served; names it.
    """
    for path in artefact_paths(workspace):
        load_artefact(path)  # here, where the error reaches the user as such
    with _running("endpoint", _ENDPOINT_READY_PATH, free_port(), workspace, {}, n_threads=4) as server:
        yield server


@contextmanager
def site_running(
    workspace: Workspace,
    *,
    experiment_file: Path,
    endpoint_url: str,
    port: int | None = None,
    tmdb_key: str = "",
) -> Iterator[ServerProcess]:
    """The site, on `port` or a free one, for as long as the context lasts; with a key, with real posters."""
    settings = {
        EXPERIMENT_VARIABLE: str(experiment_file),
        ENDPOINT_VARIABLE: endpoint_url,
        TMDB_VARIABLE: tmdb_key,
    }
    with _running("site", _SITE_READY_PATH, port or free_port(), workspace, settings, n_threads=8) as server:
        yield server


def workers_of_a_server(environment: Mapping[str, str]) -> int:
    """How many processes answer for each server: one for each core, unless the environment says otherwise.

    Raises:
        SetupError: it says something else than a number of processes.
    """
    asked = environment.get(_WORKERS_VARIABLE)
    if not asked:
        return max(1, min(os.cpu_count() or 1, _MOST_WORKERS))
    if not (asked.isdecimal() and 1 <= int(asked) <= _MOST_WORKERS_ASKED):
        raise SetupError(
            f"{_WORKERS_VARIABLE} is {asked!r}; give a number of processes from 1 to {_MOST_WORKERS_ASKED}, "
            "or leave it unset for one per core"
        )
    return int(asked)


@contextmanager
def _running(
    name: str,
    ready_path: str,
    port: int,
    workspace: Workspace,
    settings: Mapping[str, str],
    *,
    n_threads: int,
) -> Iterator[ServerProcess]:
    # A folder for each server: another one on this workspace counts for itself.
    metrics = workspace.logs / "metrics" / f"{name}-{port}"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    server = ServerProcess(
        name=name,
        port=port,
        ready_path=ready_path,
        logs=workspace.logs,
        environment={
            **_ONE_THREAD_EACH,
            **settings,
            WORKSPACE_VARIABLE: str(workspace.root),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        },
        n_workers=workers_of_a_server(os.environ),
        n_threads=n_threads,
    )
    try:
        with server:
            yield server
    finally:
        shutil.rmtree(metrics, ignore_errors=True)
