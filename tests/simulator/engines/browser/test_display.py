"""What people can see of browser visits: windows, screenshots and slow motion."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from simulator.behaviour import Look, Moment, Visitor, Watch
from simulator.engines.browser import (
    BrowserDisplay,
    BrowserNotFoundError,
    BrowserPaths,
    find_browser,
    run_browser_visits,
)
from simulator.engines.browser.launching import end_browser, launch
from simulator.engines.browser.window import BrowserPages
from simulator.jobs import VisitJob, VisitResult

PNG = b"\x89PNG\r\n\x1a\n"


class SecondClicks:
    """Visitor 1 clicks the first film, plays it and goes home; the others look and leave."""

    def look(self, visitor: Visitor, movie_ids: Sequence[int], moment: Moment) -> Look:  # noqa: ARG002
        """Glance, so that nothing waits for views."""
        return Look(0.1, 1 if visitor.index == 1 and moment.depth == 0 else None)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch:  # noqa: ARG002 - whatever it is
        """Watch for a minute."""
        return Watch(60.0, is_completed=False)

    def detour(self, visitor: Visitor, moment: Moment) -> None:
        """Never."""

    def sign_in(self, visitor: Visitor) -> None:
        """Never by hand."""

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:  # noqa: ARG002 - all go by the link
        """By the link home."""
        return False

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> None:
        """Never again."""


def visits(site_url: str, display: BrowserDisplay, faults: Sequence[str]) -> list[VisitResult]:
    """One visit for each fault of the site, in one browser."""
    results: list[VisitResult] = []
    run_browser_visits(
        [VisitJob(Visitor(index, f"v{index}", "anybody", None, 0), 2) for index in range(len(faults))],
        site_url=site_url,
        brain=SecondClicks(),
        ticket_for=lambda job: job.visitor.visitor_id + faults[job.visitor.index],
        n_workers=1,
        on_done=results.append,
        stop=threading.Event(),
        display=display,
    )
    return results


@pytest.mark.browser
@pytest.mark.usefixtures("browser_paths")
def test_every_nth_visit_is_photographed_page_by_page_and_a_failed_one_always(
    site_url: str, tmp_path: Path
) -> None:
    """Of four visits numbers 0 and 3 are kept; number 1 is not, and number 2 only because it fails."""
    display = BrowserDisplay(screenshot_folder=tmp_path / "seen", screenshot_every=3)
    results = visits(site_url, display, ["", "", ".error", ""])
    assert [result.status for result in results] == ["done", "done", "failed", "done"]
    files = sorted((tmp_path / "seen").iterdir())
    assert [file.name for file in files] == [
        "v0-attempt2-step1.png",
        "v2-attempt2-step1-failed.png",
        "v3-attempt2-step1.png",
    ]
    assert all(file.read_bytes().startswith(PNG) for file in files)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen that nobody sees, which Xvfb keeps; skips without one."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("needs Xvfb")
    numbers, theirs = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(theirs), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[theirs],
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(numbers, encoding="ascii") as told:
        number = told.readline().strip()
    if not number:
        server.wait()
        pytest.skip("Xvfb does not start here")
    monkeypatch.setenv("DISPLAY", f":{number}")
    yield
    server.terminate()
    server.wait()


@pytest.mark.browser
@pytest.mark.usefixtures("screen")
def test_a_headed_browser_opens_its_window_on_the_screen_and_visits(site_url: str) -> None:
    """Its command line asks for no headless mode; that of the same browser without a window does."""
    try:
        paths = find_browser(may_download=False, is_headed=True)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    assert not _asks_for_no_window(paths, site_url, is_headed=True)
    assert _asks_for_no_window(paths, site_url, is_headed=False)


def _asks_for_no_window(paths: BrowserPaths, site_url: str, *, is_headed: bool) -> bool:
    """Whether the browser's command line says so, after a visit in it."""
    # Not pytest's own folders: a browser with windows has a socket in its folder, whose path must be short.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = launch(
            paths,
            site_url=site_url,
            folder=Path(folder),
            page_timeout_s=20,
            is_headed=is_headed,
            leads_group=True,
        )
        try:
            pages = BrowserPages(driver, site_url)
            assert pages.enter("headed", 1_000).surface == "home"
            line = driver.execute("executeCdpCommand", {"cmd": "Browser.getBrowserCommandLine", "params": {}})
            pages.leave()
        finally:
            end_browser(driver)
    return any(switch.startswith("--headless") for switch in line["value"]["arguments"])


@pytest.mark.browser
@pytest.mark.usefixtures("browser_paths")
def test_each_page_of_a_photographed_visit_is_kept(site_url: str, tmp_path: Path) -> None:
    """Home, film, player, home: four pages, and slow motion pauses before each step and before leaving."""
    display = BrowserDisplay(screenshot_folder=tmp_path, screenshot_every=1, slow_motion_s=0.2)
    _, clicking = visits(site_url, display, ["", ""])
    assert (clicking.status, clicking.n_plays) == ("done", 1)
    names = sorted(file.name for file in tmp_path.glob("v1-*"))
    assert names == [f"v1-attempt2-step{step}.png" for step in (1, 2, 3, 4)]
    assert clicking.seconds > 5 * 0.2


def test_without_a_folder_nothing_is_photographed() -> None:
    assert not BrowserDisplay(screenshot_every=1).is_photographed(0)


def test_which_visits_are_photographed_is_counted_from_the_first(tmp_path: Path) -> None:
    display = BrowserDisplay(screenshot_folder=tmp_path, screenshot_every=2)
    assert [display.is_photographed(number) for number in range(5)] == [True, False, True, False, True]
    assert not BrowserDisplay(screenshot_folder=tmp_path).is_photographed(0)


@pytest.mark.parametrize("wrong", [{"slow_motion_s": -1.0}, {"screenshot_every": -1}])
def test_no_number_of_a_display_is_below_0(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="can be below 0"):
        BrowserDisplay(**wrong)
