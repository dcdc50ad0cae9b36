"""What a visit by HTTP costs: the http engine against a plain client, on the whole running stack.

    python benchmarks/http_engine.py                 # the synthetic catalogue
    python benchmarks/http_engine.py --dataset PATH  # any MovieLens folder or zip

Endpoint and site run as `funflix simulate` runs them and share the cores with the client, so visits a second
are of everything together; CPU seconds a visit are the client's own. The plain client is what a first
script does: a new `requests.Session` for every visitor, and `html.parser` over the whole page. Both make the
same visits in as many threads, in turn, several rounds; the table shows the median round.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path

import requests

from experiment import TokenSigner, VisitTicket, load_experiment, load_or_create_secret
from funflix.applications import clients_of
from funflix.preparing import find_training_set, train_models
from funflix.servers import endpoint_running, site_running
from funflix.workspace import Workspace
from simulator import ShownFilm, ShownSlate, VisitJob, VisitResult, ask_home_slates, calibrate, make_visit
from simulator.behaviour import Detour, Identity, Mind, Population, SignIn, draw_visitors, fit_truth
from simulator.engines import run_http_visits
from simulator.visit import step_cookie

_SEED = 7
_N_THREADS = 8
_TARGET_CPU_S, _TARGET_RATE = 0.017, 50.0
_Measured = tuple[float, float]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        workspace = Workspace(Path(folder))
        workspace.create()
        data = find_training_set(workspace, options.dataset, _SEED)
        train_models(workspace, data)
        endpoint = servers.enter_context(endpoint_running(workspace))
        site = servers.enter_context(
            site_running(workspace, experiment_file=workspace.experiment, endpoint_url=endpoint.url)
        )
        population = Population(identity=Identity(profile_share=0.0))  # the plain client reads no profiles
        truth = fit_truth(data.dataset.films, data.split.held_out, population, seed=_SEED)
        visitors = draw_visitors(population, truth, n_visitors=options.visits, seed=_SEED)
        experiment = load_experiment(workspace.experiment)
        slates = {
            name: ask_home_slates(client, visitors, slate_size=experiment.slate_size)
            for name, client in clients_of(experiment, endpoint_url=endpoint.url, timeout_s=30.0).items()
        }
        mind = Mind(population, truth, _SEED, outside_option=0.0)
        mind = calibrate(mind, visitors, slates, baseline_ctr=experiment.baseline_ctr).mind
        signer = TokenSigner(load_or_create_secret(workspace.secret), max_age_s=3600)
        contestants: dict[str, Callable[[str], _Measured]] = {
            "http engine": lambda run_id: _measure(
                run_http_visits, [VisitJob(v, 1) for v in visitors], site.url, mind, signer, run_id
            ),
            "plain requests client": lambda run_id: _measure(
                run_plain_visits, [VisitJob(v, 1) for v in visitors], site.url, mind, signer, run_id
            ),
        }
        _print_table(contestants, options.rounds)


def _measure(  # noqa: PLR0917  the two contestants differ in the first alone
    engine: Callable[..., None],
    jobs: Sequence[VisitJob],
    site_url: str,
    mind: Mind,
    signer: TokenSigner,
    run_id: str,
) -> _Measured:
    """Visits a second, and CPU seconds of this process a visit."""
    results: list[VisitResult] = []

    def ticket_for(job: VisitJob) -> str:
        who = job.visitor
        return signer.sign(VisitTicket(run_id, who.visitor_id, who.user_id, job.attempt, who.persona))

    began_s, cpu_began_s = time.perf_counter(), time.process_time()
    engine(
        jobs,
        site_url=site_url,
        brain=mind,
        ticket_for=ticket_for,
        n_workers=_N_THREADS,
        on_done=results.append,
        stop=threading.Event(),
    )
    cpu_s, seconds = time.process_time() - cpu_began_s, time.perf_counter() - began_s
    failed = [result.error for result in results if result.status == "failed"]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(results)} visits failed, the first with {failed[0]!r}")
    return len(results) / seconds, cpu_s / len(results)


def _print_table(contestants: dict[str, Callable[[str], _Measured]], n_rounds: int) -> None:
    rounds: dict[str, list[_Measured]] = {name: [] for name in contestants}
    for number in range(n_rounds + 1):  # the first round only warms up
        for name, measure in contestants.items():
            measured = measure(f"{name}-{number}")
            if number:
                rounds[name].append(measured)
    print(f"{f'{_N_THREADS} visitors at a time':<28}{'visits/s':>10}{'client CPU-s a visit':>24}")
    medians = {
        name: [statistics.median(column) for column in zip(*of, strict=True)] for name, of in rounds.items()
    }
    for name, (rate, cpu_s) in medians.items():
        print(f"{name:<28}{rate:>10.1f}{cpu_s:>24.4f}")
    ours, plain = medians.values()
    print(f"{'target':<28}{_TARGET_RATE:>10.1f}{_TARGET_CPU_S:>24.4f}")
    print(f"plain / ours: {plain[1] / ours[1]:.1f} times the CPU a visit")


class _SlateReader(HTMLParser):
    """The slate and the play token of a page, tag by tag."""

    def __init__(self) -> None:
        super().__init__()
        self.slate_id = self.surface = self.play_token = ""
        self.films: list[ShownFilm] = []
        self._is_in_play_form = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "section" and "data-slate" in found:
            self.slate_id, self.surface = found["data-slate"], found["data-surface"]
        elif tag == "article" and "data-token" in found:
            position = int(found["data-position"])
            self.films.append(ShownFilm(int(found["data-film"]), position, found["data-token"]))
        elif tag == "form":
            self._is_in_play_form = "data-play-form" in found
        elif tag == "input" and self._is_in_play_form and found.get("name") == "token":
            self.play_token = found["value"]


class _PlainPages:
    """A visitor's hands as a first script has them; fits `VisitorPages`."""

    def __init__(self, site_url: str) -> None:
        self._url = site_url
        self._session = requests.Session()
        self._step = 0
        self._behind: list[str] = []

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:  # noqa: ARG002 - nobody does
        return self._shown(self._ask("GET", f"/enter?ticket={ticket}", at_ms))

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:  # noqa: ARG002
        views = [{"token": slate.films[position - 1].token, "after_ms": 1000} for position in positions]
        self._session.post(f"{self._url}/views", json={"views": views}).raise_for_status()

    def click(self, slate: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False) -> ShownSlate:  # noqa: ARG002
        form = {"token": slate.films[position - 1].token}
        shown = self._shown(self._ask("POST", "/click", at_ms, form))
        self._behind.append(f"/film/{slate.films[position - 1].movie_id}")
        return shown

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        return self._shown(self._ask("GET", f"/film/{detour.movie_id}", at_ms))

    def mute(self, *, is_mute: bool) -> None:
        """Nothing: the benchmark's population reports every view."""

    def call_itself(self, user_agent: str) -> None:
        self._session.headers["User-Agent"] = user_agent

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        self._behind.append(f"/watch/{movie_id}")
        token = self._read(self._ask("GET", self._behind[-1], at_ms)).play_token
        play = {"token": token, "watch_s": watch_s, "is_completed": is_completed}
        self._session.post(f"{self._url}/plays", json=play).raise_for_status()

    def go_home(self, at_ms: int) -> ShownSlate:
        return self._shown(self._ask("GET", "/", at_ms))

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        for path in self._behind[-2 : -n_pages - 1 : -1]:
            self._ask("GET", path, at_ms)
        return self.go_home(at_ms)

    def leave(self) -> None:
        self._session.close()

    def _ask(self, method: str, path: str, at_ms: int, form: dict[str, str] | None = None) -> str:
        self._step += 1
        self._session.cookies.set("funflix_step", step_cookie(self._step, at_ms))
        answer = self._session.request(method, self._url + path, data=form)
        answer.raise_for_status()
        return answer.text

    def _read(self, html: str) -> _SlateReader:
        reader = _SlateReader()
        reader.feed(html)
        return reader

    def _shown(self, html: str) -> ShownSlate:
        reader = self._read(html)
        return ShownSlate(reader.slate_id, reader.surface, tuple(reader.films))


def run_plain_visits(
    jobs: Sequence[VisitJob],
    *,
    site_url: str,
    brain: Mind,
    ticket_for: Callable[[VisitJob], str],
    n_workers: int,
    on_done: Callable[[VisitResult], None],
    stop: threading.Event,
) -> None:
    lock, queue = threading.Lock(), iter(jobs)

    def work() -> None:
        while not stop.is_set():
            with lock:
                job = next(queue, None)
            if job is None:
                return
            on_done(make_visit(job, brain, _PlainPages(site_url), ticket_for(job)))

    threads = [threading.Thread(target=work) for _ in range(n_workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--dataset", default="synthetic", help="a MovieLens name, folder or zip; or synthetic"
    )
    parser.add_argument("--visits", type=int, default=300, help="visits of one measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each client")
    return parser.parse_args()


if __name__ == "__main__":
    main()
