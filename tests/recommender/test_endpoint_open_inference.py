import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import NOBODY, SlateMaker, TrainedModel, create_endpoint_app, save_artefact
from recommender._wire import MOST_BODY_BYTES, MOST_ROWS

INFER = "/v2/models/the-ease/infer"


def tensor(name: str, values: list[object], **changes: object) -> dict[str, object]:
    return {"name": name, "datatype": "INT64", "shape": [len(values)], "data": values, **changes}


def infer_body(users: list[int], films: list[int] | None = None, k: int | None = None) -> dict[str, object]:
    inputs = [tensor("user_id", users)]
    inputs += [tensor("movie_id", films)] if films is not None else []
    inputs += [tensor("k", [k])] if k is not None else []
    return {"id": "abc", "inputs": inputs}


def test_an_infer_call_answers_as_the_protocol_says(
    endpoint: FlaskClient, models: dict[str, TrainedModel]
) -> None:
    """Names, datatypes, shapes and row-major values, compared with the model asked directly."""
    answer = endpoint.post(INFER, json=infer_body([2, NOBODY, 5], [NOBODY, NOBODY, 17], 4))
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    slates = SlateMaker("ease", models["ease"].arrays).recommend([2, NOBODY, 5], [NOBODY, NOBODY, 17], 4)
    films, scores = slates.movie_ids.ravel().tolist(), slates.scores.ravel().tolist()
    assert answer.json == {
        "model_name": "the-ease",
        "model_version": models["ease"].manifest.version,
        "id": "abc",
        "outputs": [
            {"name": "movie_id", "datatype": "INT64", "shape": [3, 4], "data": films},
            {"name": "score", "datatype": "FP64", "shape": [3, 4], "data": scores},
            {"name": "is_known_user", "datatype": "BOOL", "shape": [3], "data": [True, False, True]},
        ],
    }


def test_a_history_comes_as_a_tensor_of_two_dimensions(
    endpoint: FlaskClient, models: dict[str, TrainedModel]
) -> None:
    """Rows are filled up with -1; compared with the model asked directly."""
    body = infer_body([NOBODY, NOBODY], k=4)
    body["inputs"] += [tensor("history", [7, 17, 27, NOBODY], shape=[2, 2])]
    answer = endpoint.post(INFER, json=body).json
    maker = SlateMaker("ease", models["ease"].arrays)
    slates = maker.recommend([NOBODY] * 2, [NOBODY] * 2, 4, [[7, 17], [27]])
    assert answer["outputs"][0]["data"] == slates.movie_ids.ravel().tolist()


def test_without_k_a_slate_has_ten_films_and_without_id_the_id_is_empty(endpoint: FlaskClient) -> None:
    answer = endpoint.post(INFER, json={"inputs": [tensor("user_id", [2])]}).json
    assert answer["outputs"][0]["shape"] == [1, 10]
    assert answer["id"] == ""


def test_only_the_outputs_asked_for_are_sent(endpoint: FlaskClient) -> None:
    answer = endpoint.post(INFER, json={**infer_body([2]), "outputs": [{"name": "movie_id"}]}).json
    assert [output["name"] for output in answer["outputs"]] == ["movie_id"]


def test_a_full_batch_is_answered(endpoint: FlaskClient) -> None:
    answer = endpoint.post(INFER, json=infer_body([2] * MOST_ROWS, k=6))
    assert answer.status_code == 200
    assert answer.json["outputs"][0]["shape"] == [MOST_ROWS, 6]


