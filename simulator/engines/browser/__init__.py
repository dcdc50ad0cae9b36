"""The browser engine: visits made in real headless Chromium through Selenium.

- `finding`: which browser this machine has
- `runner`: the entry point; `crew`, `messages`, `worker`: the processes that drive one browser each
- `run_folder`, `guardian`: nothing is left behind, however a run ends
- `launching`, `window`, `pages`: one browser, one visitor's window in it, the site's pages in that
"""

from simulator.engines.browser.crew import BrowserLimits
from simulator.engines.browser.errors import (
    BrowserEngineError,
    BrowserNotFoundError,
    BrowserStartError,
    PageError,
)
from simulator.engines.browser.finding import BrowserPaths, find_browser
from simulator.engines.browser.runner import run_browser_visits

__all__ = [
    "BrowserEngineError",
    "BrowserLimits",
    "BrowserNotFoundError",
    "BrowserPaths",
    "BrowserStartError",
    "PageError",
    "find_browser",
    "run_browser_visits",
]
