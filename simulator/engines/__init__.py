"""The engines that make visits, all of one signature: real browsers, and the same visits by HTTP alone."""

from simulator.engines.browser import BrowserNotFoundError, BrowserPaths, find_browser, run_browser_visits
from simulator.engines.http import run_http_visits

__all__ = [
    "BrowserNotFoundError",
    "BrowserPaths",
    "find_browser",
    "run_browser_visits",
    "run_http_visits",
]
