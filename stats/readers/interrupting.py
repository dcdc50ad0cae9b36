"""Ctrl-C ends a long query at once, though the libraries that run it look for signals seldom or never."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")
_AGAIN_S = 0.05


def interruptible(ask: Callable[[], Answer], interrupt: Callable[[], None]) -> Answer:
    """Return what `ask` returns; it runs in a thread, so that this one can hear the signal.

    Args:
        ask: runs one query.
        interrupt: ends it from another thread; called until it did, for a query may only be about to start.

    Raises:
        KeyboardInterrupt: the user interrupted; the query has ended.
    """
    answer: Future[Answer] = Future()
    asking = Thread(target=_keep, args=(ask, answer), daemon=True)
    try:
        asking.start()
        return answer.result()
    except KeyboardInterrupt:
        while asking.is_alive():
            interrupt()
            asking.join(_AGAIN_S)
        raise


def _keep(ask: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
        answer.set_exception(error)
