"""The model endpoint: a Flask application that serves trained models over HTTP."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from recommender._endpoint_metrics import EndpointMetrics
from recommender._hydrosphere import hydrosphere_blueprint
from recommender._open_inference import open_inference_blueprint
from recommender._rest import rest_blueprint
from recommender._seldon import seldon_blueprint
from recommender._wire import MOST_BODY_BYTES, json_answer, shown
from recommender.errors import InvalidRequestError, UnknownModelError
from recommender.served_models import load_models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SENTENCES = {
    404: "path {path} is unknown; there are /v2, /api/v1.0, /seldon/NAMESPACE/MODEL/api/v1.0, "
    "/gateway/application/MODEL, /recommend and /metrics",
    405: "{method} {path} is not allowed; infer, predictions, feedback, applications and recommend "
    "take POST, all else GET",
    413: f"{{method}} {{path}} has a body of more than {MOST_BODY_BYTES} bytes; split the batch",
    500: "{method} {path} failed; the cause is in the endpoint's log",
}


def create_endpoint_app(artefacts: Mapping[str, Path] | Sequence[Path]) -> Flask:
    """Make the application; every artefact is loaded and verified first.

    It speaks the Open Inference Protocol V2 under `/v2`, Seldon Core v1 under `/api/v1.0` (a router over all
    models) and `/seldon/NAMESPACE/MODEL/api/v1.0`, Hydrosphere's gateway under `/gateway/application/MODEL`,
    plain JSON at `/recommend`, and Prometheus at `/metrics`.

    Args:
        artefacts: folders of versions, by the name of the model expected there, or in a sequence which may
            hold several versions of a model, the default version last.

    Raises:
        ArtefactNotFoundError: an artefact is missing.
        CorruptArtefactError: an artefact is damaged or tampered with.
        ModelSettingsError: there is no artefact.
    """
    models = load_models(artefacts)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    counts = EndpointMetrics()
    counts.watch(app)
    app.register_blueprint(open_inference_blueprint(models, metadata.version("funflix")))
    seldon = seldon_blueprint(models, counts.count_reward)
    app.register_blueprint(seldon)
    app.register_blueprint(
        seldon, name=f"{seldon.name}_deployment", url_prefix="/seldon/<namespace>/<deployment>"
    )
    app.register_blueprint(hydrosphere_blueprint(models))
    app.register_blueprint(rest_blueprint(models))
    _answer_errors_in_json(app)
    return app


def _answer_errors_in_json(app: Flask) -> None:
    @app.errorhandler(InvalidRequestError)
    def refuse(error: InvalidRequestError) -> Response:
        return json_answer({"error": str(error)}, 400)

    @app.errorhandler(UnknownModelError)
    def not_found(error: UnknownModelError) -> Response:
        return json_answer({"error": str(error)}, 404)

    @app.errorhandler(HTTPException)
    def fail(error: HTTPException) -> Response:
        sentence = _SENTENCES.get(error.code or 500, "{method} {path}: " + error.name)
        path = shown(request.path)
        answer = json_answer({"error": sentence.format(method=request.method, path=path)}, error.code or 500)
        for name, value in error.get_headers():
            if name not in {"Content-Type", "Content-Length"}:  # such as Allow, which a 405 must name
                answer.headers[name] = value
        return answer
