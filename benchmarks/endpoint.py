"""Requests a second of the model endpoint, top 10 for one user, beside a bare Flask JSON route.

    python benchmarks/endpoint.py                          # the synthetic catalogue
    python benchmarks/endpoint.py --dataset ml-1m-sized    # random ratings, as many as in ml-1m
    python benchmarks/endpoint.py --dataset PATH           # any MovieLens folder or zip

The applications run on granian with two workers each and are asked in turn, several rounds, by the same
client processes over kept connections; the table shows the median round. The clients share the cores with the
servers, so the ratio says more than the rate.
"""

import argparse
import json
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from endpoint_apps import ARTEFACTS_VARIABLE

from catalog import Dataset, Film, Ratings, find_dataset, make_dataset, split_ratings
from recommender import NOBODY, SlateMaker, ensure_artefact, load_artefact

_SEED = 7
_K = 10
_N_WORKERS = 2
_ML_1M_SIZED = "ml-1m-sized"


def main() -> None:
    options = _options()
    dataset = _dataset(options.dataset)
    with tempfile.TemporaryDirectory() as folder:
        paths = _train(dataset, Path(folder))
        users = [int(user_id) for user_id in dataset.user_ids[:1_000]]
        with _granian("create_bare_app", []) as bare_port, _granian("create_model_app", paths) as port:
            targets = [_Target("bare Flask JSON route", bare_port, "/", [b'{"user_id": 1}'])]
            for path in paths:
                name = path.parent.name
                infer, predict = f"/v2/models/{name}/infer", f"/seldon/funflix/{name}/api/v1.0/predictions"
                targets += [
                    _Target(f"{name}, /v2 infer", port, infer, [_infer_body(user_id) for user_id in users]),
                    _Target(f"{name}, Seldon", port, predict, [_seldon_body(user_id) for user_id in users]),
                ]
            _print_rates(_measure(targets, options))
        for path in paths:
            _print_model_times(path)


@dataclass(frozen=True, slots=True)
class _Target:
    """One route to measure."""

    label: str
    port: int
    path: str
    bodies: list[bytes]

    def requests(self) -> list[bytes]:
        """Whole HTTP requests, one for each body."""
        head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in self.bodies]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--dataset", default="synthetic", help="a MovieLens name, folder or zip; or synthetic"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each route")
    parser.add_argument("--clients", type=int, default=4, help="client processes")
    return parser.parse_args()


def _dataset(choice: str) -> Dataset:
    if choice == _ML_1M_SIZED:
        return _random_ratings()
    found = find_dataset(choice, folder=Path(tempfile.gettempdir()) / "funflix-datasets", seed=_SEED)
    print(found.notice, file=sys.stderr)
    return found.dataset


