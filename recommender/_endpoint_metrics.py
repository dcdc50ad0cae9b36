"""What the endpoint counts for Prometheus, also when several worker processes share the traffic."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from flask import Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from flask import Flask

_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0)
_NO_MODEL = "none"
_NO_PROTOCOL = "other"


class EndpointMetrics:
    """Requests, latencies and rewards by model.

    Several workers are added up if the environment variable PROMETHEUS_MULTIPROC_DIR named an empty folder
    before they started: prometheus_client then keeps its numbers in files there. Without it each worker shows
    its own.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "funflix_model_requests",
            "Requests to the model endpoint.",
            ("protocol", "model", "status"),
            registry=self._registry,
        )
        self._latency = Histogram(
            "funflix_model_latency_seconds",
            "Time from the request's arrival in the application to its answer.",
            ("protocol", "model"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._feedback = Counter(
            "funflix_model_feedback", "Feedback received.", ("model",), registry=self._registry
        )
        self._reward = Counter(
            "funflix_model_feedback_reward",
            "Sum of rewards in feedback.",
            ("model",),
            registry=self._registry,
        )

    def count_reward(self, model: str, reward: float) -> None:
        """Credit a model with one feedback."""
        self._feedback.labels(model).inc()
        self._reward.labels(model).inc(reward)

    def watch(self, app: Flask) -> None:
        """Count every request of the app, and offer the counts at `/metrics`."""

        @app.before_request
        def start_clock() -> None:
            g.started = time.perf_counter()

        @app.after_request
        def count(response: Response) -> Response:
            protocol, model = request.blueprint or _NO_PROTOCOL, g.get("model", _NO_MODEL)
            self._requests.labels(protocol, model, str(response.status_code)).inc()
            self._latency.labels(protocol, model).observe(time.perf_counter() - g.started)
            return response

        @app.get("/metrics")
        def metrics() -> Response:
            return Response(generate_latest(self._shown_registry()), content_type=CONTENT_TYPE_LATEST)

    def _shown_registry(self) -> CollectorRegistry:
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return self._registry
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # the library leaves it untyped
        return shared
