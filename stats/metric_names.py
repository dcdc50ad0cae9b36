"""What reports call the metrics."""

from collections.abc import Mapping
from typing import Final

from stats.details import SHARE_METRICS
from stats.wording import exact_points

METRIC_NAMES: Final[Mapping[str, str]] = {
    "visitor_ctr": "visitor CTR",
    "impression_ctr": "impression CTR",
    "clicks_per_visitor": "clicks",
    "plays_per_visitor": "plays",
    "completed_plays_per_visitor": "completed plays",
    "watch_s_per_visitor": "watch time, s",
    "dwell_s": "dwell, s",
    "ratings_per_visitor": "ratings",
    "stars_per_rating": "stars per rating",
    "bounce_rate": "bounced",
    "fallback_rate": "met a fallback",
    "latency_p95": "latency p95, ms",
    "coverage": "coverage, films",
    "diversity": "diversity, films",
}
"""Metric -> its name in a table, where the unit is the visitor."""


def metric_name(metric: str) -> str:
    """Return the name of a metric; one from a column of anyone's table is called as the column is."""
    return METRIC_NAMES.get(metric, metric)


def metric_in_words(metric: str) -> str:
    """Return the name of a metric within a sentence, without its unit: `latency p95`, `bounce rate`."""
    if metric in SHARE_METRICS:
        return metric.replace("_", " ")
    return metric_name(metric).partition(", ")[0]


def margin_in_words(metric: str, margin: float) -> str:
    """Return a change of a metric with its unit: `10 ms`, `2 points`."""
    if metric in SHARE_METRICS:
        return exact_points(margin)
    unit = metric_name(metric).partition(", ")[2]
    return f"{margin:g} {unit}" if unit else f"{margin:g}"
