"""The two applications that `endpoint.py` compares, as granian starts them."""

import json
import os
from pathlib import Path

from flask import Flask, Response, jsonify, request

from recommender import create_endpoint_app

ARTEFACTS_VARIABLE = "FUNFLIX_BENCHMARK_ARTEFACTS"


def create_model_app() -> Flask:
    """Our endpoint, over the artefacts that the environment names."""
    return create_endpoint_app([Path(path) for path in json.loads(os.environ[ARTEFACTS_VARIABLE])])


def create_bare_app() -> Flask:
    """The least a Flask JSON service does: parse, answer ten constants."""
    app = Flask(__name__, static_folder=None)
    answer = {"movie_id": list(range(10)), "score": [0.5] * 10}

    @app.post("/")
    def answer_json() -> Response:
        request.get_json()
        return jsonify(answer)

    return app
