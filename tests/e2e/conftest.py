"""A site with a small catalogue on loopback, and one headless browser, for the tests of its pages."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from catalog import Film, Ratings
from experiment import DEFAULT_EXPERIMENT_TOML, parse_experiment
from recommender_client import Feedback, Reason, Recommendation, RecommendationRequest
from simulator.engines.browser import BrowserNotFoundError, find_browser, lend_browser
from website import SiteSettings, arrange_storefront, create_app, site_of

TITLES = (
    "The Long Way Home",
    "Midnight in the Arcade",
    "Seven Winters",
    "Iron Harbour",
    "A Film With a Rather Long Title That Has to Be Wrapped",
    "Zeppelin",
    "Nocturne",
    "The Lighthouse Keeper's Daughter",
)
GENRES = ("Drama", "Comedy", "Horror", "Sci-Fi", "Romance", "Western", "Crime", "Animation", "War", "Musical")
WAIT_S = 10.0
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
_NOTE = """
window.violations = [];
addEventListener("securitypolicyviolation", event => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
addEventListener("error", event => window.violations.push(event.message));
addEventListener("unhandledrejection", event => window.violations.push(String(event.reason)));
"""


@dataclass(frozen=True)
class NextFilms:
    """A model that recommends films 41 to 46, whoever asks; fits `RecommenderClient`."""

    name: str

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """The same films for all, without the one asked about."""
        films = [movie_id for movie_id in range(41, 60) if movie_id != request.movie_id]
        return Recommendation(
            tuple(films[: request.n_films]),
            None,
            self.name,
            "v1",
            is_known_user=True,
            routing={},
            request_id=request.request_id,
            latency_ms=0.1,
            reasons=None if request.explained is None else (Reason(5, 0.25), Reason(9, 0.125)),
        )

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """One answer for each request."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Learn nothing from it."""

    def is_ready(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class Site:
    """A running site and its event log."""

    url: str
    path: Path

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the event log holds."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()

    def wait_for_rows(self, sql: str, driver: WebDriver) -> list[tuple[object, ...]]:
        """What the log holds as soon as it holds something; beacons arrive a moment after the page."""
        return WebDriverWait(driver, WAIT_S, 0.05).until(lambda _: self.rows(sql))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that is there for all tests of the session."""
    films = [
        Film(number, f"{TITLES[number % 8]} {number}", 1930 + number, (GENRES[number % 10],))
        for number in range(1, 91)
    ]
    pairs = [(user, movie) for user in range(1, 61) for movie in range(1, 21 + user)]
    users, movies = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    stars = (2.5 + (users + movies) % 6 / 2).astype(np.float32)
    storefront = arrange_storefront(
        films, Ratings(users, movies, stars, np.zeros(len(pairs), dtype=np.int64))
    )
    experiment = parse_experiment(DEFAULT_EXPERIMENT_TOML)
    path = tmp_path_factory.mktemp("site") / "events.db"
    app = create_app(
        SiteSettings(
            experiment=experiment,
            storefront=storefront,
            clients={variant.name: NextFilms(variant.model) for variant in experiment.variants},
            event_log_path=path,
            secret="a-secret-of-at-least-thirty-two-characters",
        )
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", path)
    server.shutdown()
    thread.join()
    server.server_close()
    site_of(app).close()


@pytest.fixture(scope="session")
def site_browser() -> Iterator[WebDriver]:
    """One headless browser that reaches loopback and nothing else."""
    try:
        paths = find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    with lend_browser(paths, "--window-size=1366,768", "--hide-scrollbars", "--accept-lang=en") as driver:
        driver.set_page_load_timeout(WAIT_S)
        driver.set_script_timeout(WAIT_S)
        yield driver


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser of their own."""

    driver: WebDriver
    site: Site

    def open(self, path: str) -> None:
        """Go to a page of the site."""
        self.driver.get(self.site.url + path)

    def look_like(
        self, *, width: int = 1366, height: int = 768, scheme: str = "dark", motion: str = ""
    ) -> None:
        """Set the size of the window, the colour scheme, and `motion` to "reduce" for less of it."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        features += [{"name": "prefers-reduced-motion", "value": motion}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def script(self, text: str, *arguments: object) -> object:
        """Run a script in the page."""
        return self.driver.execute_script(text, *arguments)

    def wait(self, condition: Callable[[WebDriver], object]) -> object:
        """Wait until something holds, at most 10 s.

        While one page gives way to the next, chromedriver may answer any question with an error: it is asked
        again.
        """
        ignored = [WebDriverException]
        return WebDriverWait(self.driver, WAIT_S, 0.05, ignored_exceptions=ignored).until(condition)

    def count(self, selector: str) -> int:
        """How many elements match."""
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        self.driver.switch_to.active_element.send_keys(key)

    @contextmanager
    def violations(self) -> Iterator[list[str]]:
        """What the page open at the end did against its Content-Security-Policy, and its scripts' errors."""
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _NOTE})
        found: list[str] = []
        try:
            yield found
            found.extend(self.driver.execute_script("return window.violations"))
        finally:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


@pytest.fixture
def visitor(site: Site, site_browser: WebDriver) -> Visitor:
    """A visitor who was never here, at an ordinary desktop."""
    site_browser.get("about:blank")
    site_browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    site_browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    someone = Visitor(site_browser, site)
    someone.look_like()
    return someone


@pytest.fixture
def person(visitor: Visitor) -> Iterator[Visitor]:
    """Somebody whose browser does not call itself headless, so that they are asked for consent."""
    visitor.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": PERSON})
    yield visitor
    visitor.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": ""})
