"""What one visit in a real browser costs: the browser engine against naive Selenium, in the same run.

Naive is what a first script does: a fresh full Chromium for every visitor, one element and one command at a
time. Both make the same visits to the real site; both are charged for every process they start, and neither
for the site. Linux only. Run: `python benchmarks/browser_engine.py [--visits 60] [--naive 10] [--workers N]`.
With `--playwright PYTHON`, a Python that has Playwright installed (of a virtual environment of its own, say),
Playwright makes the visits too, in the same browser as the engine.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from experiment import TokenSigner, VisitTicket, parse_experiment
from recommender_client import Feedback, Recommendation, RecommendationRequest
from simulator.behaviour import Look, Moment, Visitor, Watch
from simulator.engines import find_browser, run_browser_visits
from simulator.jobs import VisitJob, VisitResult

TARGET_CPU_S, TARGET_RATIO = 1.0, 3.0
# One visitor in ten clicks, goes to the film, plays it and comes home: as many as in the shipped experiment.
CLICKS_EVERY = 10
SECRET = "a-secret-of-at-least-thirty-two-characters"  # noqa: S105 - signs nothing but this run
EXPERIMENT = """
[experiment]
name = "benchmark"
salt = "benchmark"
[[variants]]
name = "control"
model = "one"
[[variants]]
name = "treatment"
model = "other"
"""
_PR_SET_CHILD_SUBREAPER = 36


class FirstFilms:
    """A model that answers at once, so that browsers are what is measured."""

    def __init__(self, movie_ids: Sequence[int]) -> None:
        self._movie_ids = tuple(movie_ids)

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """The first films but the one shown."""
        films = [movie_id for movie_id in self._movie_ids if movie_id != request.movie_id]
        known = request.user_id is not None
        return Recommendation(
            tuple(films[: request.n_films]), None, "first", "1", known, {}, request.request_id, 0.0
        )

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """One answer for each request."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """It learns nothing."""

    def is_ready(self) -> bool:
        """Always."""
        return True


class EveryTenthClicks:
    """The behaviour of both contestants."""

    def look(
        self,
        visitor: Visitor,
        movie_ids: Sequence[int],
        moment: Moment,
    ) -> Look:
        """Look at the slate; one in ten clicks, once."""
        clicks = visitor.index % CLICKS_EVERY == 0 and moment.depth == 0
        return Look(2.0, 1 + visitor.index % len(movie_ids) if clicks else None)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch:  # noqa: ARG002 - as above
        """Who clicked also plays."""
        return Watch(600.0, is_completed=False)

    def detour(self, visitor: Visitor, moment: Moment) -> None:
        """Never."""

    def sign_in(self, visitor: Visitor) -> None:
        """Never by hand."""

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:  # noqa: ARG002 - as above
        """By the link home."""
        return False

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> None:
        """Never again."""


def ticket_of(visitor_id: str) -> str:
    signer = TokenSigner(SECRET, max_age_s=3600)
    return signer.sign(VisitTicket("benchmark", visitor_id, 1, 1, "anybody"))


def make_engine_visits(site_url: str, n_visits: int, n_workers: int) -> int:
    """Visits that were done."""
    results: list[VisitResult] = []
    run_browser_visits(
        [VisitJob(Visitor(index, f"engine-{index}", "anybody", 1, 0), 1) for index in range(n_visits)],
        site_url=site_url,
        brain=EveryTenthClicks(),
        ticket_for=lambda job: ticket_of(job.visitor.visitor_id),
        n_workers=n_workers,
        on_done=results.append,
        stop=threading.Event(),
    )
    return sum(result.status == "done" for result in results)


def make_naive_visits(site_url: str, n_visits: int, n_workers: int) -> int:
    """As many scripts at a time as the engine has workers, each as naive as the other."""
    waiting = list(range(n_visits))
    n_done = 0

    def work() -> None:
        nonlocal n_done
        with suppress(IndexError):
            while True:
                make_naive_visit(site_url, waiting.pop())
                n_done += 1

    threads = [threading.Thread(target=work) for _ in range(n_workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return n_done


def make_naive_visit(site_url: str, number: int) -> None:
    chromium = find_browser({**os.environ, "FUNFLIX_BROWSER": os.environ.get("NAIVE_BROWSER", "chromium")})
    options = ChromeOptions()
    options.binary_location = str(chromium.browser)
    for switch in ("--headless=new", "--no-sandbox", "--no-proxy-server", "--window-size=1366,768"):
        options.add_argument(switch)
    driver = Chrome(options=options, service=Service(str(chromium.driver)))
    try:
        driver.get(f"{site_url}/livez")
        driver.add_cookie({"name": "funflix_step", "value": "1.0"})
        driver.get(f"{site_url}/enter?ticket={ticket_of(f'naive-{number}')}")
        cards = look_at_slate(driver)
        if number % CLICKS_EVERY == 0:
            driver.add_cookie({"name": "funflix_step", "value": "2.0"})
            cards[number % len(cards)].find_element(By.CSS_SELECTOR, "button").click()
            look_at_slate(driver)
            play_and_go_home(driver)
    finally:
        driver.quit()


def look_at_slate(driver: Chrome) -> list[WebElement]:
    cards = driver.find_elements(By.CSS_SELECTOR, "[data-slate] [data-film]")
    for card in cards:
        card.get_attribute("data-film"), card.get_attribute("data-position"), card.text
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", cards[0])
    while any(card.get_attribute("data-viewed") is None for card in cards):
        time.sleep(0.1)
    return cards


def play_and_go_home(driver: Chrome) -> None:
    driver.add_cookie({"name": "funflix_step", "value": "3.0"})
    driver.find_element(By.CSS_SELECTOR, "[data-play]").click()
    seconds = driver.find_element(By.CSS_SELECTOR, "[data-play-form] [name=watch_s]")
    driver.execute_script("arguments[0].value = 600", seconds)
    driver.find_element(By.CSS_SELECTOR, "[data-play-form] [type=submit]").click()
    driver.add_cookie({"name": "funflix_step", "value": "4.0"})
    driver.find_element(By.CSS_SELECTOR, "[data-home]").click()


def make_playwright_visits(site_url: str, n_visits: int, n_workers: int) -> int:
    """One browser for each worker, a context for each visitor."""
    tickets = "\n".join(ticket_of(f"playwright-{number}") for number in range(n_visits))
    program = [os.environ["PLAYWRIGHT_PYTHON"], str(Path(__file__).with_name("_playwright_visits.py"))]
    command = [*program, site_url, str(n_workers), str(find_browser().browser)]
    answer = subprocess.run(command, input=tickets, stdout=subprocess.PIPE, text=True, check=True)
    return int(answer.stdout)


def measure(contestant: str, site_url: str, n_visits: int, n_workers: int) -> dict[str, float]:
    """Make the visits in this process and charge it for all it started, orphans included."""
    # Orphaned grandchildren then come to this process, and their CPU time is counted here, not by init.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    began = time.perf_counter()
    make = {
        "engine": make_engine_visits,
        "naive": make_naive_visits,
        "playwright": make_playwright_visits,
    }[contestant]
    n_done = make(site_url, n_visits, n_workers)
    seconds = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return {"n_done": n_done, "seconds": seconds, "cpu_s_per_visit": cpu_s / n_visits}


def measured_apart(contestant: str, site_url: str, n_visits: int, n_workers: int) -> dict[str, float]:
    """`measure` in a process of its own, so that neither contestant pays for the other."""
    command = [sys.executable, __file__, "--measure", contestant, site_url, str(n_visits), str(n_workers)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TMPDIR": folder}
        answer = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)
    result: dict[str, float] = json.loads(answer.stdout)
    return result


def serve_site() -> None:
    """The real site over the synthetic catalogue, on a free port that is printed first."""
    from werkzeug.serving import make_server

    from catalog import synthetic_dataset
    from website import SiteSettings, arrange_storefront, create_app

    dataset = synthetic_dataset(seed=7)
    experiment = parse_experiment(EXPERIMENT)
    client = FirstFilms([film.movie_id for film in dataset.films[:100]])
    with tempfile.TemporaryDirectory() as folder:
        settings = SiteSettings(
            experiment=experiment,
            storefront=arrange_storefront(dataset.films, dataset.ratings),
            clients={variant.name: client for variant in experiment.variants},
            event_log_path=Path(folder) / "events.db",
            secret=SECRET,
        )
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        sys.stdin.read()  # until the benchmark ends, however it ends
        server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visits", type=int, default=60, help="visits by the engine")
    parser.add_argument("--naive", type=int, default=10, help="visits by naive Selenium")
    parser.add_argument("--workers", type=int, default=2 * (os.cpu_count() or 1), help="browsers at a time")
    parser.add_argument("--playwright", metavar="PYTHON", help="a Python that has Playwright")
    arguments = parser.parse_args()
    site = subprocess.Popen(
        [sys.executable, __file__, "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert site.stdout is not None
    site_url = site.stdout.readline().decode().strip()
    assert site_url, "the site did not start; see `--serve`"
    n_visits = {"naive": arguments.naive, "engine": arguments.visits}
    if arguments.playwright:
        os.environ["PLAYWRIGHT_PYTHON"] = arguments.playwright
        n_visits = {"naive": arguments.naive, "playwright": arguments.visits, "engine": arguments.visits}
    measured = {
        name: measured_apart(name, site_url, count, arguments.workers) for name, count in n_visits.items()
    }
    site.communicate()
    print(f"{'':11}{'visits':>8}{'done':>6}{'visits/s':>10}{'CPU-s/visit':>13}")
    for name, row in measured.items():
        rate = row["n_done"] / row["seconds"]
        print(
            f"{name:11}{n_visits[name]:>8}{row['n_done']:>6.0f}{rate:>10.2f}{row['cpu_s_per_visit']:>13.2f}"
        )
    ratio = measured["naive"]["cpu_s_per_visit"] / measured["engine"]["cpu_s_per_visit"]
    print(f"\n{arguments.workers} browsers at a time on {os.cpu_count()} cores. Targets: at most ", end="")
    print(
        f"{TARGET_CPU_S} CPU-s a visit; {TARGET_RATIO:g} times less than naive. Here: {ratio:.1f} times less."
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve_site()
    elif sys.argv[1:2] == ["--measure"]:
        who, where, count, workers = sys.argv[2:]
        print(json.dumps(measure(who, where, int(count), int(workers))))
    else:
        main()
