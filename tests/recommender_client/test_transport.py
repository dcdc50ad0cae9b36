# ruff: noqa: ANN401 - a fixture's type lives in conftest.py, which no test can import
"""One deadline for a whole call, one retry on a broken connection: the same in every protocol."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from recommender_client import (
    CircuitOpenError,
    ClientSettingsError,
    RecommendationRequest,
    RecommenderClient,
    RecommenderTimeoutError,
    RecommenderUnavailableError,
    create_client,
)

HOME = RecommendationRequest(user_id=12, n_films=6)
TIMEOUT_S = 0.15
# A busy machine may wake a thread late; without a deadline these answers would take 100 s.
LATEST_S = TIMEOUT_S + 30

slow_body = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b" " * 5_000
slow_chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 1_000
slow_head = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 5_000
slow_until_closed = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 5_000


@pytest.mark.parametrize("drip", [slow_body, slow_chunks, slow_head, slow_until_closed])
def test_a_byte_every_20_ms_does_not_prolong_a_call(
    make_client: Callable[..., RecommenderClient], protocol: str, endpoint: Any, drip: bytes
) -> None:
    endpoint.drip = drip
    client = make_client(protocol, timeout_s=TIMEOUT_S)
    started = time.monotonic()
    with pytest.raises(RecommenderTimeoutError, match=r"within 0\.15 s"):
        client.recommend(HOME)
    assert time.monotonic() - started < LATEST_S


def test_silence_ends_at_the_time_limit_and_is_not_retried(
    make_client: Callable[..., RecommenderClient], protocol: str, endpoint: Any
) -> None:
    endpoint.is_stuck = True
    client = make_client(protocol, timeout_s=TIMEOUT_S)
    started = time.monotonic()
    with pytest.raises(RecommenderTimeoutError):
        client.recommend(HOME)
    assert TIMEOUT_S - 0.05 < time.monotonic() - started < LATEST_S
    assert len(endpoint.calls) == 1


def test_a_connection_that_breaks_is_tried_once_more(client: RecommenderClient, endpoint: Any) -> None:
    endpoint.n_connections_to_break = 1
    assert client.recommend(HOME).movie_ids
    assert len(endpoint.calls) == 2


def test_a_connection_that_breaks_twice_is_unavailable(client: RecommenderClient, endpoint: Any) -> None:
    endpoint.n_connections_to_break = 2
    with pytest.raises(RecommenderUnavailableError):
        client.recommend(HOME)
    assert len(endpoint.calls) == 2


def test_an_endpoint_that_came_back_is_asked_on_a_new_connection(
    client: RecommenderClient, endpoint: Any
) -> None:
    client.recommend(HOME)
    endpoint.raw = b"HTTP/1.1 503 Restarting\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with pytest.raises(RecommenderUnavailableError, match="HTTP 503"):
        client.recommend(HOME)
    endpoint.raw = None
    assert client.recommend(HOME).movie_ids
    assert endpoint.n_connections == 2


def test_a_client_stops_asking_an_endpoint_that_fails_five_times_in_a_row(
    client: RecommenderClient, endpoint: Any
) -> None:
    endpoint.status = 503
    for _ in range(5):
        with pytest.raises(RecommenderUnavailableError, match="HTTP 503"):
            client.recommend(HOME)
    with pytest.raises(CircuitOpenError, match="last 5 calls failed"):
        client.recommend(HOME)
    assert len(endpoint.calls) == 5
    assert client.is_ready()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:80", "ftp://host", "http://", "http://host:port", "http://[::1"]
)
def test_a_url_nobody_could_call_is_refused_at_start(protocol: str, url: str) -> None:
    with pytest.raises(ClientSettingsError, match=r"http://127\.0\.0\.1:8080"):
        create_client(protocol, url, "m", timeout_s=1.0)


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf")])
def test_a_time_limit_that_is_none_is_refused_at_start(protocol: str, timeout_s: float) -> None:
    with pytest.raises(ClientSettingsError, match="timeout_s"):
        create_client(protocol, "http://127.0.0.1:1", "m", timeout_s=timeout_s)


def test_an_unknown_protocol_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ClientSettingsError, match="did you mean 'seldon'"):
        create_client("sheldon", "http://127.0.0.1:1", "m", timeout_s=1.0)
