"""Answers that may be a second old: asked of the event log once, however many want them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Fresh"]

T = TypeVar("T")

_RESTS_PER_QUESTION = 4.0


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    good_until: float
    value: T


class Fresh(Generic[T]):
    """Keeps what `ask` answers, for each key, until it is too old.

    One thread at a time asks for a key; the others have the last answer meanwhile, and wait only where there
    is none yet. A slow question is asked less often, so that asking takes no more than a fifth of the time.

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
        self._answers: dict[str, _Answer[T]] = {}
        self._asking: set[str] = set()
        self._changed = threading.Condition()  # guards both; never held during a question

    def get(self, key: str = "") -> T:
        """The answer for `key`: new, recent enough, or the last one while another thread asks anew."""
        with self._changed:
            while True:
                answer = self._answers.get(key)
                if answer is not None and (key in self._asking or self._clock() < answer.good_until):
                    return answer.value
                if key not in self._asking:
                    break
                self._changed.wait()
            self._asking.add(key)
        return self._renew(key)

    def _renew(self, key: str) -> T:
        renewed: _Answer[T] | None = None
        try:
            started = self._clock()
            value = self._ask(key)
            now = self._clock()
            renewed = _Answer(now + max(self._max_age_s, _RESTS_PER_QUESTION * (now - started)), value)
        finally:
            with self._changed:
                self._asking.discard(key)
                # After an error the last answer goes, too: the next to come asks, and hears of it.
                self._answers.pop(key, None)
                if renewed is not None:
                    self._answers[key] = renewed
                while len(self._answers) > self._n_kept:
                    del self._answers[next(iter(self._answers))]
                self._changed.notify_all()
        return value
