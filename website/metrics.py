"""Numbers for Prometheus: what happened, counted in the event log, and latencies, measured in the workers.

The event log is one for all worker processes, so its counts are right whichever worker is asked.
"""

from collections.abc import Iterable

from flask import Blueprint, Response, make_response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from website.log_counts import CountedLog
from website.site import current_site

__all__ = ["bp"]

bp = Blueprint("metrics", __name__)

_SURFACE_LABELS = ("run", "variant", "surface")
_VARIANT_LABELS = ("run", "variant")


@bp.get("/metrics")
def show_metrics() -> Response:
    """Everything, in the text format of Prometheus."""
    site = current_site()
    registry = CollectorRegistry()
    registry.register(_LogCollector(site.log_counts.get()))
    text = generate_latest(registry) + generate_latest(site.meters.registry())
    return make_response(text, 200, {"Content-Type": CONTENT_TYPE_LATEST})


class _LogCollector(Collector):
    """Counts of the event log as Prometheus metrics. A ratio without a denominator is left out, never 0."""

    def __init__(self, counted: CountedLog) -> None:
        self._runs = counted.runs
        self._refusals = counted.refusals

    def collect(self) -> Iterable[Metric]:
        """All metrics, each complete."""
        yield self._surface_counter("slates", "Slates served.", "n_slates")
        yield self._surface_counter(
            "fallbacks", "Slates filled with popular films for want of a model.", "n_fallbacks"
        )
        yield self._surface_counter("served_impressions", "Films shown in slates.", "n_served")
        yield self._surface_counter("impressions", "Films of slates that were viewed or clicked.", "n_viewed")
        yield self._surface_counter("clicks", "Clicks on films of slates.", "n_clicks")
        yield self._slate_latency()
        yield from self._rates()
        refused = CounterMetricFamily(
            "funflix_refusals", "Events refused.", labels=("run", "event", "reason")
        )
        for refusal in self._refusals:
            refused.add_metric((refusal.run_id, refusal.event, refusal.reason), refusal.n)
        yield refused

    def _surface_counter(self, name: str, help_text: str, field: str) -> Metric:
        counter = CounterMetricFamily(f"funflix_{name}", help_text, labels=_SURFACE_LABELS)
        for run in self._runs:
            for counts in run.surfaces:
                counter.add_metric((run.run_id, counts.variant, counts.surface), getattr(counts, field))
        return counter

    def _slate_latency(self) -> Metric:
        mean = GaugeMetricFamily(
            "funflix_slate_latency_ms", "Mean time to ask for a slate.", labels=_SURFACE_LABELS
        )
        for run in self._runs:
            for counts in run.surfaces:
                if counts.n_latencies:
                    value = counts.latency_ms_sum / counts.n_latencies
                    mean.add_metric((run.run_id, counts.variant, counts.surface), value)
        return mean

    def _rates(self) -> Iterable[Metric]:
        exposed = GaugeMetricFamily(
            "funflix_visitors", "Visitors exposed, bots left out.", labels=_VARIANT_LABELS
        )
        clicked = GaugeMetricFamily(
            "funflix_visitors_clicked",
            "Of these, who clicked a recommended film at home.",
            labels=_VARIANT_LABELS,
        )
        visitor_ctr = GaugeMetricFamily(
            "funflix_visitor_ctr", "The second over the first.", labels=_VARIANT_LABELS
        )
        impression_ctr = GaugeMetricFamily(
            "funflix_impression_ctr", "Clicks over viewed impressions.", labels=_SURFACE_LABELS
        )
        for run in self._runs:
            for visitors in run.visitors:
                labels = (run.run_id, visitors.variant)
                exposed.add_metric(labels, visitors.n_exposed)
                clicked.add_metric(labels, visitors.n_clicked)
                if visitors.n_exposed:
                    visitor_ctr.add_metric(labels, visitors.n_clicked / visitors.n_exposed)
            for counts in run.surfaces:
                if counts.n_viewed:
                    impression_ctr.add_metric(
                        (run.run_id, counts.variant, counts.surface), counts.n_clicks / counts.n_viewed
                    )
        return exposed, clicked, visitor_ctr, impression_ctr
