"""How long requests take, measured where they are answered.

Under several worker processes prometheus_client adds them up, by files in PROMETHEUS_MULTIPROC_DIR.
"""

import os

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["Meters"]

_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """The site's latency histogram, by route."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._latency = Histogram(
            "funflix_request_seconds",
            "Time from the first line of a request to its answer.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self._own,
        )

    def observe(self, route: str, seconds: float) -> None:
        """Count one answered request."""
        self._latency.labels(route).observe(seconds)

    def registry(self) -> CollectorRegistry:
        """What to print: this process alone, or all workers together."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return self._own
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
        return registry
