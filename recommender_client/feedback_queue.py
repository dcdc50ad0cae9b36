"""Sends feedback behind the page: a bounded queue and one daemon thread."""

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass

from recommender_client.errors import ClientSettingsError, RecommenderClientError
from recommender_client.interface import Feedback, RecommenderClient

CAPACITY = 1_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeedbackCounts:
    """What became of the feedback so far; `n_dropped` was never tried, `n_failed` was, once."""

    n_waiting: int
    n_sent: int
    n_failed: int
    n_dropped: int


class FeedbackQueue:
    """Takes feedback at once and sends it to one client, in order, when there is time.

    Feedback is worth less than a page: when the queue is full the newest is dropped and counted, and an error
    is counted and logged. The thread begins with the first feedback, so the queue may be made before a fork.

    Args:
        client: where the feedback goes.
        capacity: the most feedback that may wait.

    Raises:
        ClientSettingsError: the capacity is below 1.
    """

    def __init__(self, client: RecommenderClient, *, capacity: int = CAPACITY) -> None:
        if capacity < 1:
            raise ClientSettingsError(f"capacity {capacity!r}: must be at least 1")
        self._client = client
        self._capacity = capacity
        self._waiting: deque[Feedback] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._n_sent = self._n_failed = self._n_dropped = 0

    def put(self, feedback: Feedback) -> bool:
        """Hand over feedback without waiting; False when it was dropped, for the queue is full or closed."""
        with self._changed:
            if self._is_closed or len(self._waiting) >= self._capacity:
                self._n_dropped += 1
                return False
            self._waiting.append(feedback)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="feedback", daemon=True)
                self._thread.start()
            self._changed.notify()
            return True

    def counts(self) -> FeedbackCounts:
        """What became of the feedback so far."""
        with self._changed:
            return FeedbackCounts(len(self._waiting), self._n_sent, self._n_failed, self._n_dropped)

    def close(self, *, timeout_s: float = 2.0) -> FeedbackCounts:
        """Take no more, send what waits for at most `timeout_s` seconds, drop and count the rest."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            self._is_closed = True
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            self._n_dropped += len(self._waiting)
            self._waiting.clear()
        return self.counts()

    def _run(self) -> None:
        while (feedback := self._next()) is not None:
            is_sent = self._send(feedback)
            with self._changed:
                self._n_sent += is_sent
                self._n_failed += not is_sent

    def _next(self) -> Feedback | None:
        with self._changed:
            while not self._waiting:
                if self._is_closed:
                    return None
                self._changed.wait()
            return self._waiting.popleft()

    def _send(self, feedback: Feedback) -> bool:
        try:
            self._client.send_feedback(feedback)
        except RecommenderClientError as error:
            _log.warning("feedback %s was lost: %s", feedback.recommendation.request_id, error)
            return False
        except Exception:  # noqa: BLE001 - a fault in a client of the user's own must not end all later feedback
            _log.exception("feedback %s was lost", feedback.recommendation.request_id)
            return False
        return True
