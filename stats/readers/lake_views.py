"""The tables and views of the event log, over the files of a lake, in DuckDB's SQL.

A lake stores a slate and its impressions as one row; who clicked an impression has seen it, as in the log.
"""

from typing import Final

STORED: Final = (
    *("visitors", "exposures", "slates", "clicks", "plays", "visits"),
    *("visitor_labels", "event_labels", "refusals"),
)
"""The tables that a lake stores; here they are called `stored_` and the name."""

GROWN: Final = frozenset({"refusals"})
"""Those that got a column later, so that parts of one lake may differ."""

_TABLES: Final = (
    "CREATE VIEW visitors AS SELECT * FROM stored_visitors",
    "CREATE VIEW exposures AS SELECT * FROM stored_exposures",
    "CREATE VIEW clicks AS SELECT * FROM stored_clicks",
    "CREATE VIEW plays AS SELECT * FROM stored_plays",
    "CREATE VIEW visitor_labels AS SELECT * FROM stored_visitor_labels",
    "CREATE VIEW event_labels AS SELECT * FROM stored_event_labels",
    # A lake of before refusals had a variant has no such column.
    """CREATE VIEW refusals AS
    SELECT run_id, event, reason, coalesce(variant, '') AS variant, count(*) AS n,
        max(recorded_at) AS recorded_at
    FROM (SELECT * FROM stored_refusals UNION ALL BY NAME SELECT CAST(NULL AS VARCHAR) AS variant WHERE false)
    GROUP BY ALL""",
    """CREATE VIEW slates AS SELECT * EXCLUDE (movie_ids, viewed_after_ms) FROM stored_slates""",
    """CREATE VIEW impressions AS
    SELECT recorded_at, run_id, visitor_id, attempt, simulated_at, slate_id,
        unnest(range(1, len(movie_ids) + 1)) AS position, unnest(movie_ids) AS movie_id,
        simulated_at AS served_at, simulated_at + unnest(viewed_after_ms) AS viewed_at
    FROM stored_slates""",
    """CREATE VIEW visits AS
    SELECT run_id, visitor_id, attempt, simulated_at, engine, 'done' AS status,
        CAST(NULL AS VARCHAR) AS error, recorded_at AS started_at, recorded_at AS ended_at
    FROM stored_visits""",
    """CREATE TABLE ratings (
        rating_id VARCHAR, run_id VARCHAR, visitor_id VARCHAR, attempt BIGINT, recorded_at BIGINT,
        simulated_at BIGINT, movie_id BIGINT, stars DOUBLE
    )""",
)

# A number for each variant, so that a visitor's variants are the bits of one number.
_VARIANTS: Final = """
CREATE TABLE variant_bits AS
SELECT variant, CAST(1 AS BIGINT) << (row_number() OVER (ORDER BY variant) - 1) AS bit
FROM (SELECT variant FROM stored_exposures UNION SELECT variant FROM stored_slates)"""

_VISITOR_OUTCOMES: Final = """
CREATE VIEW visitor_outcomes AS
WITH shown AS (
    SELECT visitor_id,
        count(*) FILTER (surface = 'home') AS n_slates,
        coalesce(sum(len(movie_ids)) FILTER (surface = 'home'), 0) AS n_served,
        coalesce(sum(list_count(viewed_after_ms)) FILTER (surface = 'home'), 0) AS n_reported,
        avg(latency_ms) FILTER (surface = 'home') AS latency_ms,
        count(*) FILTER (surface = 'home' AND is_fallback) AS n_fallbacks,
        bit_or(bit) AS variant_bits
    FROM stored_slates JOIN variant_bits USING (variant) GROUP BY visitor_id
),
clicked AS (
    SELECT clicks.visitor_id, count(*) AS n_clicks,
        count(*) FILTER (slates.viewed_after_ms[clicks.position] IS NULL) AS n_unreported
    FROM stored_clicks AS clicks JOIN stored_slates AS slates USING (slate_id)
    WHERE clicks.surface = 'home' GROUP BY clicks.visitor_id
),
played AS (
    SELECT visitor_id, count(*) AS n_plays, sum(watch_s) AS watch_s FROM stored_plays GROUP BY visitor_id
)
SELECT
    exposures.run_id, exposures.visitor_id, exposures.variant,
    coalesce(exposures.simulated_at, exposures.recorded_at) AS exposed_at,
    coalesce(shown.n_slates, 0) AS n_slates, coalesce(shown.n_served, 0) AS n_served,
    coalesce(shown.n_reported, 0) + coalesce(clicked.n_unreported, 0) AS n_impressions,
    coalesce(clicked.n_clicks, 0) AS n_clicks, CAST(clicked.n_clicks IS NOT NULL AS INTEGER) AS clicked,
    coalesce(played.n_plays, 0) AS n_plays, coalesce(played.watch_s, 0.0) AS watch_s,
    shown.latency_ms, coalesce(shown.n_fallbacks, 0) AS n_fallbacks,
    CAST(coalesce(visitors.is_bot, false) AS INTEGER) AS is_bot, visitors.persona, visitors.user_id,
    bit_count(coalesce(shown.variant_bits, 0) | variant_bits.bit) AS n_variants,
    exposures.attempt AS n_attempts, 0 AS n_failed_attempts
FROM stored_exposures AS exposures
JOIN variant_bits USING (variant)
LEFT JOIN stored_visitors AS visitors USING (visitor_id)
LEFT JOIN shown USING (visitor_id)
LEFT JOIN clicked USING (visitor_id)
LEFT JOIN played USING (visitor_id)
ORDER BY visitor_id"""

_IMPRESSION_OUTCOMES: Final = """
CREATE VIEW impression_outcomes AS
SELECT
    slates.run_id, slates.visitor_id, slates.variant, slates.slate_id, slates.surface,
    impressions.position, impressions.movie_id, impressions.served_at, impressions.viewed_at,
    impressions.viewed_at IS NOT NULL OR clicks.click_id IS NOT NULL AS is_viewed,
    clicks.click_id IS NOT NULL AS is_clicked, slates.is_fallback
FROM slates
JOIN impressions USING (slate_id)
LEFT JOIN clicks ON clicks.slate_id = impressions.slate_id AND clicks.position = impressions.position"""

VIEWS: Final = (
    *_TABLES,
    _VARIANTS,
    _VISITOR_OUTCOMES,
    _IMPRESSION_OUTCOMES,
    # Every visit is the first attempt of its visitor, so all of it counts.
    "CREATE VIEW counted_clicks AS SELECT * FROM stored_clicks",
    "CREATE VIEW counted_plays AS SELECT * FROM stored_plays",
)
"""The statements that make the tables and views, over the stored tables."""
