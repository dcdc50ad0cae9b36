"""Bots that leave the slate aside: they type a title, scroll to a row, or keep a film in their list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from experiment import TokenSigner, VisitTicket
from simulator.behaviour import Detour
from simulator.engines.browser import PageError
from simulator.engines.browser.window import BrowserPages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver.chrome.webdriver import WebDriver

    from simulator.behaviour import DetourKind
    from tests.e2e.conftest import Site

pytestmark = pytest.mark.browser
SECRET = "a-secret-of-at-least-thirty-two-characters"
STEPS = "SELECT simulated_at, surface FROM slates WHERE run_id = 'detours' AND visitor_id = '{}'"


@pytest.fixture
def pages(site: Site, site_browser: WebDriver) -> Iterator[BrowserPages]:
    """A bot that is not on the site yet."""
    first = site_browser.current_window_handle
    pages = BrowserPages(site_browser, site.url)
    yield pages
    pages.leave()
    site_browser.switch_to.window(first)


def ticket_of(visitor_id: str) -> str:
    """Lets a visitor of the run in."""
    return TokenSigner(SECRET, max_age_s=600).sign(VisitTicket("detours", visitor_id, 7, 1, "anybody"))


@pytest.mark.parametrize(
    ("kind", "on_the_way"),
    [("search", ["film"]), ("row", ["film"]), ("my_list", ["film", "film", "film", "home"])],
)
def test_a_detour_ends_on_the_page_of_its_film(
    site: Site, site_browser: WebDriver, pages: BrowserPages, kind: DetourKind, on_the_way: list[str]
) -> None:
    """Each page with a slate is stored once, at its simulated time: a step counted wrong would hide one."""
    slate = pages.enter(ticket_of(f"by-{kind}"), 1_000)
    popular = int(
        str(
            site_browser.execute_script(
                "return document.querySelector('[data-row=popular] [data-film]:last-child').dataset.film"
            )
        )
    )
    title = "The Lighthouse Keeper's Daughter 87" if kind == "search" else "not asked for"
    movie_id = 87 if kind == "search" else popular
    assert movie_id not in slate.movie_ids
    film_slate = pages.detour(Detour(kind, movie_id, title), 60_000)
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
