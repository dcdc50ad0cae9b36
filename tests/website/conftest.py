"""A small catalogue, clients that do as they are told, and sites on a real event log."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalog import Film, Ratings
from experiment import Experiment, TokenSigner, Variant, VisitTicket
from recommender_client import Feedback, Reason, Recommendation, RecommendationRequest
from website import RateLimit, SiteSettings, Storefront, TmdbPosters, arrange_storefront, create_app, site_of

SECRET = "a-secret-of-at-least-thirty-two-characters"
GENRES = ("Drama", "Comedy", "Horror", "Sci-Fi", "Romance", "Western")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
UNLIMITED = RateLimit(burst=10**9, per_s=10**9)
_VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})


@dataclass
class Clock:
    """Real time, moved by hand."""

    now: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        """What the clock shows."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class ScriptedClient:
    """Answers with the given films, or raises the given error; remembers what it was asked and told."""

    films: Sequence[int] = ()
    error: Exception | None = None
    model: str = "model"
    routing: dict[str, int] = field(default_factory=dict)
    reasons: tuple[Reason, ...] | None = None
    requests: list[RecommendationRequest] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        """The given films, or the given error."""
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        return Recommendation(
            movie_ids=tuple(movie for movie in self.films if movie != request.movie_id)[: request.n_films],
            scores=None,
            model=self.model,
            model_version="v1",
            is_known_user=request.user_id is not None,
            routing=self.routing,
            request_id=request.request_id,
            latency_ms=1.0,
            reasons=None if request.explained is None else self.reasons,
        )

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        """One answer for each request."""
        return [self.recommend(request) for request in requests]

    def send_feedback(self, feedback: Feedback) -> None:
        """Remember it."""
        self.feedback.append(feedback)

    def is_ready(self) -> bool:
        """Whether it answers."""
        return self.error is None


@dataclass(frozen=True)
class Studio:
    """One site under test, and all that a test may want to look at."""

    app: Flask
    experiment: Experiment
    clients: dict[str, ScriptedClient]
    clock: Clock
    path: Path

    def person(self) -> FlaskClient:
        """A person's browser, with cookies of its own."""
        browser = self.app.test_client()
        browser.environ_base |= {"HTTP_USER_AGENT": FIREFOX, "HTTP_ACCEPT": "text/html"}
        return browser

    def simulated(
        self, visitor_id: str = "s7-000001", *, user_agent: str | None = None, **ticket: object
    ) -> FlaskClient:
        """A simulator's client that has just entered."""
        client = self.app.test_client()
        name = user_agent or "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0 Safari/537.36"
        client.environ_base |= {"HTTP_USER_AGENT": name, "HTTP_ACCEPT": "*/*"}
        answer = client.get(f"/enter?ticket={self.ticket(visitor_id, **ticket)}")
        assert answer.status_code == 303
        return client

    def page(self, browser: FlaskClient, path: str = "/") -> "Element":
        """A page as a tree."""
        answer = browser.get(path)
        assert answer.status_code == 200, answer.text
        return read_page(answer.text)

    def rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """What the event log holds."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def ticket(self, visitor_id: str = "s7-000001", *, user_id: int | None = 3, attempt: int = 1) -> str:
        """A ticket as the simulator signs it."""
        signer = TokenSigner(SECRET, max_age_s=600, clock=self.clock)
        return signer.sign(VisitTicket("run-1", visitor_id, user_id, attempt, "binger"))


@pytest.fixture(scope="session")
def films() -> tuple[Film, ...]:
    return tuple(
        Film(
            movie_id,
            f"The Film of Number {movie_id}",
            1950 + movie_id,
            (GENRES[movie_id % 6], GENRES[movie_id // 6 % 6]),
        )
        for movie_id in range(1, 81)
    )


@pytest.fixture(scope="session")
def ratings() -> Ratings:
    """Forty users; user u rated films 1 to 10 + u, so film 1 is the most popular, and odd films best."""
    pairs = [(user, movie) for user in range(1, 41) for movie in range(1, 11 + user)]
    users, movies = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    values = np.where(movies % 2 == 1, 4.5, 2.5).astype(np.float32)
    return Ratings(users, movies, values, np.arange(len(pairs), dtype=np.int64))


@pytest.fixture(scope="session")
def storefront(films: tuple[Film, ...], ratings: Ratings) -> Storefront:
    return arrange_storefront(films, ratings)


def experiment_of(protocol: str = "open_inference", **changes: object) -> Experiment:
    """Control and treatment of equal weight, asked by `protocol`; `changes` are fields of the experiment."""
    variants = tuple(Variant(name=name, model=name, protocol=protocol) for name in ("control", "treatment"))
    return Experiment(name="test", salt="salt", variants=variants, **changes)


@pytest.fixture
def open_site(tmp_path: Path, storefront: Storefront) -> Iterator[Callable[..., Studio]]:
    """Opens sites: `open_site(error=..., experiment=..., storefront=...)`."""
    with ExitStack() as stack:

        def open_(
            *,
            experiment: Experiment | None = None,
            error: Exception | None = None,
            films: Sequence[int] = tuple(range(40, 80)),
            storefront: Storefront = storefront,
            routing: dict[str, int] | None = None,
            visitor_limit: RateLimit = UNLIMITED,
            address_limit: RateLimit = UNLIMITED,
            real_posters: TmdbPosters | None = None,
        ) -> Studio:
            clock = Clock()
            judged = experiment or experiment_of()
            clients = {
                variant.name: ScriptedClient(films, error, variant.model, routing or {})
                for variant in judged.variants
            }
            settings = SiteSettings(
                experiment=judged,
                storefront=storefront,
                clients=clients,
                event_log_path=tmp_path / "events.db",
                secret=SECRET,
                token_max_age_s=600,
                clock=clock,
                visitor_limit=visitor_limit,
                address_limit=address_limit,
                real_posters=real_posters,
            )
            app = create_app(settings)
            stack.callback(site_of(app).close)
            return Studio(app, judged, clients, clock, tmp_path / "events.db")

        yield open_


@pytest.fixture
def studio(open_site: Callable[..., Studio]) -> Studio:
    """A site whose models work."""
    return open_site()


@pytest.fixture(name="experiment_of")
def experiment_of_fixture() -> Callable[..., Experiment]:
    """Makes experiments: `experiment_of("seldon", holdout=1.0)`."""
    return experiment_of


@pytest.fixture(name="read_page")
def read_page_fixture() -> Callable[[str], "Element"]:
    """Reads HTML; fails where its tags do not nest."""
    return read_page


@dataclass
class Element:
    """One element: its tag, attributes, children and the text directly in it."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str = "", **attributes: str | None) -> list["Element"]:
        """Every element below with this tag and these attributes (`_` for `-`); None: whatever its value."""
        wanted = {name.replace("_", "-").strip("-"): value for name, value in attributes.items()}
        found = []
        for child in self.children:
            fits = not tag or child.tag == tag
            for name, value in wanted.items():
                fits = fits and name in child.attributes and value in {None, child.attributes[name]}
            found += [child] * fits + child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str | None) -> "Element":
        """The only such element."""
        (element,) = self.all(tag, **attributes)
        return element

    def words(self) -> str:
        """All text below."""
        return " ".join([self.text.strip(), *(child.words() for child in self.children)]).strip()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].text += data


def read_page(html: str) -> Element:
    """The page as a tree; fails where tags do not nest."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder._open) == 1, f"<{builder._open[-1].tag}> is never closed"
    return builder.root
