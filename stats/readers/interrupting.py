"""Ctrl-C ends a long query at once, though the libraries that run it look for signals seldom or never."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Answer = TypeVar("Answer")


def interruptible(ask: Callable[[], Answer], interrupt: Callable[[], None]) -> Answer:
    """Return what `ask` returns; it runs in a thread, so that this one can hear the signal.

    Args:
        ask: runs one query.
        interrupt: ends it from another thread.

    Raises:
        KeyboardInterrupt: the user interrupted; the query has ended.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(ask)
        try:
            return running.result()
        except KeyboardInterrupt:
            interrupt()
            raise
