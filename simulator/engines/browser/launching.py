"""Starting one browser: under its driver on this machine, or on a Selenium Grid."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver as LocalWebDriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from simulator.engines.browser import guardian
from simulator.engines.browser.finding import BrowserPaths
from simulator.engines.browser.grid import reachable_socket_url
from simulator.instruments import BROWSER_USER_AGENT

VIEWPORT_WIDTH, VIEWPORT_HEIGHT = 1366, 768

_LOOPBACK = "127.0.0.1"
# Containers often give /dev/shm 64 MB, less than a page of posters may take.
_LEAST_SHARED_MEMORY_BYTES = 512 * 1024 * 1024
# Selenium looks for answers on the BiDi socket this often; its 0.1 s would be a third of a visit's commands.
_BIDI_POLL_S = 0.01
_HEADLESS = "--headless=new"
_NO_SHARED_MEMORY = "--disable-dev-shm-usage"
_SWITCHES = (
    f"--window-size={VIEWPORT_WIDTH},{VIEWPORT_HEIGHT}",
    "--no-proxy-server",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--metrics-recording-only",
    "--mute-audio",
    "--force-prefers-reduced-motion",
    # A headless browser says so in its name, and a site may take that for a bot.
    f"--user-agent={BROWSER_USER_AGENT}",
)
# For the headless shell alone: in a whole Chromium nobody then answers what is asked about cookies.
_SHELL_SWITCH = "--disable-crashpad-for-testing"
# A window behind another is drawn and timed like one in front, so that several may stand on one screen.
_HEADED_SWITCHES = (
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
)
# What a shop window needs none of: pages kept for the back button, processes kept in reserve, calls home.
_FEATURES_OFF = (
    "AutofillServerCommunication",
    "BackForwardCache",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "InterestFeedContentSuggestions",
    "MediaRouter",
    "OptimizationHints",
    "SpareRendererForSitePerProcess",
    "Translate",
)
# Images load when they come on screen, not two screens before, which saves a third of a home page's CPU time.
# The distance is set for each kind of network that Chromium believes to be on.
_LAZY_IMAGES = ",".join(
    f"lazyLoadingImageMarginPx{network}=0" for network in ("Unknown", "Offline", "Slow2G", "2G", "3G", "4G")
)


def launch(
    paths: BrowserPaths,
    *,
    site_url: str,
    folder: Path,
    page_timeout_s: float,
    is_headed: bool = False,
    leads_group: bool = False,
) -> WebDriver:
    """Start a browser that keeps all it writes in `folder` and can reach the site and nothing else.

    Its processes stay in the caller's process group, so that killing the group leaves none behind; or, where
    it `leads_group`, in one of their own, for `end_browser`.

    Raises:
        WebDriverException: the browser or its driver did not start.
    """
    options = _options(site_url, _switches_here(paths, folder, is_headed=is_headed))
    options.binary_location = str(paths.browser)
    return _prepared(
        LocalWebDriver(options=options, service=_service(paths, folder, leads_group=leads_group)),
        page_timeout_s,
    )


@contextmanager
def lend_browser(paths: BrowserPaths, *switches: str) -> Iterator[LocalWebDriver]:
    """A headless browser as it comes, which reaches loopback alone; for the length of a block.

    For those who look at the site and make no visits: its tests, and whoever takes pictures of it. Nothing of
    it is left behind.

    Args:
        paths: which browser.
        switches: further ones, for its command line.

    Raises:
        WebDriverException: the browser or its driver did not start.
    """
    with tempfile.TemporaryDirectory(prefix="funflix-lent-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        options = Options()
        options.enable_bidi = True  # without it the headless shell hangs
        options.binary_location = str(paths.browser)
        for switch in (
            "--no-proxy-server",
            _reaching([_LOOPBACK]),
            *_switches_here(paths, folder, is_headed=False),
            *switches,
        ):
            options.add_argument(switch)
        driver = LocalWebDriver(options=options, service=_service(paths, folder, leads_group=True))
        try:
            yield driver
        finally:
            end_browser(driver)
            guardian.remove_folder(name, deadline_s=2.0)


def end_browser(driver: WebDriver) -> None:
    """End a browser of this machine whose driver leads a process group, and all its processes, at once.

    Asked to quit, Selenium waits 10 s or more for the thread of its BiDi socket, which ends by itself once
    the driver is gone; and Debian's browser is a script that starts the real one, of which a driver may end
    the script alone.
    """
    assert isinstance(driver, LocalWebDriver), "on a Grid, sessions are ended"
    process = driver.service.process
    guardian.end_group(process.pid)
    process.wait()
    driver.service.stop()
    assert isinstance(driver.command_executor, RemoteConnection), "every driver of Selenium's own has one"
    driver.command_executor.close()  # type: ignore[no-untyped-call]  # Selenium names no types there


def launch_on_grid(
    grid_url: str, *, site_url: str, page_timeout_s: float, start_timeout_s: float, is_headed: bool = False
) -> WebDriver:
    """Start a browser on a node of a Grid, which names its program; its profile is the node's affair.

    Raises:
        WebDriverException: the Grid gave no session.
        urllib3.exceptions.HTTPError: it did not answer in time.
    """
    switches = [_NO_SHARED_MEMORY, *(_HEADED_SWITCHES if is_headed else (_HEADLESS,))]
    options = _options(site_url, switches)
    config = ClientConfig(grid_url, timeout=round(start_timeout_s))
    driver = WebDriver(command_executor=grid_url, options=options, client_config=config)
    driver.caps["webSocketUrl"] = reachable_socket_url(str(driver.caps["webSocketUrl"]), grid_url)
    return _prepared(driver, page_timeout_s)


def _prepared(driver: WebDriver, page_timeout_s: float) -> WebDriver:
    assert isinstance(driver.command_executor, RemoteConnection), "every driver of Selenium's own has one"
    driver.command_executor.client_config.websocket_interval = _BIDI_POLL_S
    driver.set_page_load_timeout(page_timeout_s)
    driver.set_script_timeout(page_timeout_s)
    return driver


def _options(site_url: str, switches: Iterable[str]) -> Options:
    options = Options()
    options.enable_bidi = True  # user contexts; the headless shell also hangs without it
    hosts = dict.fromkeys([_LOOPBACK, urlsplit(site_url).hostname or _LOOPBACK])
    for switch in (
        *_SWITCHES,
        f"--disable-features={','.join(_FEATURES_OFF)}",
        f"--blink-settings={_LAZY_IMAGES}",
        _reaching(hosts),
        *switches,
    ):
        options.add_argument(switch)
    return options


def _reaching(hosts: Iterable[str]) -> str:
    """The switch by which no other host than these can be reached."""
    return "--host-resolver-rules=MAP * ~NOTFOUND" + "".join(f",EXCLUDE {host}" for host in hosts)


def _switches_here(paths: BrowserPaths, folder: Path, *, is_headed: bool) -> list[str]:
    """What a browser of this machine needs, that keeps its profile in `folder`."""
    switches = [f"--user-data-dir={folder / 'profile'}"]
    if is_headed:
        switches += _HEADED_SWITCHES
    else:
        switches.append(_SHELL_SWITCH if paths.is_headless_shell else _HEADLESS)
    if os.geteuid() == 0:
        switches.append("--no-sandbox")  # Chromium refuses to run as root with it
    if _shared_memory_bytes() < _LEAST_SHARED_MEMORY_BYTES:
        switches.append(_NO_SHARED_MEMORY)
    return switches


def _service(paths: BrowserPaths, folder: Path, *, leads_group: bool) -> Service:
    return Service(
        executable_path=str(paths.driver),
        env={**os.environ, "TMPDIR": str(folder)},
        popen_kw={"start_new_session": leads_group},
    )


def _shared_memory_bytes() -> int:
    try:
        return shutil.disk_usage("/dev/shm").total  # noqa: S108 - its size, nothing is written
    except OSError:
        return 0
