"""Seldon Core v1 over REST: predictions by one model or by a router over all, and feedback.

The same routes stand at the root, where they mean the router, and under `/seldon/NAMESPACE/DEPLOYMENT`, where
DEPLOYMENT is a model or the router. Source: https://docs.seldon.io/projects/seldon-core, "External API".
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Annotated

import msgspec
from flask import Blueprint, Response, g, request

from recommender._wire import DEFAULT_K, Id, SlateRequest, json_answer, read_body, shown
from recommender.errors import InvalidRequestError
from recommender.model import ROUTER_NAME
from recommender.slates import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from recommender.served_models import ServedModel, ServedModels
    from recommender.slates import Slates

PROTOCOL = "seldon"
"""Name of the protocol in metrics and of its blueprint."""

_COLUMNS = ["user_id", "movie_id", "k"]
_PUID_HEADER = "Seldon-Puid"
_LONGEST_PUID = 200
_HIGHEST_REWARD = 1_000_000


class _Meta(msgspec.Struct, frozen=True):
    puid: str = ""
    routing: dict[str, int] = {}


class _RequestTags(msgspec.Struct, frozen=True):
    history: list[list[Id]] = []
    explain: list[Id] = []


class _RequestMeta(msgspec.Struct, frozen=True):
    puid: str = ""
    tags: _RequestTags = _RequestTags()


class _Rows(msgspec.Struct, frozen=True):
    ndarray: list[list[Id]]
    names: list[str] | None = None


class _Prediction(msgspec.Struct, frozen=True):
    data: _Rows
    meta: _RequestMeta = _RequestMeta()


class _Answered(msgspec.Struct, frozen=True):
    meta: _Meta = _Meta()


class _Feedback(msgspec.Struct, frozen=True):
    reward: Annotated[float, msgspec.Meta(ge=0, le=_HIGHEST_REWARD)]
    response: _Answered = _Answered()


_PREDICTION_DECODER = msgspec.json.Decoder(_Prediction)
_FEEDBACK_DECODER = msgspec.json.Decoder(_Feedback)


def seldon_blueprint(models: ServedModels, count_reward: Callable[[str, float], None]) -> Blueprint:
    """The routes of one deployment, to be registered at the root and under `/seldon/...`.

    Args:
        models: what is served.
        count_reward: called with the name of the model that earned it.
    """
    blueprint = Blueprint(PROTOCOL, __name__)

    @blueprint.get("/live")
    @blueprint.get("/ready")
    def ready(namespace: str = "", deployment: str = ROUTER_NAME) -> Response:  # noqa: ARG001 - part of the route
        _require_deployment(models, deployment)
        return json_answer({"ready": True})

    @blueprint.post("/api/v1.0/predictions")
    def predict(namespace: str = "", deployment: str = ROUTER_NAME) -> Response:  # noqa: ARG001 - part of the route
        _require_deployment(models, deployment)
        body = read_body(_PREDICTION_DECODER)
        puid = _puid(body.meta)
        routing = {} if deployment != ROUTER_NAME else {ROUTER_NAME: _child(puid, len(models.names))}
        served = models.find(models.names[routing[ROUTER_NAME]] if routing else deployment)
        g.model = served.manifest.name
        answer = json_answer(_prediction(served, puid, routing, _slate_request(body).answer(served)))
        answer.headers[_PUID_HEADER] = puid
        return answer

    @blueprint.post("/api/v1.0/feedback")
    def feedback(namespace: str = "", deployment: str = ROUTER_NAME) -> Response:  # noqa: ARG001 - part of the route
        _require_deployment(models, deployment)
        body = read_body(_FEEDBACK_DECODER)
        meta = body.response.meta
        name = _routed_model(models, meta.routing) if deployment == ROUTER_NAME else deployment
        g.model = name
        count_reward(name, body.reward)
        return json_answer({"meta": {"puid": meta.puid, "routing": meta.routing, "tags": {"model": name}}})

    return blueprint


def _require_deployment(models: ServedModels, deployment: str) -> None:
    if deployment != ROUTER_NAME:
        models.find(deployment)


def _puid(meta: _RequestMeta) -> str:
    puid = meta.puid or request.headers.get(_PUID_HEADER, "") or uuid.uuid4().hex
    if len(puid) > _LONGEST_PUID or not (puid.isascii() and puid.isprintable()):
        raise InvalidRequestError(
            f"meta.puid {shown(puid)} must be at most {_LONGEST_PUID} printable ASCII characters; "
            "leave it out to get a fresh one"
        )
    return puid


def _child(puid: str, n_children: int) -> int:
    """The router's choice: each child equally often, and always the same one for the same puid."""
    return int.from_bytes(hashlib.sha256(puid.encode()).digest()[:8], "big") % n_children


