"""Makes every picture of README and docs anew: `make screenshots`, or `python docs/images/make.py [FOLDER]`.

A run on the synthetic catalogue in a workspace of its own, its report, and the site, looked at in headless
Chromium. Nothing is downloaded, and nothing stays behind but the pictures.
"""

import base64
import contextlib
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from simulator.engines.browser import find_browser, lend_browser

HERE = Path(__file__).parent
FUNFLIX = str(Path(sys.executable).with_name("funflix"))
N_VISITORS = 1_850
WIDTH, HEIGHT = 1366, 768
PATIENCE_S = 30.0
QUALITY = 82  # of WebP, in percent


def nothing(_: WebDriver) -> None:
    """Look at a page as it is."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page and how it is looked at: the window's height, the colour scheme, what to do there first."""

    name: str
    path: str
    height: int = HEIGHT
    scheme: str = "dark"
    act: Callable[[WebDriver], None] = nothing


def open_first_film(driver: WebDriver) -> None:
    """Click the first recommended film."""
    driver.find_element(By.CSS_SELECTOR, "[data-slate] form button").click()
    WebDriverWait(driver, PATIENCE_S).until(
        lambda there: there.find_elements(By.CSS_SELECTOR, "body[data-page='film']")
    )


def play_first_film(driver: WebDriver) -> None:
    """Click the first recommended film and go to its player."""
    open_first_film(driver)
    driver.find_element(By.CSS_SELECTOR, "[data-play]").click()
    WebDriverWait(driver, PATIENCE_S).until(
        lambda there: there.find_elements(By.CSS_SELECTOR, "body[data-page='watch']")
    )


PICTURES = (
    Picture("home", "/"),
    Picture("film", "/", act=open_first_film),
    Picture("player", "/", act=play_first_film),
    Picture("profiles", "/profiles"),
    Picture("dashboard", "/experiment", height=1_000),
    Picture("dashboard-results", "/experiment#panel-scorecard", height=1_700),
    Picture("dashboard-swarm", "/experiment#panel-swarm", height=1_250, scheme="light"),
)
REPORT = Picture("report", "", height=1_300, scheme="light")


def main(folder: Path) -> None:
    """Make all pictures in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / "workspace"
        report = Path(scratch) / "report.html"
        simulate = ("simulate", "--engine", "http", "--dataset", "synthetic", "--seed", "7")
        funflix(*simulate, "--visitors", str(N_VISITORS), workspace=workspace)
        funflix("report", "--html", str(report), workspace=workspace)
        with (
            lend_browser(find_browser(may_download=False), "--hide-scrollbars", "--accept-lang=en") as driver,
            site(workspace) as url,
        ):
            choose_profile(driver, url)
            for picture in PICTURES:
                take(driver, picture, url + picture.path, folder)
            take(driver, REPORT, report.as_uri(), folder)


def funflix(*arguments: str, workspace: Path) -> None:
    """Run a command to its end; a report's exit code 3, a failed check, is for its reader."""
    command = [FUNFLIX, *arguments, "--workspace", str(workspace)]
    code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
    if code not in {0, 3}:
        raise SystemExit(f"{' '.join(command)} ended with exit code {code}")


@contextlib.contextmanager
def site(workspace: Path) -> Iterator[str]:
    """The site on a free port, for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [FUNFLIX, "serve", "--port", str(port), "--workspace", str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline().strip()
            if not re.fullmatch(r"http://127\.0\.0\.1:\d+/?", first_line):
                raise SystemExit(f"funflix serve said {first_line!r} instead of its address")
            yield first_line.rstrip("/")
        finally:
            process.terminate()


def choose_profile(driver: WebDriver, url: str) -> None:
    """Say yes to being recorded, and browse as the first user there is."""
    driver.get(f"{url}/profiles")
    for button in driver.find_elements(By.CSS_SELECTOR, ".consent button[value='yes']")[:1]:
        button.click()
        driver.get(f"{url}/profiles")
    driver.find_element(By.CSS_SELECTOR, ".profiles .profile:not([value='new'])").click()
    WebDriverWait(driver, PATIENCE_S).until(
        lambda there: there.find_elements(By.CSS_SELECTOR, "body[data-page='home']")
    )


def take(driver: WebDriver, picture: Picture, address: str, folder: Path) -> None:
    """Look at one page, and keep what is seen."""
    metrics = {"width": WIDTH, "height": picture.height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [
        {"name": "prefers-color-scheme", "value": picture.scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.get(address)
    picture.act(driver)
    WebDriverWait(driver, PATIENCE_S).until(
        lambda there: there.execute_script(
            "return document.readyState === 'complete' && [...document.images].every(image => image.complete"
            " || image.loading === 'lazy')"
            " && !document.querySelector('.to-come, [data-chart]:not(.is-drawn)')"
        )
    )
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (folder / f"{picture.name}.webp").write_bytes(base64.b64decode(shot["data"]))
    print(folder / f"{picture.name}.webp")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
