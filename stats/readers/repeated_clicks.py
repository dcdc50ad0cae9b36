"""What a log holds of clicks that came twice: the second was refused, counted, and stored nowhere else."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stats.proportions import Arm

_REFUSED: Final = """
SELECT {variant} AS variant, sum(n) AS n FROM refusals
WHERE run_id = ? AND event = 'click' AND reason = 'replayed' GROUP BY 1"""
_STORED: Final = "SELECT variant, count(*) AS n FROM clicks WHERE run_id = ? GROUP BY 1"


@dataclass(frozen=True, slots=True)
class RepeatedClicks:
    """Clicks of a run that were refused because they had been recorded before.

    Args:
        n: all of them; None where the log keeps no refusals.
        by_variant: variant of the slate -> clicks that arrived, and how many of them were such repeats; None
            where some were refused before refusals had a variant.
    """

    n: int | None = None
    by_variant: Mapping[str, Arm] | None = None

    def of(self, variant: str) -> Arm | None:
        """The clicks of one variant; None where they are not known."""
        if self.by_variant is None:
            return None
        return self.by_variant.get(variant, Arm(variant, 0, 0))


def read_repeated_clicks(connection: sqlite3.Connection, run_id: str) -> RepeatedClicks:
    """Return the repeated clicks of a run, as far as the log knows them.

    Args:
        connection: its rows are addressed by name.
        run_id: the run.
    """
    known = _columns(connection, "refusals")
    if not known:
        return RepeatedClicks()
    sql = _REFUSED.format(variant="variant" if "variant" in known else "''")
    refused = {row["variant"]: int(row["n"]) for row in connection.execute(sql, (run_id,))}
    n = sum(refused.values())
    if "variant" not in known or "" in refused or "variant" not in _columns(connection, "clicks"):
        return RepeatedClicks(n)
    stored = {row["variant"]: int(row["n"]) for row in connection.execute(_STORED, (run_id,))}
    return RepeatedClicks(
        n,
        {
            variant: Arm(variant, stored.get(variant, 0) + refused.get(variant, 0), refused.get(variant, 0))
            for variant in {**stored, **refused}
        },
    )


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table or view; none where there is no such table."""
    tables = {
        row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if table not in tables:
        return set()
    return {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
