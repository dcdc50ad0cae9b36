"""What can go wrong with the browser engine.

BrowserEngineError (SimulatorError)
├── BrowserNotFoundError (LookupError)   no browser, or no driver for it, on this machine
├── GridError (ConnectionError)          the Selenium Grid that was named is none, or has no browser
├── BrowserStartError (RuntimeError)     browsers do not come up, again and again
└── PageError (VisitError)               a page is not what a visitor of Funflix can expect
"""

from simulator.errors import SimulatorError, VisitError


class BrowserEngineError(SimulatorError):
    """Anything the browser engine raises of its own."""


class BrowserNotFoundError(BrowserEngineError, LookupError):
    """There is no browser to drive, or no chromedriver for it; the message says how to get one."""


class GridError(BrowserEngineError, ConnectionError):
    """The Selenium Grid does not answer, or has no browser to drive."""


class BrowserStartError(BrowserEngineError, RuntimeError):
    """The browser was found but does not start."""


class PageError(BrowserEngineError, VisitError):
    """The site showed a page that this visit cannot go on from; the browser itself is well."""
