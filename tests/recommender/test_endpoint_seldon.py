import json

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender import NOBODY, SlateMaker, TrainedModel

ROUTER = "/api/v1.0/predictions"
MODEL = "/seldon/funflix/the-svd/api/v1.0/predictions"
FEEDBACK = "/api/v1.0/feedback"
NAMES = ["user_id", "movie_id", "k"]


def rows(*values: list[object], **meta: object) -> dict[str, object]:
    return {"meta": meta, "data": {"names": NAMES, "ndarray": list(values)}}


def test_a_prediction_by_one_model_answers_as_seldon_does(
    endpoint: FlaskClient, models: dict[str, TrainedModel]
) -> None:
    """Compared with the model asked directly."""
    version = models["svd"].manifest.version
    slates = SlateMaker("svd", models["svd"].arrays).recommend([2, NOBODY], [NOBODY, 17], 3)
    answer = endpoint.post(MODEL, json=rows([2, -1, 3], [-1, 17, 3], puid="p1"))
    assert answer.status_code == 200
    assert answer.headers["Seldon-Puid"] == "p1"
    assert answer.json == {
        "meta": {
            "puid": "p1",
            "routing": {},
            "requestPath": {"the-svd": f"funflix/the-svd:{version}"},
            "tags": {
                "model": "the-svd",
                "model_version": version,
                "is_known_user": [True, False],
                "scores": slates.scores.tolist(),
            },
        },
        "data": {"names": ["movie_id_1", "movie_id_2", "movie_id_3"], "ndarray": slates.movie_ids.tolist()},
    }


def test_a_history_comes_in_the_tags(endpoint: FlaskClient, models: dict[str, TrainedModel]) -> None:
    """Compared with the model asked directly; more histories than rows are refused."""
    asked = rows([-1, -1, 3], tags={"history": [[7, 17]]})
    slates = SlateMaker("svd", models["svd"].arrays).recommend([NOBODY], [NOBODY], 3, [[7, 17]])
    assert endpoint.post(MODEL, json=asked).json["data"]["ndarray"] == slates.movie_ids.tolist()
    refused = endpoint.post(MODEL, json=rows([-1, -1, 3], tags={"history": [[7], [7]]}))
    assert (refused.status_code, "2 histories for 1" in refused.text) == (400, True)


def test_columns_are_found_by_name_and_may_be_left_out(endpoint: FlaskClient) -> None:
    by_name = {"data": {"names": ["k", "user_id"], "ndarray": [[3, 2]]}}
    unnamed = {"data": {"ndarray": [[2, -1, 3]]}}
    assert endpoint.post(MODEL, json=by_name).json["data"] == endpoint.post(MODEL, json=unnamed).json["data"]
    assert len(endpoint.post(MODEL, json={"data": {"ndarray": [[2]]}}).json["data"]["ndarray"][0]) == 10


@pytest.mark.parametrize("path", [ROUTER, "/seldon/funflix/ab-router/api/v1.0/predictions"])
def test_the_router_keeps_a_puid_with_its_child_and_says_which(endpoint: FlaskClient, path: str) -> None:
    """Children count from 0 in the order in which the models were given."""
    for number in range(20):
        first, second = (endpoint.post(path, json=rows([2, -1, 3], puid=f"p{number}")).json for _ in range(2))
        assert first == second
        child = first["meta"]["routing"]["ab-router"]
        assert first["meta"]["tags"]["model"] == ["the-svd", "the-ease"][child]
        assert list(first["meta"]["requestPath"]) == [first["meta"]["tags"]["model"]]


def test_the_router_splits_fresh_puids_evenly(endpoint: FlaskClient) -> None:
    """400 fixed puids; a fair split gives 167 to 233 with 99.9% probability (binomial)."""
    answers = [
        endpoint.post(ROUTER, json=rows([-1, -1, 1], puid=f"visit-{number}")).json for number in range(400)
    ]
    assert 167 <= sum(answer["meta"]["routing"]["ab-router"] for answer in answers) <= 233


def test_a_puid_is_made_where_none_is_given_and_taken_from_the_header(endpoint: FlaskClient) -> None:
    fresh = [endpoint.post(ROUTER, json=rows([2, -1, 3])).json["meta"]["puid"] for _ in range(2)]
    assert len(set(fresh)) == 2
    answer = endpoint.post(ROUTER, json=rows([2, -1, 3]), headers={"Seldon-Puid": "from-the-engine"})
    assert answer.json["meta"]["puid"] == "from-the-engine"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "truncated"),
        ({}, "`data`"),
        ({"data": {"tensor": {"shape": [1], "values": [2]}}}, "`ndarray`"),
        ({"data": {"ndarray": []}}, "0 rows"),
        ({"data": {"ndarray": [[]]}}, "data.names '[]'"),
        ({"data": {"ndarray": [2]}}, "Expected `array`"),
        ({"data": {"ndarray": [[2.5]]}}, "Expected `int`, got `float`"),
        ({"data": {"ndarray": [["2"]]}}, "Expected `int`, got `str`"),
        ({"data": {"ndarray": [[-2]]}}, ">= -1"),
        ({"data": {"ndarray": [[2, -1, 3, 4]]}}, "data.ndarray[0] has 4 values"),
        ({"data": {"ndarray": [[2, -1], [2]]}}, "data.ndarray[1] has 1 values"),
        ({"data": {"names": ["user"], "ndarray": [[2]]}}, "['user']"),
        ({"data": {"names": ["k"], "ndarray": [[2]]}}, "must be 'user_id'"),
        ({"data": {"names": ["user_id", "user_id"], "ndarray": [[2, 2]]}}, "each once"),
        (rows([2, -1, 3], [2, -1, 4]), "k takes 2 different values"),
        (rows([2, -1, 0]), "k is 0"),
        (rows([2, -1, 501]), "k is 501"),
        (rows([2, -1, -1]), "k is -1"),
        (rows(*[[2, -1, 1]] * 4_097), "4097 rows"),
        (rows([2, -1, 3], puid="x" * 201), "200 printable"),
        (rows([2, -1, 3], puid="a\nb"), "'a\\nb'"),
        (rows([2, -1, 3], puid=7), "Expected `str`"),
    ],
)
def test_a_bad_prediction_request_is_refused_in_one_clear_line(
    endpoint: FlaskClient, body: object, named: str
) -> None:
    for path in (ROUTER, MODEL):
        answer = endpoint.post(path, data=body if isinstance(body, bytes) else json.dumps(body))
        assert answer.status_code == 400
        assert named in answer.json["error"]
        assert "\n" not in answer.json["error"]
        assert len(answer.json["error"]) < 300


