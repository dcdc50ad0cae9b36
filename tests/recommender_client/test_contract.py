# ruff: noqa: ANN401 - a fixture's type lives in conftest.py, which no test can import
"""What every protocol promises, against a real server on loopback; conftest.PROTOCOLS names them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from recommender_client import (
    BadAnswerError,
    InvalidRequestError,
    Reason,
    RecommendationRequest,
    RecommenderClient,
    RecommenderUnavailableError,
    create_client,
)


def home(user_id: int | None = 12, n_films: int = 6, **options: Any) -> RecommendationRequest:
    return RecommendationRequest(user_id=user_id, n_films=n_films, **options)


def test_a_slate_comes_back_with_its_model_and_scores(client: RecommenderClient) -> None:
    found = client.recommend(home(request_id="slate-1"))
    assert found.movie_ids == (13, 14, 15, 16, 17, 18)
    assert found.scores == (1.0, 0.999, 0.998, 0.997, 0.996, 0.995)
    assert (found.model, found.model_version) == ("newer-ease", "7")
    assert found.is_known_user
    assert found.request_id == "slate-1"
    assert 0 < found.latency_ms < 5_000


def test_a_visitor_without_history_gets_a_slate_of_an_unknown_user(client: RecommenderClient) -> None:
    found = client.recommend(home(user_id=None))
    assert found.movie_ids == (1, 2, 3, 4, 5, 6)
    assert not found.is_known_user


def test_a_history_travels_with_its_own_row(client: RecommenderClient) -> None:
    """Rows of different length in one call; the model answers the films after the highest of each."""
    asked = [home(None, 2, history=(40, 7)), home(None, 2), home(None, 2, history=(99,))]
    assert [one.movie_ids for one in client.recommend_many(asked)] == [(41, 42), (1, 2), (100, 101)]


def test_a_film_page_gets_films_like_its_own(client: RecommenderClient) -> None:
    assert client.recommend(home(n_films=3, movie_id=100)).movie_ids == (101, 102, 103)


def test_an_endpoint_that_explains_nothing_is_understood(client: RecommenderClient) -> None:
    """It need not look at what it is asked; one that was not asked is not believed to explain."""
    assert client.recommend(home(explained=13)).reasons is None


def explaining(answer: Any, films: list[int], scores: list[float]) -> Any:
    """An answer with reasons, as its protocol has it."""
    if "outputs" in answer:
        shape = [1, len(films)]
        named = (("because_movie_id", "INT64", films), ("because_score", "FP64", scores))
        answer["outputs"] += [
            {"name": name, "datatype": kind, "shape": shape, "data": data} for name, kind, data in named
        ]
    elif "slates" in answer:
        answer["slates"][0] |= {"because_movie_ids": films, "because_scores": scores}
    elif "meta" in answer:
        answer["meta"]["tags"] |= {"because_movie_ids": [films], "because_scores": [scores]}
    else:
        answer |= {"because_movie_id": [films], "because_score": [scores]}
    return answer


def test_films_that_speak_for_a_film_come_back_with_what_each_adds(
    client: RecommenderClient, endpoint: Any
) -> None:
    endpoint.edit = lambda answer: explaining(answer, [7, 9], [0.5, 0.25])
    assert client.recommend(home(explained=13)).reasons == (Reason(7, 0.5), Reason(9, 0.25))
    assert client.recommend(home()).reasons is None
    asked, unasked = (str(call.body) for call in endpoint.calls)
    assert ("explain" in asked, "explain" in unasked) == (True, False)


def test_no_film_may_speak_for_another(client: RecommenderClient, endpoint: Any) -> None:
    endpoint.edit = lambda answer: explaining(answer, [], [])
    assert client.recommend(home(explained=13)).reasons == ()


@pytest.mark.parametrize(
    ("films", "scores"), [([7, 7], [0.5, 0.5]), ([5_000], [0.5]), ([7], []), (list(range(1, 60)), [0.1] * 59)]
)
def test_reasons_that_make_no_sense_are_refused(
    client: RecommenderClient, endpoint: Any, films: list[int], scores: list[float]
) -> None:
    """A film twice, one that the site does not know, a score too few, more than a history holds."""
    endpoint.edit = lambda answer: explaining(answer, films, scores)
    with pytest.raises(BadAnswerError):
        client.recommend(home(explained=13))


def test_an_endpoint_without_scores_is_understood(client: RecommenderClient, endpoint: Any) -> None:
    endpoint.spoil = lambda rows: type(rows)(rows.movie_ids, None, rows.is_known_user)
    assert client.recommend(home()).scores is None


def test_one_call_brings_several_slates_each_of_its_own_length(
    client: RecommenderClient, endpoint: Any
) -> None:
    found = client.recommend_many([home(1, 2), home(2, 4), home(None, 1), home(900, 3)])
    assert [one.movie_ids for one in found] == [(2, 3), (3, 4, 5, 6), (1,), (901, 902, 903)]
    assert [len(one.scores) for one in found] == [2, 4, 1, 3]
    assert [one.is_known_user for one in found] == [True, True, False, False]
    assert len(endpoint.calls) == 1


def test_no_request_asks_nobody(client: RecommenderClient, endpoint: Any) -> None:
    assert client.recommend_many([]) == []
    assert endpoint.calls == []


def test_calls_share_one_connection(client: RecommenderClient, endpoint: Any) -> None:
    for _ in range(20):
        client.recommend(home())
    assert (len(endpoint.calls), endpoint.n_connections) == (20, 1)


def test_threads_share_a_client_and_each_gets_its_own_answer(client: RecommenderClient) -> None:
    """8 threads, 200 calls; user u's slate begins with film u + 1."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda user_id: client.recommend(home(user_id, 2)), range(200)))
    assert [one.movie_ids[0] for one in found] == list(range(1, 201))


def test_readiness_is_what_the_endpoint_says(client: RecommenderClient, endpoint: Any) -> None:
    assert client.is_ready()
    endpoint.is_ready = False
    assert not client.is_ready()


def test_nobody_at_the_port_is_unavailable_and_not_ready(protocol: str, closed_port_url: str) -> None:
    client = create_client(protocol, closed_port_url, "m", timeout_s=1.0)
    assert not client.is_ready()
    with pytest.raises(RecommenderUnavailableError, match="is the endpoint running"):
        client.recommend(home())


def test_a_proxy_of_the_environment_is_not_asked(
    client: RecommenderClient, monkeypatch: pytest.MonkeyPatch, closed_port_url: str
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, closed_port_url)
    assert client.recommend(home()).movie_ids


def test_a_password_in_the_url_is_sent_and_never_shown(protocol: str, endpoint: Any) -> None:
    endpoint.status = 503
    client = create_client(
        protocol, endpoint.url.replace("://", "://reader:hush@"), "newer-ease", timeout_s=30.0
    )
    with pytest.raises(RecommenderUnavailableError) as caught:
        client.recommend(home())
    assert endpoint.calls[0].headers["Authorization"] == "Basic cmVhZGVyOmh1c2g="
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"n_films": 0},
        {"n_films": 501},
        {"user_id": -1},
        {"user_id": 2**63},
        {"movie_id": -1},
        {"history": (1,) * 51},
        {"history": (-1,)},
        {"request_id": "two words"},
        {"request_id": "line\r\nbreak: 1"},
        {"request_id": "é"},
        {"request_id": "x" * 201},
    ],
)
def test_a_request_outside_the_wire_formats_cannot_be_made(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=next(iter(values))):
        RecommendationRequest(**{"user_id": 1, "n_films": 6} | values)
