"""Read every visitor of a run, one by one, to draw simulated experiments from."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from stats.errors import UnreadableOutcomesError
from stats.outcomes import HOLDOUT
from stats.visitor_pool import VisitorPool

_VISITORS = """
SELECT coalesce(clicked, 0), coalesce(n_clicks, 0), coalesce(n_impressions, 0)
FROM visitor_outcomes
WHERE run_id = ? AND variant <> ? AND NOT coalesce(is_bot, 0)
ORDER BY visitor_id
"""


def read_visitor_pool(path: Path, run_id: str) -> VisitorPool:
    """Return what each visitor of a run did, in the order of their ids; bots and holdout left out.

    Args:
        path: the event log, SQLite.
        run_id: a run in which everybody was in one arm.

    Raises:
        UnreadableOutcomesError: not an event log.
        NotEnoughDataError: the run has fewer than 100 visitors.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute(_VISITORS, (run_id, HOLDOUT)).fetchall()
    except sqlite3.Error as error:
        raise UnreadableOutcomesError(f"{path} cannot be read as an event log: {error}") from error
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 3)
    return VisitorPool.from_visitors(table[:, 0], table[:, 1], table[:, 2])
