from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import presence_of_element_located, staleness_of

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
_RUN = """
const [done] = arguments;
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations.map(
  fault => `${fault.id}: ${fault.nodes.map(node => `${node.target} ${node.failureSummary}`).join("; ")}`
)), error => done([String(error)]));
"""
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


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation(visitor: Visitor, path: str, scheme: str) -> None:
    visitor.look_like(scheme=scheme, motion="reduce")
    visitor.open(path)
    visitor.script(AXE)
    assert visitor.driver.execute_async_script(_RUN) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_violation_on_the_page_of_a_film_rated_and_explained(
    visitor: Visitor, scheme: str
) -> None:
    visitor.look_like(scheme=scheme, motion="reduce")
    visitor.open("/")
    for selector in ("[data-slate] form button", ".thumb"):
        button = visitor.wait(presence_of_element_located((By.CSS_SELECTOR, selector)))
        button.send_keys(Keys.ENTER)
        visitor.wait(staleness_of(button))  # each leads to a new page; what follows is meant for that one
    visitor.wait(presence_of_element_located((By.CSS_SELECTOR, ".why summary"))).send_keys(Keys.ENTER)
    visitor.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, ".why").get_attribute("open"))
    visitor.script(AXE)
    assert visitor.driver.execute_async_script(_RUN) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1920])
def test_no_page_is_wider_than_its_window(visitor: Visitor, width: int) -> None:
    visitor.look_like(width=width)
    for path in PAGES:
        visitor.open(path)
        spill = visitor.script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert spill <= 0, path


def test_axe_finds_no_violation_on_a_small_screen(visitor: Visitor) -> None:
    visitor.look_like(width=320, height=640, motion="reduce")
    visitor.open("/")
    visitor.script(AXE)
    assert visitor.driver.execute_async_script(_RUN) == []


def test_the_slate_is_on_the_first_screen(visitor: Visitor) -> None:
    """At least half of each poster, at the size that simulated visitors have."""
    visitor.open("/")
    shares = visitor.script(
        "return [...document.querySelectorAll('[data-slate] .poster')].map(poster => {"
        "const box = poster.getBoundingClientRect(); return (innerHeight - box.top) / box.height; })"
    )
    assert len(shares) == 6
    assert min(shares) >= 0.5