def test_fields_of_the_protocol_that_we_do_not_use_are_let_pass(endpoint: FlaskClient) -> None:
    """`parameters` may stand in the request and in each tensor."""
    body = {"inputs": [tensor("user_id", [2], parameters={"content_type": "np"})], "parameters": {"a": 1}}
    assert endpoint.post(INFER, json=body).status_code == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 500_000, "Expected `object`"),
        (b'{"x":' + b"[" * 500_000, "nested too deeply"),
        (b"[]", "Expected `object`"),
        (b'{"inputs": [{"name": "user_id", "datatype": "INT64", "shape": [1], "data": [NaN]}]}', "malformed"),
        ({"inputs": []}, "'user_id' is missing"),
        ({"input": []}, "`inputs`"),
        ({"inputs": [tensor("k", [3])]}, "'user_id' is missing"),
        ({"inputs": [tensor("user", [2])]}, "'user' is unknown; inputs are user_id, movie_id, k"),
        ({"inputs": [tensor("x" * 500, [2])]}, "x…"),
        ({"inputs": [tensor("user_id", [2]), tensor("user_id", [5])]}, "same name"),
        ({"inputs": [tensor("user_id", [2], datatype="FP32")]}, "'FP32'"),
        ({"inputs": [tensor("user_id", [2], shape=[2])]}, "shape [2]"),
        ({"inputs": [tensor("user_id", [2], shape=[1, 1])]}, "shape [1, 1]"),
        ({"inputs": [tensor("user_id", [2], shape=[-1])]}, "shape [-1]"),
        ({"inputs": [tensor("user_id", [2], shape=[])]}, "shape []"),
        ({"inputs": [tensor("user_id", [])]}, "0 rows"),
        ({"inputs": [tensor("user_id", [2.0])]}, "Expected `int`, got `float`"),
        ({"inputs": [tensor("user_id", ["2"])]}, "Expected `int`, got `str`"),
        ({"inputs": [tensor("user_id", [True])]}, "Expected `int`, got `bool`"),
        ({"inputs": [tensor("user_id", [None])]}, "Expected `int`, got `null`"),
        ({"inputs": [tensor("user_id", [[2]])]}, "Expected `int`, got `array`"),
        ({"inputs": [tensor("user_id", [-2])]}, ">= -1"),
        ({"inputs": [tensor("user_id", [2**63])]}, "<= 9223372036854775807"),
        ({"inputs": [tensor("user_id", [10**30])]}, "inputs[0].data[0]"),
        ({"inputs": [tensor("user_id", [2]), tensor("movie_id", [7, 17])]}, "2 movie_id for 1 user_id"),
        ({"inputs": [tensor("user_id", [2]), tensor("history", [7])]}, "must agree in 2 dimensions"),
        ({"inputs": [tensor("user_id", [2]), tensor("history", [7], shape=[-1, -1])]}, "shape [-1, -1]"),
        ({"inputs": [tensor("user_id", [2]), tensor("history", [7, 7], shape=[2, 1])]}, "2 histories for 1"),
        ({"inputs": [tensor("user_id", [2]), tensor("history", [7] * 51, shape=[1, 51])]}, "51 films"),
        (infer_body([2], k=0), "k is 0"),
        (infer_body([2], k=501), "k is 501; it must be from 1 to 500"),
        (infer_body([2], k=500), "k is 500, but there are"),
        ({"inputs": [tensor("user_id", [2]), tensor("k", [3, 3])]}, "'k' has 2 values"),
        (infer_body([2] * (MOST_ROWS + 1), k=1), "4097 rows"),
        (infer_body([2] * MOST_ROWS, k=101), "4096 rows of 101 films"),
        ({**infer_body([2]), "outputs": [{"name": "films"}]}, "'films' is unknown"),
        ({**infer_body([2]), "id": 7}, "Expected `str`"),
    ],
)
def test_a_bad_request_is_refused_in_one_clear_line(endpoint: FlaskClient, body: object, named: str) -> None:
    """400 and {"error": ...}: a single line that names the fault and does not echo the whole request."""
    answer = endpoint.post(INFER, data=body if isinstance(body, bytes) else json.dumps(body))
    assert answer.status_code == 400
    assert answer.json.keys() == {"error"}
    assert named in answer.json["error"]
    assert "\n" not in answer.json["error"]
    assert len(answer.json["error"]) < 300


