"""How long a run takes to read with all details, and for the dashboard; beside the view's aggregate alone.

The floor counts visitors and clicks by arm through the view `visitor_outcomes`. *Report* adds what
`funflix report` reads and computes: metrics per visitor, segments, days, latencies, films, trust checks. The
dashboard's first view is report and *traffic*; while nothing is recorded, its next ones are the *pulse*. CPU
seconds, so that other work on the machine does not count.

    python benchmarks/report_details.py [--visitors 20000 100000]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from report import RUN, aggregate_alone, median_s

from experiment import (
    DEFAULT_EXPERIMENT_TOML,
    BulkLog,
    Click,
    EventLog,
    EventTable,
    Exposure,
    Impression,
    Play,
    RunFinished,
    RunStarted,
    Slate,
    VisitMade,
    VisitorSeen,
    read_pulse,
    read_traffic,
)
from website.reporting import report_on_run

N_FILMS, SLATE_SIZE = 3_000, 6
PERSONAS = ("film-buff", "family", "casual", "teenager")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def make_log(path: Path, n_visitors: int) -> None:
    """Visits of two days: a home page each, for a fifth a second page; 8% click and then watch."""
    with EventLog.open(path) as log:
        log.record(
            RunStarted(
                run_id=RUN,
                kind="simulated",
                experiment="b",
                experiment_toml=DEFAULT_EXPERIMENT_TOML,
                experiment_hash="",
                seed=7,
            )
        )
    rng = np.random.default_rng(7)
    with BulkLog(path) as bulk:
        for start in range(0, n_visitors, 5_000):
            bulk.record(visits(rng, range(start, min(start + 5_000, n_visitors)), n_visitors))
    with EventLog.open(path) as log:
        log.record(RunFinished(run_id=RUN))


def visits(rng: np.random.Generator, indexes: range, n_visitors: int) -> list[EventTable]:
    n = len(indexes)
    names = [f"v{index:07}" for index in indexes]
    variants = [("control", "treatment")[index % 2] for index in indexes]
    at = (np.array(indexes) * (2 * 86_400_000 // n_visitors)).tolist()
    who = {"run_id": RUN, "visitor_id": names, "simulated_at": at}
    seen = {
        "persona": rng.choice(PERSONAS, n).tolist(),
        "user_id": rng.integers(1, 6_000, n).tolist(),
        "n_ratings_before": rng.geometric(0.02, n).tolist(),
        "user_agent": np.where(rng.random(n) < 0.4, "Mozilla/5.0 (iPhone) Mobile", "Mozilla/5.0").tolist(),
    }
    tables = [
        EventTable(VisitMade, who | {"engine": "http"}),
        EventTable(VisitorSeen, who | seen),
        EventTable(Exposure, who | {"variant": variants}),
        *page(rng, "home", list(range(n)), who, variants),
        *page(rng, "film", np.flatnonzero(rng.random(n) < 0.2).tolist(), who, variants),
    ]
    clicked = np.flatnonzero(rng.random(n) < 0.08).tolist()
    whose = {name: value if name == "run_id" else [value[i] for i in clicked] for name, value in who.items()}
    places = rng.integers(1, SLATE_SIZE + 1, len(clicked)).tolist()
    click = {
        "click_id": [f"{names[i]}-home:{place}" for i, place in zip(clicked, places, strict=True)],
        "slate_id": [f"{names[i]}-home" for i in clicked],
        "surface": "home",
        "position": places,
        "movie_id": 1,
        "variant": [variants[i] for i in clicked],
    }
    watched = {
        "play_id": [f"{names[i]}-play" for i in clicked],
        "movie_id": 1,
        "watch_s": rng.exponential(2_000, len(clicked)).tolist(),
        "is_completed": (rng.random(len(clicked)) < 0.3).tolist(),
    }
    return [*tables, EventTable(Click, whose | click), EventTable(Play, whose | watched)]


def page(
    rng: np.random.Generator, surface: str, rows: list[int], who: dict[str, object], variants: list[str]
) -> list[EventTable]:
    names, at = ([who[name][i] for i in rows] for name in ("visitor_id", "simulated_at"))  # type: ignore[index]  # both are lists
    whose = {"run_id": RUN, "visitor_id": names, "simulated_at": at}
    ids = [f"{name}-{surface}" for name in names]
    slate = {
        "slate_id": ids,
        "surface": surface,
        "variant": [variants[i] for i in rows],
        "latency_ms": rng.gamma(2, 3, len(rows)).round(3).tolist(),
    }
    films = (N_FILMS * rng.random(SLATE_SIZE * len(rows)) ** 3).astype(int).tolist()

    def each(values: list[object]) -> list[object]:
        return [value for value in values for _ in range(SLATE_SIZE)]

    shown = {name: value if name == "run_id" else each(value) for name, value in whose.items()}  # type: ignore[arg-type]  # lists
    impressions = {
        "slate_id": each(ids),  # type: ignore[arg-type]  # texts
        "position": list(range(1, SLATE_SIZE + 1)) * len(rows),
        "movie_id": films,
        "served_at": each(at),
        "viewed_at": [moment + 1_000 for moment in each(at)],  # type: ignore[operator]  # ints
    }
    return [EventTable(Slate, whose | slate), EventTable(Impression, shown | impressions)]


def report(path: Path) -> object:
    return report_on_run(path, RUN, now=NOW)


def traffic(path: Path) -> object:
    return read_traffic(path, RUN, now_ms=int(NOW.timestamp() * 1_000))


def pulse(path: Path) -> object:
    return read_pulse(path, RUN, now_ms=int(NOW.timestamp() * 1_000))


def cpu_s(work: Callable[[Path], object], path: Path) -> float:
    return median_s(work, path, rounds=3, clock=time.process_time)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[20_000, 100_000])
    options = parser.parse_args()
    for n_visitors in options.visitors:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.db"
            make_log(path, n_visitors)
            floor = cpu_s(aggregate_alone, path)
            print(f"{n_visitors:,} visitors, {path.stat().st_size / 1e6:.0f} MB; CPU seconds")
            print(f"  {'the view aggregated, alone':<34}{floor:>7.2f}")
            for name, work in (("report", report), ("traffic", traffic), ("pulse", pulse)):
                took = cpu_s(work, path)
                print(f"  {name:<34}{took:>7.2f}  {took / floor:>5.1f} x the aggregate")


if __name__ == "__main__":
    main()
