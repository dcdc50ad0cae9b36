"""Read how a run's record compares with the true labels that its simulator left."""

import sqlite3
from pathlib import Path

from stats.readers.event_log import open_run
from stats.true_labels import LabelScore

# Of each visitor the latest attempt, as everywhere.
_VISITORS = """
SELECT count(*) AS n_visitors,
       count(DISTINCT labels.person_index) AS n_persons,
       coalesce(sum(labels.is_bot), 0) AS n_bots,
       coalesce(sum(seen.is_bot), 0) AS n_flagged,
       coalesce(sum(labels.is_bot * seen.is_bot), 0) AS n_caught,
       coalesce(sum(labels.has_ad_block), 0) AS n_ad_blocked
FROM (
    SELECT visitor_id, max(attempt) AS attempt FROM visitor_labels WHERE run_id = ? GROUP BY visitor_id
) AS latest
JOIN (SELECT visitor_id, attempt, person_index, CAST(is_bot AS INTEGER) AS is_bot,
             CAST(has_ad_block AS INTEGER) AS has_ad_block FROM visitor_labels WHERE run_id = ?) AS labels
    ON labels.visitor_id = latest.visitor_id AND labels.attempt = latest.attempt
LEFT JOIN (SELECT visitor_id, attempt, CAST(is_bot AS INTEGER) AS is_bot FROM visitors WHERE run_id = ?) AS seen
    ON seen.visitor_id = latest.visitor_id AND seen.attempt = latest.attempt
"""  # noqa: E501  one join a line

_LOST = "SELECT count(*) AS n FROM event_labels WHERE run_id = ? AND label = 'lost-view'"

# A second row for a place is a duplicate that was not refused.
_DOUBLED = """
SELECT count(DISTINCT labels.slate_id || ':' || labels.position) AS n_doubled,
       count(clicks.click_id) - count(DISTINCT clicks.slate_id || ':' || clicks.position) AS n_twice
FROM (SELECT slate_id, position FROM event_labels WHERE run_id = ? AND label = 'doubled-click') AS labels
LEFT JOIN (SELECT slate_id, position, click_id FROM clicks WHERE run_id = ?) AS clicks
    ON clicks.slate_id = labels.slate_id AND clicks.position = labels.position
"""

_HAS_LABELS = "SELECT name FROM sqlite_master WHERE name = 'visitor_labels'"


def read_label_score(path: Path, run_id: str | None = None) -> LabelScore | None:
    """Return how a run's record compares with the truth about it; None where no labels were left.

    Args:
        path: the event log, SQLite.
        run_id: None for the simulated run that started last, or the live one where nothing was simulated.

    Raises:
        UnreadableOutcomesError: no such file, or not an event log.
    """
    with open_run(path, run_id) as (connection, wanted):
        if isinstance(connection, sqlite3.Connection) and connection.execute(_HAS_LABELS).fetchone() is None:
            return None  # the log is older than labels
        people = connection.execute(_VISITORS, (wanted, wanted, wanted)).fetchone()
        if not people["n_visitors"]:
            return None
        n_lost = connection.execute(_LOST, (wanted,)).fetchone()["n"]
        doubled = connection.execute(_DOUBLED, (wanted, wanted)).fetchone()
    return LabelScore(
        n_visitors=int(people["n_visitors"]),
        n_persons=int(people["n_persons"]),
        n_bots=int(people["n_bots"]),
        n_flagged=int(people["n_flagged"]),
        n_caught=int(people["n_caught"]),
        n_ad_blocked=int(people["n_ad_blocked"]),
        n_lost_views=int(n_lost),
        n_doubled_clicks=int(doubled["n_doubled"]),
        n_refused_duplicates=int(doubled["n_doubled"] - doubled["n_twice"]),
    )
