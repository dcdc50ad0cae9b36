# ruff: noqa: ANN401 - a fixture's type lives in conftest.py, which no test can import
"""The feedback queue holds no page, loses nothing silently, and ends in time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from recommender_client import ClientSettingsError, Feedback, FeedbackCounts, FeedbackQueue, RecommenderClient
from recommender_client import RecommenderUnavailableError as UnavailableError

# Of what must not wait for the recorder, which would take 10 s.
LATEST_S = 30.0


class Recorder:
    """A client that keeps what it is sent, once it may; each error in `errors` ends one sending."""

    def __init__(self) -> None:
        self.may_send = threading.Event()
        self.has_begun = threading.Event()
        self.errors: list[Exception] = []
        self.received: list[float] = []

    def send_feedback(self, feedback: Feedback) -> None:  # noqa: D102 - the class says it
        self.has_begun.set()
        self.may_send.wait(60)
        if self.errors:
            raise self.errors.pop(0)
        self.received.append(feedback.reward)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.may_send.set()


@pytest.fixture
def rewarded(feedback: Feedback) -> Callable[[float], Feedback]:
    return lambda reward: Feedback(feedback.request, feedback.recommendation, reward)


def test_feedback_is_sent_in_order_and_close_waits_for_it(
    recorder: Recorder, rewarded: Callable[[float], Feedback]
) -> None:
    queue = FeedbackQueue(recorder)
    assert all(queue.put(rewarded(number)) for number in range(100))
    recorder.may_send.set()
    assert queue.close(timeout_s=60) == FeedbackCounts(n_waiting=0, n_sent=100, n_failed=0, n_dropped=0)
    assert recorder.received == list(range(100))


def test_put_does_not_wait_and_drops_what_finds_the_queue_full(
    recorder: Recorder, rewarded: Callable[[float], Feedback]
) -> None:
    """One is being sent, 3 may wait, the last 2 of 6 are dropped."""
    queue = FeedbackQueue(recorder, capacity=3)
    queue.put(rewarded(0))
    assert recorder.has_begun.wait(60)
    started = time.monotonic()
    assert [queue.put(rewarded(number)) for number in range(1, 6)] == [True, True, True, False, False]
    assert time.monotonic() - started < LATEST_S
    assert queue.counts() == FeedbackCounts(n_waiting=3, n_sent=0, n_failed=0, n_dropped=2)
    recorder.may_send.set()
    assert queue.close(timeout_s=60) == FeedbackCounts(0, n_sent=4, n_failed=0, n_dropped=2)


def test_close_ends_in_time_and_counts_what_it_dropped(
    recorder: Recorder, rewarded: Callable[[float], Feedback]
) -> None:
    queue = FeedbackQueue(recorder)
    for number in range(5):
        queue.put(rewarded(number))
    assert recorder.has_begun.wait(60)
    started = time.monotonic()
    assert queue.close(timeout_s=0.05).n_dropped == 4
    assert time.monotonic() - started < LATEST_S
    assert not queue.put(rewarded(9))
    assert queue.counts().n_dropped == 5


def test_an_error_is_counted_and_logged_and_ends_nothing(
    recorder: Recorder, rewarded: Callable[[float], Feedback], caplog: pytest.LogCaptureFixture
) -> None:
    recorder.errors = [UnavailableError("the endpoint is down"), ZeroDivisionError("a fault of somebody's")]
    recorder.may_send.set()
    queue = FeedbackQueue(recorder)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            queue.put(rewarded(number))
        assert queue.close(timeout_s=60) == FeedbackCounts(0, n_sent=1, n_failed=2, n_dropped=0)
    assert "feedback p1 was lost: the endpoint is down" in caplog.text
    assert "a fault of somebody's" in caplog.text


def test_a_queue_that_was_never_used_has_no_thread_and_closes_at_once(recorder: Recorder) -> None:
    n_threads = threading.active_count()
    queue = FeedbackQueue(recorder)
    assert threading.active_count() == n_threads
    assert queue.close() == FeedbackCounts(0, 0, 0, 0)
    assert queue.close() == FeedbackCounts(0, 0, 0, 0)


def test_many_threads_lose_no_feedback(recorder: Recorder, rewarded: Callable[[float], Feedback]) -> None:
    """8 threads put 100 each; all arrive or are counted as dropped."""
    recorder.may_send.set()
    queue = FeedbackQueue(recorder, capacity=50)
    threads = [
        threading.Thread(target=lambda: [queue.put(rewarded(number)) for number in range(100)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = queue.close(timeout_s=60)
    assert counts.n_sent == len(recorder.received)
    assert counts.n_sent + counts.n_dropped == 800


def test_feedback_reaches_a_real_endpoint(
    make_client: Callable[..., RecommenderClient], endpoint: Any, feedback: Feedback
) -> None:
    queue = FeedbackQueue(make_client("seldon"))
    queue.put(feedback)
    assert queue.close(timeout_s=60).n_sent == 1
    assert endpoint.calls[0].body["reward"] == 1.0


def test_a_queue_without_room_is_refused(recorder: Recorder) -> None:
    with pytest.raises(ClientSettingsError, match="capacity 0"):
        FeedbackQueue(recorder, capacity=0)
