from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

_VIEWED = "SELECT position FROM impressions WHERE slate_id = '{}' AND viewed_at IS NOT NULL ORDER BY position"


def slate_id(visitor: Visitor) -> str:
    return visitor.driver.find_element(By.CSS_SELECTOR, "[data-slate]").get_attribute("data-slate")


def test_films_on_screen_for_a_second_become_viewed(visitor: Visitor) -> None:
    """At 1366 by 768 the whole slate of six is on the first screen."""
    visitor.open("/")
    visitor.wait(lambda _: visitor.count("[data-slate] [data-viewed]") == 6)
    rows = visitor.wait(
        lambda _: len(rows := visitor.site.rows(_VIEWED.format(slate_id(visitor)))) == 6 and rows
    )
    assert rows == [(position,) for position in range(1, 7)]
    ((earliest,),) = visitor.site.rows("SELECT MIN(viewed_at - served_at) FROM impressions")
    assert earliest >= 1000


def test_films_out_of_sight_are_not_viewed_until_scrolled_to(visitor: Visitor) -> None:
    """At 390 wide two cards fit; the sixth is beyond the edge of its row."""
    visitor.look_like(width=390, height=844)
    visitor.open("/")
    visitor.wait(lambda _: visitor.count("[data-slate] [data-viewed]") >= 2)
    last = "[data-slate] [data-position='6']"
    assert visitor.count(f"{last}[data-viewed]") == 0
    visitor.script("document.querySelector(arguments[0]).scrollIntoView({inline: 'center'})", last)
    visitor.wait(lambda _: visitor.count(f"{last}[data-viewed]") == 1)


def test_views_survive_leaving_at_once(visitor: Visitor) -> None:
    """The page is left in the moment a film counts as viewed, before the batch would have gone."""
    visitor.open("/")
    this_slate = slate_id(visitor)
    visitor.script(
        "new MutationObserver(() => { location.href = '/livez'; })"
        ".observe(document.querySelector('[data-slate]'), {subtree: true, attributeFilter: ['data-viewed']});"
        "if (document.querySelector('[data-slate] [data-viewed]')) location.href = '/livez';"
    )
    visitor.wait(lambda driver: driver.current_url.endswith("/livez"))
    assert visitor.site.wait_for_rows(_VIEWED.format(this_slate), visitor.driver)


def test_a_glance_is_no_view(visitor: Visitor) -> None:
    """The page is left as soon as its scripts have run, however slow the machine is."""
    glance = (
        "if (location.pathname === '/') addEventListener('DOMContentLoaded', () => {"
        "sessionStorage.glanced = document.querySelector('[data-slate]').dataset.slate;"
        "location.href = '/livez'; })"
    )
    added = visitor.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": glance})
    visitor.open("/")
    visitor.wait(lambda driver: driver.current_url.endswith("/livez"))
    visitor.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    this_slate = visitor.script("return sessionStorage.glanced")
    assert this_slate
    # The next page's own views come over a second later, after any late report of the glance.
    visitor.open("/film/1")
    visitor.script("document.querySelector('[data-slate]').scrollIntoView({block: 'center'})")
    visitor.site.wait_for_rows(_VIEWED.format(slate_id(visitor)), visitor.driver)
    assert visitor.site.rows(_VIEWED.format(this_slate)) == []


def test_films_outside_slates_are_never_reported(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.script("document.querySelector('[data-row]').scrollIntoView({block: 'end'})")
    visitor.wait(lambda _: visitor.count("[data-slate] [data-viewed]") >= 1)
    assert visitor.count("[data-row] [data-viewed]") == 0
