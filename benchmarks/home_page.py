"""Home pages a second, events committed, beside a bare Flask page of as many cards.

    python benchmarks/home_page.py                   # the synthetic catalogue
    python benchmarks/home_page.py --dataset PATH    # any MovieLens folder or zip

Three applications on granian, two workers each, are asked in turn, several rounds, by sixteen clients over
kept connections: a bare page that renders sixty cards from a template; the site with a client that answers
in the process; the site with its real endpoint. The table shows the median round. Clients and endpoint
share the cores with the site, so the ratio says more than the rate.
"""

import argparse
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import Flask, render_template_string

from catalog import find_dataset, split_ratings
from experiment import DEFAULT_EXPERIMENT_TOML, EventReader, TokenSigner, VisitorCookie, parse_experiment
from recommender import create_endpoint_app, ensure_artefact
from recommender_client import Feedback, Recommendation, RecommendationRequest, create_client
from website import RateLimit, SiteSettings, arrange_storefront, create_app

_SEED = 7
_N_WORKERS = 2
_N_PROCESSES, _N_THREADS = 2, 8
_SECRET = "a secret that only this benchmark uses"  # noqa: S105
_FOLDER, _DATASET, _ENDPOINT = (
    "FUNFLIX_BENCHMARK_FOLDER",
    "FUNFLIX_BENCHMARK_DATASET",
    "FUNFLIX_BENCHMARK_ENDPOINT",
)
_TARGETS = {"bare page of 60 cards": "create_bare_app", "site, slate in the process": "create_site_app"}
_NO_LIMIT = RateLimit(burst=10**9, per_s=10**9)
_WITH_ENDPOINT = "site, slate from the endpoint"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        environment = {_FOLDER: folder, _DATASET: options.dataset}
        ports = {
            label: servers.enter_context(_granian(factory, environment))
            for label, factory in _TARGETS.items()
        }
        _train(options.dataset, Path(folder))
        endpoint = servers.enter_context(_granian("create_endpoint", environment))
        environment[_ENDPOINT] = f"http://127.0.0.1:{endpoint}"
        ports[_WITH_ENDPOINT] = servers.enter_context(_granian("create_site_app", environment))
        _print_rates(_measure(ports, options))
        counts = EventReader(Path(folder) / "events.db").variant_counts("live")
        n_slates, n_fallbacks = (
            sum(getattr(c, name) for c in counts) for name in ("n_slates", "n_fallbacks")
        )
        print(f"event log: {n_slates:,} slates, {n_fallbacks:,} of them fallbacks")


def create_bare_app() -> Flask:
    """The least a page of sixty cards costs in Flask."""
    app = Flask(__name__, static_folder=None)
    cards = [{"id": number, "title": f"Film number {number}", "year": 1950 + number} for number in range(60)]

    @app.get("/")
    def show_cards() -> str:
        return render_template_string(
            "<!doctype html><title>Films</title><h1>Films</h1>"
            '{% for card in cards %}<article data-film="{{ card.id }}"><a href="/film/{{ card.id }}">'
            '<img src="/poster/{{ card.id }}.svg" alt="" width="400" height="600">'
            "<span>{{ card.title }}</span><span>{{ card.year }}</span></a></article>{% endfor %}",
            cards=cards,
        )

    return app


def create_site_app() -> Flask:
    """The site, over the endpoint that the environment names, or over one film after the other."""
    folder, url = Path(os.environ[_FOLDER]), os.environ.get(_ENDPOINT)
    dataset = find_dataset(os.environ[_DATASET], folder=folder, seed=_SEED).dataset
    storefront = arrange_storefront(dataset.films, dataset.ratings)
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    clients = {
        variant.name: create_client(
            variant.protocol, url, variant.model, timeout_s=1.0, known_films=storefront.films
        )
        if url
        else _InProcess(variant.model, storefront.popular)
        for variant in experiment.variants
    }
    return create_app(
        SiteSettings(
            experiment=experiment,
            storefront=storefront,
            clients=clients,
            event_log_path=folder / "events.db",
            secret=_SECRET,
            # All clients have one address here; the limiter runs, and lets them all in.
            visitor_limit=_NO_LIMIT,
            address_limit=_NO_LIMIT,
        )
    )


