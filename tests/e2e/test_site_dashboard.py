"""The dashboard in a real browser, while visits come over HTTP, and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import made_run
import pytest
import requests
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from experiment import EventLog, TokenSigner, VisitEnded, VisitStarted, VisitTicket

if TYPE_CHECKING:
    from collections.abc import Callable

    from selenium.webdriver.chrome.webdriver import WebDriver

    from tests.e2e.conftest import Site, Visitor

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
_RUN_AXE = """
const [done] = arguments;
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations.map(
  fault => `${fault.id}: ${fault.nodes.map(node => `${node.target} ${node.failureSummary}`).join("; ")}`
)), error => done([String(error)]));
"""
SECRET = "a-secret-of-at-least-thirty-two-characters"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FULL, EMPTY = "dashboard-full", "dashboard-live"
_WORDS = "return document.querySelector('#panel-exposures').innerText"
_TOKEN = re.compile(r'data-token="([^"]+)"')


@pytest.fixture(scope="module")
def full(site: Site) -> str:
    """The path of a dashboard with data in every panel that can have any."""
    with EventLog.open(site.path) as log:
        made_run.record_run(log, 120, run_id=FULL, error=None)
    return f"/experiment?run={FULL}"


@pytest.fixture(scope="module")
def begun(site: Site) -> str:
    """The path of the dashboard of a run that nobody has visited yet."""
    with EventLog.open(site.path) as log:
        made_run.record_run(log, 0, run_id=EMPTY)
    return f"/experiment?run={EMPTY}"


def visit(site: Site, number: int, *, clicks: bool, run_id: str = EMPTY) -> None:
    """One simulated visit over HTTP, with its lines in the ledger."""
    who = {"run_id": run_id, "visitor_id": f"s1-{number:06}"}
    ticket = TokenSigner(SECRET, max_age_s=600).sign(
        VisitTicket(who["run_id"], who["visitor_id"], None, 1, "binger")
    )
    with EventLog.open(site.path) as log, requests.Session() as session:
        session.trust_env = False
        session.headers["User-Agent"] = FIREFOX
        log.record(VisitStarted(**who, engine="http"))
        home = session.get(f"{site.url}/enter", params={"ticket": ticket}, timeout=10)
        if clicks:
            token = _TOKEN.search(home.text)
            assert token
            session.post(f"{site.url}/click", data={"token": token[1]}, timeout=10).raise_for_status()
        log.record(VisitEnded(**who))


def wait_long(visitor: Visitor, condition: Callable[[WebDriver], object]) -> None:
    """Wait for several rounds of updates, which a busy machine spaces out."""
    # A panel may be replaced, and a page left, between being found and being read.
    WebDriverWait(visitor.driver, 60, 0.1, ignored_exceptions=[WebDriverException]).until(condition)


def test_panels_follow_a_run_while_the_page_stays(visitor: Visitor, begun: str) -> None:
    visitor.open(begun)
    visitor.script("window.isTheSamePage = true")
    wait_long(visitor, lambda driver: "0 of 1,850" in driver.find_element(By.ID, "panel-progress").text)
    for number in range(6):
        visit(visitor.site, number, clicks=number % 2 == 0)
    wait_long(visitor, lambda driver: "6 of 1,850" in driver.find_element(By.ID, "panel-progress").text)
    wait_long(visitor, lambda driver: "click" in driver.find_element(By.ID, "panel-feed").text)
    assert "Updated" in visitor.script("return document.querySelector('[data-updated]').textContent")
    assert visitor.script("return window.isTheSamePage")


def test_a_page_without_a_choice_goes_over_to_a_new_run(visitor: Visitor, full: str) -> None:  # noqa: ARG001  there is a run
    visitor.open("/experiment")
    with EventLog.open(visitor.site.path) as log:
        made_run.record_run(log, 2, run_id="dashboard-newest")
    wait_long(
        visitor, lambda driver: "dashboard-newest" in driver.find_element(By.CSS_SELECTOR, ".dash-title").text
    )
    wait_long(visitor, lambda driver: "2 of 1,850" in driver.find_element(By.ID, "panel-progress").text)


def test_what_a_reader_opened_and_focused_stays_so_when_a_panel_is_renewed(
    visitor: Visitor,
) -> None:
    run_id = "dashboard-opened"
    with EventLog.open(visitor.site.path) as log:
        made_run.record_run(log, 0, run_id=run_id)
    visit(visitor.site, 1, clicks=True, run_id=run_id)
    visitor.open(f"/experiment?run={run_id}")
    summary = visitor.driver.find_element(By.CSS_SELECTOR, "#numbers-exposures summary")
    summary.send_keys(Keys.ENTER)
    visitor.wait(lambda _: visitor.count("#live-exposures canvas") == 1)
    visitor.script("window.canvas = document.querySelector('#live-exposures canvas')")
    before = visitor.script(_WORDS)
    visit(visitor.site, 2, clicks=True, run_id=run_id)
    wait_long(visitor, lambda _: visitor.script(_WORDS) != before)
    assert visitor.script("return document.querySelector('#numbers-exposures').open")
    assert visitor.script("return document.activeElement.textContent") == "Exposures as a table"
    # The live chart is the same one, drawn on, and not a new one that would forget its cursor.
    assert visitor.script("return window.canvas === document.querySelector('#live-exposures canvas')")
    wait_long(visitor, lambda _: visitor.script("return window.canvas.clientWidth") > 100)


def test_updates_can_be_paused(visitor: Visitor, begun: str) -> None:
    visitor.open(begun)
    pause = visitor.driver.find_element(By.CSS_SELECTOR, "[data-pause]")
    pause.send_keys(Keys.ENTER)
    assert pause.get_attribute("aria-pressed") == "true"
    assert "paused" in visitor.driver.find_element(By.CSS_SELECTOR, "[data-updated]").text
    pause.send_keys(Keys.ENTER)
    wait_long(
        visitor, lambda driver: "Updated" in driver.find_element(By.CSS_SELECTOR, "[data-updated]").text
    )


def test_without_javascript_everything_is_there_and_a_run_can_be_chosen(
    visitor: Visitor, full: str, begun: str
) -> None:
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    visitor.open(begun)
    choice = visitor.driver.find_element(By.CSS_SELECTOR, f"option[value='{FULL}']")
    choice.click()
    visitor.driver.find_element(By.CSS_SELECTOR, ".chooser button").click()
    wait_long(visitor, lambda driver: driver.current_url.endswith(full))
    wait_long(visitor, lambda driver: "120 of 1,850" in driver.find_element(By.ID, "panel-progress").text)
    assert visitor.count("#panel-lift .chart .line") == 1
    assert visitor.count("#panel-funnel .bar") == 10
    assert not visitor.driver.find_element(By.CSS_SELECTOR, "[data-live]").is_displayed()
    summary = visitor.driver.find_element(By.CSS_SELECTOR, "#numbers-lift summary")
    summary.click()
    assert visitor.driver.find_element(By.ID, "wrap-lift").is_displayed()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_violation_on_a_dashboard_with_data(visitor: Visitor, full: str, scheme: str) -> None:
    """With every table open, on a small screen and on a large one."""
    for width in (320, 1366):
        visitor.look_like(scheme=scheme, motion="reduce", width=width)
        visitor.open(full)
        visitor.script("for (const details of document.querySelectorAll('details')) details.open = true")
        visitor.script(AXE)
        assert visitor.driver.execute_async_script(_RUN_AXE) == []


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_a_dashboard_with_data_is_no_wider_than_its_window(visitor: Visitor, full: str, width: int) -> None:
    visitor.look_like(width=width)
    visitor.open(full)
    spill = visitor.script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert spill <= 0


def test_live_charts_are_drawn_over_the_ones_of_the_server_and_tell_their_numbers(
    visitor: Visitor, full: str
) -> None:
    """Pointing at the middle names the arms and what they stood at; no rule of the page is broken."""
    with visitor.violations() as violations:
        visitor.open(full)
        visitor.wait(lambda _: visitor.count(".is-drawn canvas") >= 2)
        box = visitor.script(
            "const over = document.querySelector('#live-exposures .u-over');"
            "over.scrollIntoView({block: 'center'});"
            "const box = over.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]"
        )
        move = {"type": "mouseMoved", "x": box[0], "y": box[1]}
        visitor.driver.execute_cdp_cmd("Input.dispatchMouseEvent", move)
        readout = visitor.driver.find_element(By.CSS_SELECTOR, "#live-exposures .readout")
        visitor.wait(lambda _: "control" in readout.text and "treatment" in readout.text)
    assert violations == []
    assert (
        visitor.script("return getComputedStyle(document.querySelector('#panel-lift .chart')).opacity") == "0"
    )


def test_live_charts_follow_the_width_of_the_window(visitor: Visitor, full: str) -> None:
    visitor.open(full)
    visitor.wait(lambda _: visitor.count("#live-lift canvas") == 1)
    wide = visitor.script("return document.querySelector('#live-lift canvas').clientWidth")
    visitor.look_like(width=400)
    narrow = "const c = document.querySelector('#live-lift canvas'); return c.clientWidth"
    visitor.wait(lambda _: visitor.script(narrow) < wide / 2)
    assert (
        visitor.script(
            "const chart = document.querySelector('#live-lift');"
            "return chart.scrollWidth - document.documentElement.clientWidth"
        )
        <= 0
    )


def test_pointing_at_a_chart_tells_its_numbers_without_scripts(visitor: Visitor, full: str) -> None:
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    visitor.open(full)
    moment = visitor.driver.find_elements(By.CSS_SELECTOR, "#panel-exposures .moment")[3]
    readout = moment.find_element(By.CSS_SELECTOR, "text")
    assert not readout.is_displayed()
    ActionChains(visitor.driver).move_to_element(moment.find_element(By.CSS_SELECTOR, "rect")).perform()
    visitor.wait(lambda _: readout.is_displayed())
