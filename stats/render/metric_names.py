"""What reports call the metrics."""

from collections.abc import Mapping
from typing import Final

METRIC_NAMES: Final[Mapping[str, str]] = {
    "visitor_ctr": "visitor CTR",
    "impression_ctr": "impression CTR",
    "clicks_per_visitor": "clicks",
    "plays_per_visitor": "plays",
    "completed_plays_per_visitor": "completed plays",
    "watch_s_per_visitor": "watch time, s",
    "dwell_s": "dwell, s",
    "ratings_per_visitor": "ratings",
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
