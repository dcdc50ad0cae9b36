"""One question of the site to the event log: what has this visitor watched?"""

from dataclasses import dataclass
from pathlib import Path

from experiment.connections import reading

__all__ = ["WatchedFilm", "watched_films"]

# The index `plays_by_visitor` finds the rows.
_WATCHED = """
    SELECT movie_id, MAX(watch_s) AS watch_s, MAX(is_completed) AS is_completed
    FROM plays WHERE run_id = ? AND visitor_id = ? AND attempt = ?
    GROUP BY movie_id ORDER BY MAX(recorded_at) DESC, movie_id
"""


@dataclass(frozen=True, slots=True)
class WatchedFilm:
    """A film that a visitor played, and how much of it at most in one sitting."""

    movie_id: int
    watch_s: float
    is_completed: bool


def watched_films(path: Path, run_id: str, visitor_id: str, attempt: int) -> tuple[WatchedFilm, ...]:
    """The films that a visitor played, the latest begun first.

    Raises:
        EventLogError: the file is missing or not an event log.
    """
    with reading(path) as connection:
        rows = connection.execute(_WATCHED, (run_id, visitor_id, attempt)).fetchall()
    return tuple(WatchedFilm(row["movie_id"], row["watch_s"], bool(row["is_completed"])) for row in rows)
