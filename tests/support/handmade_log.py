"""An event log of other people's making: what the reader asks for, and no more."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

# What the reader asks of an event log, made by hand: `visitor_outcomes` as a table instead of a view.
SCHEMA = """
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, kind TEXT, experiment TEXT, experiment_toml TEXT, experiment_hash TEXT,
  population_toml TEXT, seed INTEGER, engine TEXT, n_visitors INTEGER, truth_json TEXT, settings_json TEXT,
  started_at INTEGER, finished_at INTEGER, status TEXT);
CREATE TABLE visitor_outcomes (
  run_id TEXT, visitor_id TEXT, variant TEXT, exposed_at INTEGER, n_slates INTEGER, n_served INTEGER,
  n_impressions INTEGER, n_clicks INTEGER, clicked INTEGER, n_plays INTEGER, watch_s REAL, latency_ms REAL,
  n_fallbacks INTEGER, is_bot INTEGER, persona TEXT, user_id INTEGER, n_variants INTEGER);
"""
_INSERT_VISITOR = """
INSERT INTO visitor_outcomes
  (run_id, visitor_id, variant, n_slates, n_impressions, n_clicks, clicked, n_fallbacks, is_bot, n_variants)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
Visitor = tuple[str, str, str, int, int | None, int, int, int, int | None, int]


class Log:
    """A small event log that tests write rows into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(SCHEMA)

    def add_run(self, run_id: str, **columns: object) -> None:
        """Write one row of `runs`."""
        fields = {
            "run_id": run_id,
            "kind": "simulated",
            "experiment": "newer-data",
            "status": "done",
            **columns,
        }
        with closing(sqlite3.connect(self.path)) as connection, connection:
            Database(connection).table("runs").insert(fields)

    def add_visitors(self, visitors: list[Visitor]) -> None:
        """Write rows of `visitor_outcomes`."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.executemany(_INSERT_VISITOR, visitors)
