"""Bots beyond the slate: they search, scroll to rows, keep lists, go back, and choose who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engine_world import SECRET, hashing_clients, site_serving, two_variants, world_dataset

from experiment import TokenSigner, VisitTicket
from simulator.behaviour import Detour, SignIn
from simulator.engines.browser import PageError
from simulator.engines.browser.window import BrowserPages
from simulator.engines.http_pages import HttpPages, open_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver

    from simulator.behaviour import DetourKind
    from simulator.visit import VisitorPages
    from tests.e2e.conftest import Site

pytestmark = pytest.mark.browser
STEPS = "SELECT simulated_at, surface FROM slates WHERE run_id = 'detours' AND visitor_id = '{}'"


@pytest.fixture
def pages(site: Site, site_browser: WebDriver) -> Iterator[BrowserPages]:
    """A bot that is not on the site yet."""
    first = site_browser.current_window_handle
    pages = BrowserPages(site_browser, site.url)
    yield pages
    pages.leave()
    site_browser.switch_to.window(first)


def ticket_of(visitor_id: str, user_id: int | None = 7) -> str:
    """Lets a visitor of the run in."""
    ticket = VisitTicket("detours", visitor_id, user_id, 1, "anybody")
    return TokenSigner(SECRET, max_age_s=600).sign(ticket)


@pytest.mark.parametrize(
    ("kind", "on_the_way"),
    [
        ("search", ["film"]),
        ("row", ["film"]),
        ("genre_row", ["film"]),
        ("my_list", ["film", "film", "film", "home"]),
    ],
)
def test_a_detour_ends_on_the_page_of_its_film(
    site: Site, site_browser: WebDriver, pages: BrowserPages, kind: DetourKind, on_the_way: list[str]
) -> None:
    """Each page with a slate is stored once, at its simulated time: a step counted wrong would hide one."""
    slate = pages.enter(ticket_of(f"by-{kind}"), 1_000)
    row = "genre-comedy" if kind == "genre_row" else "popular"
    last = f"return Number(document.querySelector('[data-row={row}] [data-film]:last-child').dataset.film)"
    title = "The Lighthouse Keeper's Daughter 87" if kind == "search" else "not asked for"
    movie_id = 87 if kind == "search" else int(str(site_browser.execute_script(last)))
    assert movie_id not in slate.movie_ids
    film_slate = pages.detour(Detour(kind, movie_id, title, row), 60_000)
    assert site_browser.execute_script("return Number(document.body.dataset.film)") == movie_id
    assert film_slate.surface == "film"
    pages.play(movie_id, 60.0, is_completed=False, at_ms=70_000)
    assert pages.go_home(130_000).surface == "home"
    stored = sorted(site.rows(STEPS.format(f"by-{kind}")))
    assert stored == [(1_000, "home"), *[(60_000, surface) for surface in on_the_way], (130_000, "home")]
    assert site.rows("SELECT * FROM clicks WHERE run_id = 'detours'") == []


def test_a_title_that_finds_another_film_only_is_a_page_error(pages: BrowserPages) -> None:
    pages.enter(ticket_of("astray"), 1_000)
    with pytest.raises(PageError, match=r"the search for 'Zeppelin 5' shows no film 87"):
        pages.detour(Detour("search", 87, "Zeppelin 5"), 60_000)


def over_films_and_a_search(pages: VisitorPages) -> None:
    """Two film pages and the player, and back; a search, and back."""
    slate = pages.click(pages.enter(ticket_of("one"), 1_000), 1, 2_000)
    pages.click(slate, 2, 3_000)
    pages.play(slate.films[1].movie_id, 60.0, is_completed=False, at_ms=4_000)
    assert pages.go_back(3, 64_000).surface == "home"
    known = world_dataset().films[0]
    pages.detour(Detour("search", known.movie_id, known.title), 65_000)
    assert pages.go_back(1, 66_000).surface == "home"


def as_a_known_user(pages: VisitorPages) -> None:
    """One whose card is not among the first."""
    user_id = max(world_dataset().ratings.user_ids.tolist())
    assert pages.enter(ticket_of("two", user_id), 1_000, sign_in=SignIn(user_id)).surface == "home"


def as_somebody_new(pages: VisitorPages) -> None:
    """Of two genres the site knows one."""
    sign_in = SignIn(None, ("Drama", "No such genre"))
    assert pages.enter(ticket_of("three", None), 1_000, sign_in=sign_in).surface == "home"


def as_a_user_without_a_profile(pages: VisitorPages) -> None:
    """An account that no model has seen, of somebody who names no genre."""
    assert pages.enter(ticket_of("four", 10**9), 1_000, sign_in=SignIn(10**9)).surface == "home"


@pytest.mark.parametrize(
    ("way", "n_pages"),
    [
        (over_films_and_a_search, 14),
        (as_a_known_user, 5),
        (as_somebody_new, 6),
        (as_a_user_without_a_profile, 6),
    ],
)
def test_browser_and_http_engine_ask_for_the_same_pages_at_the_same_steps(
    tmp_path: Path, site_browser: WebDriver, way: Callable[[VisitorPages], None], n_pages: int
) -> None:
    """Chromium asks anew for each page it goes back to, as the site lets none be kept."""
    first = site_browser.current_window_handle
    asked: dict[str, list[str]] = {"browser": [], "http": []}
    experiment = two_variants("ways")
    clients = hashing_clients(experiment)
    for engine, heard in asked.items():
        with site_serving(experiment, clients, tmp_path / f"{engine}.db", asked=heard) as url:
            by_http = HttpPages(open_connection(), url, timeout_s=10.0)
            pages: VisitorPages = BrowserPages(site_browser, url) if engine == "browser" else by_http
            way(pages)
            pages.leave()
    site_browser.switch_to.window(first)
    assert asked["browser"] == asked["http"]
    assert len(asked["http"]) == n_pages
