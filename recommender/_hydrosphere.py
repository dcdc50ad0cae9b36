"""Hydrosphere Serving's gateway over HTTP: each model is an application.

Source: https://github.com/Hydrospheredata/hydro-serving-gateway, api/http: inputs and outputs are JSON
objects of nested lists, errors an `error` and its `information`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, g

from recommender._wire import DEFAULT_K, Id, SlateRequest, json_answer, padded_reasons, read_body
from recommender.slates import NOBODY

if TYPE_CHECKING:
    from recommender.served_models import ServedModel, ServedModels

PROTOCOL = "hydrosphere"
"""Name of the protocol in metrics and of its blueprint."""


class _Inputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user_id: list[Id]
    movie_id: list[Id] | None = None
    k: Id = DEFAULT_K
    history: list[list[Id]] = []
    explain: list[Id] = []


_DECODER = msgspec.json.Decoder(_Inputs)


def hydrosphere_blueprint(models: ServedModels) -> Blueprint:
    """The routes of the gateway."""
    blueprint = Blueprint(PROTOCOL, __name__)

    @blueprint.get("/health")
    def health() -> Response:
        return Response("OK", mimetype="text/plain")

    @blueprint.get("/gateway/application")
    def applications() -> Response:
        return json_answer([{"name": name} for name in models.names])

    @blueprint.post("/gateway/application/<model>")
    def serve(model: str) -> Response:
        served = models.find(model)
        g.model = served.manifest.name
        return json_answer(_outputs(served, read_body(_DECODER)))

    return blueprint


def _outputs(served: ServedModel, inputs: _Inputs) -> dict[str, object]:
    movie_ids = [NOBODY] * len(inputs.user_id) if inputs.movie_id is None else inputs.movie_id
    slates = SlateRequest(inputs.user_id, movie_ids, inputs.k, inputs.history, inputs.explain).answer(served)
    outputs: dict[str, object] = {
        "movie_id": slates.movie_ids.tolist(),
        "score": slates.scores.tolist(),
        "is_known_user": slates.is_known_user.tolist(),
        "model": served.manifest.name,
        "model_version": served.manifest.version,
    }
    if slates.reasons is not None:
        outputs["because_movie_id"], outputs["because_score"] = padded_reasons(slates.reasons)
    return outputs