def create_endpoint() -> Flask:
    """The model endpoint over the artefacts in the benchmark's folder."""
    return create_endpoint_app(sorted((Path(os.environ[_FOLDER]) / "models").glob("*/*")))


@dataclass(frozen=True, slots=True)
class _InProcess:
    """Answers at once; fits `RecommenderClient`."""

    model: str
    films: Sequence[int]

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        films = tuple(self.films[: request.n_films])
        return Recommendation(films, None, self.model, "1", True, {}, request.request_id, 0.0)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Nobody learns from it."""

    def is_ready(self) -> bool:
        return True


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--dataset", default="synthetic", help="a MovieLens name, folder or zip; or synthetic"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each application")
    return parser.parse_args()


def _train(choice: str, folder: Path) -> None:
    dataset = find_dataset(choice, folder=folder, seed=_SEED).dataset
    split = split_ratings(dataset, seed=_SEED)
    for name, kind, ratings in (("older-svd", "svd", split.control), ("newer-ease", "ease", split.treatment)):
        films, held_out = dataset.films, split.held_out
        ensure_artefact(
            folder / "models", name, kind, films=films, ratings=ratings, held_out=held_out, seed=_SEED
        )


@contextmanager
def _granian(factory: str, environment: dict[str, str]) -> Iterator[int]:
    """Run an application of this module until the block ends; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(_N_WORKERS), "--log-level", "error"]
    command += [
        "--blocking-threads",
        "8",
        "--working-dir",
        str(Path(__file__).parent),
        f"home_page:{factory}",
    ]
    with subprocess.Popen(command, env={**os.environ, **environment}) as server:
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


def _measure(ports: dict[str, int], options: argparse.Namespace) -> dict[str, list[float]]:
    """Pages a second, p50 and p95 latency in ms as the clients saw them: the median of the rounds."""
    rounds: dict[str, list[list[float]]] = {label: [] for label in ports}
    with multiprocessing.get_context("spawn").Pool(_N_PROCESSES) as pool:
        for number in range(options.rounds + 1):  # the first round only warms up
            for label, port in ports.items():
                seconds = options.seconds if number else 1.0
                jobs = [(port, seconds, process) for process in range(_N_PROCESSES)]
                latencies_ms = np.concatenate(pool.starmap(_ask, jobs)) * 1_000
                if number:
                    percentiles = np.percentile(latencies_ms, [50, 95]).tolist()
                    rounds[label].append([len(latencies_ms) / seconds, *percentiles])
    return {label: np.median(measured, axis=0).tolist() for label, measured in rounds.items()}


def _ask(port: int, seconds: float, process: int) -> list[float]:
    """Be eight clients at once, each a visitor who comes home again and again; returns latencies in s."""
    latencies: list[list[float]] = [[] for _ in range(_N_THREADS)]
    threads = [
        threading.Thread(target=_visit, args=(port, seconds, f"{process}-{number}", latencies[number]))
        for number in range(_N_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [latency for of_thread in latencies for latency in of_thread]


def _visit(port: int, seconds: float, name: str, latencies: list[float]) -> None:
    cookie = TokenSigner(_SECRET, max_age_s=60).sign(VisitorCookie("live", name, 1, 1, is_simulated=False))
    request = (
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nUser-Agent: Mozilla/5.0 Firefox/140.0\r\n"
        "Accept-Encoding: gzip\r\n"
        f"Cookie: funflix_visitor={cookie}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            connection.sendall(request)
            _read_answer(connection)
            latencies.append(time.perf_counter() - started)


def _read_answer(connection: socket.socket) -> None:
    received = connection.recv(65_536)
    while (head_end := received.find(b"\r\n\r\n")) < 0:
        received += connection.recv(65_536)
    head = received[:head_end].lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"the server answered {received[:300]!r}")
    missing = head_end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0]) - len(received)
    while missing > 0:
        missing -= len(connection.recv(65_536))


def _print_rates(rates: dict[str, list[float]]) -> None:
    bare = next(iter(rates.values()))[0]
    print(f"{'granian, 2 workers; 16 clients':<34}{'pages/s':>10}{'of bare':>10}{'p50 ms':>10}{'p95 ms':>10}")
    for label, (rate, p50, p95) in rates.items():
        print(f"{label:<34}{rate:>10,.0f}{rate / bare:>10.2f}{p50:>10.1f}{p95:>10.1f}")


if __name__ == "__main__":
    main()
