"""What every protocol does alike: one call for several slates, its time taken, its answer checked."""

import time
from collections.abc import Callable, Sequence

from recommender_client.answered_rows import AnsweredRows
from recommender_client.errors import BadAnswerError, RecommenderClientError
from recommender_client.interface import Recommendation, RecommendationRequest
from recommender_client.transport import Transport

NOBODY = -1
"""Stands for no user, no film, and no more films of a history, where a wire has numbers only."""

_OK = 200


def slates_of_one_call(
    requests: Sequence[RecommendationRequest],
    ask: Callable[[Sequence[RecommendationRequest], int], AnsweredRows],
    *,
    known_films: frozenset[int] | None,
) -> list[Recommendation]:
    """Several slates, in the order asked; no request asks nobody.

    Args:
        requests: the longest slate sets how many films are asked for; the others are cut.
        ask: makes the call, for this many films in each slate.
        known_films: the films the site can show; None lets any pass.

    Raises:
        RecommenderClientError: the call failed, or a row of its answer is no slate.
    """
    if not requests:
        return []
    n_films = max(request.n_films for request in requests)
    started = time.perf_counter()
    rows = ask(requests, n_films)
    latency_ms = (time.perf_counter() - started) * 1_000
    return rows.recommendations(requests, n_films=n_films, known_films=known_films, latency_ms=latency_ms)


def is_ok(transport: Transport, path: str) -> bool:
    """Whether the endpoint answers 200 at `path`."""
    try:
        return transport.get(path).status == _OK
    except RecommenderClientError:
        return False


def id_or_nobody(value: int | None) -> int:
    """A user's or a film's id as numbers write it."""
    return NOBODY if value is None else value


def padded_histories(requests: Sequence[RecommendationRequest]) -> list[list[int]]:
    """The films that speak for each visitor, filled up to the longest; empty lists where nobody has any."""
    width = max(len(request.history) for request in requests)
    return [[*request.history, *[NOBODY] * (width - len(request.history))] for request in requests]


def films_to_explain(requests: Sequence[RecommendationRequest]) -> list[int]:
    """The film that each request wants explained, `NOBODY` for none; empty where no request wants any."""
    if all(request.explained is None for request in requests):
        return []
    return [id_or_nobody(request.explained) for request in requests]


def require_own_answer(where: str, key: str, answered: str | None, asked: str) -> None:
    """Refuse an answer that bears the id of another call; one without an id passes.

    Raises:
        BadAnswerError: both ids are there and they differ.
    """
    if answered and asked and answered != asked:
        raise BadAnswerError(f"{where} answered {key} {answered[:40]!r}, not {asked!r}: another's answer")
