"""Answers that may be a second old: asked of the event log once, however many want them."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Fresh"]

T = TypeVar("T")

_RESTS_PER_QUESTION = 4.0


class Fresh(Generic[T]):
    """Keeps what `ask` answers, for each key, until it is too old.

    A slow question is asked less often, so that asking never takes more than a fifth of the time.

    Args:
        ask: gives the answer for a key; its errors are the caller's.
        max_age_s: how old an answer may be, at least.
        n_kept: the most answers held; the oldest goes first.
        clock: seconds that only ever increase.
    """

    def __init__(
        self,
        ask: Callable[[str], T],
        *,
        max_age_s: float = 1.0,
        n_kept: int = 32,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._max_age_s = max_age_s
        self._n_kept = n_kept
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, T]] = {}

    def get(self, key: str = "") -> T:
        """The answer for `key`, new or recent enough."""
        with self._lock:
            started = self._clock()
            good_until, answer = self._answers.get(key, (float("-inf"), None))
            if answer is not None and started < good_until:
                return answer
            self._answers.pop(key, None)
            answer = self._ask(key)
            now = self._clock()
            good_until = now + max(self._max_age_s, _RESTS_PER_QUESTION * (now - started))
            self._answers[key] = (good_until, answer)
            while len(self._answers) > self._n_kept:
                del self._answers[next(iter(self._answers))]
            return answer