def _slate_request(body: _Prediction) -> SlateRequest:
    rows = body.data
    if not rows.ndarray:
        raise InvalidRequestError("data.ndarray has 0 rows; give a row for each slate")
    width = len(rows.ndarray[0])
    names = _COLUMNS[:width] if rows.names is None else rows.names
    if len(set(names)) != len(names) or not set(names) <= set(_COLUMNS) or "user_id" not in names:
        raise InvalidRequestError(
            f"data.names {shown(str(names))} must be 'user_id' and may be 'movie_id' and 'k', each once"
        )
    for index, row in enumerate(rows.ndarray):
        if len(row) != len(names):
            raise InvalidRequestError(
                f"data.ndarray[{index}] has {len(row)} values; a row has {len(names)}: {', '.join(names)}"
            )
    columns = dict(zip(names, zip(*rows.ndarray, strict=True), strict=True))
    lengths = set(columns.get("k", [DEFAULT_K]))
    if len(lengths) != 1:
        raise InvalidRequestError(
            f"k takes {len(lengths)} different values; the slates of one request have one length"
        )
    movie_ids = columns.get("movie_id", [NOBODY] * len(rows.ndarray))
    tags = body.meta.tags
    return SlateRequest(list(columns["user_id"]), list(movie_ids), lengths.pop(), tags.history, tags.explain)


def _prediction(served: ServedModel, puid: str, routing: dict[str, int], slates: Slates) -> dict[str, object]:
    manifest = served.manifest
    n_films = slates.movie_ids.shape[1]
    reasons: dict[str, object] = {}
    if slates.reasons is not None:
        reasons["because_movie_ids"] = [reason.movie_ids for reason in slates.reasons]
        reasons["because_scores"] = [reason.parts for reason in slates.reasons]
    return {
        "meta": {
            "puid": puid,
            "routing": routing,
            "requestPath": {manifest.name: f"funflix/{manifest.name}:{manifest.version}"},
            "tags": {
                "model": manifest.name,
                "model_version": manifest.version,
                "is_known_user": slates.is_known_user.tolist(),
                "scores": slates.scores.tolist(),
                **reasons,
            },
        },
        "data": {
            "names": [f"movie_id_{position}" for position in range(1, n_films + 1)],
            "ndarray": slates.movie_ids.tolist(),
        },
    }


def _routed_model(models: ServedModels, routing: dict[str, int]) -> str:
    """The model that the router chose, by the routing that its answer carried."""
    children = ", ".join(f"{index} ({name})" for index, name in enumerate(models.names))
    child = routing.get(ROUTER_NAME)
    if child is None:
        raise InvalidRequestError(
            f"response.meta.routing does not name {ROUTER_NAME!r}, so no model is credited; send back the "
            "meta of the prediction, or post to /seldon/NAMESPACE/MODEL/api/v1.0/feedback"
        )
    if not 0 <= child < len(models.names):
        raise InvalidRequestError(
            f"response.meta.routing[{ROUTER_NAME!r}] is {child}; children are {children}"
        )
    return models.names[child]
