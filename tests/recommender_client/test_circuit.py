"""The circuit breaker, on a clock that the tests move."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender_client import (
    BadAnswerError,
    CircuitBreaker,
    CircuitOpenError,
    ClientSettingsError,
    InvalidRequestError,
    RecommenderTimeoutError,
    RequestRefusedError,
)


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1_000.0

    def __call__(self) -> float:  # noqa: D102 - the class says it
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(n_failures=3, cool_down_s=5.0, clock=clock)


def call(breaker: CircuitBreaker, error: type[Exception] | None = None) -> None:
    """One call that passes the breaker, if it may, and ends so; its own error is swallowed."""
    with suppress(error or ()), breaker.guard():
        if error is not None:
            raise error("as the test wants")


def fail(breaker: CircuitBreaker, n_times: int) -> None:
    for _ in range(n_times):
        call(breaker, BadAnswerError)


def test_it_opens_after_so_many_failures_in_a_row(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert breaker.state == "open"
    with pytest.raises(CircuitOpenError, match=r"last 3 calls failed; next in 5\.0 s"):
        call(breaker)


def test_a_success_begins_the_count_anew(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    call(breaker)
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_a_probe_that_succeeds_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 5.0
    assert breaker.state == "half-open"
    call(breaker)
    assert breaker.state == "closed"
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_a_probe_that_fails_begins_the_cool_down_anew(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 6.0
    call(breaker, RecommenderTimeoutError)
    clock.now += 4.9
    with pytest.raises(CircuitOpenError):
        call(breaker)
    clock.now += 0.2
    call(breaker)
    assert breaker.state == "closed"


def test_only_one_probe_passes_whatever_the_number_of_threads(breaker: CircuitBreaker, clock: Clock) -> None:
    """16 threads meet at a barrier; the probe ends only when the others have been turned away."""
    fail(breaker, 3)
    clock.now += 5.0
    start, end = threading.Barrier(16), threading.Barrier(16)

    def attempt(_: int) -> bool:
        start.wait(60)
        try:
            with breaker.guard():
                end.wait(60)
                return True
        except CircuitOpenError:
            end.wait(60)
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(16))) == 1
    assert breaker.state == "closed"


def test_a_call_from_before_it_opened_does_not_close_it(breaker: CircuitBreaker) -> None:
    with breaker.guard():
        fail(breaker, 3)
    assert breaker.state == "open"


def test_a_refusal_proves_the_endpoint_alive(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    call(breaker, RequestRefusedError)
    fail(breaker, 2)
    assert breaker.state == "closed"


@pytest.mark.parametrize("error", [InvalidRequestError, ZeroDivisionError, KeyboardInterrupt])
def test_an_error_that_says_nothing_of_the_endpoint_lets_the_next_call_probe(
    breaker: CircuitBreaker, clock: Clock, error: type[Exception]
) -> None:
    fail(breaker, 3)
    clock.now += 5.0
    call(breaker, error)
    assert breaker.state == "half-open"
    call(breaker)
    assert breaker.state == "closed"


@given(outcomes=st.lists(st.sampled_from(["ok", "failure", "a second passes"]), max_size=60))
def test_it_never_lets_a_call_pass_within_the_cool_down(outcomes: list[str]) -> None:
    """Against a model of one line: closed, or open since a known second."""
    clock = Clock()
    breaker = CircuitBreaker(n_failures=2, cool_down_s=3.0, clock=clock)
    n_failed, opened_at = 0, None
    for outcome in outcomes:
        if outcome == "a second passes":
            clock.now += 1
            continue
        if opened_at is not None and clock.now < opened_at + 3:
            with pytest.raises(CircuitOpenError):
                call(breaker)
            continue
        call(breaker, BadAnswerError if outcome == "failure" else None)
        n_failed = n_failed + 1 if outcome == "failure" else 0
        opened_at = clock.now if n_failed >= 2 else None
        assert breaker.state == ("closed" if opened_at is None else "open")


@pytest.mark.parametrize("settings", [{"n_failures": 0}, {"cool_down_s": -1}, {"cool_down_s": float("nan")}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ClientSettingsError, match=next(iter(settings))):
        CircuitBreaker(**settings)
