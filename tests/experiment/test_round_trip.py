import sqlite3
import tempfile
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from experiment import (
    Click,
    Event,
    EventLabelled,
    EventLog,
    Exposure,
    Impression,
    ModelCall,
    Play,
    Rating,
    RecordResult,
    Slate,
    VisitorLabelled,
)

PLAY = Play(run_id="r", visitor_id="v", play_id="p", movie_id=296, watch_s=30.0)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
few_ids = st.sampled_from(["a", "b", "ç\x00'"])
numbers = st.integers(-(2**40), 2**40)
counts = st.integers(1, 3)
amounts = st.floats(0, 1e9)
visitor_fields = {
    "run_id": few_ids,
    "visitor_id": few_ids,
    "attempt": counts,
    "simulated_at": st.none() | numbers,
}
place = {"slate_id": few_ids, "position": counts}
STRATEGIES: dict[type[Event], st.SearchStrategy[Event]] = {
    Exposure: st.builds(Exposure, **visitor_fields, variant=words, router_claim=st.none() | words),
    Slate: st.builds(
        Slate,
        **visitor_fields,
        slate_id=few_ids,
        surface=words,
        variant=words,
        model=st.none() | words,
        latency_ms=st.none() | amounts,
        is_fallback=st.booleans(),
        is_known_user=st.none() | st.booleans(),
        propensity=st.none() | st.floats(1e-300, 1),
    ),
    Impression: st.builds(Impression, **visitor_fields, **place, movie_id=numbers, served_at=numbers),
    Click: st.builds(
        Click, **visitor_fields, **place, click_id=few_ids, surface=words, movie_id=numbers, variant=words
    ),
    Rating: st.builds(Rating, **visitor_fields, rating_id=few_ids, movie_id=numbers, stars=amounts),
    VisitorLabelled: st.builds(
        VisitorLabelled,
        **visitor_fields,
        persona=words,
        person_index=numbers,
        is_bot=st.booleans(),
        has_ad_block=st.booleans(),
    ),
    EventLabelled: st.builds(
        EventLabelled, **visitor_fields, **place, label=st.sampled_from(["lost-view", "doubled-click"])
    ),
    ModelCall: st.builds(
        ModelCall,
        **visitor_fields,
        call_id=few_ids,
        variant=words,
        model=words,
        protocol=words,
        latency_ms=amounts,
        error=st.none() | words,
    ),
}
UNIQUE: dict[type[Event], tuple[tuple[str, ...], ...]] = {
    Exposure: (("run_id", "visitor_id", "attempt"),),
    Slate: (("slate_id",),),
    Impression: (("slate_id", "position"),),
    Click: (("click_id",), ("slate_id", "position")),
    Rating: (("rating_id",),),
    ModelCall: (("call_id",),),
    VisitorLabelled: (("run_id", "visitor_id", "attempt"),),
    EventLabelled: (("slate_id", "position", "label"),),
}
TABLES = {
    Exposure: "exposures",
    Slate: "slates",
    Impression: "impressions",
    Click: "clicks",
    Rating: "ratings",
    ModelCall: "model_calls",
    VisitorLabelled: "visitor_labels",
    EventLabelled: "event_labels",
}


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def stored(path: Path, kind: type[Event]) -> set[Event]:
    """All events of a kind, read back from their table."""
    names = [field.name for field in fields(kind)]
    selected = rows(path, f"SELECT {', '.join(names)} FROM {TABLES[kind]}")  # noqa: S608  names of our own
    return {kind(**dict(zip(names, row, strict=True))) for row in selected}


def first_of_each(events: list[Event]) -> list[bool]:
    """By the plainest means: which events are the first with every one of their ids."""
    seen: set[tuple[object, ...]] = set()
    is_first = []
    for event in events:
        ids = {(type(event), key, *(getattr(event, name) for name in key)) for key in UNIQUE[type(event)]}
        is_first.append(not ids & seen)
        if is_first[-1]:
            seen |= ids
    return is_first


@settings(max_examples=40)
@given(st.lists(st.lists(st.one_of(*STRATEGIES.values()), max_size=6), max_size=5))
def test_what_the_log_stores_it_returns(submissions: list[list[Event]]) -> None:
    """Each event once, the first that came, every field as it was; and each caller is told which were new."""
    events = [event for submission in submissions for event in submission]
    is_first = first_of_each(events)
    with tempfile.TemporaryDirectory() as folder, EventLog.open(Path(folder) / "events.db") as log:
        told = [is_new for submission in submissions for is_new in log.record(*submission).is_stored]
        assert told == is_first
        for kind in STRATEGIES:
            expected = {e for e, is_new in zip(events, is_first, strict=True) if is_new and type(e) is kind}
            assert stored(Path(folder) / "events.db", kind) == expected
        assert log.record(*events) == RecordResult((False,) * len(events))


@settings(max_examples=30)
@given(st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=6), st.data())
def test_a_play_keeps_the_most_that_was_watched_in_whatever_order_heartbeats_arrive(
    heartbeats: list[tuple[float, bool]], data: st.DataObject
) -> None:
    plays = [replace(PLAY, watch_s=watch_s, is_completed=is_done) for watch_s, is_done in heartbeats]
    with tempfile.TemporaryDirectory() as folder, EventLog.open(Path(folder) / "events.db") as log:
        for play in data.draw(st.permutations(plays)):
            log.record(play)
        log.record(*plays)
        most = max(watch_s for watch_s, _ in heartbeats), max(is_done for _, is_done in heartbeats)
        assert rows(Path(folder) / "events.db", "SELECT watch_s, is_completed FROM plays") == [most]
