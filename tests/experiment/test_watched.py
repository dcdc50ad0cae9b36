from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from experiment import EventLog, EventLogError, Play, WatchedFilm, watched_films

if TYPE_CHECKING:
    from pathlib import Path


def play(play_id: str, movie_id: int, watch_s: float, **more: object) -> Play:
    """A play of visitor v in run r."""
    given = {"run_id": "r", "visitor_id": "v"} | more
    return Play(play_id=play_id, movie_id=movie_id, watch_s=watch_s, **given)  # type: ignore[arg-type]  # fields by name


def test_watched_films_are_the_visitors_own_with_the_most_of_any_sitting(tmp_path: Path) -> None:
    with EventLog.open(tmp_path / "events.db") as log:
        log.record(play("a", 7, 60.0), play("b", 7, 40.0), play("c", 9, 5.0, is_completed=True))
        log.record(
            play("d", 1, 9.0, visitor_id="w"), play("e", 2, 9.0, attempt=2), play("f", 3, 9.0, run_id="s")
        )
    watched = watched_films(tmp_path / "events.db", "r", "v", 1)
    assert set(watched) == {WatchedFilm(7, 60.0, is_completed=False), WatchedFilm(9, 5.0, is_completed=True)}


def test_the_question_is_answered_from_an_index(tmp_path: Path) -> None:
    from experiment.watched import _WATCHED

    EventLog.open(tmp_path / "events.db").close()
    with closing(sqlite3.connect(tmp_path / "events.db")) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {_WATCHED}", ("r", "v", 1)).fetchall()
    assert any("SEARCH plays USING INDEX plays_by_visitor" in row[3] for row in plan)


def test_a_missing_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match=r"nowhere\.db"):
        watched_films(tmp_path / "nowhere.db", "r", "v", 1)
