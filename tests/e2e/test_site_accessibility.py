from __future__ import annotations

from typing import TYPE_CHECKING

import axe
import made_run
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import presence_of_element_located, staleness_of

from experiment import EventLog

if TYPE_CHECKING:
    from tests.e2e.conftest import Site, Visitor

pytestmark = pytest.mark.browser

SCHEMES = ("dark", "light")
SIZES = ((320, 640), (768, 1024), (1920, 1080))
PAGES = (
    "/",
    "/film/1",
    "/watch/1",
    "/search",
    "/search?q=iron",
    "/search?q=zzzz",
    "/profiles",
    "/welcome",
    "/compare",
    "/privacy",
    "/experiment",
    "/nowhere",
)


@pytest.fixture(scope="module")
def run(site: Site) -> str:
    """A run with data in every panel of the dashboard that can have any."""
    with EventLog.open(site.path) as log:
        made_run.record_run(log, 60, run_id="accessible")
    return "accessible"


def faults(person: Visitor) -> dict[str, list[str]]:
    """What axe finds on the page that is open, by scheme and width; the page is not loaded anew."""
    found = {}
    for width, height in SIZES:
        for scheme in SCHEMES:
            person.look_like(width=width, height=height, scheme=scheme, motion="reduce")
            found[f"{scheme}, {width} px"] = axe.violations(person.driver)
    return {look: lines for look, lines in found.items() if lines}


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation_in_any_scheme_and_width(person: Visitor, path: str) -> None:
    """Dark and light, at 320, 768 and 1920 px, with the question of consent."""
    person.look_like(motion="reduce")
    person.open(path)
    assert faults(person) == {}


def test_axe_finds_no_violation_on_a_dashboard_with_data(person: Visitor, run: str) -> None:
    person.look_like(motion="reduce")
    person.open(f"/experiment?run={run}")
    assert faults(person) == {}


def test_axe_finds_no_violation_on_the_page_of_a_film_rated_and_explained(person: Visitor) -> None:
    """By the way, home with the teacher's overlay."""
    person.look_like(motion="reduce")
    person.open("/")
    for selector in (".consent button[value='yes']", "[action='/overlay'] button"):
        press(person, selector)
    assert faults(person) == {}
    for selector in ("[data-slate] form button", ".thumb"):
        press(person, selector)
    person.wait(presence_of_element_located((By.CSS_SELECTOR, ".why summary"))).send_keys(Keys.ENTER)
    person.wait(presence_of_element_located((By.ID, "speaks")))
    assert faults(person) == {}


def press(person: Visitor, selector: str) -> None:
    """Press a button that leads to a new page; what follows is meant for that one."""
    button = person.wait(presence_of_element_located((By.CSS_SELECTOR, selector)))
    button.send_keys(Keys.ENTER)
    person.wait(staleness_of(button))


def test_no_page_is_wider_than_its_window(visitor: Visitor, run: str) -> None:
    for path in (*PAGES, f"/experiment?run={run}"):
        visitor.open(path)
        for width in (320, 390, 768, 1920):
            visitor.look_like(width=width)
            spill = visitor.script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert spill <= 0, (path, width)


def test_the_slate_is_on_the_first_screen(visitor: Visitor) -> None:
    """At least half of each poster, at the size that simulated visitors have."""
    visitor.open("/")
    shares = visitor.script(
        "return [...document.querySelectorAll('[data-slate] .poster')].map(poster => {"
        "const box = poster.getBoundingClientRect(); return (innerHeight - box.top) / box.height; })"
    )
    assert len(shares) == 6
    assert min(shares) >= 0.5
