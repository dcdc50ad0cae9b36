from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture(params=["with scripts", "without scripts"])
def person(request: pytest.FixtureRequest, person: Visitor) -> Iterator[Visitor]:
    """Somebody who is asked for consent, in either kind of browser."""
    is_disabled = request.param == "without scripts"
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": is_disabled})
    yield person
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def press(visitor: Visitor, selector: str) -> None:
    """Press a button by the keyboard, wherever on the page it is."""
    visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, selector)).send_keys(Keys.ENTER)  # type: ignore[attr-defined]  # a wait returns what it waited for


def test_a_no_is_kept_and_the_banner_goes(person: Visitor) -> None:
    person.open("/")
    press(person, ".consent button[value='no']")
    person.wait(lambda _: person.count("[data-slate]") == 1 and person.count(".consent") == 0)
    person.open("/privacy")
    assert "record nothing" in person.driver.find_element(By.CSS_SELECTOR, "button[disabled]").text
    assert "Nothing." in person.driver.find_element(By.ID, "main").text


def test_the_overlay_is_a_switch_at_the_foot_of_the_page(person: Visitor) -> None:
    person.open("/")
    press(person, "form[action='/overlay'] button")
    person.wait(lambda _: person.count(".overlay") == 6)
    press(person, "form[action='/overlay'] button")
    person.wait(lambda _: person.count("[data-slate]") == 1 and person.count(".overlay") == 0)


def test_a_new_visitor_picks_what_they_like_by_keyboard_alone(person: Visitor) -> None:
    """Space ticks the first genre and the first film; the form's button sends them."""
    person.open("/profiles")
    press(person, "button[value='new']")
    for name in ("genre", "film"):
        box = f"input[name='{name}']"
        person.wait(lambda driver, box=box: driver.find_element(By.CSS_SELECTOR, box)).send_keys(Keys.SPACE)  # type: ignore[attr-defined]  # as above
    assert person.count("input:checked") == 2
    press(person, ".taste button[type='submit']")
    person.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "body[data-page='home']"))


def test_two_profiles_are_compared_by_a_form(person: Visitor) -> None:
    person.open("/compare")
    field = person.driver.find_element(By.NAME, "left")
    field.clear()
    field.send_keys("9", Keys.ENTER)
    person.wait(lambda driver: "left=9" in driver.current_url and person.count(".side") == 2)
    assert person.driver.find_element(By.ID, "side-1").text == "User 9"
