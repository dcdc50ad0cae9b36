"""Parts of a vector run made by several processes: on this machine, or on a cluster of Dask or Ray.

joblib hands the parts out, by its own processes (loky) or through its backends for Dask and Ray. Which
process makes a part changes nothing of what it holds.
"""

import importlib.util
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

from experiment import Lake, LakeManifest
from simulator.engines.vector_parts import LakeRun, make_part, stocked
from simulator.errors import ClusterError, MissingExtraError, WorkerLostError

Backend = Literal["loky", "dask", "ray"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)
_LIBRARIES = {"dask": "distributed", "ray": "ray"}

# Parts handed out at a time, for each worker; between two such rounds progress is told and Ctrl-C is heard.
_PARTS_A_ROUND = 8
_PARENT_SEEN_EVERY_S = 0.5
# Longest wait for the scheduler of a Dask cluster.
_CONNECT_S = 10


@dataclass(frozen=True, slots=True)
class Workers:
    """Who makes the parts.

    Args:
        n_workers: processes at a time; 1 with loky is this process, and no other.
        backend: `loky`: processes of this machine. `dask` and `ray`: workers of a cluster, which see the
            lake's folder and the model endpoints under the same names as this machine.
        scheduler: address of the cluster; None starts `n_workers` local workers of it and stops them.
    """

    n_workers: int = 1
    backend: Backend = "loky"
    scheduler: str | None = None

    def require_installed(self) -> None:
        """Check that the library of the backend is there, without loading it.

        Raises:
            MissingExtraError: it is not.
        """
        if importlib.util.find_spec(_LIBRARIES.get(self.backend, "joblib")) is None:
            raise _missing(self.backend)


def run_vector_parts(
    run: LakeRun,
    manifest: LakeManifest,
    *,
    workers: Workers,
    on_done: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """Make all parts of a run that the lake does not have yet.

    Args:
        run: the run.
        manifest: of its lake, which was begun.
        workers: who makes the parts.
        on_done: told, after some parts, how many visits they had.
        stop: once set, no new parts are handed out.

    Raises:
        RecommenderClientError: an endpoint gives no usable answer; parts that are done stay.
        EventLogError: the lake cannot be written; likewise.
        MissingExtraError: Dask or Ray is asked for and not installed.
        ClusterError: nobody answers at the address of its scheduler.
        WorkerLostError: a worker was ended from outside; parts that are done stay.
    """
    done = Lake(run.folder).done_parts()
    parts = [part for part in range(manifest.n_parts) if part not in done]
    if not parts:
        return
    with _handing_out(workers) as hand_out:
        run = stocked(run, manifest)
        size = _PARTS_A_ROUND * workers.n_workers if hand_out else 1
        for start in range(0, len(parts), size):
            if stop.is_set():
                return
            some = parts[start : start + size]
            if hand_out is None:
                on_done(make_part(run, manifest, some[0]))
            else:
                on_done(sum(hand_out(run, manifest, some)))


HandOut = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]]], list[Any]]
"""Has a function called with each tuple of arguments, by whichever worker is free; results in order."""

_HandOutParts = Callable[[LakeRun, LakeManifest, Sequence[int]], Collection[int]]


@contextmanager
def handing_out(workers: Workers) -> Iterator[HandOut]:
    """Workers for as long as the context lasts, and a way to have them call functions.

    Functions and arguments are pickled on their way to another process.

    Raises:
        MissingExtraError: Dask or Ray is asked for and not installed.
        ClusterError: nobody answers at the address of its scheduler.
        WorkerLostError: by the way given: a worker was ended from outside.
    """
    if workers.backend == "loky" and workers.n_workers == 1:
        yield lambda function, calls: [function(*arguments) for arguments in calls]
        return
    import joblib

    with ExitStack() as stack:
        options = stack.enter_context(_BACKENDS[workers.backend](workers))
        stack.enter_context(joblib.parallel_config(workers.backend, n_jobs=workers.n_workers, **options))
        pool = stack.enter_context(joblib.Parallel(batch_size=1))
        parent = os.getpid() if workers.backend == "loky" else None
        task = joblib.delayed(_call_away)

        def hand_out(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
            try:
                return list(pool(task(parent, function, arguments) for arguments in calls))
            except BrokenProcessPool as error:
                raise _lost(workers) from error

        yield hand_out


@contextmanager
def _handing_out(workers: Workers) -> Iterator[_HandOutParts | None]:
    """What has parts made and waits for them; None where this process makes them itself."""
    if workers.backend == "loky" and workers.n_workers == 1:
        yield None
        return
    with handing_out(workers) as hand_out:
        yield lambda run, manifest, parts: hand_out(make_part, [(run, manifest, part) for part in parts])


def _call_away(parent: int | None, function: Callable[..., Any], arguments: tuple[Any, ...]) -> object:
    if parent is not None:
        _end_with(parent)
    return function(*arguments)


@contextmanager
def _loky(workers: Workers) -> Iterator[dict[str, Any]]:  # noqa: ARG001  one signature for all
    # Arrays go to the workers as they are: as files they would lie outside the workspace.
    yield {"max_nbytes": None}


@contextmanager
def _dask(workers: Workers) -> Iterator[dict[str, Any]]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise _missing("dask") from error
    with ExitStack() as stack:
        where: Any = workers.scheduler
        if where is None:
            local = {"n_workers": workers.n_workers, "threads_per_worker": 1}
            where = stack.enter_context(LocalCluster(**local, dashboard_address="127.0.0.1:0"))
        try:
            stack.enter_context(Client(where, timeout=_CONNECT_S))
        except (OSError, ValueError) as error:
            raise _unreachable(workers) from error
        yield {}


@contextmanager
def _ray(workers: Workers) -> Iterator[dict[str, Any]]:
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError as error:
        raise _missing("ray") from error
    local = {"num_cpus": workers.n_workers, "include_dashboard": False}
    where = {"address": workers.scheduler} if workers.scheduler else local
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", **where)
    except (OSError, ValueError) as error:
        raise _unreachable(workers) from error
    try:
        register_ray()
        yield {}
    finally:
        ray.shutdown()


_BACKENDS = {"loky": _loky, "dask": _dask, "ray": _ray}


def _missing(extra: str) -> MissingExtraError:
    return MissingExtraError(
        f"backend {extra!r} is not installed here; install it by `pip install 'funflix[{extra}]'`, "
        "or leave --backend out"
    )


def _unreachable(workers: Workers) -> ClusterError:
    return ClusterError(
        f"--scheduler {workers.scheduler!r}: no cluster of {workers.backend} answers; start one, "
        "or leave --scheduler out for workers of this machine"
    )


def _lost(workers: Workers) -> WorkerLostError:
    return WorkerLostError(
        f"one of {workers.n_workers} workers was ended from outside (by a person, or by a system out of "
        "memory); what was finished is kept: try fewer workers"
    )


_watch = threading.Lock()


def _end_with(parent: int) -> None:
    """End this worker when the process that started it is gone, which alone heeds Ctrl-C."""
    if not _watch.acquire(blocking=False):
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            _pause.wait(_PARENT_SEEN_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


_pause = threading.Event()
