"""What a log holds of a run whose requests were split: home slates by the variant of the slate."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from stats.outcomes import ArmOutcomes
from stats.ratio_arm import RatioArm
from stats.shared_visitors import SharedVisitors

# `counted_visitors` says who is a bot; who is held out meets no variant but the holdout.
_MET = """
CREATE TEMP TABLE met_variants AS
SELECT visitor_id, variant, sum(is_viewed) AS n_impressions, sum(is_clicked) AS n_clicks
FROM impression_outcomes
WHERE run_id = ? AND surface = 'home'
      AND visitor_id IN (SELECT visitor_id FROM counted_visitors WHERE is_bot = 0)
GROUP BY visitor_id, variant
"""

_SUMS = """
SELECT variant, count(*) AS n, sum(n_clicks) AS clicks, sum(n_impressions) AS impressions,
       sum(n_clicks * n_clicks) AS clicks_squared, sum(n_impressions * n_impressions) AS impressions_squared,
       sum(n_clicks * n_impressions) AS clicks_impressions
FROM met_variants GROUP BY variant
"""

_SHARED = """
SELECT own.variant AS variant, other.variant AS other_variant, count(*) AS n,
       sum(own.n_clicks * other.n_clicks) AS clicks_clicks,
       sum(own.n_clicks * other.n_impressions) AS clicks_impressions,
       sum(own.n_impressions * other.n_clicks) AS impressions_clicks,
       sum(own.n_impressions * other.n_impressions) AS impressions_impressions
FROM met_variants AS own JOIN met_variants AS other
     ON own.visitor_id = other.visitor_id AND own.variant <> other.variant
GROUP BY own.variant, other.variant
"""

_SLATES = """
SELECT variant, count(*) AS n_slates, coalesce(sum(is_fallback), 0) AS n_fallbacks
FROM (SELECT DISTINCT slate_id, variant, is_fallback FROM impression_outcomes
      WHERE run_id = ? AND surface = 'home'
            AND visitor_id IN (SELECT visitor_id FROM counted_visitors WHERE is_bot = 0)) AS home_slates
GROUP BY variant
"""


def by_request(
    events: sqlite3.Connection, run_id: str, arms: Sequence[ArmOutcomes]
) -> tuple[ArmOutcomes, ...]:
    """The arms with slates, impressions and clicks where they belong: to the variant of each slate.

    Visitors still count in the variant of their first home slate, each once, so that there are as many as
    came; of what they did afterwards that variant says nothing.

    Args:
        events: where `counted_visitors` was made.
        run_id: the run.
        arms: as counted by visitor.
    """
    events.execute(_MET, (run_id,))
    sums = {row["variant"]: row for row in events.execute(_SUMS).fetchall()}
    slates = {row["variant"]: row for row in events.execute(_SLATES, (run_id,)).fetchall()}
    shared: dict[str, dict[str, SharedVisitors]] = {}
    for row in events.execute(_SHARED).fetchall():
        shared.setdefault(row["variant"], {})[row["other_variant"]] = _shared(row)
    return tuple(
        replace(
            arm,
            impressions=_ratio(sums[name]),
            shared=shared.get(name, {}),
            n_slates=int(slates[name]["n_slates"]),
            n_fallbacks=int(slates[name]["n_fallbacks"]),
        )
        if (name := arm.visitors.variant) in sums
        else arm
        for arm in arms
    )


def _ratio(row: sqlite3.Row) -> RatioArm:
    return RatioArm(
        variant=row["variant"],
        n=int(row["n"]),
        clicks=int(row["clicks"]),
        impressions=int(row["impressions"]),
        clicks_squared=int(row["clicks_squared"]),
        impressions_squared=int(row["impressions_squared"]),
        clicks_impressions=int(row["clicks_impressions"]),
    )


def _shared(row: sqlite3.Row) -> SharedVisitors:
    return SharedVisitors(
        n=int(row["n"]),
        clicks_clicks=int(row["clicks_clicks"]),
        clicks_impressions=int(row["clicks_impressions"]),
        impressions_clicks=int(row["impressions_clicks"]),
        impressions_impressions=int(row["impressions_impressions"]),
    )
