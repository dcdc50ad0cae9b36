"""A circuit breaker: an endpoint that keeps failing is left alone for a while, so no page waits for it.

Closed: calls pass. After some failures in a row it opens: calls fail at once. After a cool-down it is
half-open: one call passes as a probe; if it succeeds the circuit closes, if not the cool-down begins again.

Source: M. Nygard, Release It!, 2nd edition (2018), section "Circuit Breaker".
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from recommender_client.errors import (
    CircuitOpenError,
    ClientSettingsError,
    InvalidRequestError,
    RecommenderClientError,
    RequestRefusedError,
)
from recommender_client.interface import Feedback, Recommendation, RecommendationRequest, RecommenderClient

N_FAILURES = 5
COOL_DOWN_S = 5.0


class CircuitBreaker:
    """Counts failures in a row and decides which calls may pass. Thread safe.

    A call that began before the circuit opened says nothing of the time after it: its outcome is not counted.

    Args:
        n_failures: failures in a row that open the circuit, at least 1.
        cool_down_s: seconds before a probe may pass.
        clock: seconds that never go back.

    Raises:
        ClientSettingsError: no failure would open it, or the cool-down is negative.
    """

    def __init__(
        self,
        *,
        n_failures: int = N_FAILURES,
        cool_down_s: float = COOL_DOWN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if n_failures < 1 or not cool_down_s >= 0:
            raise ClientSettingsError(
                f"n_failures {n_failures!r}, cool_down_s {cool_down_s!r}: must be at least 1 and 0 s"
            )
        self._n_failures = n_failures
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._lock = threading.Lock()
        self._n_failed = 0
        self._opened_at: float | None = None
        self._probe_is_out = False
        # Grows whenever the circuit opens or closes; a call whose number is old is not counted.
        self._period = 0

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        with self._lock:
            if self._opened_at is None:
                return "closed"
            return "open" if self._cool_down_left() > 0 else "half-open"

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one call pass, and learn from how it ends.

        A refused request proves the endpoint alive; an invalid one, or an error not ours, proves nothing.

        Raises:
            CircuitOpenError: no call may pass now.
        """
        period = self._enter()
        try:
            yield
        except RequestRefusedError:
            self._succeed(period)
            raise
        except InvalidRequestError:
            self._forget(period)
            raise
        except RecommenderClientError:
            self._fail(period)
            raise
        except BaseException:
            self._forget(period)
            raise
        self._succeed(period)

    def _cool_down_left(self) -> float:
        return 0.0 if self._opened_at is None else self._opened_at + self._cool_down_s - self._clock()

    def _enter(self) -> int:
        with self._lock:
            if self._opened_at is not None:
                left_s = self._cool_down_left()
                if left_s > 0 or self._probe_is_out:
                    raise CircuitOpenError(
                        f"not asked: the last {self._n_failed} calls failed; next in {max(left_s, 0):.1f} s"
                    )
                self._probe_is_out = True
            return self._period

    def _succeed(self, period: int) -> None:
        with self._lock:
            if period != self._period:
                return
            self._n_failed = 0
            if self._opened_at is not None:
                self._opened_at, self._probe_is_out = None, False
                self._period += 1

    def _fail(self, period: int) -> None:
        with self._lock:
            if period != self._period:
                return
            self._n_failed += 1
            if self._opened_at is not None or self._n_failed >= self._n_failures:
                self._opened_at, self._probe_is_out = self._clock(), False
                self._period += 1

    def _forget(self, period: int) -> None:
        with self._lock:
            if period == self._period:
                self._probe_is_out = False


class _GuardedClient:
    """A client whose recommendations pass a circuit breaker.

    Feedback passes beside it: it holds no page, and where it fails visitors must not lose their slates.
    """

    def __init__(self, client: RecommenderClient, breaker: CircuitBreaker) -> None:
        self._client = client
        self._breaker = breaker

    def recommend(self, request: RecommendationRequest) -> Recommendation:
        with self._breaker.guard():
            return self._client.recommend(request)

    def recommend_many(self, requests: Sequence[RecommendationRequest]) -> list[Recommendation]:
        if not requests:  # asks nothing, so it must not count as a success
            return []
        with self._breaker.guard():
            return self._client.recommend_many(requests)

    def send_feedback(self, feedback: Feedback) -> None:
        self._client.send_feedback(feedback)

    def is_ready(self) -> bool:
        return self._client.is_ready()


def with_circuit_breaker(client: RecommenderClient, breaker: CircuitBreaker) -> RecommenderClient:
    """`client`, asked only when `breaker` lets a call pass; `create_client` does this already."""
    return _GuardedClient(client, breaker)
