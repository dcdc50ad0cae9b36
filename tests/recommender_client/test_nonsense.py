# ruff: noqa: ANN401 - a fixture's type lives in conftest.py, which no test can import
"""Nonsense from an endpoint is a BadAnswerError that names the value, in every protocol, and nothing else."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender_client import (
    BadAnswerError,
    RecommendationRequest,
    RecommenderClient,
    RecommenderClientError,
    RecommenderUnavailableError,
    RequestRefusedError,
)

HOME = RecommendationRequest(user_id=12, n_films=3, request_id="slate-1")
SCORES = [0.9, 0.8, 0.7]
FROM_THE_WIRE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def with_films(films: list[Any]) -> Callable[[Any], Any]:
    return lambda rows: replace(rows, movie_ids=[films], scores=[SCORES[: len(films)]])


def with_scores(scores: Any) -> Callable[[Any], Any]:
    return lambda rows: replace(rows, scores=scores)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (with_films([1, 2]), "2 films instead of 3|shape"),
        (with_films([1, 2, 3, 4]), "4|3"),
        (with_films([]), "0|3"),
        (with_films([7, 8, 7]), "movie_id 7 twice"),
        (with_films([1, 2, 90_210]), "movie_id 90210, not in the catalogue"),
        (with_films([1, 2, -5]), "-5|>= 0"),
        (with_films([1, 2, 2**63]), "9223372036854775808"),
        (with_films([1, 2, 10**400]), "1000000"),
        (with_films([1, 2, 2.5]), "2.5"),
        (with_films([1, 2, 1e300]), r"1e\+?300"),
        (with_films([1, 2, "3"]), '"3"|got `str`'),
        (with_films([1, 2, None]), "null"),
        (with_films([1, 2, True]), "true|got `bool`"),
        (with_films([1, 2, [3]]), r"\[3\]|got `array`"),
        (with_films([1, 2, float("nan")]), "NaN"),
        (lambda rows: replace(rows, movie_ids=[], scores=[], is_known_user=[]), "0"),
        (lambda rows: replace(rows, movie_ids=rows.movie_ids * 2, scores=rows.scores * 2), "2"),
        (with_scores([[0.9, 0.8, float("nan")]]), "NaN"),
        (with_scores([[0.9, 0.8, float("inf")]]), "Infinity"),
        (with_scores([[0.9, 0.8, -float("inf")]]), "Infinity"),
        (with_scores([[0.9, 0.8]]), "2|0.9"),
        (with_scores([[0.9, 0.8, "high"]]), "high|got `str`"),
        (with_scores([[0.9, 0.8, None]]), "null"),
        (lambda rows: replace(rows, is_known_user=["yes"]), "yes|got `str`"),
        (lambda rows: replace(rows, is_known_user=[True, True]), "true|2"),
    ],
)
def test_a_slate_that_is_none_is_named(
    client: RecommenderClient, endpoint: Any, spoil: Callable[[Any], Any], named: str
) -> None:
    endpoint.spoil = spoil
    with pytest.raises(BadAnswerError, match=named):
        client.recommend(HOME)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "truncated"),
        (b"<!doctype html><title>Welcome to nginx!</title>", "Welcome to nginx"),
        (b'{"outputs": [', "outputs"),
        (b"[1, 2, 3]", r"\[1,2,3\]"),
        (b"null", "null"),
        (b"42", "42"),
        (b"{}", "missing"),
        (b'{"error": "the model fell over"}', "the model fell over"),
        (b'{"status": {"status": "FAILURE", "info": "no graph"}}', "no graph|missing"),
        (b'{"outputs": [], "data": {"ndarray": []}}', "missing|0 rows"),
        (b'{"outputs": null, "data": null}', "null"),
        (b'{"x": 1e999, "outputs": 1, "data": 1}', "1e999"),
        ('{"outputs": []}'.encode("utf-16"), "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"outputs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "outputs|nested too deeply"),
        (b'{"meta": {"tags": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}}", "nested too deeply"),
        (json.dumps({"outputs": list(range(2_000_000))}).encode(), "over 1000000 bytes"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_body_that_is_no_answer_is_named(
    client: RecommenderClient, endpoint: Any, body: bytes, named: str
) -> None:
    endpoint.body = body
    with pytest.raises(BadAnswerError, match=named):
        client.recommend(HOME)
    endpoint.body = None
    assert client.recommend(HOME).movie_ids == (13, 14, 15)


def test_an_error_message_stays_short(client: RecommenderClient, endpoint: Any) -> None:
    endpoint.body = b"<html>" + b"x" * 900_000
    with pytest.raises(BadAnswerError) as caught:
        client.recommend(HOME)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, RecommenderUnavailableError),
        (503, RecommenderUnavailableError),
        (429, RecommenderUnavailableError),
        (404, RequestRefusedError),
        (400, RequestRefusedError),
        (201, BadAnswerError),
    ],
)
def test_a_status_other_than_200_has_its_error_and_is_not_retried(
    client: RecommenderClient, endpoint: Any, status: int, error: type[RecommenderClientError]
) -> None:
    endpoint.status, endpoint.body = status, b'{"error": "said the endpoint"}'
    with pytest.raises(error, match=f"HTTP {status}.*said the endpoint"):
        client.recommend(HOME)
    assert len(endpoint.calls) == 1


def test_a_redirect_is_not_followed(client: RecommenderClient, endpoint: Any) -> None:
    endpoint.raw = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(BadAnswerError, match="HTTP 302"):
        client.recommend(HOME)
    assert len(endpoint.calls) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br, gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n: \xff\r\n\xfe\r\n\r\n{}",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b" " * 50_000_000, mtime=0),
    ],
    ids=lambda value: repr(value[:48]),
)
def test_broken_http_is_an_error_of_ours(client: RecommenderClient, endpoint: Any, raw: bytes) -> None:
    endpoint.raw = raw
    with pytest.raises((BadAnswerError, RecommenderUnavailableError)):
        client.recommend(HOME)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "error": json_values,
        "status": json_values,
        "meta": json_values
        | st.fixed_dictionaries(
            {}, optional={"tags": json_values, "puid": json_values, "routing": json_values}
        ),
        "data": json_values | st.fixed_dictionaries({"ndarray": json_values}),
        "outputs": json_values
        | st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.just("movie_id"),
                    "datatype": st.sampled_from(["INT64", "FP64"]),
                    "shape": json_values | st.just([1, 3]),
                    "data": json_values,
                }
            ),
            max_size=2,
        ),
    },
)


@FROM_THE_WIRE
@given(answer=answers)
def test_any_json_at_all_is_a_slate_or_a_bad_answer(
    client_without_breaker: RecommenderClient, endpoint: Any, answer: Any
) -> None:
    endpoint.body = json.dumps(answer).encode("utf-8", "surrogatepass")
    try:
        found = client_without_breaker.recommend(HOME)
    except BadAnswerError:
        return
    assert len(set(found.movie_ids)) == 3


@FROM_THE_WIRE
@given(
    raw=st.binary(max_size=80),
    head=st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]),
)
def test_any_bytes_at_all_are_an_error_of_ours(
    client_without_breaker: RecommenderClient, endpoint: Any, raw: bytes, head: bytes
) -> None:
    endpoint.raw = head + raw
    with pytest.raises((BadAnswerError, RecommenderUnavailableError, RequestRefusedError)):
        client_without_breaker.recommend(HOME)
