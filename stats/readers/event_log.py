"""Read runs and outcomes from an event log in SQLite: aggregates made by SQL, never rows in Python.

It reads the `runs` table and the view `visitor_outcomes`, inside one transaction, so that a report on a live
run is of one moment. A run whose settings name a lake has its events there, as Parquet files.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from stats.details import ArmDetails
from stats.errors import UnknownRunError, UnreadableOutcomesError
from stats.outcomes import HOLDOUT, ArmOutcomes, Outcomes, Run
from stats.proportions import Arm
from stats.ratio_arm import RatioArm
from stats.readers.lake import open_lake
from stats.readers.log_details import read_details
from stats.readers.repeated_clicks import read_repeated_clicks
from stats.readers.runs import all_runs
from stats.readers.split_requests import by_request

LIVE_RUN = "live"
"""The run id of hand browsing."""

# A table, so that each subquery of the view runs once for a visitor however often its column is used.
_COUNTED = """
CREATE TEMP TABLE counted_visitors AS
SELECT visitor_id,
       {n_attempts} AS attempt,
       variant,
       exposed_at,
       coalesce(is_bot, 0) AS is_bot,
       coalesce(clicked, 0) AS clicked,
       coalesce(n_clicks, 0) AS n_clicks,
       coalesce(n_impressions, 0) AS n_impressions,
       n_slates,
       n_fallbacks,
       n_variants,
       {n_failed_attempts} AS n_failed_attempts
FROM visitor_outcomes WHERE run_id = ?
"""

_OUTCOMES = """
SELECT variant,
       is_bot,
       count(*) AS n,
       sum(clicked) AS n_clicked,
       sum(n_clicks) AS clicks,
       sum(n_impressions) AS impressions,
       sum(n_clicks * n_clicks) AS clicks_squared,
       sum(n_impressions * n_impressions) AS impressions_squared,
       sum(n_clicks * n_impressions) AS clicks_impressions,
       coalesce(sum(n_slates), 0) AS n_slates,
       coalesce(sum(n_fallbacks), 0) AS n_fallbacks,
       coalesce(sum(n_variants > 1), 0) AS n_crossovers,
       sum(n_failed_attempts) AS n_failed_attempts
