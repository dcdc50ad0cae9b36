"""The browser engine: visits made in real headless Chromium through Selenium.

- `finding`: which browser this machine has; `grid`: which ones a Selenium Grid has
- `display`: what people can see of the visits
- `runner`: the entry point; `crew`, `messages`, `worker`: the processes that drive one browser each
- `run_folder`, `guardian`: nothing is left behind, however a run ends
- `launching`, `window`, `pages`: one browser, one visitor's window in it, the site's pages in that
- `card`, `row`, `search`, `player`, `profile`: what stands on the pages
"""

from simulator.engines.browser.crew import BrowserLimits
from simulator.engines.browser.display import BrowserDisplay
from simulator.engines.browser.errors import (
    BrowserEngineError,
    BrowserNotFoundError,
    BrowserStartError,
    GridError,
    PageError,
)
from simulator.engines.browser.finding import BrowserPaths, find_browser
from simulator.engines.browser.grid import Grid, ask_grid
from simulator.engines.browser.launching import lend_browser
from simulator.engines.browser.runner import run_browser_visits

__all__ = [
    "BrowserDisplay",
    "BrowserEngineError",
    "BrowserLimits",
    "BrowserNotFoundError",
    "BrowserPaths",
    "BrowserStartError",
    "Grid",
    "GridError",
    "PageError",
    "ask_grid",
    "find_browser",
    "lend_browser",
    "run_browser_visits",
]
