"""How long a report takes, from an event log in SQLite to text; beside the bare SQL, and reading by row.

*New process* is what a person waits for: a new Python that imports, reads, computes and prints. The other
rows are in one process, imports done: the view's aggregate alone (the floor), the whole report, and the usual
way of reading every visitor into Python and asking statsmodels.

    python benchmarks/report.py [--visitors 2000 20000]
"""

import argparse
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from experiment import (
    Click,
    Event,
    EventLog,
    Exposure,
    Impression,
    RunFinished,
    RunStarted,
    Slate,
    View,
    VisitorSeen,
)
from stats import Design, build_report, read_outcomes, render_text

RUN = "benchmark"
_PROCESS = """
from datetime import UTC, datetime
from pathlib import Path
import sys
from stats import Design, build_report, read_outcomes, render_text
outcomes = read_outcomes(Path(sys.argv[1]), sys.argv[2])
print(render_text(build_report(outcomes, Design(), generated_at=datetime.now(UTC))))
"""


def visit(visitor_id: str, variant: str, position: int | None) -> list[Event]:
    """One home slate of six viewed films, one of which may be clicked."""
    who = {"run_id": RUN, "visitor_id": visitor_id}
    events: list[Event] = [
        VisitorSeen(**who),
        Exposure(**who, variant=variant),
        Slate(**who, slate_id=visitor_id, surface="home", variant=variant, latency_ms=3.0),
    ]
    for place in range(1, 7):
        events.append(Impression(**who, slate_id=visitor_id, position=place, movie_id=place, served_at=0))
        events.append(View(**who, slate_id=visitor_id, position=place, after_ms=1_000))
    if position:
        events.append(
            Click(
                **who,
                click_id=visitor_id,
                slate_id=visitor_id,
                surface="home",
                position=position,
                movie_id=position,
                variant=variant,
            )
        )
    return events


def make_log(path: Path, n_visitors: int) -> None:
    rng = np.random.default_rng(7)
    positions = rng.integers(1, 7, n_visitors) * (rng.random(n_visitors) < 0.09)
    with EventLog.open(path) as log:
        log.record(
            RunStarted(
                run_id=RUN, kind="simulated", experiment="b", experiment_toml="", experiment_hash="", seed=7
            )
        )
        for start in range(0, n_visitors, 500):
            indexes = range(start, min(start + 500, n_visitors))
            visits = [visit(f"v{i}", ("control", "treatment")[i % 2], int(positions[i])) for i in indexes]
            log.record(*(event for events in visits for event in events))
        log.record(RunFinished(run_id=RUN))


def aggregate_alone(path: Path) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT variant, count(*), sum(clicked), sum(n_clicks), sum(n_impressions)"
            " FROM visitor_outcomes WHERE run_id = ? GROUP BY variant",
            (RUN,),
        ).fetchall()


def whole_report(path: Path) -> object:
    return render_text(build_report(read_outcomes(path, RUN), Design(), generated_at=datetime.now(UTC)))


def by_row(path: Path) -> object:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT variant, clicked, n_clicks, n_impressions FROM visitor_outcomes WHERE run_id = ?", (RUN,)
        ).fetchall()
    n = {name: sum(row[0] == name for row in rows) for name in ("treatment", "control")}
    clicked = {name: sum(row[1] for row in rows if row[0] == name) for name in n}
    counts, sizes = list(clicked.values()), list(n.values())
    interval = confint_proportions_2indep(
        counts[0], sizes[0], counts[1], sizes[1], method="newcomb", compare="diff"
    )
    return proportions_ztest(counts, sizes, alternative="larger"), interval


def process(path: Path) -> object:
    return subprocess.run([sys.executable, "-c", _PROCESS, str(path), RUN], check=True, capture_output=True)


def median_s(
    work: Callable[[Path], object],
    path: Path,
    rounds: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    times = []
    for _ in range(rounds):
        start = clock()
        work(path)
        times.append(clock() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[2_000, 20_000])
    options = parser.parse_args()
    contestants = (
        ("the view's aggregate alone", aggregate_alone),
        ("whole report, in process", whole_report),
        ("rows into Python, statsmodels", by_row),
        ("whole report, new process", process),
    )
    for n_visitors in options.visitors:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.db"
            make_log(path, n_visitors)
            floor = median_s(aggregate_alone, path)
            print(
                f"{n_visitors:,} visitors, {6 * n_visitors:,} impressions, {path.stat().st_size / 1e6:.0f} MB"
            )
            for name, work in contestants:
                took = median_s(work, path)
                print(f"  {name:<32}{took:>8.3f} s  {took / floor:>6.1f} x the aggregate")


if __name__ == "__main__":
    main()