FROM counted_visitors GROUP BY variant, is_bot ORDER BY variant, is_bot
"""

# The visitors in the order of their first home slate, so many to a moment.
_HISTORY = """
WITH arrivals AS (
    SELECT variant, clicked, (row_number() OVER (ORDER BY exposed_at, visitor_id) - 1) / ? AS moment
    FROM counted_visitors WHERE NOT is_bot AND variant <> ?
)
SELECT moment, variant, count(*) AS n, sum(clicked) AS n_clicked
FROM arrivals GROUP BY moment, variant ORDER BY moment
"""


def read_runs(path: Path) -> tuple[Run, ...]:
    """Return the runs of an event log, oldest first.

    Raises:
        UnreadableOutcomesError: no such file, or not an event log.
    """
    with _connected(path) as connection:
        return all_runs(connection, path)


def read_outcomes(
    path: Path,
    run_id: str | None = None,
    *,
    n_moments: int = 0,
    with_details: bool = False,
    is_split_by_request: bool = False,
) -> Outcomes:
    """Return what one run observed, bots and holdout left out and counted.

    Args:
        path: the SQLite file.
        run_id: None for the simulated run that started last, or the live one where nothing was simulated.
        n_moments: for a design of several looks: into how many moments the arrival of visitors may be cut, a
            few hundred; 0 reads no history. A moment holds a power of two of visitors, so that moments, and
            with them the visitors a look counts, stay the same while more come (until they double).
        with_details: read too what `ArmDetails` holds, from the tables of events.
        is_split_by_request: count slates, impressions and clicks in the variant of each slate; visitors meet
            several, so there are no details.

    Raises:
        UnreadableOutcomesError: no such file, not an event log, or a run's truth cannot be read.
        UnknownRunError: the log holds no such run; the message lists those it holds.
    """
    with _connected(path) as connection:
        runs = all_runs(connection, path)
        wanted = run_id if run_id is not None else _latest(runs)
        known = {run.run_id: run for run in runs}
        with _events_of(known.get(wanted), connection, path) as events:
            found = _read(
                events,
                known.get(wanted) or Run(wanted, kind="live" if wanted == LIVE_RUN else ""),
                n_moments=n_moments,
                with_details=with_details,
                is_split_by_request=is_split_by_request,
            )
    if wanted not in known and not (found.arms or found.n_bots or found.n_holdout):
        held = ", ".join(known) if known else "none"
        raise UnknownRunError(f"run {wanted!r} is not in {path}; it holds: {held}")
    return found


def _read(
    events: sqlite3.Connection,
    run: Run,
    *,
    n_moments: int,
    with_details: bool,
    is_split_by_request: bool,
) -> Outcomes:
    """Ask the events of a run; arguments as above."""
    events.execute(_counted_sql(events), (run.run_id,))
    rows = events.execute(_OUTCOMES).fetchall()
    arrivals = []
    if n_moments:
        size = _moment_size(sum(row["n"] for row in rows), n_moments)
        arrivals = events.execute(_HISTORY, (size, HOLDOUT)).fetchall()
    details = read_details(events, run.run_id) if with_details and not is_split_by_request else {}
    repeats = read_repeated_clicks(events, run.run_id)
    people = [row for row in rows if not row["is_bot"]]
    arms = tuple(
        _arm(row, details.get(row["variant"]), repeats.of(row["variant"]))
        for row in people
        if row["variant"] != HOLDOUT
    )
    return Outcomes(
        run=run,
        arms=by_request(events, run.run_id, arms) if is_split_by_request else arms,
        n_bots=sum(row["n"] for row in rows if row["is_bot"]),
        n_holdout=sum(row["n"] for row in people if row["variant"] == HOLDOUT),
        n_repeated_clicks=repeats.n,
        history=_history(arrivals),
    )


@contextmanager
def open_run(path: Path, run_id: str | None) -> Iterator[tuple[sqlite3.Connection, str]]:
    """Open the events of one run for questions of their own, and say which run it is; `run_id` as above.

    Raises:
        UnreadableOutcomesError: no such file, or not an event log.
    """
    with _connected(path) as connection:
        runs = all_runs(connection, path)
        wanted = run_id if run_id is not None else _latest(runs)
        run = next((run for run in runs if run.run_id == wanted), None)
        with _events_of(run, connection, path) as events:
            yield events, wanted


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the log read only, in one transaction, with the library's errors turned into ours."""
    if not path.is_file():
        raise UnreadableOutcomesError(
            f"no event log at {path}; simulate or serve first, or name another workspace"
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise UnreadableOutcomesError(
            f"{path} cannot be read as an event log: {error}; it needs a `runs` table and a "
            "`visitor_outcomes` view"
        ) from error


@contextmanager
def _events_of(run: Run | None, log: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """Where the events of a run are: in the log itself, or in a lake beside it."""
    lake = None if run is None else run.settings.get("lake")
    if lake is None:
        yield log
        return
    with open_lake(path.parent / lake) as events:
        yield cast("sqlite3.Connection", events)  # it is asked in the same way, and answers in the same way


def _counted_sql(connection: sqlite3.Connection) -> str:
    """The visitors; a view made by other people, or by an older version, may know nothing of attempts."""
    columns = {row["name"] for row in connection.execute("PRAGMA table_info(visitor_outcomes)")}
    names = {"n_attempts": "1", "n_failed_attempts": "NULL"}
    return _COUNTED.format(**{name: name if name in columns else absent for name, absent in names.items()})


def _moment_size(n_visitors: int, n_moments: int) -> int:
    """Return the least power of two of visitors of which `n_moments` hold them all."""
    size = 1
    while size * n_moments < n_visitors:
        size *= 2
    return size


def _history(arrivals: list[sqlite3.Row]) -> tuple[tuple[Arm, ...], ...]:
    """Return the arms as they stood at the end of each moment."""
    so_far: dict[str, Arm] = {}
    moments: dict[int, tuple[Arm, ...]] = {}
    for row in arrivals:
        before = so_far.get(row["variant"], Arm(row["variant"], 0, 0))
        so_far[row["variant"]] = Arm(row["variant"], before.n + row["n"], before.successes + row["n_clicked"])
        moments[row["moment"]] = tuple(so_far.values())
    return tuple(moments.values())


def _latest(runs: tuple[Run, ...]) -> str:
    simulated = [run.run_id for run in runs if run.run_id != LIVE_RUN]
    return simulated[-1] if simulated else LIVE_RUN


def _arm(row: sqlite3.Row, details: ArmDetails | None, repeats: Arm | None) -> ArmOutcomes:
    variant = row["variant"]
    return ArmOutcomes(
        visitors=Arm(variant, row["n"], row["n_clicked"]),
        impressions=RatioArm(
            variant=variant,
            n=row["n"],
            clicks=row["clicks"],
            impressions=row["impressions"],
            clicks_squared=row["clicks_squared"],
            impressions_squared=row["impressions_squared"],
            clicks_impressions=row["clicks_impressions"],
        ),
        n_slates=row["n_slates"],
        n_fallbacks=row["n_fallbacks"],
        n_crossovers=row["n_crossovers"],
        n_failed_attempts=row["n_failed_attempts"],
        repeats=repeats,
        details=details,
    )
