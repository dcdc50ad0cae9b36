"""The questions about the visitors of a run, in SQLite's SQL; the first ones prepare temporary tables.

`counted_visitors` has been made: one row a visitor, of the latest attempt. Joins are written as CROSS JOIN
where the visitors must come first: each then finds its events through an index.
"""

from typing import Final

# "visitor" numbers the visitors; who is a bot or held out is no part of an arm.
PREPARE: Final = (
    """CREATE TEMP TABLE people AS
    SELECT c.rowid AS visitor, c.visitor_id, c.attempt, c.variant, c.exposed_at, c.clicked, c.n_clicks,
        c.n_impressions, c.n_fallbacks, v.persona, v.user_id, v.user_agent, {past} AS n_ratings_before
    FROM counted_visitors AS c LEFT JOIN visitors AS v
        ON v.run_id = :run AND v.visitor_id = c.visitor_id AND v.attempt = c.attempt
    WHERE NOT c.is_bot AND c.variant <> :holdout""",
    """CREATE TEMP TABLE shown_slates AS
    SELECT p.visitor, p.variant, s.slate_id, s.surface = 'home' AS is_home, s.latency_ms,
        coalesce(s.simulated_at, s.recorded_at) AS shown_at,
        (SELECT max(i.viewed_at) FROM impressions AS i WHERE i.slate_id = s.slate_id) AS last_view_at
    FROM people AS p CROSS JOIN slates AS s
        ON s.run_id = :run AND s.visitor_id = p.visitor_id AND s.attempt = p.attempt""",
    """CREATE TEMP TABLE looked AS
    SELECT visitor, max(shown_at) AS shown_at, max(last_view_at) AS last_view_at, count(*) AS n_slates
    FROM shown_slates GROUP BY visitor""",
    """CREATE TEMP TABLE clicked AS
    SELECT p.visitor, max(coalesce(e.simulated_at, e.recorded_at)) AS clicked_at
    FROM people AS p CROSS JOIN clicks AS e
        ON e.run_id = :run AND e.visitor_id = p.visitor_id AND e.attempt = p.attempt GROUP BY 1""",
    """CREATE TEMP TABLE played AS
    SELECT p.visitor, count(*) AS n_plays, total(e.is_completed) AS n_completed, total(e.watch_s) AS watch_s,
        max(coalesce(e.simulated_at, e.recorded_at) + 1000 * e.watch_s) AS ended_at
    FROM people AS p CROSS JOIN plays AS e
        ON e.run_id = :run AND e.visitor_id = p.visitor_id AND e.attempt = p.attempt GROUP BY 1""",
    # Of a film that a visitor rated again, the last rating.
    """CREATE TEMP TABLE rated AS
    SELECT visitor_id, attempt, count(*) AS n_ratings, sum(stars) AS stars FROM (
        SELECT visitor_id, attempt, stars, row_number() OVER (
            PARTITION BY visitor_id, attempt, movie_id
            ORDER BY coalesce(simulated_at, recorded_at) DESC, recorded_at DESC, rating_id DESC
        ) AS place FROM ratings WHERE run_id = :run
    ) AS ranked WHERE place = 1 GROUP BY 1, 2""",
    """CREATE TEMP TABLE visitor_values AS
    SELECT p.variant,
        p.n_clicks AS clicks_per_visitor,
        coalesce(w.n_plays, 0) AS plays_per_visitor,
        coalesce(w.n_completed, 0) AS completed_plays_per_visitor,
        coalesce(w.watch_s, 0) AS watch_s_per_visitor,
        max(0, coalesce(d.shown_at - p.exposed_at, 0), coalesce(d.last_view_at - p.exposed_at, 0),
            coalesce(k.clicked_at - p.exposed_at, 0), coalesce(w.ended_at - p.exposed_at, 0)
        ) / 1000.0 AS dwell_s,
        coalesce(r.n_ratings, 0) AS ratings_per_visitor,
        coalesce(d.n_slates, 0) <= 1 AND w.visitor IS NULL AS bounce_rate,
        p.n_fallbacks > 0 AS fallback_rate
    FROM people AS p
    LEFT JOIN looked AS d ON d.visitor = p.visitor
    LEFT JOIN clicked AS k ON k.visitor = p.visitor
    LEFT JOIN played AS w ON w.visitor = p.visitor
    LEFT JOIN rated AS r ON r.visitor_id = p.visitor_id AND r.attempt = p.attempt""",
)
STARS: Final = """
SELECT p.variant, count(*) AS n, sum(r.stars) AS x, sum(r.n_ratings) AS y, sum(r.stars * r.stars) AS xx,
    sum(r.n_ratings * r.n_ratings) AS yy, sum(r.stars * r.n_ratings) AS xy
FROM people AS p JOIN rated AS r ON r.visitor_id = p.visitor_id AND r.attempt = p.attempt GROUP BY 1"""
ANY_RATING: Final = "SELECT 1 FROM rated LIMIT 1"
VARIANTS: Final = "SELECT DISTINCT variant FROM people ORDER BY variant"
# Of each browser's name its kind is asked once, however many visitors have it.
SEGMENTS: Final = """
SELECT variant, persona, CASE WHEN is_new THEN 'new visitor' ELSE 'known user' END AS history,
    CASE WHEN user_agent LIKE '%Mobi%' OR user_agent LIKE '%Android%' THEN 'phone or tablet'
        WHEN user_agent <> '' THEN 'computer' END AS device,
    day, n, n_clicked
FROM (
    SELECT variant, persona, user_id IS NULL AS is_new, user_agent,
        (exposed_at - (SELECT min(exposed_at) FROM people) / 86400000 * 86400000) / 86400000 AS day,
        count(*) AS n, sum(clicked) AS n_clicked
    FROM people GROUP BY 1, 2, 3, 4, 5
) AS alike ORDER BY 5, 2, 3, 4"""
PASTS: Final = """
SELECT variant, n_ratings_before, count(*) AS n, sum(clicked) AS n_clicked
FROM people GROUP BY 1, 2 ORDER BY 2"""
BOTS: Final = (
    "SELECT variant, count(*) AS n, sum(clicked) AS n_clicked FROM counted_visitors WHERE is_bot GROUP BY 1"
)
BEACONS: Final = """
SELECT s.variant, count(*) AS n, sum(i.viewed_at IS NULL) AS n_lost FROM shown_slates AS s
JOIN clicks AS k ON k.slate_id = s.slate_id
JOIN impressions AS i ON i.slate_id = k.slate_id AND i.position = k.position
WHERE s.is_home GROUP BY 1"""
ANY_VIEW: Final = "SELECT 1 FROM shown_slates WHERE last_view_at IS NOT NULL LIMIT 1"
LATENCIES: Final = """
SELECT variant, round(latency_ms, 1) AS latency_ms, count(*) AS n FROM shown_slates
WHERE is_home AND latency_ms IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"""
SLOW: Final = """
SELECT count(*) AS n, sum(slow) AS clicks, sum(slates) AS impressions, sum(slow * slow) AS clicks_squared,
    sum(slates * slates) AS impressions_squared, sum(slow * slates) AS clicks_impressions
FROM (SELECT visitor, sum(latency_ms > :limit) AS slow, count(*) AS slates FROM shown_slates
    WHERE is_home AND latency_ms IS NOT NULL AND variant = :variant GROUP BY visitor)"""
VISITS: Final = """
SELECT variant, n_clicks, n_impressions, count(*) AS n FROM people GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
