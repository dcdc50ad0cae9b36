"""What analysis reads: the views, as SQL.

Only each visitor's latest attempt counts. There is a later one only because an earlier one broke off, maybe
after its slate was shown: where an arm makes visits fail, its visitors are looked at in a second try more
often. So n_attempts and n_failed_attempts are there to be compared between the arms. All times are in the
traffic's own clock: simulated where there is one.

Who clicked an impression has seen it, whatever was reported: pages report views by JavaScript, one second
after. So a clicked impression is a viewed one, and there are never more clicks than views.

In `visitor_outcomes`, n_slates to n_clicks, clicked, latency_ms and n_fallbacks are of home slates alone,
so that their ratios are of one kind. n_variants looks at every attempt and slate: a visitor whom a retry
moved to another arm has crossed over, too; most have met one, and only the others' are counted. Correlated
subqueries, not joins of grouped subqueries, keep the cost proportional to the run asked for rather than to
the whole log.
"""

IS_VIEWED = """(impressions.viewed_at IS NOT NULL OR EXISTS (SELECT 1 FROM clicks
    WHERE clicks.slate_id = impressions.slate_id AND clicks.position = impressions.position))"""
"""Whether a row of `impressions` was viewed."""

_VISITOR_OUTCOMES = f"""
CREATE VIEW visitor_outcomes AS
SELECT
    exposures.run_id, exposures.visitor_id, exposures.variant,
    COALESCE(exposures.simulated_at, exposures.recorded_at) AS exposed_at,
    (SELECT COUNT(*) FROM slates
        WHERE slates.run_id = exposures.run_id AND slates.visitor_id = exposures.visitor_id
        AND slates.attempt = exposures.attempt AND slates.surface = 'home') AS n_slates,
    (SELECT COUNT(*) FROM slates JOIN impressions ON impressions.slate_id = slates.slate_id
        WHERE slates.run_id = exposures.run_id AND slates.visitor_id = exposures.visitor_id
        AND slates.attempt = exposures.attempt AND slates.surface = 'home') AS n_served,
    (SELECT COUNT(*) FROM slates JOIN impressions ON impressions.slate_id = slates.slate_id
        WHERE slates.run_id = exposures.run_id AND slates.visitor_id = exposures.visitor_id
        AND slates.attempt = exposures.attempt AND slates.surface = 'home'
        AND {IS_VIEWED}) AS n_impressions,
    (SELECT COUNT(*) FROM clicks
        WHERE clicks.run_id = exposures.run_id AND clicks.visitor_id = exposures.visitor_id
        AND clicks.attempt = exposures.attempt AND clicks.surface = 'home') AS n_clicks,
    EXISTS (SELECT 1 FROM clicks
        WHERE clicks.run_id = exposures.run_id AND clicks.visitor_id = exposures.visitor_id
        AND clicks.attempt = exposures.attempt AND clicks.surface = 'home') AS clicked,
    (SELECT COUNT(*) FROM plays
        WHERE plays.run_id = exposures.run_id AND plays.visitor_id = exposures.visitor_id
        AND plays.attempt = exposures.attempt) AS n_plays,
    (SELECT TOTAL(plays.watch_s) FROM plays
        WHERE plays.run_id = exposures.run_id AND plays.visitor_id = exposures.visitor_id
        AND plays.attempt = exposures.attempt) AS watch_s,
    (SELECT AVG(slates.latency_ms) FROM slates
        WHERE slates.run_id = exposures.run_id AND slates.visitor_id = exposures.visitor_id
        AND slates.attempt = exposures.attempt AND slates.surface = 'home') AS latency_ms,
    (SELECT COUNT(*) FROM slates
        WHERE slates.run_id = exposures.run_id AND slates.visitor_id = exposures.visitor_id
        AND slates.attempt = exposures.attempt AND slates.surface = 'home'
        AND slates.is_fallback = 1) AS n_fallbacks,
    COALESCE(visitors.is_bot, 0) AS is_bot, visitors.persona, visitors.user_id,
    CASE WHEN EXISTS (SELECT 1 FROM exposures AS tried
            WHERE tried.run_id = exposures.run_id AND tried.visitor_id = exposures.visitor_id
            AND tried.variant <> exposures.variant)
        OR EXISTS (SELECT 1 FROM slates AS shown
            WHERE shown.run_id = exposures.run_id AND shown.visitor_id = exposures.visitor_id
            AND shown.variant <> exposures.variant)
    THEN (SELECT COUNT(DISTINCT variant) FROM (
        SELECT tried.variant FROM exposures AS tried
            WHERE tried.run_id = exposures.run_id AND tried.visitor_id = exposures.visitor_id
        UNION ALL
        SELECT shown.variant FROM slates AS shown
            WHERE shown.run_id = exposures.run_id AND shown.visitor_id = exposures.visitor_id
    )) ELSE 1 END AS n_variants,
    exposures.attempt AS n_attempts,
    (SELECT COUNT(*) FROM visits
        WHERE visits.run_id = exposures.run_id AND visits.visitor_id = exposures.visitor_id
        AND visits.status = 'failed') AS n_failed_attempts
FROM exposures
LEFT JOIN visitors ON visitors.run_id = exposures.run_id AND visitors.visitor_id = exposures.visitor_id
    AND visitors.attempt = exposures.attempt
WHERE exposures.attempt = (
    SELECT MAX(tried.attempt) FROM exposures AS tried
    WHERE tried.run_id = exposures.run_id AND tried.visitor_id = exposures.visitor_id
)
"""  # noqa: S608  our own words

_IMPRESSION_OUTCOMES = """
CREATE VIEW impression_outcomes AS
SELECT
    slates.run_id, slates.visitor_id, slates.variant, slates.slate_id, slates.surface,
    impressions.position, impressions.movie_id, impressions.served_at, impressions.viewed_at,
    impressions.viewed_at IS NOT NULL OR clicks.click_id IS NOT NULL AS is_viewed,
    clicks.click_id IS NOT NULL AS is_clicked,
    slates.is_fallback
FROM slates
JOIN impressions ON impressions.slate_id = slates.slate_id
LEFT JOIN clicks ON clicks.slate_id = impressions.slate_id AND clicks.position = impressions.position
WHERE slates.attempt = (
    SELECT MAX(tried.attempt) FROM exposures AS tried
    WHERE tried.run_id = slates.run_id AND tried.visitor_id = slates.visitor_id
)
"""

_COUNTED_CLICKS = """
CREATE VIEW counted_clicks AS
SELECT * FROM clicks WHERE clicks.attempt = (
    SELECT MAX(tried.attempt) FROM exposures AS tried
    WHERE tried.run_id = clicks.run_id AND tried.visitor_id = clicks.visitor_id
)
"""

_COUNTED_PLAYS = """
CREATE VIEW counted_plays AS
SELECT * FROM plays WHERE plays.attempt = (
    SELECT MAX(tried.attempt) FROM exposures AS tried
    WHERE tried.run_id = plays.run_id AND tried.visitor_id = plays.visitor_id
)
"""

VIEWS = (_VISITOR_OUTCOMES, _IMPRESSION_OUTCOMES, _COUNTED_CLICKS, _COUNTED_PLAYS)
"""The statements that make the views."""
