from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver

from simulator.engines.browser import PageError
from simulator.engines.browser.pages import FilmPage, HomePage
from simulator.engines.browser.window import BrowserPages, VisitorWindow

pytestmark = pytest.mark.browser
ALL_POSITIONS = (1, 2, 3, 4, 5, 6)


@pytest.fixture
def window(driver: WebDriver, site_url: str) -> Iterator[VisitorWindow]:
    """A new visitor's window, at step 1."""
    window = VisitorWindow(driver)
    window.set_cookie(site_url, "funflix_step", "1.5000")
    yield window
    window.close()


@pytest.fixture
def home(
    driver: WebDriver,
    window: VisitorWindow,  # noqa: ARG001 - the page opens in it
    site_url: str,
    request: pytest.FixtureRequest,
) -> HomePage:
    """The home page of a visitor named for the test."""
    return HomePage.enter(driver, f"{site_url}/enter?ticket={request.node.name}")


@pytest.mark.usefixtures("home")
def test_the_window_has_the_size_of_a_common_laptop(driver: WebDriver) -> None:
    assert driver.execute_script("return [innerWidth, innerHeight]") == [1366, 768]


def test_the_home_page_tells_its_slate_in_order_of_position(home: HomePage) -> None:
    assert home.slate.surface == "home"
    assert [film.position for film in home.slate.films] == list(ALL_POSITIONS)
    first = home.slate.films[0]
    assert first.token.endswith(f"/home/1/{first.movie_id}/1")


def test_what_is_looked_at_is_viewed_and_the_last_view_is_not_lost(
    driver: WebDriver, site_url: str, recorded: Callable[[str], dict[str, list[dict[str, Any]]]]
) -> None:
    """The window closes at once after the look, so the views leave with the page or never."""
    pages = BrowserPages(driver, site_url)
    slate = pages.enter("looker", 1000)
    pages.look(slate, ALL_POSITIONS, dwell_s=30.0, at_ms=1000)
    pages.leave()
    views = recorded("looker")["views"]
    assert {view["token"] for view in views} == {film.token for film in slate.films}
    assert all(1000 <= view["after_ms"] < 10_000 for view in views)


def test_a_click_leads_to_the_film_of_that_position(driver: WebDriver, home: HomePage) -> None:
    film = home.slate.films[3]
    home.click_position(4)
    assert driver.execute_script("return Number(document.body.dataset.film)") == film.movie_id


def test_a_click_on_a_film_page_leads_to_another_film_page(driver: WebDriver, home: HomePage) -> None:
    """Both pages call themselves `film`: the first must not be taken for the second."""
    first = home.click_position(1)
    film = first.slate.films[1]
    second = first.click_position(2)
    assert driver.execute_script("return Number(document.body.dataset.film)") == film.movie_id
    assert second.slate != first.slate


def test_watching_sends_one_play_and_stays_at_the_player(
    driver: WebDriver, home: HomePage, recorded: Callable[[str], dict[str, list[dict[str, Any]]]]
) -> None:
    player = home.click_position(1).play()
    assert player.player.progress_s >= 0
    player.player.finish(4321.25)
    assert driver.execute_script("return document.body.dataset.page") == "watch"
    back = player.go_home()
    assert back.slate.surface == "home"
    plays = recorded("test_watching_sends")["plays"]
    assert [(play["watch_s"], play["is_completed"]) for play in plays] == [(4321.25, True)]


def test_visitors_of_one_browser_share_no_cookies(driver: WebDriver, site_url: str) -> None:
    first = VisitorWindow(driver)
    first.set_cookie(site_url, "funflix_step", "1.1")
    HomePage.enter(driver, f"{site_url}/enter?ticket=first")
    first.close()
    second = VisitorWindow(driver)
    driver.get(f"{site_url}/livez")
    assert driver.get_cookies() == []
    second.close()


@pytest.mark.usefixtures("window")
def test_another_page_than_expected_is_named(driver: WebDriver, site_url: str) -> None:
    driver.get(f"{site_url}/enter?ticket=astray")
    with pytest.raises(PageError, match=r"shows the page 'home', titled 'home'; expected the page 'film'"):
        FilmPage(driver)


@pytest.mark.usefixtures("window")
def test_a_site_that_fails_is_a_page_error(driver: WebDriver, site_url: str) -> None:
    with pytest.raises(PageError, match=r"/enter shows .*500 Internal Server Error") as failure:
        HomePage.enter(driver, f"{site_url}/enter?ticket=unlucky.error")
    assert "unlucky" not in str(failure.value)  # errors are stored, and tickets must not be


def test_a_position_that_is_not_there_cannot_be_clicked(home: HomePage) -> None:
    with pytest.raises(PageError, match=r'has no .*data-position="7"'):
        home.click_position(7)
