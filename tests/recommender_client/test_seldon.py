# ruff: noqa: ANN401 - a fixture's type lives in conftest.py, which no test can import
"""The wire format of Seldon Core v1, feedback included, and what a real Seldon answers unlike ours."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recommender_client import (
    BadAnswerError,
    Feedback,
    InvalidRequestError,
    Recommendation,
    RecommendationRequest,
    RecommenderClient,
    RecommenderUnavailableError,
    RequestRefusedError,
    create_client,
)

HOME = RecommendationRequest(user_id=12, n_films=2, request_id="p1")
DEPLOYMENT = "/seldon/funflix/newer-ease/api/v1.0"


@pytest.fixture
def client(make_client: Callable[..., RecommenderClient]) -> RecommenderClient:
    return make_client("seldon")


def test_a_request_is_the_protocols_own(client: RecommenderClient, endpoint: Any) -> None:
    client.recommend_many([HOME, RecommendationRequest(None, 4, movie_id=318)])
    (call,) = endpoint.calls
    assert (call.method, call.path) == ("POST", f"{DEPLOYMENT}/predictions")
    assert call.headers["Seldon-Puid"] == "p1"
    assert call.body == {
        "meta": {"puid": "p1"},
        "data": {"names": ["user_id", "movie_id", "k"], "ndarray": [[12, -1, 4], [-1, 318, 4]]},
    }


def test_an_answer_keeps_what_feedback_needs(client: RecommenderClient) -> None:
    found = client.recommend(HOME)
    assert (found.request_id, found.routing) == ("p1", {"ab-router": 1})
    assert found.request_path == {"newer-ease": "funflix/newer-ease:7"}
    assert found.tags["model_version"] == "7"


def test_the_endpoint_chooses_the_puid_where_nobody_else_does(
    client: RecommenderClient, endpoint: Any
) -> None:
    assert client.recommend(replace(HOME, request_id="")).request_id == "made-by-the-endpoint"
    assert endpoint.calls[0].body["meta"] == {}
    assert "Seldon-Puid" not in endpoint.calls[0].headers


def test_a_row_of_a_batch_keeps_its_own_tags_only(client: RecommenderClient) -> None:
    found = client.recommend_many([HOME, replace(HOME, user_id=900)])[1]
    assert found.tags["is_known_user"] == [False]
    assert found.tags["scores"] == [[1.0, 0.999]]


@pytest.mark.parametrize(
    ("path", "model", "asked"),
    [
        ("", "newer-ease", "/seldon/funflix/newer-ease/api/v1.0/predictions"),
        ("/", "newer-ease", "/seldon/funflix/newer-ease/api/v1.0/predictions"),
        ("", "", "/api/v1.0/predictions"),
        ("/seldon/films/ab", "newer-ease", "/seldon/films/ab/api/v1.0/predictions"),
        ("/api/v1.0/predictions", "newer-ease", "/api/v1.0/predictions"),
    ],
)
def test_the_url_says_which_deployment_is_asked(endpoint: Any, path: str, model: str, asked: str) -> None:
    create_client("seldon", endpoint.url + path, model, timeout_s=30.0).recommend(HOME)
    assert endpoint.calls[0].path == asked


def test_an_answer_of_a_seldon_that_is_not_ours_is_understood(
    client: RecommenderClient, endpoint: Any
) -> None:
    """Its numbers are doubles, its tags its own; the puid comes in a header, the model from the image."""
    endpoint.raw = (
        b"HTTP/1.1 200 OK\r\nSeldon-Puid: s-77\r\n\r\n"
        b'{"meta": {"requestPath": {"films": "shop/films:0.3"}, "tags": {"region": "eu"}},'
        b' "data": {"names": [], "ndarray": [[318.0, 50.0]]}}'
    )
    found = client.recommend(replace(HOME, request_id=""))
    assert (found.movie_ids, found.scores, found.routing) == ((318, 50), None, {})
    assert (found.model, found.model_version, found.request_id) == ("films", "0.3", "s-77")
    assert found.is_known_user


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({"status": {"status": "FAILURE", "info": "no graph"}, "data": {"ndarray": [[1, 2]]}}, "no graph"),
        ({"data": {"tensor": {"shape": [1, 2], "values": [1, 2]}}}, "data.ndarray is missing"),
        ({"data": {"ndarray": [[1, 2]]}, "meta": {"routing": {"ab-router": "left"}}}, "left"),
        ({"data": {"ndarray": [[1, 2]]}, "meta": {"tags": {"model": 5}}}, "meta.tags, answered '5'"),
        ({"data": {"ndarray": [[1, 2]]}, "meta": {"tags": {"scores": []}}}, "0 values in meta.tags.scores"),
        ({"data": {"ndarray": [[1, 1e17]]}}, r"movie_id 1e\+17"),
        ({"data": {"ndarray": [[1, -2.0]]}}, r"movie_id -2\.0"),
    ],
)
def test_an_answer_other_than_asked_is_named(
    client: RecommenderClient, endpoint: Any, answer: Any, named: str
) -> None:
    endpoint.edit = lambda _: answer
    with pytest.raises(BadAnswerError, match=named):
        client.recommend(HOME)


def test_readiness_is_asked_of_the_deployment(client: RecommenderClient, endpoint: Any) -> None:
    client.is_ready()
    assert (endpoint.calls[0].method, endpoint.calls[0].path) == ("GET", "/seldon/funflix/newer-ease/ready")


def test_an_endpoint_without_a_readiness_path_is_asked_for_a_film(
    client: RecommenderClient, endpoint: Any
) -> None:
    endpoint.is_ready_path_served = False
    assert client.is_ready()
    assert endpoint.calls[1].body["data"]["ndarray"] == [[-1, -1, 1]]
    endpoint.status = 500
    assert not client.is_ready()


def test_feedback_repeats_the_request_and_the_answers_meta(
    client: RecommenderClient, endpoint: Any, feedback: Feedback
) -> None:
    client.send_feedback(feedback)
    (call,) = endpoint.calls
    assert (call.method, call.path) == ("POST", f"{DEPLOYMENT}/feedback")
    assert call.headers["Seldon-Puid"] == "p1"
    assert call.body == {
        "request": {
            "meta": {"puid": "p1"},
            "data": {"names": ["user_id", "movie_id", "k"], "ndarray": [[12, -1, 2]]},
        },
        "response": {
            "meta": {
                "puid": "p1",
                "routing": {"ab-router": 1},
                "requestPath": {"newer-ease": "funflix/m:7"},
                "tags": {"model": "newer-ease"},
            },
            "data": {"names": ["movie_id_1", "movie_id_2"], "ndarray": [[318, 50]]},
        },
        "reward": 1.0,
    }


def test_feedback_can_be_built_again_from_the_event_log(client: RecommenderClient, endpoint: Any) -> None:
    slate = Recommendation((318,), None, "newer-ease", "7", True, {"ab-router": 0}, "p9", 0.0)
    client.send_feedback(Feedback(RecommendationRequest(12, 1, request_id="p9"), slate, 1.0))
    assert endpoint.calls[0].body["response"]["meta"]["routing"] == {"ab-router": 0}
    assert endpoint.calls[0].body["response"]["meta"]["puid"] == "p9"


def test_feedback_is_sent_at_most_once(client: RecommenderClient, endpoint: Any, feedback: Feedback) -> None:
    """A connection that broke after the request may have been counted, so it is not repeated."""
    endpoint.n_connections_to_break = 1
    with pytest.raises(RecommenderUnavailableError):
        client.send_feedback(feedback)
    assert len(endpoint.calls) == 1


def test_feedback_that_is_refused_says_why(
    client: RecommenderClient, endpoint: Any, feedback: Feedback
) -> None:
    endpoint.status, endpoint.body = 400, b'{"error": "no routing: which model was it?"}'
    with pytest.raises(RequestRefusedError, match="which model was it"):
        client.send_feedback(feedback)


def test_broken_feedback_does_not_open_the_circuit_of_the_pages(
    client: RecommenderClient, endpoint: Any, feedback: Feedback
) -> None:
    endpoint.status = 500
    for _ in range(6):
        with pytest.raises(RecommenderUnavailableError, match="HTTP 500"):
            client.send_feedback(feedback)
    endpoint.status = 200
    assert client.recommend(HOME).movie_ids


def test_a_reward_that_json_cannot_carry_is_refused(feedback: Feedback) -> None:
    with pytest.raises(InvalidRequestError, match="reward nan"):
        replace(feedback, reward=float("nan"))
