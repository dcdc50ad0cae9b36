"""Which runs an event log in SQLite holds, and what is known of each."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stats.errors import UnreadableOutcomesError
from stats.outcomes import Run
from stats.readers.run_truth import read_truth

_RUNS = """
SELECT run_id, kind, experiment, experiment_hash, seed, engine, n_visitors, truth_json, settings_json,
       started_at, finished_at, status
FROM runs ORDER BY started_at, run_id
"""


def all_runs(connection: sqlite3.Connection, path: Path) -> tuple[Run, ...]:
    """Return the runs, oldest first.

    Args:
        connection: its rows are addressed by name.
        path: of the log, for messages.

    Raises:
        UnreadableOutcomesError: a column that should hold a JSON object does not.
    """
    return tuple(_run(row, path) for row in connection.execute(_RUNS))


def _run(row: sqlite3.Row, path: Path) -> Run:
    return Run(
        run_id=row["run_id"],
        experiment=row["experiment"] or "",
        kind=row["kind"] or "",
        status=row["status"] or "",
        experiment_hash=row["experiment_hash"] or None,
        seed=row["seed"],
        engine=row["engine"] or None,
        n_visitors=row["n_visitors"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        truth=read_truth(_object(row, "truth_json", path)),
        settings=_flat(_object(row, "settings_json", path)),
    )


def _object(row: sqlite3.Row, column: str, path: Path) -> Mapping[str, Any]:
    """Return a JSON column as an object; an empty one when there is none."""
    try:
        value = json.loads(row[column] or "{}")
    except ValueError as error:
        raise UnreadableOutcomesError(
            f"{path}: {column} of run {row['run_id']!r} is no JSON: {error}"
        ) from error
    if not isinstance(value, dict):
        raise UnreadableOutcomesError(
            f"{path}: {column} of run {row['run_id']!r} is {value!r}; it must be a JSON object"
        )
    return value


def _flat(fields: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return settings as rows of name and text; those inside an object bear its name in front."""
    rows: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            rows |= _flat(value, f"{prefix}{name} ")
        else:
            rows[f"{prefix}{name}".replace("_", " ")] = value if isinstance(value, str) else json.dumps(value)
    return rows