def _random_ratings() -> Dataset:
    """6,040 users, 3,883 films and a million ratings, as in ml-1m; popular films by Zipf's law, no tastes."""
    rng = np.random.default_rng(_SEED)
    n_users, n_films, n_ratings = 6_040, 3_883, 1_000_209
    films = tuple(Film(number, f"Film {number}", None, ()) for number in range(1, n_films + 1))
    chances = 1 / np.arange(30, n_films + 30)
    drawn = rng.integers(n_users, size=2 * n_ratings) * n_films
    drawn += rng.choice(n_films, 2 * n_ratings, p=chances / chances.sum())
    pairs = rng.permutation(np.unique(drawn))[:n_ratings]
    stars = rng.integers(1, 6, len(pairs)).astype(np.float32)
    timestamps = rng.integers(956_703_932, 1_046_454_590, len(pairs))
    ratings = Ratings(pairs // n_films + 1, pairs % n_films + 1, stars, timestamps)
    return make_dataset(_ML_1M_SIZED, films, ratings, is_synthetic=True)


def _train(dataset: Dataset, folder: Path) -> list[Path]:
    split = split_ratings(dataset, seed=_SEED)
    paths = []
    for name, kind, ratings in (
        ("older-svd", "svd", split.control),
        ("newer-ease", "ease", split.treatment),
    ):
        started = time.perf_counter()
        paths.append(
            ensure_artefact(
                folder, name, kind, films=dataset.films, ratings=ratings, held_out=split.held_out, seed=_SEED
            )
        )
        metrics = load_artefact(paths[-1]).manifest.metrics
        took_s = time.perf_counter() - started
        print(f"trained {name} in {took_s:.1f} s; precision at {metrics.k}: {metrics.precision:.3f}")
    return paths


@contextmanager
def _granian(factory: str, artefacts: list[Path]) -> Iterator[int]:
    """Run an application until the block ends; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(_N_WORKERS), "--log-level", "warning"]
    command += ["--working-dir", str(Path(__file__).parent), f"endpoint_apps:{factory}"]
    environment = {**os.environ, ARTEFACTS_VARIABLE: json.dumps([str(path) for path in artefacts])}
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"granian on port {port} is not there after 60 s, exit status {server.returncode}")


def _infer_body(user_id: int) -> bytes:
    tensors = (("user_id", [user_id]), ("k", [_K]))
    inputs = [{"name": name, "datatype": "INT64", "shape": [1], "data": values} for name, values in tensors]
    return json.dumps({"inputs": inputs}).encode()


def _seldon_body(user_id: int) -> bytes:
    rows = {"names": ["user_id", "movie_id", "k"], "ndarray": [[user_id, NOBODY, _K]]}
    return json.dumps({"meta": {"puid": str(user_id)}, "data": rows}).encode()


def _measure(targets: list[_Target], options: argparse.Namespace) -> dict[str, list[float]]:
    """Requests a second, p50 and p95 latency in ms as the clients saw them: the median of the rounds."""
    rounds: dict[str, list[list[float]]] = {target.label: [] for target in targets}
    with multiprocessing.get_context("spawn").Pool(options.clients) as pool:
        for number in range(options.rounds + 1):  # the first round only warms up
            for target in targets:
                seconds = options.seconds if number else 0.3
                jobs = [(target.port, target.requests(), seconds, seed) for seed in range(options.clients)]
                latencies_ms = np.concatenate(pool.starmap(_ask, jobs)) * 1_000
                if number:
                    percentiles = np.percentile(latencies_ms, [50, 95]).tolist()
                    rounds[target.label].append([len(latencies_ms) / seconds, *percentiles])
    return {label: np.median(measured, axis=0).tolist() for label, measured in rounds.items()}


def _ask(port: int, requests: list[bytes], seconds: float, seed: int) -> list[float]:
    """Send requests one after the other over one connection; returns their latencies in s."""
    rng = random.Random(seed)
    latencies = []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            connection.sendall(rng.choice(requests))
            _read_answer(connection)
            latencies.append(time.perf_counter() - started)
    return latencies


def _read_answer(connection: socket.socket) -> None:
    received = connection.recv(65_536)
    while (head_end := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(65_536)
    head = received[:head_end].lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"the server answered {received[:300]!r}")
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    while len(received) < head_end + 4 + length:
        received += connection.recv(65_536)


def _print_rates(rates: dict[str, list[float]]) -> None:
    bare = rates["bare Flask JSON route"][0]
    print(f"{'granian, 2 workers':<28}{'requests/s':>12}{'of bare':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for name, (rate, p50, p95) in rates.items():
        print(f"{name:<28}{rate:>12,.0f}{rate / bare:>10.2f}{p50:>10.2f}{p95:>10.2f}")


def _print_model_times(path: Path) -> None:
    model = load_artefact(path)
    users = model.arrays["user_ids"][:1_000].tolist()
    maker = SlateMaker(model.manifest.kind, model.arrays)
    for k in (_K, 500):
        times = []
        for user_id in users:
            started = time.perf_counter()
            maker.recommend([user_id], [NOBODY], k)
            times.append((time.perf_counter() - started) * 1_000)
        p50, p95 = np.percentile(times, [50, 95]).tolist()
        print(f"{model.manifest.name}, model time alone for the top {k}: p50 {p50:.3f} ms, p95 {p95:.3f} ms")


if __name__ == "__main__":
    main()
