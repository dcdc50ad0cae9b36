"""What the event log tells of an arm besides who clicked: sums made by SQL over the counted visitors.

The questions are put to the temporary table `counted_visitors` (one row a visitor, of the latest attempt) and
to the tables of events. A log of other people, which has the view alone, gives no details.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from stats.ctr import RatioArm
from stats.details import MEAN_METRICS, STARS_METRIC, ArmDetails, Latencies, ShownFilms
from stats.means import MeanArm, ratio_arm
from stats.outcomes import HOLDOUT
from stats.proportions import Arm
from stats.readers import log_questions as ask

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
    values, shares = _values(connection), _shares(connection)
    stars = {row["variant"]: ratio_arm(row["variant"], row) for row in connection.execute(ask.STARS)}
    cells = connection.execute(ask.SEGMENTS).fetchall()
    bots = _arms(connection.execute(ask.BOTS))
    beacons, shown, latencies = _beacons(connection), _shown(connection), _latencies(connection)
    visits: dict[str, dict[tuple[int, int], int]] = defaultdict(dict)
    for row in connection.execute(ask.VISITS):
        visits[row["variant"]][row["n_clicks"], row["n_impressions"]] = row["n"]
    is_past_known = any(cell["n_ratings_before"] is not None for cell in cells)
    return {
        variant: ArmDetails(
            values=values[variant],
            ratios={STARS_METRIC: stars.get(variant, MeanArm(variant, 0, 0.0, 0.0))} if stars else {},
            shares=shares[variant],
            segments={
                dimension: found
                for dimension in ("persona", "history", "device")
                if (found := _by(cells, variant, dimension))
            },
            days=_by(cells, variant, "day"),
            pasts=_by(cells, variant, "n_ratings_before", absent=0) if is_past_known else {},
            past_name="log(1 + ratings before the experiment)",
            bots=bots.get(variant, Arm(variant, 0, 0)),
            beacons=beacons.get(variant),
            latencies=latencies.get(variant),
            shown=shown.get(variant),
            visits=visits[variant],
        )
        for variant in shares
    }


def _has_tables(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row["name"] for row in tables} >= _TABLES


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}


def _values(connection: sqlite3.Connection) -> dict[str, dict[str, MeanArm]]:
    """Return variant -> metric -> its values; in two passes, so that no large sums are subtracted."""
    means = ", ".join(f"avg({metric}) AS mean_{metric}" for metric in MEAN_METRICS)
    squares = ", ".join(
        f"sum(({metric} - mean_{metric}) * ({metric} - mean_{metric})) AS squares_{metric}, mean_{metric}"
        for metric in MEAN_METRICS
    )
    query = (
        f"WITH means AS (SELECT variant, {means} FROM visitor_values GROUP BY variant) "  # noqa: S608 - our own names
        f"SELECT variant, count(*) AS n, {squares} FROM visitor_values JOIN means USING (variant) "
        "GROUP BY variant"
    )
    has_ratings = connection.execute(ask.ANY_RATING).fetchone() is not None
    metrics = [metric for metric in MEAN_METRICS if has_ratings or metric != "ratings_per_visitor"]
    return {
        row["variant"]: {
            metric: MeanArm(row["variant"], row["n"], row[f"mean_{metric}"], row[f"squares_{metric}"])
            for metric in metrics
        }
        for row in connection.execute(query)
    }


def _shares(connection: sqlite3.Connection) -> dict[str, dict[str, Arm]]:
    return {
        row["variant"]: {
            metric: Arm(row["variant"], row["n"], row[metric]) for metric in ("bounce_rate", "fallback_rate")
        }
        for row in connection.execute(ask.SHARES)
    }


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


def _shown(connection: sqlite3.Connection) -> dict[str, ShownFilms]:
    coverage: dict[str, list[float]] = defaultdict(list)
    diversity: dict[str, list[float]] = defaultdict(list)
    for row in connection.execute(ask.GROUPS):
        coverage[row["variant"]].append(row["n_films"])
        diversity[row["variant"]].append(row["n"] ** 2 / row["squares"])
    found = {}
    for row in connection.execute(ask.FILMS):
        variant, n_films, n = row["variant"], row["n_films"], row["n"]
        found[variant] = ShownFilms(
            n_impressions=n,
            n_films=n_films,
            # Of sorted counts: twice the sum of place times count / (films * sum), less (films + 1) / films.
            gini=max(0.0, 2 * row["ranks"] / (n_films * n) - (n_films + 1) / n_films),
            effective_films=n**2 / row["squares"],
            coverage=MeanArm.from_visitors(variant, coverage[variant]),
            diversity=MeanArm.from_visitors(variant, diversity[variant]),
        )
    return found


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
