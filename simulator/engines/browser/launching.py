"""Starting one headless browser under its driver."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.remote.remote_connection import RemoteConnection

from simulator.engines.browser.finding import BrowserPaths

VIEWPORT_WIDTH, VIEWPORT_HEIGHT = 1366, 768

_LOOPBACK = "127.0.0.1"
# Containers often give /dev/shm 64 MB, less than a page of posters may take.
_LEAST_SHARED_MEMORY_BYTES = 512 * 1024 * 1024
# Selenium looks for answers on the BiDi socket this often; its 0.1 s would be a third of a visit's commands.
_BIDI_POLL_S = 0.01
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


def launch(paths: BrowserPaths, *, site_url: str, folder: Path, page_timeout_s: float) -> WebDriver:
    """Start a browser that keeps all it writes in `folder` and can reach the site and nothing else.

    Its processes stay in the caller's process group, so that killing the group leaves none behind.

    Raises:
        WebDriverException: the browser or its driver did not start.
    """
    environment = {**os.environ, "TMPDIR": str(folder)}
    options = _options(paths, site_url, folder)
    driver = WebDriver(options=options, service=Service(executable_path=str(paths.driver), env=environment))
    assert isinstance(driver.command_executor, RemoteConnection), "a local driver has one"
    driver.command_executor.client_config.websocket_interval = _BIDI_POLL_S
    driver.set_page_load_timeout(page_timeout_s)
    driver.set_script_timeout(page_timeout_s)
    return driver


def _options(paths: BrowserPaths, site_url: str, folder: Path) -> Options:
    options = Options()
    options.binary_location = str(paths.browser)
    options.enable_bidi = True  # user contexts; the headless shell also hangs without it
    hosts = dict.fromkeys([_LOOPBACK, urlsplit(site_url).hostname or _LOOPBACK])
    exceptions = "".join(f",EXCLUDE {host}" for host in hosts)
    for switch in (
        *_SWITCHES,
        f"--disable-features={','.join(_FEATURES_OFF)}",
        f"--blink-settings={_LAZY_IMAGES}",
        f"--host-resolver-rules=MAP * ~NOTFOUND{exceptions}",
        f"--user-data-dir={folder / 'profile'}",
    ):
        options.add_argument(switch)
    if not paths.is_headless_shell:
        options.add_argument("--headless=new")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to run as root with it
    if _shared_memory_bytes() < _LEAST_SHARED_MEMORY_BYTES:
        options.add_argument("--disable-dev-shm-usage")
    return options


def _shared_memory_bytes() -> int:
    try:
        return shutil.disk_usage("/dev/shm").total  # noqa: S108 - its size, nothing is written
    except OSError:
        return 0
