"""Finding a Chromium and its driver on this machine."""

import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.engines.browser.errors import BrowserNotFoundError

# The headless shell is Chromium without its interface: a visit in it costs half the CPU time.
_HEADLESS_SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_WAY_OUT = (
    "install one (Debian, Ubuntu: `apt-get install chromium-headless-shell chromium-driver`; "
    "Fedora: `dnf install chromium-headless chromedriver`; "
    "macOS: `brew install --cask google-chrome chromedriver`), "
    "or set FUNFLIX_BROWSER to the browser's path and FUNFLIX_CHROMEDRIVER to its chromedriver's"
)


@dataclass(frozen=True, slots=True)
class BrowserPaths:
    """A browser and the chromedriver that drives it."""

    browser: Path
    driver: Path

    @property
    def is_headless_shell(self) -> bool:
        """Whether this is the small Chromium that has no window to begin with."""
        return "headless" in self.browser.name


def find_browser(
    environment: Mapping[str, str] | None = None, *, may_download: bool = True, is_headed: bool = False
) -> BrowserPaths:
    """Find a browser: the one FUNFLIX_BROWSER names, else the cheapest on PATH, else Selenium Manager's.

    Args:
        environment: where FUNFLIX_BROWSER, FUNFLIX_CHROMEDRIVER and PATH are read; this process's by default.
        may_download: whether Selenium Manager may fetch what is missing (into its own cache, once).
        is_headed: whether it has to open windows, which the headless shell cannot.

    Raises:
        BrowserNotFoundError: nothing was found; the message says how to get one.
    """
    environment = os.environ if environment is None else environment
    if is_headed:
        _require_screen(environment)
    names = _BROWSERS if is_headed else _HEADLESS_SHELLS + _BROWSERS
    browser = _named_browser(environment) or _first_on_path(names, environment)
    if is_headed and browser is not None and "headless" in browser.name:
        raise BrowserNotFoundError(
            f"FUNFLIX_BROWSER is {str(browser)!r}, which opens no windows; name another, or leave it out"
        )
    driver = _named_file("FUNFLIX_CHROMEDRIVER", environment) or _first_on_path(
        ("chromedriver",), environment
    )
    if browser is not None and driver is not None:
        return BrowserPaths(browser, driver)
    if may_download:
        return _ask_selenium_manager(browser)
    missing = "Chromium or Chrome" if browser is None else f"chromedriver for {str(browser)!r}"
    raise BrowserNotFoundError(f"no {missing} on PATH; {_WAY_OUT}")


def _require_screen(environment: Mapping[str, str]) -> None:
    needs_name = sys.platform not in {"darwin", "win32"}
    if needs_name and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        raise BrowserNotFoundError(
            "windows need a screen, and neither DISPLAY nor WAYLAND_DISPLAY is set; "
            "run on a desktop, under `xvfb-run`, or headless"
        )


def _named_browser(environment: Mapping[str, str]) -> Path | None:
    return _named_file("FUNFLIX_BROWSER", environment)


def _named_file(variable: str, environment: Mapping[str, str]) -> Path | None:
    name = environment.get(variable)
    if not name:
        return None
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    if found is None:
        raise BrowserNotFoundError(f"{variable} is {name!r}, which is no program that can be run; {_WAY_OUT}")
    return Path(found)


def _first_on_path(names: tuple[str, ...], environment: Mapping[str, str]) -> Path | None:
    path = environment.get("PATH", os.defpath)
    found = (shutil.which(name, path=path) for name in names)
    return next((Path(program) for program in found if program), None)


def _ask_selenium_manager(browser: Path | None) -> BrowserPaths:
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.selenium_manager import SeleniumManager

    arguments = ["--browser", "chrome"]
    if browser is not None:
        arguments += ["--browser-path", str(browser)]
    with _warnings_of_selenium_manager() as warnings:
        try:
            answer = SeleniumManager().binary_paths(arguments)
        except WebDriverException as error:
            raise _nothing_from_selenium_manager(_complaint(error.msg or "")) from error
    found, driver = browser or answer["browser_path"], answer["driver_path"]
    # Without a network it names the browser it knows of, and an empty driver, as if all were well.
    if not (found and driver):
        raise _nothing_from_selenium_manager("; ".join(warnings))
    return BrowserPaths(Path(found), Path(driver))


def _nothing_from_selenium_manager(reason: str) -> BrowserNotFoundError:
    return BrowserNotFoundError(
        "no browser with its chromedriver on PATH, and Selenium Manager found none "
        f"({reason or 'no reason given'}); {_WAY_OUT}"
    )


def _complaint(text: str) -> str:
    """What the program itself said, out of Selenium's words on its failure; else their first line."""
    found = re.search(r"'message': (['\"])(.+?)\1, 'driver_path'", text)
    return found[2] if found else text.strip().partition("\n")[0]


@contextmanager
def _warnings_of_selenium_manager() -> Iterator[list[str]]:
    """Its warnings, which would stand on stderr of their own otherwise."""
    warnings: list[str] = []
    logger = logging.getLogger("selenium.webdriver.common.selenium_manager")

    def keep(record: logging.LogRecord) -> bool:
        warnings.append(record.getMessage())
        return False

    logger.addFilter(keep)
    try:
        yield warnings
    finally:
        logger.removeFilter(keep)
