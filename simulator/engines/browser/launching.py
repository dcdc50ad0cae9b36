"""Starting one browser: under its driver on this machine, or on a Selenium Grid."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver as LocalWebDriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

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
    "--disable-crashpad-for-testing",
    "--metrics-recording-only",
    "--mute-audio",
    "--force-prefers-reduced-motion",
    # A headless browser says so in its name, and a site may take that for a bot.
    f"--user-agent={BROWSER_USER_AGENT}",
)
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
    paths: BrowserPaths, *, site_url: str, folder: Path, page_timeout_s: float, is_headed: bool = False
) -> WebDriver:
    """Start a browser that keeps all it writes in `folder` and can reach the site and nothing else.

    Its processes stay in the caller's process group, so that killing the group leaves none behind.

    Raises:
        WebDriverException: the browser or its driver did not start.
    """
    environment = {**os.environ, "TMPDIR": str(folder)}
    switches = [f"--user-data-dir={folder / 'profile'}"]
    if is_headed:
        switches += _HEADED_SWITCHES
    elif not paths.is_headless_shell:
        switches.append(_HEADLESS)
    if os.geteuid() == 0:
        switches.append("--no-sandbox")  # Chromium refuses to run as root with it
    if _shared_memory_bytes() < _LEAST_SHARED_MEMORY_BYTES:
        switches.append(_NO_SHARED_MEMORY)
    options = _options(site_url, switches)
    options.binary_location = str(paths.browser)
    service = Service(executable_path=str(paths.driver), env=environment)
    return _prepared(LocalWebDriver(options=options, service=service), page_timeout_s)


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
    exceptions = "".join(f",EXCLUDE {host}" for host in hosts)
    for switch in (
        *_SWITCHES,
        f"--disable-features={','.join(_FEATURES_OFF)}",
        f"--blink-settings={_LAZY_IMAGES}",
        f"--host-resolver-rules=MAP * ~NOTFOUND{exceptions}",
        *switches,
    ):
        options.add_argument(switch)
    return options


def _shared_memory_bytes() -> int:
    try:
        return shutil.disk_usage("/dev/shm").total  # noqa: S108 - its size, nothing is written
    except OSError:
        return 0
