"""Events a second of the event log, beside one commit per event in SQLite's default journal.

    python benchmarks/event_log.py                     # in the current folder's file system
    python benchmarks/event_log.py --seconds 5 --folder /mnt/disk

All measurements insert the same clicks into the same table of the same schema, one after the other in one
run and in several rounds, of which the median counts: on a noisy machine the ratio says more than the rate.
Every caller waits until its own event is committed. The last table is the latency of recording a whole home
page, while two processes of eight threads each write at once, flat out and at a steady pace.
"""

import argparse
import itertools
import multiprocessing
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from experiment import Click, Event, EventLog, Exposure, Impression, ModelCall, Slate, VisitorSeen

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_N_ROUNDS = 3
_N_PROCESSES = 2
_N_THREADS = 8
_PAGES_PER_S = 500.0


def main() -> None:
    options = _options()
    measurements: dict[str, Callable[[Path], float]] = {
        "one commit per event, default journal": partial(_plain_rate, seconds=options.seconds),
        "event log, 1 thread": partial(_log_rate, n_threads=1, seconds=options.seconds),
        "event log, 8 threads": partial(_log_rate, n_threads=8, seconds=options.seconds),
        "event log, 64 threads": partial(_log_rate, n_threads=64, seconds=options.seconds),
        "event log, 1 thread, 500 events a call": partial(_bulk_rate, seconds=options.seconds),
    }
    rates: dict[str, list[float]] = {name: [] for name in measurements}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        paths = (Path(folder) / f"{number}.db" for number in itertools.count())
        for _ in range(_N_ROUNDS):
            for name, measure in measurements.items():
                rates[name].append(measure(next(paths)))
        _print_rates({name: statistics.median(values) for name, values in rates.items()})
        print(f"\nrecording a home page (10 events), {_N_PROCESSES} processes x {_N_THREADS} threads, ms")
        print(f"{'':24}{'pages/s':>10}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
        _print_latencies("flat out", next(paths), seconds=options.seconds, pause_s=0)
        pause_s = _N_PROCESSES * _N_THREADS / _PAGES_PER_S
        _print_latencies(f"{_PAGES_PER_S:.0f} pages/s", next(paths), seconds=options.seconds, pause_s=pause_s)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=1.5, help="length of each measurement")
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="where the logs are written, then deleted"
    )
    return parser.parse_args()


def _click(number: int) -> Click:
    slate_id = f"{number:024x}"
    who = {"run_id": "r", "visitor_id": f"v{number}", "slate_id": slate_id, "variant": "control"}
    return Click(**who, click_id=f"{slate_id}:1", surface="home", position=1, movie_id=296)


def _plain_rate(path: Path, *, seconds: float) -> float:
    EventLog.open(path).close()
    sql = (
        "INSERT INTO clicks (recorded_at, run_id, visitor_id, attempt, slate_id, click_id, surface, position,"
        " movie_id, variant) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        started = time.perf_counter()
        for number in itertools.count():
            click = _click(number)
            who = (click.run_id, click.visitor_id, click.attempt, click.slate_id, click.click_id)
            connection.execute(sql, (1, *who, click.surface, click.position, click.movie_id, click.variant))
            connection.commit()
            if time.perf_counter() - started > seconds:
                return (number + 1) / (time.perf_counter() - started)
    raise AssertionError  # the count has no end


def _log_rate(path: Path, *, n_threads: int, seconds: float) -> float:
    numbers = itertools.count()  # next() of it is atomic
    counts = [0] * n_threads
    with EventLog.open(path) as log:
        stop_at = time.perf_counter() + seconds

        def record(thread: int) -> None:
            while time.perf_counter() < stop_at:
                counts[thread] += log.record(_click(next(numbers))).n_stored

        _in_threads(record, n_threads)
    return sum(counts) / seconds


def _bulk_rate(path: Path, *, seconds: float) -> float:
    n_stored = 0
    with EventLog.open(path) as log:
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            n_stored += log.record(*map(_click, range(n_stored, n_stored + 500))).n_stored
        return n_stored / (time.perf_counter() - started)


def _in_threads(work: Callable[[int], None], n_threads: int) -> None:
    threads = [threading.Thread(target=work, args=(index,)) for index in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _print_rates(rates: dict[str, float]) -> None:
    baseline = next(iter(rates.values()))
    print(f"{'clicks committed':44}{'events/s':>12}{'ratio':>8}")
    for name, rate in rates.items():
        print(f"{name:44}{rate:>12,.0f}{rate / baseline:>8.1f}")


def _page(slate_id: str) -> list[Event]:
    who = {"run_id": "r", "visitor_id": slate_id, "simulated_at": 1}
    model = {"variant": "control", "model": "older-svd", "model_version": "3f1c", "latency_ms": 3.0}
    return [
        VisitorSeen(**who),
        Exposure(**who, variant="control"),
        Slate(**who, **model, slate_id=slate_id, surface="home"),
        ModelCall(**who, **model, call_id=slate_id, protocol="open_inference", slate_id=slate_id),
        *[Impression(**who, slate_id=slate_id, position=p, movie_id=p, served_at=1) for p in range(1, 7)],
    ]


def _record_pages(
    path: Path, process: int, seconds: float, pause_s: float, results: "Queue[list[float]]"
) -> None:
    latencies_ms: list[float] = []
    rng = random.Random(process)
    with EventLog.open(path) as log:
        stop_at = time.perf_counter() + seconds

        def record(thread: int) -> None:
            for number in itertools.count():
                page = _page(f"{process}-{thread}-{number}")
                started = time.perf_counter()
                if started > stop_at:
                    return
                log.record(*page)
                latencies_ms.append(1_000 * (time.perf_counter() - started))
                time.sleep(rng.expovariate(1 / pause_s) if pause_s else 0)

        _in_threads(record, _N_THREADS)
    results.put(latencies_ms)


def _print_latencies(label: str, path: Path, *, seconds: float, pause_s: float) -> None:
    context = multiprocessing.get_context("spawn")
    results: Queue[list[float]] = context.Queue()
    processes = [
        context.Process(target=_record_pages, args=(path, index, seconds, pause_s, results))
        for index in range(_N_PROCESSES)
    ]
    for process in processes:
        process.start()
    latencies_ms = sorted(latency for _ in processes for latency in results.get())
    for process in processes:
        process.join()
    quantiles = [latencies_ms[int(share * (len(latencies_ms) - 1))] for share in (0.5, 0.95, 0.99, 1)]
    rate = len(latencies_ms) / seconds
    print(f"{label:24}{rate:>10,.0f}" + "".join(f"{latency:>8.2f}" for latency in quantiles))


if __name__ == "__main__":
    main()
