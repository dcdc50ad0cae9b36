# ruff: noqa: ANN401 - a fixture's type lives in conftest.py, which no test can import
"""The wire format of the Open Inference Protocol V2, and what its answers may be."""

from collections.abc import Callable
from typing import Any

import pytest

from recommender_client import (
    BadAnswerError,
    ClientSettingsError,
    Feedback,
    RecommendationRequest,
    RecommenderClient,
    create_client,
)

HOME = RecommendationRequest(user_id=12, n_films=2, request_id="slate-1")


@pytest.fixture
def client(make_client: Callable[..., RecommenderClient]) -> RecommenderClient:
    return make_client("open_inference")


def test_a_request_is_the_protocols_own(client: RecommenderClient, endpoint: Any) -> None:
    client.recommend(HOME)
    (call,) = endpoint.calls
    assert (call.method, call.path) == ("POST", "/v2/models/newer-ease/infer")
    assert call.headers["Content-Type"] == "application/json"
    assert call.body == {
        "id": "slate-1",
        "inputs": [
            {"name": "user_id", "datatype": "INT64", "shape": [1], "data": [12]},
            {"name": "movie_id", "datatype": "INT64", "shape": [1], "data": [-1]},
            {"name": "k", "datatype": "INT64", "shape": [1], "data": [2]},
        ],
    }


def test_several_requests_are_one_batch(client: RecommenderClient, endpoint: Any) -> None:
    client.recommend_many([RecommendationRequest(None, 2), RecommendationRequest(5, 4, movie_id=318)])
    assert "id" not in endpoint.calls[0].body
    assert [tensor["data"] for tensor in endpoint.calls[0].body["inputs"]] == [[-1, 5], [-1, 318], [4]]
    assert [tensor["shape"] for tensor in endpoint.calls[0].body["inputs"]] == [[2], [2], [1]]


def test_readiness_is_asked_of_the_model(client: RecommenderClient, endpoint: Any) -> None:
    client.is_ready()
    assert (endpoint.calls[0].method, endpoint.calls[0].path) == ("GET", "/v2/models/newer-ease/ready")


def test_feedback_goes_nowhere(client: RecommenderClient, endpoint: Any, feedback: Feedback) -> None:
    client.send_feedback(feedback)
    assert endpoint.calls == []


def test_a_models_name_and_a_base_path_are_kept_in_the_url(endpoint: Any) -> None:
    client = create_client("open_inference", f"{endpoint.url}/gateway/", "a b/c", timeout_s=30.0)
    assert client.recommend(HOME).movie_ids == (13, 14)
    assert endpoint.calls[0].path == "/gateway/v2/models/a%20b%2Fc/infer"


def test_a_model_without_a_name_is_refused_at_start() -> None:
    with pytest.raises(ClientSettingsError, match="model ''"):
        create_client("open_inference", "http://127.0.0.1:1", "", timeout_s=1.0)


def test_data_may_be_nested_and_an_answer_may_be_bare(client: RecommenderClient, endpoint: Any) -> None:
    movie_ids = {"name": "movie_id", "datatype": "INT64", "shape": [1, 2], "data": [[7, 8]]}
    endpoint.edit = lambda _: {"outputs": [movie_ids]}
    found = client.recommend(HOME)
    assert (found.movie_ids, found.scores, found.is_known_user) == ((7, 8), None, True)
    assert (found.model, found.model_version, found.request_id) == ("newer-ease", "", "slate-1")


def changed(index: int, **values: Any) -> Callable[[Any], Any]:
    def edit(answer: Any) -> Any:
        answer["outputs"][index] |= values
        return answer

    return edit


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (changed(0, datatype="FP32"), "'movie_id', answered datatype 'FP32' instead of INT64"),
        (changed(1, datatype="BYTES"), "'score', answered datatype 'BYTES' instead of FP32 or FP64"),
        (changed(2, datatype="INT64"), "'is_known_user', answered datatype 'INT64' instead of BOOL"),
        (changed(0, shape=[2]), r"shape \[2\] instead of \[1, 2\]"),
        (changed(0, shape=[2, 1]), r"shape \[2, 1\] instead of \[1, 2\]"),
        (changed(1, shape=[1, 3]), r"'score', answered shape \[1, 3\]"),
        (changed(2, shape=[]), r"shape \[\] instead of \[1\]"),
        (changed(0, data=[7]), r"data '\[7\]', which shape \[1, 2\] denies"),
        (changed(0, data=[[7], [8]]), "denies"),
        (changed(0, data=[[7, 8], [9, 10]]), "denies"),
        (changed(0, data=[]), "denies"),
        (changed(0, name="films"), "answered outputs 'films, is_known_user, score'"),
        (lambda answer: {"outputs": []} | {"id": answer["id"]}, "output 'movie_id' is missing"),
        (lambda answer: answer | {"id": "slate-2"}, "answered id 'slate-2', not 'slate-1'"),
        (lambda answer: answer | {"error": "half of the model"}, "200 with an error.*half of the model"),
    ],
)
def test_a_tensor_other_than_asked_is_named(
    client: RecommenderClient, endpoint: Any, edit: Callable[[Any], Any], named: str
) -> None:
    endpoint.edit = edit
    with pytest.raises(BadAnswerError, match=named):
        client.recommend(HOME)
