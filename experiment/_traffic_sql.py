"""The questions behind `traffic`, each answered from an index of the run's rows."""

PULSE = """
SELECT MIN(recorded_at) AS first_at, MAX(recorded_at) AS last_at, COUNT(*) AS n_exposed,
       COUNT(*) FILTER (WHERE recorded_at >= :since_ms) AS n_recent,
       (SELECT COUNT(*) FROM visits WHERE run_id = :run_id) AS n_visits,
       (SELECT COUNT(*) FROM visits WHERE run_id = :run_id AND status = 'done') AS n_done,
       (SELECT COUNT(*) FROM visits WHERE run_id = :run_id AND status = 'failed') AS n_failed,
       (SELECT COUNT(*) FROM visits WHERE run_id = :run_id AND attempt > 1) AS n_retries,
       (SELECT COUNT(*) FROM visits WHERE run_id = :run_id AND status = 'started') AS n_open
FROM exposures WHERE run_id = :run_id
"""

ARRIVAL_SPAN = """
SELECT MIN(COALESCE(simulated_at, recorded_at)) AS first_at,
       MAX(COALESCE(simulated_at, recorded_at)) AS last_at
FROM exposures WHERE run_id = :run_id
"""

# A table, so that each subquery of the view runs once for a visitor.
COUNT_VISITORS = """
CREATE TEMP TABLE counted_visitors AS
SELECT exposed_at, variant, clicked, n_impressions > 0 AS has_viewed, n_plays > 0 AS has_played,
       n_plays > 0 AND EXISTS (SELECT 1 FROM plays WHERE plays.run_id = visitor_outcomes.run_id
           AND plays.visitor_id = visitor_outcomes.visitor_id
           AND plays.attempt = visitor_outcomes.n_attempts AND plays.is_completed) AS has_finished
FROM visitor_outcomes WHERE run_id = :run_id AND is_bot = 0 AND variant <> :holdout
"""

ARRIVALS = """
SELECT exposed_at / :width_ms * :width_ms AS started_at, variant, COUNT(*) AS n,
       COALESCE(SUM(clicked), 0) AS n_clicked
FROM counted_visitors GROUP BY 1, 2 ORDER BY 1, 2
"""

FUNNEL = """
SELECT variant, COUNT(*) AS n_exposed,
       COUNT(*) FILTER (WHERE has_viewed) AS n_viewed,
       COUNT(*) FILTER (WHERE has_viewed AND clicked) AS n_clicked,
       COUNT(*) FILTER (WHERE has_viewed AND clicked AND has_played) AS n_played,
       COUNT(*) FILTER (WHERE has_viewed AND clicked AND has_played AND has_finished) AS n_finished
FROM counted_visitors GROUP BY variant ORDER BY variant
"""

SWARM_SPAN = """
SELECT MIN(at) AS first_at, MAX(at) AS last_at FROM (
    SELECT MIN(ended_at) AS at FROM visits WHERE run_id = :run_id
    UNION ALL SELECT MAX(ended_at) FROM visits WHERE run_id = :run_id
    UNION ALL SELECT MIN(recorded_at) FROM exposures WHERE run_id = :run_id
    UNION ALL SELECT MAX(recorded_at) FROM exposures WHERE run_id = :run_id
)
"""

VISITS = """
SELECT ended_at / :width_ms * :width_ms AS started_at, COUNT(*) FILTER (WHERE status = 'done') AS n_done,
       COUNT(*) FILTER (WHERE status = 'failed') AS n_failed
FROM visits WHERE run_id = :run_id AND ended_at IS NOT NULL GROUP BY 1 ORDER BY 1
"""

# Counted by tenths of a millisecond first: only those few are ranked.
LATENCIES = """
WITH counted AS (
    SELECT variant, ROUND(latency_ms, 1) AS latency_ms, MAX(latency_ms) AS highest_ms, COUNT(*) AS n
    FROM slates WHERE run_id = :run_id AND latency_ms IS NOT NULL GROUP BY 1, 2
), ranked AS (
    SELECT variant, latency_ms, highest_ms, SUM(n) OVER (PARTITION BY variant ORDER BY latency_ms) AS place,
           SUM(n) OVER (PARTITION BY variant) AS n
    FROM counted
)
SELECT variant, MAX(n) AS n,
       MIN(latency_ms) FILTER (WHERE place >= 0.50 * n) AS p50_ms,
       MIN(latency_ms) FILTER (WHERE place >= 0.95 * n) AS p95_ms,
       MIN(latency_ms) FILTER (WHERE place >= 0.99 * n) AS p99_ms,
       MAX(highest_ms) AS max_ms
FROM ranked GROUP BY variant ORDER BY variant
"""

LATENCY_MOMENTS = """
WITH counted AS (
    SELECT recorded_at / :width_ms * :width_ms AS started_at, ROUND(latency_ms, 1) AS latency_ms,
           COUNT(*) AS n
    FROM slates WHERE run_id = :run_id AND latency_ms IS NOT NULL GROUP BY 1, 2
), ranked AS (
    SELECT started_at, latency_ms, SUM(n) OVER (PARTITION BY started_at ORDER BY latency_ms) AS place,
           SUM(n) OVER (PARTITION BY started_at) AS n
    FROM counted
)
SELECT started_at, MAX(n) AS n,
       MIN(latency_ms) FILTER (WHERE place >= 0.50 * n) AS p50_ms,
       MIN(latency_ms) FILTER (WHERE place >= 0.95 * n) AS p95_ms
FROM ranked GROUP BY started_at ORDER BY started_at
"""

FAILURES = """
SELECT COALESCE(error, 'no reason was given') AS error, COUNT(*) AS n
FROM visits WHERE run_id = :run_id AND status = 'failed' GROUP BY 1 ORDER BY n DESC, error LIMIT :n
"""

# Each kind is cut to its latest rows before they are merged.
FEED = """
SELECT recorded_at, kind, visitor_id, variant, movie_id, text FROM (
    SELECT * FROM (SELECT recorded_at, 'exposure' AS kind, visitor_id, variant, NULL AS movie_id,
        NULL AS text FROM exposures WHERE run_id = :run_id ORDER BY recorded_at DESC LIMIT :n)
    UNION ALL SELECT * FROM (SELECT recorded_at, 'click', visitor_id, variant, movie_id,
        surface || ', position ' || position FROM clicks WHERE run_id = :run_id
        ORDER BY recorded_at DESC LIMIT :n)
    UNION ALL SELECT * FROM (SELECT recorded_at, 'play', visitor_id,
        (SELECT variant FROM exposures WHERE exposures.run_id = plays.run_id
            AND exposures.visitor_id = plays.visitor_id AND exposures.attempt = plays.attempt),
        movie_id, CAST(ROUND(watch_s / 60) AS INTEGER) || ' min' FROM plays WHERE run_id = :run_id
        ORDER BY recorded_at DESC LIMIT :n)
    UNION ALL SELECT * FROM (SELECT ended_at, 'failure', visitor_id, NULL, NULL, error FROM visits
        WHERE run_id = :run_id AND status = 'failed' AND ended_at IS NOT NULL
        ORDER BY ended_at DESC LIMIT :n)
) ORDER BY recorded_at DESC, kind, visitor_id LIMIT :n
"""