@pytest.mark.parametrize("action", ["predictions", "feedback"])
def test_an_unknown_deployment_is_not_found(endpoint: FlaskClient, action: str) -> None:
    answer = endpoint.post(f"/seldon/funflix/nobody/api/v1.0/{action}", json=rows([2, -1, 3]))
    assert answer.status_code == 404
    assert "'nobody' is unknown; this endpoint serves the-svd, the-ease" in answer.json["error"]


@pytest.mark.parametrize("prefix", ["", "/seldon/funflix/the-svd", "/seldon/funflix/ab-router"])
def test_a_deployment_is_ready(endpoint: FlaskClient, prefix: str) -> None:
    assert endpoint.get(f"{prefix}/ready").json == {"ready": True}
    assert endpoint.get(f"{prefix}/live").status_code == 200


def test_feedback_credits_the_model_that_the_router_chose(endpoint: FlaskClient) -> None:
    """The whole answer is sent back, as Seldon's documentation shows."""
    body = rows([2, -1, 3], puid="p9")
    response = endpoint.post(ROUTER, json=body).json
    answer = endpoint.post(FEEDBACK, json={"request": body, "response": response, "reward": 1.0})
    assert answer.status_code == 200
    assert answer.json["meta"]["tags"]["model"] == response["meta"]["tags"]["model"]


def test_feedback_to_a_deployment_credits_that_model_whatever_the_routing(endpoint: FlaskClient) -> None:
    body = {"response": {"meta": {"routing": {"ab-router": 1}}}, "reward": 1}
    answer = endpoint.post("/seldon/funflix/the-svd/api/v1.0/feedback", json=body)
    assert answer.json["meta"]["tags"]["model"] == "the-svd"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"reward": 1.0}, "does not name 'ab-router', so no model"),
        ({"response": {"meta": {"routing": {"other": 0}}}, "reward": 1.0}, "does not name 'ab-router'"),
        ({"response": {"meta": {"routing": {"ab-router": -1}}}, "reward": 1.0}, "children are 0 (the-svd)"),
        ({"response": {"meta": {"routing": {"ab-router": 2}}}, "reward": 1.0}, "1 (the-ease)"),
        ({"response": {"meta": {"routing": {"ab-router": "0"}}}, "reward": 1.0}, "Expected `int`"),
        ({"response": {"meta": {"routing": {"ab-router": 0}}}}, "`reward`"),
        ({"response": {"meta": {"routing": {"ab-router": 0}}}, "reward": -1}, ">= 0"),
        ({"response": {"meta": {"routing": {"ab-router": 0}}}, "reward": 1e9}, "<= 1000000"),
        ({"response": {"meta": {"routing": {"ab-router": 0}}}, "reward": "1"}, "Expected `float`"),
    ],
)
def test_feedback_that_credits_nobody_is_refused(endpoint: FlaskClient, body: object, named: str) -> None:
    answer = endpoint.post(FEEDBACK, json=body)
    assert answer.status_code == 400
    assert named in answer.json["error"]


VALUES = st.recursive(
    st.one_of(
        st.sampled_from([-2, -1, 0, 1, 2, 500, 2**63, 1.5, "1", True, None, "ab-router"]),
        st.integers(),
        st.text(max_size=4),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=6,
)
META = st.fixed_dictionaries({}, optional={"puid": VALUES, "routing": VALUES, "tags": VALUES}) | VALUES
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "meta": META,
        "data": st.fixed_dictionaries({}, optional={"names": VALUES, "ndarray": VALUES}) | VALUES,
        "response": st.fixed_dictionaries({}, optional={"meta": META}) | VALUES,
        "reward": VALUES,
    },
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, path=st.sampled_from([ROUTER, MODEL, FEEDBACK]))
def test_no_body_makes_the_seldon_paths_fail(endpoint: FlaskClient, body: object, path: str) -> None:
    answer = endpoint.post(path, json=body)
    assert answer.status_code in {200, 400}
    assert ("error" in answer.json) == (answer.status_code == 400)
    assert "\n" not in answer.json.get("error", "")
