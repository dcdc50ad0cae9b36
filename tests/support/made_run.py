"""A simulated run in an event log, made without visiting a site; every number of it is known."""

import json

from experiment import (
    DEFAULT_EXPERIMENT_TOML,
    Click,
    Event,
    EventLog,
    Exposure,
    Impression,
    Play,
    RunStarted,
    Slate,
    VisitEnded,
    VisitorSeen,
    VisitStarted,
    experiment_hash,
)

RUN_ID = "run-1"
HOUR_MS = 3_600_000
TRUTH = {"control": {"visitor_ctr": 0.2}, "treatment": {"visitor_ctr": 0.3}, "difference": 0.1, "lift": 0.5}


def visit(number: int, *, run_id: str, error: str | None) -> list[Event]:
    """A visitor an hour, of both arms in turn; every 5th of control clicks, 2 in 5 of treatment."""
    variant = ("control", "treatment")[number % 2]
    who = {"run_id": run_id, "visitor_id": f"v{number:05}", "simulated_at": number * HOUR_MS}
    film = {"slate_id": f"{run_id}-{number}", "position": 1, "movie_id": 1 + number % 9}
    events: list[Event] = [
        VisitStarted(**who, engine="http"),
        VisitorSeen(**who, persona=("binger", "newcomer")[number // 2 % 2]),
        Exposure(**who, variant=variant),
        Slate(**who, slate_id=film["slate_id"], surface="home", variant=variant, latency_ms=1.0 + number % 7),
        Impression(**who, **film, served_at=number * HOUR_MS, viewed_at=number * HOUR_MS + 1_000),
        VisitEnded(**who, status="failed" if error else "done", error=error),
    ]
    if number // 2 % 5 < 1 + number % 2:
        events.append(Click(**who, **film, click_id=f"{run_id}:{number}", surface="home", variant=variant))
        events.append(Play(**who, play_id=f"{run_id}:{number}", movie_id=film["movie_id"], watch_s=600.0))
    return events


def record_run(
    log: EventLog,
    n_visitors: int,
    *,
    run_id: str = RUN_ID,
    text: str = DEFAULT_EXPERIMENT_TOML,
    error: str | None = None,
) -> None:
    """Begin a run of so many visitors and record them; it goes on.

    Args:
        log: where to.
        n_visitors: half of each arm.
        run_id: the run.
        text: its experiment file.
        error: why every visit failed; None for visits that were done.
    """
    log.record(
        RunStarted(
            run_id=run_id,
            kind="simulated",
            experiment="newer-data",
            experiment_toml=text,
            experiment_hash=experiment_hash(text),
            engine="http",
            n_visitors=n_visitors,
            truth_json=json.dumps(TRUTH),
        )
    )
    made = [visit(number, run_id=run_id, error=error) for number in range(n_visitors)]
    log.record(*(event for events in made for event in events))
