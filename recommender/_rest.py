"""Plain JSON over HTTP, for those who speak no serving protocol: `POST /recommend`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from flask import Blueprint, Response, g

from recommender._wire import DEFAULT_K, Id, SlateRequest, json_answer, read_body
from recommender.errors import InvalidRequestError
from recommender.slates import NOBODY

if TYPE_CHECKING:
    from recommender.served_models import ServedModel, ServedModels
    from recommender.slates import Slates

PROTOCOL = "rest"
"""Name of the protocol in metrics and of its blueprint."""

_LONGEST_ID = 200


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user_id: Id | None = None
    movie_id: Id | None = None
    history: list[Id] = []
    explain: Id = NOBODY


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    requests: list[_Row]
    model: str = ""
    n_films: Id = DEFAULT_K
    request_id: Annotated[str, msgspec.Meta(max_length=_LONGEST_ID)] = ""


_DECODER = msgspec.json.Decoder(_Question)


def rest_blueprint(models: ServedModels) -> Blueprint:
    """The one route."""
    blueprint = Blueprint(PROTOCOL, __name__)

    @blueprint.post("/recommend")
    def recommend() -> Response:
        question = read_body(_DECODER)
        served = models.find(question.model or _only(models))
        g.model = served.manifest.name
        return json_answer(_answer(served, question.request_id, _slate_request(question).answer(served)))

    return blueprint


def _only(models: ServedModels) -> str:
    if len(models.names) != 1:
        raise InvalidRequestError(
            f"no 'model' is named, and {len(models.names)} are served: name one of {', '.join(models.names)}"
        )
    return models.names[0]


def _slate_request(question: _Question) -> SlateRequest:
    rows = question.requests
    has_history = any(row.history for row in rows)
    wants_reasons = any(row.explain != NOBODY for row in rows)
    return SlateRequest(
        [NOBODY if row.user_id is None else row.user_id for row in rows],
        [NOBODY if row.movie_id is None else row.movie_id for row in rows],
        question.n_films,
        [row.history for row in rows] if has_history else [],
        [row.explain for row in rows] if wants_reasons else [],
    )


def _answer(served: ServedModel, request_id: str, slates: Slates) -> dict[str, object]:
    rows = zip(slates.movie_ids.tolist(), slates.scores.tolist(), slates.is_known_user.tolist(), strict=True)
    found: list[dict[str, object]] = [
        {"movie_ids": movie_ids, "scores": scores, "is_known_user": is_known_user}
        for movie_ids, scores, is_known_user in rows
    ]
    for slate, reasons in zip(found, slates.reasons or (), strict=False):
        slate |= {"because_movie_ids": reasons.movie_ids, "because_scores": reasons.parts}
    return {
        "model": served.manifest.name,
        "model_version": served.manifest.version,
        "request_id": request_id,
        "slates": found,
    }
