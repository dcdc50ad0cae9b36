import json
import re
from pathlib import Path
from typing import Any

import pytest

from simulator.engines.browser import BrowserNotFoundError, find_browser


def folder_with(folder: Path, *names: str) -> str:
    """A folder of programs of these names, as a PATH."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_the_headless_shell_is_preferred_to_a_full_browser(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "google-chrome", "chromium", "chromium-headless-shell", "chromedriver")
    paths = find_browser({"PATH": path}, may_download=False)
    assert paths.browser == tmp_path / "chromium-headless-shell"
    assert paths.driver == tmp_path / "chromedriver"
    assert paths.is_headless_shell


def test_a_full_browser_is_taken_when_there_is_no_shell(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "google-chrome", "chromedriver")
    paths = find_browser({"PATH": path}, may_download=False)
    assert paths.browser == tmp_path / "google-chrome"
    assert not paths.is_headless_shell


def test_the_browser_named_in_the_environment_wins(tmp_path: Path) -> None:
    path = folder_with(tmp_path / "path", "chromium-headless-shell", "chromedriver")
    folder_with(tmp_path / "mine", "my-chromium", "my-driver")
    environment = {
        "PATH": path,
        "FUNFLIX_BROWSER": str(tmp_path / "mine" / "my-chromium"),
        "FUNFLIX_CHROMEDRIVER": str(tmp_path / "mine" / "my-driver"),
    }
    paths = find_browser(environment, may_download=False)
    assert paths.browser == tmp_path / "mine" / "my-chromium"
    assert paths.driver == tmp_path / "mine" / "my-driver"


def test_a_named_browser_that_is_not_there_is_an_error_and_no_other_is_taken(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "chromium-headless-shell", "chromedriver")
    with pytest.raises(BrowserNotFoundError, match=r"FUNFLIX_BROWSER is '/no/such/browser'.*apt-get install"):
        find_browser({"PATH": path, "FUNFLIX_BROWSER": "/no/such/browser"}, may_download=False)


@pytest.mark.parametrize(
    ("names", "missing"),
    [(("chromedriver",), "no Chromium or Chrome"), (("chromium",), "no chromedriver for '.*chromium'")],
)
def test_the_error_names_what_is_missing_and_how_to_get_it(
    tmp_path: Path, names: tuple[str, ...], missing: str
) -> None:
    with pytest.raises(BrowserNotFoundError, match=missing + ".*apt-get install"):
        find_browser({"PATH": folder_with(tmp_path, *names)}, may_download=False)


def test_windows_take_a_full_browser_and_a_screen(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "chromium", "chromium-headless-shell", "chromedriver")
    paths = find_browser({"PATH": path, "DISPLAY": ":7"}, may_download=False, is_headed=True)
    assert paths.browser == tmp_path / "chromium"
    with pytest.raises(BrowserNotFoundError, match=r"windows need a screen.*xvfb-run"):
        find_browser({"PATH": path}, may_download=False, is_headed=True)


def test_a_named_headless_shell_opens_no_windows(tmp_path: Path) -> None:
    path = folder_with(tmp_path, "chromium-headless-shell", "chromedriver")
    environment = {"PATH": path, "DISPLAY": ":7", "FUNFLIX_BROWSER": "chromium-headless-shell"}
    with pytest.raises(BrowserNotFoundError, match="opens no windows"):
        find_browser(environment, may_download=False, is_headed=True)


def selenium_manager(folder: Path, code: int = 0, warning: str = "", **result: object) -> Path:
    """A program that answers as Selenium Manager does, and keeps what it was asked in `asked`."""
    answer = {
        "logs": [{"level": "WARN", "timestamp": 1, "message": warning}] if warning else [],
        "result": {"code": code, "message": "", "driver_path": "", "browser_path": ""} | result,
    }
    program = folder / "manager"
    program.write_text(
        f"#!/bin/sh\necho \"$*\" > '{folder}/asked'\ncat <<'EOF'\n{json.dumps(answer)}\nEOF\nexit {code}\n"
    )
    program.chmod(0o755)
    return program


def test_selenium_manager_is_asked_for_what_is_not_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder_with(tmp_path / "path")
    found = {"browser_path": "/cache/chrome", "driver_path": "/cache/chromedriver"}
    monkeypatch.setenv("SE_MANAGER_PATH", str(selenium_manager(tmp_path, **found)))
    paths = find_browser({"PATH": path})
    assert (paths.browser, paths.driver) == (Path("/cache/chrome"), Path("/cache/chromedriver"))
    assert (tmp_path / "asked").read_text().startswith("--browser chrome --language-binding")
    mine = folder_with(tmp_path / "path", "chromium") + "/chromium"
    assert find_browser({"PATH": path}).browser == Path(mine)
    assert f"--browser-path {mine}" in (tmp_path / "asked").read_text()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            {"code": 65, "message": "error sending request for url (https://x)"},
            "error sending request for url",
        ),
        (
            {"warning": "no driver in offline mode", "browser_path": "/usr/bin/chromium"},
            "no driver in offline",
        ),
        ({}, "no reason given"),
    ],
)
def test_what_selenium_manager_could_not_fetch_is_one_line_that_says_what_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    answer: dict[str, Any],
    reason: str,
) -> None:
    monkeypatch.setenv("SE_MANAGER_PATH", str(selenium_manager(tmp_path, **answer)))
    with pytest.raises(
        BrowserNotFoundError, match=rf"\({re.escape(reason)}.*\); install one.*apt-get"
    ) as caught:
        find_browser({"PATH": folder_with(tmp_path / "path")})
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_the_real_selenium_manager_without_a_network_finds_no_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache of its own, which is empty; it may know of a browser of this machine, never of a driver."""
    path = folder_with(tmp_path / "path")
    for name, value in (("PATH", path), ("SE_OFFLINE", "true"), ("SE_CACHE_PATH", str(tmp_path / "cache"))):
        monkeypatch.setenv(name, value)
    with pytest.raises(BrowserNotFoundError, match="Selenium Manager found none"):
        find_browser()
