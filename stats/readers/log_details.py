"""What the event log tells of an arm besides who clicked: sums made by SQL over the counted visitors.

The questions are put to the temporary table `counted_visitors` (one row a visitor, of the latest attempt) and
to the tables of events. A log of other people, which has the view alone, gives no details.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from stats.details import MEAN_METRICS, SHARE_METRICS, STARS_METRIC, ArmDetails, Latencies
from stats.means import MeanArm, ratio_arm
from stats.outcomes import HOLDOUT
from stats.proportions import Arm
from stats.ratio_arm import RatioArm
from stats.readers import log_questions as ask
from stats.readers.shown_films import read_shown

_TABLES: Final = frozenset({"visitors", "slates", "impressions", "clicks", "plays", "ratings"})
_QUANTILE: Final = 0.95


def read_details(connection: sqlite3.Connection, run_id: str) -> dict[str, ArmDetails]:
    """Return the details of each variant; none where the log lacks the tables of events.

    Args:
        connection: its rows are addressed by name; `counted_visitors` has been made.
        run_id: the run that those visitors are of.
    """
    if not _has_tables(connection):
        return {}
    has_past = "n_ratings_before" in _columns(connection, "visitors")
    wanted = {"run": run_id, "holdout": HOLDOUT}
    for statement in ask.PREPARE:
        sql = statement.format(past="v.n_ratings_before" if has_past else "NULL")
        connection.execute(sql, wanted)
    variants = [row["variant"] for row in connection.execute(ask.VARIANTS)]
    values = {variant: _values(connection, variant) for variant in variants}
    stars = {row["variant"]: ratio_arm(row["variant"], row) for row in connection.execute(ask.STARS)}
    cells, pasts = connection.execute(ask.SEGMENTS).fetchall(), connection.execute(ask.PASTS).fetchall()
    bots = _arms(connection.execute(ask.BOTS))
    beacons, shown, latencies = _beacons(connection), read_shown(connection), _latencies(connection)
    visits: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
    for row in connection.execute(ask.VISITS):
        visits[row["variant"]][row["n_clicks"], row["n_impressions"]] = row["n"]
    is_past_known = any(cell["n_ratings_before"] is not None for cell in pasts)
    return {
        variant: ArmDetails(
            values=values[variant][0],
            ratios={STARS_METRIC: stars.get(variant, MeanArm(variant, 0, 0.0, 0.0))} if stars else {},
            shares=values[variant][1],
            segments={
                dimension: found
                for dimension in ("persona", "history", "device")
                if (found := _by(cells, variant, dimension))
            },
            days=_by(cells, variant, "day"),
            pasts=_by(pasts, variant, "n_ratings_before", absent=0) if is_past_known else {},
            past_name="log(1 + ratings before the experiment)",
            bots=bots.get(variant, Arm(variant, 0, 0)),
            beacons=beacons.get(variant),
            latencies=latencies.get(variant),
            shown=shown.get(variant),
            visits=visits[variant],
        )
        for variant in variants
    }


def _has_tables(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row["name"] for row in tables} >= _TABLES


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}


def _values(connection: sqlite3.Connection, variant: str) -> tuple[dict[str, MeanArm], dict[str, Arm]]:
    """Return metric -> a variant's values, and its shares; two passes, so that no large sums are subtracted.

    Each is one of a single arm: SQLite would sort the visitors to go through both arms at once.
    """
    totals = ", ".join(
        [
            *(f"avg({metric}) AS {metric}" for metric in MEAN_METRICS),
            *(f"sum({metric}) AS {metric}" for metric in SHARE_METRICS),
        ]
    )
    of_variant = "FROM visitor_values WHERE variant = :variant"
    found = connection.execute(
        f"SELECT count(*) AS n, {totals} {of_variant}", {"variant": variant}
    ).fetchone()
    means = {metric: found[metric] for metric in MEAN_METRICS}
    squares = ", ".join(
        f"sum(({metric} - :{metric}) * ({metric} - :{metric})) AS {metric}" for metric in means
    )
    row = connection.execute(f"SELECT {squares} {of_variant}", {"variant": variant, **means}).fetchone()
    has_ratings = connection.execute(ask.ANY_RATING).fetchone() is not None
    values = {
        metric: MeanArm(variant, found["n"], mean, row[metric])
        for metric, mean in means.items()
        if has_ratings or metric != "ratings_per_visitor"
    }
    return values, {metric: Arm(variant, found["n"], found[metric]) for metric in SHARE_METRICS}


def _arms(rows: Iterable[sqlite3.Row]) -> dict[str, Arm]:
    return {row["variant"]: Arm(row["variant"], row["n"], row["n_clicked"]) for row in rows}


def _by(cells: Iterable[sqlite3.Row], variant: str, column: str, absent: object = None) -> dict[Any, Arm]:
    """Return the visitors of a variant by the values of one column; who has none is left out, or `absent`."""
    found: dict[Any, Arm] = {}
    for cell in cells:
        value = absent if cell[column] is None else cell[column]
        if cell["variant"] == variant and value is not None:
            before = found.get(value, Arm(variant, 0, 0))
            found[value] = Arm(variant, before.n + cell["n"], before.successes + cell["n_clicked"])
    return found


def _beacons(connection: sqlite3.Connection) -> dict[str, Arm]:
    if connection.execute(ask.ANY_VIEW).fetchone() is None:
        return {}
    return {
        row["variant"]: Arm(row["variant"], row["n"], row["n_lost"])
        for row in connection.execute(ask.BEACONS)
    }


def _latencies(connection: sqlite3.Connection) -> dict[str, Latencies]:
    counts: dict[str, dict[float, int]] = defaultdict(dict)
    for row in connection.execute(ask.LATENCIES):
        counts[row["variant"]][row["latency_ms"]] = row["n"]
    return {
        variant: Latencies(of_variant, _design_effect(connection, variant, of_variant))
        for variant, of_variant in counts.items()
    }


def _design_effect(connection: sqlite3.Connection, variant: str, counts: Mapping[float, int]) -> float:
    """Return how many times more the share of slow slates varies than if no visitor had two."""
    total, below, limit = sum(counts.values()), 0, 0.0
    for limit, n in counts.items():  # noqa: B007 - the last one looked at is the quantile
        below += n
        if below >= _QUANTILE * total:
            break
    row = connection.execute(ask.SLOW, {"limit": limit, "variant": variant}).fetchone()
    slow = RatioArm(variant, **{name: row[name] or 0 for name in row.keys()})  # noqa: SIM118 - a Row has no iteration by name
    naive = slow.ctr * (1 - slow.ctr) / slow.impressions if slow.impressions else 0.0
    return max(1.0, slow.variance / naive) if naive and slow.n > 1 else 1.0
