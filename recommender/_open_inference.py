"""Open Inference Protocol V2 over REST.

Source: https://github.com/open-inference/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, g

from recommender._wire import (
    DEFAULT_K,
    Id,
    SlateRequest,
    json_answer,
    padded_reasons,
    read_body,
    shown,
)
from recommender.errors import InvalidRequestError
from recommender.slates import MOST_REASONS, NOBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.served_models import ServedModel, ServedModels
    from recommender.slates import Slates

PROTOCOL = "open_inference"
"""Name of the protocol in metrics and of its blueprint."""

_INPUTS = ("user_id", "movie_id", "k", "history", "explain")
_INPUT_SHAPES = {"k": [1], "history": [-1, -1]}
_OUTPUTS = {"movie_id": "INT64", "score": "FP64", "is_known_user": "BOOL"}
# Only where a film is to be explained.
_REASON_OUTPUTS = {"because_movie_id": "INT64", "because_score": "FP64"}


class _Tensor(msgspec.Struct, frozen=True):
    name: str
    datatype: str
    shape: list[int]
    data: list[Id]


class _WantedOutput(msgspec.Struct, frozen=True):
    name: str


class _InferRequest(msgspec.Struct, frozen=True):
    inputs: list[_Tensor]
    id: str = ""
    outputs: list[_WantedOutput] = []


_DECODER = msgspec.json.Decoder(_InferRequest)


def open_inference_blueprint(models: ServedModels, server_version: str) -> Blueprint:
    """The routes under `/v2`."""
    blueprint = Blueprint(PROTOCOL, __name__, url_prefix="/v2")

    @blueprint.get("")
    def server_metadata() -> Response:
        return json_answer({"name": "funflix", "version": server_version, "extensions": []})

    @blueprint.get("/health/live")
    def live() -> Response:
        return json_answer({"live": True})

    @blueprint.get("/health/ready")
    def ready() -> Response:
        return json_answer({"ready": True})

    @blueprint.get("/models/<model>")
    @blueprint.get("/models/<model>/versions/<version>")
    def model_metadata(model: str, version: str | None = None) -> Response:
        served = models.find(model, version)
        return json_answer(_model_metadata(served, list(models.versions[model])))

    @blueprint.get("/models/<model>/ready")
    @blueprint.get("/models/<model>/versions/<version>/ready")
    def model_ready(model: str, version: str | None = None) -> Response:
        return json_answer({"name": models.find(model, version).manifest.name, "ready": True})

    @blueprint.post("/models/<model>/infer")
    @blueprint.post("/models/<model>/versions/<version>/infer")
    def infer(model: str, version: str | None = None) -> Response:
        served = models.find(model, version)
        g.model = served.manifest.name
        body = read_body(_DECODER)
        asked = _slate_request(body.inputs)
        wanted = _wanted_outputs(body.outputs)
        return json_answer(_infer_answer(served, body.id, wanted, asked.answer(served)))

    return blueprint


def _slate_request(inputs: Sequence[_Tensor]) -> SlateRequest:
    tensors = {tensor.name: tensor for tensor in inputs}
    if len(tensors) != len(inputs):
        raise InvalidRequestError("two inputs bear the same name; give each once")
    for tensor in inputs:
        _require_sound(tensor)
    if "user_id" not in tensors:
        raise InvalidRequestError("input 'user_id' is missing; give [-1] for a visitor without a user")
    user_ids = tensors["user_id"].data
    movie_ids = tensors["movie_id"].data if "movie_id" in tensors else [NOBODY] * len(user_ids)
    k = [DEFAULT_K]
    if "k" in tensors:
        k = tensors["k"].data
        if len(k) != 1:
            raise InvalidRequestError(
                f"input 'k' has {len(k)} values; it has shape [1], one length for all slates"
            )
    histories = _rows_of(tensors["history"]) if "history" in tensors else []
    explained = tensors["explain"].data if "explain" in tensors else []
    return SlateRequest(user_ids, movie_ids, k[0], histories, explained)


def _rows_of(tensor: _Tensor) -> list[list[int]]:
    n_rows, width = tensor.shape
    return [tensor.data[start * width : (start + 1) * width] for start in range(n_rows)]


def _require_sound(tensor: _Tensor) -> None:
    if tensor.name not in _INPUTS:
        raise InvalidRequestError(f"input {shown(tensor.name)} is unknown; inputs are {', '.join(_INPUTS)}")
    if tensor.datatype != "INT64":
        raise InvalidRequestError(
            f"input {tensor.name!r} has datatype {shown(tensor.datatype)}; it must be 'INT64'"
        )
    n_dimensions = 2 if tensor.name == "history" else 1
    is_whole = len(tensor.shape) == n_dimensions and min(tensor.shape) >= 0
    if not is_whole or math.prod(tensor.shape) != len(tensor.data):
        raise InvalidRequestError(
            f"input {tensor.name!r} has shape {tensor.shape[:4]} and {len(tensor.data)} values; "
            f"they must agree in {n_dimensions} dimension{'s' * (n_dimensions - 1)}"
        )


def _wanted_outputs(outputs: Sequence[_WantedOutput]) -> Sequence[str]:
    for output in outputs:
        if output.name not in _OUTPUTS:
            raise InvalidRequestError(
                f"output {shown(output.name)} is unknown; outputs are {', '.join(_OUTPUTS)}"
            )
    wanted = {output.name for output in outputs}
    return [name for name in _OUTPUTS if name in wanted] or list(_OUTPUTS)


def _infer_answer(
    served: ServedModel, request_id: str, wanted: Sequence[str], slates: Slates
) -> dict[str, object]:
    values = {"movie_id": slates.movie_ids, "score": slates.scores, "is_known_user": slates.is_known_user}
    outputs: list[dict[str, object]] = [
        {
            "name": name,
            "datatype": _OUTPUTS[name],
            "shape": values[name].shape,
            "data": values[name].ravel().tolist(),
        }
        for name in wanted
    ]
    return {
        "model_name": served.manifest.name,
        "model_version": served.manifest.version,
        "id": request_id,
        "outputs": outputs + _reason_outputs(slates),
    }


def _reason_outputs(slates: Slates) -> list[dict[str, object]]:
    if slates.reasons is None:
        return []
    shape = [len(slates.reasons), MOST_REASONS]
    films, parts = padded_reasons(slates.reasons)
    values = (list(chain.from_iterable(films)), list(chain.from_iterable(parts)))
    return [
        {"name": name, "datatype": datatype, "shape": shape, "data": data}
        for (name, datatype), data in zip(_REASON_OUTPUTS.items(), values, strict=True)
    ]


def _model_metadata(served: ServedModel, versions: list[str]) -> dict[str, object]:
    manifest = served.manifest
    return {
        "name": manifest.name,
        "versions": versions,
        "platform": f"funflix_{manifest.kind}",
        "inputs": [
            {"name": name, "datatype": "INT64", "shape": _INPUT_SHAPES.get(name, [-1])} for name in _INPUTS
        ],
        "outputs": [
            {"name": name, "datatype": datatype, "shape": [-1] if name == "is_known_user" else [-1, -1]}
            for name, datatype in (_OUTPUTS | _REASON_OUTPUTS).items()
        ],
        "parameters": {
            "version": manifest.version,
            "kind": manifest.kind,
            "n_users": manifest.n_users,
            "n_films": manifest.n_films,
            "n_ratings": manifest.n_ratings,
            "cutoff": manifest.cutoff,
            "settings": manifest.settings,
            "metrics": manifest.metrics,
        },
    }
