"""axe-core in a page that a browser shows: which rules of accessibility the page breaks."""

from pathlib import Path

from selenium.webdriver.chrome.webdriver import WebDriver

_FOLDER = Path(__file__).parents[1] / "e2e" / "vendor" / "axe-core"
_AXE = (_FOLDER / "axe.min.js").read_text(encoding="utf-8")
_RUN = """
const [done] = arguments;
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations.map(
  fault => `${fault.id}: ${fault.nodes.map(node => `${node.target} ${node.failureSummary}`).join("; ")}`
)), error => done([String(error)]));
"""


def violations(driver: WebDriver) -> list[str]:
    """One line for each rule that the page, as it is shown now, breaks; the places follow."""
    if not driver.execute_script("return Boolean(window.axe)"):
        driver.execute_script(_AXE)
    found = driver.execute_async_script(_RUN)
    assert isinstance(found, list)
    return found
