"""Hydrosphere's gateway and plain JSON: they answer what the model says, and the clients understand it."""

import threading
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from recommender import NOBODY, SlateMaker, TrainedModel
from recommender_client import RecommendationRequest, create_client

SERVE, RECOMMEND = "/gateway/application/the-ease", "/recommend"


def test_an_application_answers_nested_outputs(
    endpoint: FlaskClient, models: dict[str, TrainedModel]
) -> None:
    """Compared with the model asked directly."""
    answer = endpoint.post(SERVE, json={"user_id": [2, -1, 5], "movie_id": [-1, -1, 17], "k": 4})
    slates = SlateMaker("ease", models["ease"].arrays).recommend([2, NOBODY, 5], [NOBODY, NOBODY, 17], 4)
    assert answer.status_code == 200
    assert answer.json == {
        "movie_id": slates.movie_ids.tolist(),
        "score": slates.scores.tolist(),
        "is_known_user": [True, False, True],
        "model": "the-ease",
        "model_version": models["ease"].manifest.version,
    }


def test_the_gateway_lists_its_applications_and_is_well(endpoint: FlaskClient) -> None:
    assert {"name": "the-ease"} in (endpoint.get("/gateway/application").json or [])
    assert endpoint.get("/health").text == "OK"


def test_plain_json_answers_a_slate_for_each_request(
    endpoint: FlaskClient, models: dict[str, TrainedModel]
) -> None:
    question = {
        "model": "the-ease",
        "n_films": 4,
        "request_id": "abc",
        "requests": [{"user_id": 2}, {"user_id": None}, {"user_id": 5, "movie_id": 17}],
    }
    answer = endpoint.post(RECOMMEND, json=question).json
    slates = SlateMaker("ease", models["ease"].arrays).recommend([2, NOBODY, 5], [NOBODY, NOBODY, 17], 4)
    assert answer is not None
    assert (answer["model"], answer["request_id"]) == ("the-ease", "abc")
    assert [slate["movie_ids"] for slate in answer["slates"]] == slates.movie_ids.tolist()
    assert [slate["scores"] for slate in answer["slates"]] == slates.scores.tolist()
    assert [slate["is_known_user"] for slate in answer["slates"]] == [True, False, True]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        (SERVE, {}, 400, "user_id"),
        (SERVE, {"user_id": []}, 400, "0 rows"),
        (SERVE, {"user_id": [1], "movie_id": [1, 2]}, 400, "2 movie_id for 1 user_id"),
        (SERVE, {"user_id": [1], "k": 501}, 400, "k is 501"),
        (SERVE, {"user_id": [-2]}, 400, "-1"),
        (SERVE, {"user_id": [1], "colour": 7}, 400, "colour"),
        ("/gateway/application/none", {"user_id": [1]}, 404, "model 'none' is unknown"),
        (RECOMMEND, {"requests": [{"user_id": 1}]}, 400, "no 'model' is named"),
        (RECOMMEND, {"model": "none", "requests": [{"user_id": 1}]}, 404, "model 'none' is unknown"),
        (RECOMMEND, {"model": "the-ease", "requests": []}, 400, "0 rows"),
        (RECOMMEND, {"model": "the-ease", "requests": [{"user": 1}]}, 400, "unknown field"),
        (RECOMMEND, {"model": "the-ease", "requests": [{"history": [1] * 51}]}, 400, "history of 51"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused(
    endpoint: FlaskClient, path: str, body: object, status: int, words: str
) -> None:
    answer = endpoint.post(path, json=body)
    assert answer.status_code == status
    assert words in (answer.json or {})["error"]


@pytest.fixture
def served(endpoint: FlaskClient) -> Iterator[str]:
    """The endpoint on a port of loopback."""
    with make_server("127.0.0.1", 0, endpoint.application, threaded=True) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_all_four_protocols_give_the_same_slates_and_differ_in_the_url_alone(served: str) -> None:
    """A user, nobody, a film, and histories, in one batch; a user and a history want a film explained."""
    asked = [
        RecommendationRequest(user_id=2, n_films=4, request_id="p1", explained=67),
        RecommendationRequest(user_id=None, n_films=4),
        RecommendationRequest(user_id=5, n_films=4, movie_id=17),
        RecommendationRequest(user_id=None, n_films=4, history=(3, 5)),
        RecommendationRequest(user_id=None, n_films=4, history=(7, 37), explained=67),
    ]
    found = {}
    for protocol in ("open_inference", "seldon", "hydrosphere", "rest"):
        client = create_client(protocol, served, "the-ease", timeout_s=30.0)
        assert client.is_ready()
        answers = client.recommend_many(asked)
        found[protocol] = [
            (one.movie_ids, one.scores, one.is_known_user, one.model, one.model_version, one.reasons)
            for one in answers
        ]
    first, *others = found.values()
    assert all(other == first for other in others)
    reasons = [row[-1] for row in first]
    assert [bool(row) for row in reasons] == [True, False, False, False, True]
    assert {reason.movie_id for reason in reasons[-1] or ()} == {7, 37}
