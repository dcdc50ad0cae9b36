"""The site in German, in a real browser: chosen at the foot of a page, and narrow enough for a telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import made_run
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from experiment import EventLog

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

RUN_ID = "german-dashboard"
PAGES = (
    "/",
    "/film/1",
    "/watch/1",
    "/search?q=zzzz",
    "/profiles",
    "/welcome",
    "/privacy",
    "/compare",
    "/nowhere",
)


def test_german_is_chosen_by_keyboard_and_kept_on_the_dashboard(visitor: Visitor) -> None:
    with EventLog.open(visitor.site.path) as log:
        made_run.record_run(log, 40, run_id=RUN_ID)
    visitor.open("/")
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value='de']").send_keys(Keys.ENTER)
    visitor.wait(
        lambda driver: driver.find_element(By.CSS_SELECTOR, "html[lang='de'] body[data-page='home']")
    )
    heading = visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-slate] .row-heading"))
    assert heading.text == "Für dich empfohlen"
    button = visitor.wait(
        lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-row] .rail-button:not(.back)")
    )
    assert button.get_attribute("aria-label") == "Top 10 auf Funflix: weiterblättern"
    visitor.open(f"/experiment?run={RUN_ID}")
    updated = visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "[data-updated]:not(:empty)"))
    assert updated.text.startswith("Aktualisiert")
    assert "40 von 1.850 geplanten Besuchern" in visitor.driver.find_element(By.ID, "panel-progress").text
    visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "button[value='en']")).send_keys(
        Keys.ENTER
    )
    visitor.wait(
        lambda driver: driver.find_element(By.CSS_SELECTOR, "html[lang='en'] body[data-page='experiment']")
    )
    assert RUN_ID in visitor.driver.current_url


def test_long_words_leave_no_page_wider_than_a_telephone(visitor: Visitor) -> None:
    with EventLog.open(visitor.site.path) as log:
        made_run.record_run(log, 40, run_id=RUN_ID)
    visitor.look_like(width=320, height=640)
    visitor.open("/search")
    visitor.driver.add_cookie({"name": "funflix_language", "value": "de"})
    for path in (*PAGES, f"/experiment?run={RUN_ID}"):
        visitor.open(path)
        assert visitor.script("return document.documentElement.lang") == "de"
        spill = visitor.script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert spill <= 0, path
