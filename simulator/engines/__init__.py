"""The engines that make visits: real browsers, and the same visits by HTTP alone; one signature, `VisitEngine`."""

from simulator.engines.browser import BrowserNotFoundError, BrowserPaths, find_browser, run_browser_visits
from simulator.engines.http import run_http_visits

__all__ = [
    "BrowserNotFoundError",
    "BrowserPaths",
    "find_browser",
    "run_browser_visits",
    "run_http_visits",
]
