from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

_TITLES = (
    "return [...document.querySelectorAll('[data-results] .card-title')].map(title => title.textContent)"
)


def _summary(visitor: Visitor) -> str:
    return visitor.driver.find_element(By.CSS_SELECTOR, "[data-summary]").text


def test_films_appear_while_one_types_and_the_keyboard_opens_one(visitor: Visitor) -> None:
    visitor.open("/search")
    visitor.wait(lambda _: visitor.script("return document.activeElement.name") == "q")
    visitor.press("zepelin 22")
    visitor.wait(lambda _: visitor.script(_TITLES) == [])
    visitor.press(Keys.BACKSPACE * 3)
    visitor.wait(lambda _: len(visitor.script(_TITLES)) > 5)
    assert _summary(visitor).endswith("spelt nearly like “zepelin”")
    assert visitor.driver.current_url.endswith("/search?q=zepelin")
    for key in (Keys.TAB, Keys.TAB, Keys.ENTER):
        visitor.press(key)
    visitor.wait(lambda _: "/film/" in visitor.driver.current_url)


def test_no_result_says_what_to_try_and_each_hint_finds_films(visitor: Visitor) -> None:
    visitor.open("/search")
    visitor.wait(lambda _: visitor.script("return document.activeElement.name") == "q")
    visitor.press("qqqq")
    visitor.wait(lambda _: "No film fits" in _summary(visitor))
    visitor.driver.find_element(By.CSS_SELECTOR, ".chips a").click()
    visitor.wait(lambda _: len(visitor.script(_TITLES)) > 0)


def test_going_back_from_a_film_shows_what_was_found(visitor: Visitor) -> None:
    visitor.open("/search?q=nocturne")
    titles = visitor.script(_TITLES)
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-results] a").click()
    visitor.wait(lambda _: "/film/" in visitor.driver.current_url)
    visitor.driver.back()
    visitor.wait(lambda _: "/search" in visitor.driver.current_url)
    assert visitor.script(_TITLES) == titles


def test_letters_typed_in_quick_succession_are_one_search(visitor: Visitor) -> None:
    """Ten letters within one task of the page: one request, for what stood there last."""
    visitor.open("/search")
    visitor.script(
        "const field = document.querySelector('[name=q]');"
        "for (const letter of 'seven wint') {"
        "  field.value += letter; field.dispatchEvent(new Event('input', {bubbles: true}));"
        "}"
    )
    visitor.wait(lambda _: _summary(visitor).endswith("for “seven wint”"))
    asked = visitor.script(
        "return performance.getEntriesByType('resource').map(entry => new URL(entry.name))"
        ".filter(address => address.pathname === '/search').map(address => address.searchParams.get('q'))"
    )
    assert asked == ["seven wint"]


def test_a_search_breaks_no_rule_of_the_page_and_keeps_no_page_in_the_browser(visitor: Visitor) -> None:
    """The address it is at is noted until the tab is closed; by default htmx would keep ten whole pages."""
    with visitor.violations() as violations:
        visitor.open("/search")
        visitor.driver.find_element(By.NAME, "q").send_keys("nocturne")
        visitor.wait(lambda _: "nocturne" in visitor.driver.title)
    assert violations == []
    kept = visitor.script("return Object.keys({...localStorage, ...sessionStorage})")
    assert kept == ["htmx-current-path-for-history"]