def test_a_body_over_the_limit_is_refused_unread(endpoint: FlaskClient) -> None:
    answer = endpoint.post(INFER, data=b"[" * (MOST_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert "1048576 bytes" in answer.json["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "named"),
    [
        ("POST", "/v2/models/nobody/infer", 404, "serves the-svd, the-ease"),
        ("POST", "/v2/models/the-ease/versions/1/infer", 404, "version '1' of model 'the-ease'"),
        ("GET", "/v2/models/nobody", 404, "'nobody'"),
        ("GET", "/v2/models/nobody/ready", 404, "'nobody'"),
        ("GET", "/v2/models/the-ease/versions/1/ready", 404, "'1'"),
        ("GET", "/v2/models/" + "x" * 3_000, 404, "x"),
        ("GET", "/v2/models/..%2f..%2fetc", 404, "unknown"),
        ("GET", "/", 404, "'/' is unknown; there are /v2"),
        ("GET", "/nothing", 404, "'/nothing'"),
        ("GET", INFER, 405, "GET"),
        ("PUT", "/v2", 405, "PUT"),
        ("DELETE", "/metrics", 405, "DELETE"),
    ],
)
def test_unknown_paths_and_methods_are_answered_in_json(
    endpoint: FlaskClient, method: str, path: str, status: int, named: str
) -> None:
    answer = endpoint.open(path, method=method, json=infer_body([2]))
    assert answer.status_code == status
    assert named in answer.json["error"]
    assert len(answer.json["error"]) < 300
    assert ("Allow" in answer.headers) == (status == 405)


def test_health_and_metadata(endpoint: FlaskClient, models: dict[str, TrainedModel]) -> None:
    version = models["ease"].manifest.version
    assert endpoint.get("/v2").json.keys() == {"name", "version", "extensions"}
    assert endpoint.get("/v2/health/live").json == {"live": True}
    assert endpoint.get("/v2/health/ready").json == {"ready": True}
    for path in ("/v2/models/the-ease", f"/v2/models/the-ease/versions/{version}"):
        assert endpoint.get(f"{path}/ready").json == {"name": "the-ease", "ready": True}
        metadata = endpoint.get(path).json
        assert (metadata["name"], metadata["versions"], metadata["platform"]) == (
            "the-ease",
            [version],
            "funflix_ease",
        )
        assert [declared["name"] for declared in metadata["inputs"]] == [
            "user_id",
            "movie_id",
            "k",
            "history",
            "explain",
        ]
        assert [declared["name"] for declared in metadata["outputs"]] == [
            "movie_id",
            "score",
            "is_known_user",
            "because_movie_id",
            "because_score",
        ]
        assert metadata["parameters"]["metrics"]["precision"] == models["ease"].manifest.metrics.precision


def test_versions_are_served_side_by_side_and_the_last_answers_by_default(
    train: Callable[..., TrainedModel], tmp_path: Path
) -> None:
    paths = [save_artefact(train(seed=seed), tmp_path) for seed in (1, 2)]
    endpoint = create_endpoint_app(paths).test_client()
    for path in paths:
        answer = endpoint.post(f"/v2/models/some-model/versions/{path.name}/infer", json=infer_body([2]))
        assert answer.json["model_version"] == path.name
    default = endpoint.post("/v2/models/some-model/infer", json=infer_body([2]))
    assert default.json["model_version"] == paths[1].name
    assert endpoint.get("/v2/models/some-model").json["versions"] == [path.name for path in paths]


# Values near the rules' edges, and arbitrary ones.
VALUES = st.one_of(
    st.sampled_from([-2, -1, 0, 1, 2, 500, 501, 2**63 - 1, 2**63, 10**30, 1.0, "1", True, None, [], [1], {}]),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
)
TENSORS = st.fixed_dictionaries(
    {
        "name": st.one_of(st.sampled_from(["user_id", "movie_id", "k"]), st.text(max_size=5), VALUES),
        "datatype": st.one_of(st.just("INT64"), VALUES),
        "shape": st.one_of(st.lists(VALUES, max_size=3), st.just([1]), VALUES),
        "data": st.one_of(st.lists(VALUES, max_size=4), VALUES),
    }
)
BODIES = st.one_of(
    st.fixed_dictionaries(
        {"inputs": st.one_of(st.lists(TENSORS, max_size=4), VALUES)},
        optional={"id": VALUES, "outputs": VALUES, "parameters": VALUES},
    ).map(lambda body: json.dumps(body).encode()),
    st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3)).map(
        lambda body: json.dumps(body).encode()
    ),
    st.binary(max_size=60),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_no_body_makes_the_endpoint_fail(endpoint: FlaskClient, body: bytes) -> None:
    """Whatever comes in, the answer is a slate or one line with status 400, never a 500."""
    answer = endpoint.post(INFER, data=body)
    assert answer.status_code in {200, 400}
    assert ("error" in answer.json) == (answer.status_code == 400)
    assert "\n" not in answer.json.get("error", "")


WELL_FORMED = st.integers(1, 4).flatmap(
    lambda n: st.builds(
        infer_body,
        st.lists(
            st.one_of(st.sampled_from([-1, 2, 5, 8, 10**18]), st.integers(-1, 2**63 - 1)),
            min_size=n,
            max_size=n,
        ),
        st.none() | st.lists(st.sampled_from([-1, 0, 7, 17, 1_197, 10**18]), min_size=n, max_size=n),
        st.none() | st.integers(1, 60),
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=WELL_FORMED)
def test_every_well_formed_request_gets_full_slates_of_distinct_films(
    endpoint: FlaskClient, body: dict[str, object]
) -> None:
    """Shapes agree with the request, no film is twice in a slate, scores are finite and never increase."""
    outputs = {output["name"]: output for output in endpoint.post(INFER, json=body).json["outputs"]}
    n, k = outputs["movie_id"]["shape"]
    assert n == len(body["inputs"][0]["data"])
    assert len(outputs["movie_id"]["data"]) == len(outputs["score"]["data"]) == n * k
    for row in range(n):
        films = outputs["movie_id"]["data"][row * k : (row + 1) * k]
        scores = outputs["score"]["data"][row * k : (row + 1) * k]
        assert len(set(films)) == k
        assert all(isinstance(score, float) for score in scores)
        assert scores == sorted(scores, reverse=True)
