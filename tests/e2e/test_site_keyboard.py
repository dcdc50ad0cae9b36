from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

_FOCUS = """
const style = getComputedStyle(document.activeElement);
return [document.activeElement.className, style.outlineStyle, parseFloat(style.outlineWidth)];
"""


def test_the_first_stop_of_the_keyboard_skips_to_the_content(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.press(Keys.TAB)
    link = visitor.driver.switch_to.active_element
    assert link.text == "Skip to content"
    link.send_keys(Keys.ENTER)
    assert visitor.script("return document.activeElement.id") == "main"


def test_the_keyboard_alone_reaches_a_recommended_film_and_opens_it(visitor: Visitor) -> None:
    visitor.open("/")
    for _ in range(20):
        visitor.press(Keys.TAB)
        name, outline, width = visitor.script(_FOCUS)
        assert (outline, width >= 2) == ("solid", True), f"no focus ring on {name!r}"
        if visitor.script("return Boolean(document.activeElement.closest('[data-slate] form'))"):
            break
    visitor.press(Keys.ENTER)
    visitor.wait(lambda _: "/film/41" in visitor.driver.current_url)
    assert visitor.driver.find_element(By.TAG_NAME, "body").get_attribute("data-film") == "41"


def test_rows_scroll_by_their_buttons(visitor: Visitor) -> None:
    visitor.look_like(width=800, motion="reduce")
    visitor.open("/")
    row = visitor.driver.find_element(By.CSS_SELECTOR, "[data-row='popular']")
    back, forth = row.find_elements(By.CSS_SELECTOR, ".rail-button")
    assert (back.is_enabled(), forth.is_enabled()) == (False, True)
    assert forth.accessible_name == "Scroll Top 10 on Funflix on"
    forth.send_keys(Keys.ENTER)
    rail = row.find_element(By.CSS_SELECTOR, "[data-rail]")
    visitor.wait(lambda _: rail.get_property("scrollLeft") > 300)
    visitor.wait(lambda _: back.is_enabled())


def test_arrow_keys_go_from_film_to_film_in_a_row(visitor: Visitor) -> None:
    visitor.look_like(width=800, motion="reduce")
    visitor.open("/")
    first = visitor.driver.find_element(By.CSS_SELECTOR, "[data-row='popular'] .card-face")
    visitor.wait(lambda _: visitor.count("[data-row='popular'] [data-equipped]") == 1)
    first.send_keys(Keys.END)
    at = (
        "const faces = [...document.querySelectorAll('[data-row=popular] .card-face')];"
        "return faces.indexOf(document.activeElement)"
    )
    assert visitor.script(at) == 9
    rail = visitor.driver.find_element(By.CSS_SELECTOR, "[data-row='popular'] [data-rail]")
    visitor.wait(lambda _: rail.get_property("scrollLeft") > 300)
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_LEFT):
        visitor.press(key)
    assert visitor.script(at) == 7
    visitor.press(Keys.HOME)
    assert visitor.script(at) == 0


def test_a_click_with_the_mouse_leads_to_the_film_and_back_home(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-position='2'] button").click()
    visitor.wait(lambda _: "/film/42?from=home" in visitor.driver.current_url)
    visitor.driver.find_element(By.CSS_SELECTOR, "main [data-home]").click()
    visitor.wait(lambda _: visitor.count("body[data-page='home']") == 1)


def test_a_profile_is_found_and_chosen(visitor: Visitor) -> None:
    visitor.open("/profiles")
    search = visitor.driver.find_element(By.CSS_SELECTOR, "input[type=search]")
    search.send_keys("17" + Keys.ENTER)
    visitor.wait(lambda _: "q=17" in visitor.driver.current_url)
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value='17']").click()
    visitor.wait(lambda _: visitor.count("body[data-page='home']") == 1)
    assert visitor.driver.find_element(By.CSS_SELECTOR, ".profile-link").text == "User 17"


def test_everything_works_without_javascript(visitor: Visitor) -> None:
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    visitor.open("/")
    assert visitor.count(".rail-button") == 0
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-position='3'] button").click()
    visitor.wait(lambda _: "/film/43" in visitor.driver.current_url)
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-play]").click()
    visitor.wait(lambda _: "/watch/43" in visitor.driver.current_url)
    seconds = visitor.driver.find_element(By.NAME, "watch_s")
    seconds.clear()
    seconds.send_keys("90")
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-play-form] button").click()
    visitor.wait(lambda _: "/film/43" in visitor.driver.current_url)
    played = visitor.site.rows("SELECT watch_s FROM plays WHERE run_id = 'live' AND movie_id = 43")
    assert (90.0,) in played
