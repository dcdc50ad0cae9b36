"""The keyboard alone, on pages of forms: Tab reaches every control, which shows it and does its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

# Marks what Tab should reach, and says how much that is.
_CONTROLS = """
const all = [...document.querySelectorAll('a[href], button, input, select, summary')].filter(control =>
  control.checkVisibility({visibilityProperty: true}) && !control.disabled && control.type !== 'hidden');
all.forEach((control, index) => { control.dataset.control = index; });
return all.length;
"""
_FOCUS = """
const control = document.activeElement;
const box = control.matches('.choice input, .pick input') ? control.parentElement : control;
const ringed = [control, box, ...box.children].some(one => {
  const style = getComputedStyle(one);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
});
return [control.dataset.control ?? '', ringed, control.outerHTML.slice(0, 120)];
"""


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until a control that matches has the focus."""
    for _ in range(150):
        visitor.press(Keys.TAB)
        if visitor.script("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def at_page(visitor: Visitor, name: str) -> None:
    """Wait for a page."""
    visitor.wait(lambda _: visitor.count(f"body[data-page='{name}']") == 1)


@pytest.mark.parametrize("path", ["/welcome", "/compare", "/privacy", "/search", "/watch/71", "/nowhere"])
def test_tab_reaches_every_control_and_each_shows_it(person: Visitor, path: str) -> None:
    """In one round through the page, the question of consent and the foot of the page included."""
    person.open(path)
    n_controls = person.script(_CONTROLS)
    assert isinstance(n_controls, int)
    person.script("document.activeElement.blur()")
    reached = set()
    for _ in range(n_controls + 5):
        person.press(Keys.TAB)
        control, is_ringed, html = person.script(_FOCUS)
        if control:
            assert is_ringed, f"no focus ring on {html}"
            reached.add(int(control))
    missed = sorted(set(range(n_controls)) - reached)
    assert missed == [], person.script(
        "return arguments[0].map(n => document.querySelector(`[data-control='${n}']`).outerHTML)", missed
    )


def test_a_new_visitor_chooses_genres_and_films(visitor: Visitor) -> None:
    visitor.open("/welcome")
    tab_to(visitor, "input[name='genre']")
    visitor.press(Keys.SPACE)
    tab_to(visitor, "input[name='film']")
    visitor.press(Keys.SPACE)
    assert visitor.count("input:checked") == 2
    tab_to(visitor, ".taste button[type='submit']")
    visitor.press(Keys.ENTER)
    at_page(visitor, "home")
    visitor.open("/privacy")
    assert "films clicked or picked" in visitor.driver.find_element(By.CSS_SELECTOR, ".facts").text


def test_two_profiles_are_compared(visitor: Visitor) -> None:
    visitor.open("/compare")
    tab_to(visitor, "input[name='left']")
    visitor.press(Keys.CONTROL + "a")
    visitor.press("17" + Keys.ENTER)
    visitor.wait(lambda _: "left=17" in visitor.driver.current_url)
    at_page(visitor, "compare")
    assert visitor.driver.find_element(By.ID, "side-1").text == "User 17"


def test_consent_is_given_and_all_is_deleted(person: Visitor) -> None:
    """An answer leads home, where something is recorded; a deletion leads to a page that says so."""
    person.open("/privacy")
    tab_to(person, "main button[value='yes']")
    person.press(Keys.ENTER)
    at_page(person, "home")
    assert person.count(".consent") == 0
    person.open("/privacy")
    tab_to(person, "a[download]")
    tab_to(person, "form[action='/privacy/delete'] button")
    person.press(Keys.ENTER)
    person.wait(lambda driver: "Nothing." in driver.find_element(By.ID, "main").text)


def test_the_overlay_is_switched_from_the_foot_of_a_page(visitor: Visitor) -> None:
    visitor.open("/privacy")
    tab_to(visitor, "form[action='/overlay'] button")
    visitor.press(Keys.ENTER)
    visitor.wait(lambda _: visitor.count("[aria-pressed='true']") == 1)
    visitor.open("/")
    assert visitor.count(".overlay") == 6
