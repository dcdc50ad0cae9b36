"""Fixtures of the browser engine: a small real site, and a browser."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver

from simulator.engines.browser import BrowserNotFoundError, BrowserPaths, find_browser
from simulator.engines.browser.launching import end_browser, launch

Recorded = dict[str, list[dict[str, Any]]]
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="session")
def site_url() -> Iterator[str]:
    """The small site, in its own process."""
    program = Path(__file__).with_name("small_site.py")
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    yield process.stdout.readline().decode().strip()
    process.kill()
    process.communicate()


@pytest.fixture
def recorded(site_url: str) -> Callable[[str], Recorded]:
    """What the site recorded of the visitors whose id begins so."""

    def read(prefix: str) -> Recorded:
        with _NO_PROXY.open(f"{site_url}/recorded.json?prefix={prefix}") as answer:
            rows: Recorded = json.load(answer)
        return rows

    return read


@pytest.fixture(scope="session")
def browser_paths() -> BrowserPaths:
    """The browser of this machine; skips without one."""
    try:
        return find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def driver(
    site_url: str, browser_paths: BrowserPaths, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebDriver]:
    """A browser, shared by the tests of one module."""
    folder = tmp_path_factory.mktemp("browser")
    driver = launch(browser_paths, site_url=site_url, folder=folder, page_timeout_s=20, leads_group=True)
    yield driver
    end_browser(driver)


@pytest.fixture
def processes_marked() -> Callable[[str], list[str]]:
    """The live processes, as `pid name`, in whose environment this text stands."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc to see the processes of a run")

    def find(mark: str) -> list[str]:
        return [found for process in Path("/proc").iterdir() if (found := _marked(process, mark))]

    return find


@pytest.fixture
def eventually() -> Callable[..., bool]:
    """Whether a condition holds at some time within the deadline."""

    def wait(condition: Callable[[], bool], *, within_s: float = 20.0) -> bool:
        deadline, pause = time.monotonic() + within_s, threading.Event()
        while not condition() and time.monotonic() < deadline:
            pause.wait(0.05)
        return condition()

    return wait


def _marked(process: Path, mark: str) -> str:
    try:
        if mark.encode() not in (process / "environ").read_bytes():
            return ""
        status = (process / "status").read_text()
    except OSError:
        return ""
    name, state = status.split("\n")[0].split("\t")[1], status.split("State:\t")[1][0]
    return "" if state == "Z" else f"{process.name} {name}"
