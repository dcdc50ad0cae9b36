from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser


def _press_button(visitor: Visitor, text: str) -> None:
    button = visitor.driver.find_element(By.XPATH, f"//button[contains(., '{text}')]")
    button.send_keys(Keys.ENTER)


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_film_is_rated_and_listed_by_the_keyboard_with_and_without_scripts(
    visitor: Visitor, *, has_scripts: bool
) -> None:
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not has_scripts})
    visitor.open("/film/9")
    born = visitor.script("return performance.timeOrigin") if has_scripts else None
    _press_button(visitor, "I like it")
    visitor.wait(lambda driver: driver.find_elements(By.XPATH, "//legend[text()='You gave it 4 of 5 stars']"))
    if has_scripts:
        # The very same page, the focus where it was, and the change told to who cannot see it.
        assert visitor.script("return [performance.timeOrigin, document.activeElement.id]") == [
            born,
            "thumb-up",
        ]
        said = visitor.driver.find_element(By.CSS_SELECTOR, "#own-said[role='status']")
        visitor.wait(lambda _: said.get_attribute("textContent") == "You gave it 4 of 5 stars")
    _press_button(visitor, "Add to my list")
    visitor.wait(lambda driver: driver.find_elements(By.XPATH, "//button[text()='Remove from my list']"))
    visitor.open("/")
    listed = visitor.driver.find_element(By.CSS_SELECTOR, "[data-row='my-list'] [data-film]")
    assert listed.get_attribute("data-film") == "9"
    visitor.open("/film/9")
    _press_button(visitor, "Remove from my list")
    visitor.wait(lambda driver: driver.find_elements(By.XPATH, "//button[text()='Add to my list']"))
    visitor.open("/")
    assert visitor.count("[data-row='my-list']") == 0


def test_a_refused_rating_is_said_on_the_page(visitor: Visitor) -> None:
    with visitor.violations() as violations:
        visitor.open("/film/11")
        visitor.script("document.querySelector('form.rate [name=token]').value = 'forged'")
        _press_button(visitor, "Not for me")
        said = visitor.driver.find_element(By.ID, "own-said")
        visitor.wait(lambda _: "made no sense" in said.text)
        assert visitor.count("legend") == 1
    assert violations == []


@pytest.mark.parametrize("has_scripts", [True, False])
def test_why_a_film_is_shown_names_the_films_that_speak_for_it(
    visitor: Visitor, *, has_scripts: bool
) -> None:
    """Asked once the reader opens it: in place with scripts, by a link without."""
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not has_scripts})
    visitor.open("/profiles?q=17")
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value='17']").send_keys(Keys.ENTER)
    visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-slate] form button"))
    visitor.driver.find_element(By.CSS_SELECTOR, "[data-slate] form button").send_keys(Keys.ENTER)
    visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, ".why summary"))
    assert visitor.count("#speaks") == 0
    visitor.driver.find_element(By.CSS_SELECTOR, ".why summary").send_keys(Keys.ENTER)
    if not has_scripts:
        visitor.driver.find_element(By.CSS_SELECTOR, ".speaks a").send_keys(Keys.ENTER)
    visitor.wait(lambda driver: driver.find_element(By.ID, "speaks"))
    assert visitor.count("[data-page='film']") == int(has_scripts)
    named = visitor.driver.find_elements(By.CSS_SELECTOR, "#speaks li")
    assert [item.text.rpartition(" ")[2] for item in named] == ["+0.25", "+0.12"]


def test_a_row_that_cannot_be_had_gives_up_its_place_and_says_nothing(visitor: Visitor) -> None:
    visitor.open("/film/12")
    visitor.wait(lambda _: "funflix_scripts" in str(visitor.script("return document.cookie")))
    visitor.open("/film/12")
    visitor.wait(lambda _: visitor.count("[data-surface='film'] [data-equipped]") == 1)
    visitor.script(
        "const place = document.createElement('section');"
        "place.id = 'row-to-come'; place.dataset.hxTrigger = 'load';"
        "place.dataset.hxGet = '/film/999/similar';"
        "document.querySelector('main').append(place); htmx.process(place);"
    )
    visitor.wait(lambda _: visitor.count("#row-to-come") == 0)
    assert visitor.driver.find_element(By.ID, "own-said").text == ""
