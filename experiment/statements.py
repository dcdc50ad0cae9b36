"""How each kind of event becomes a row: one SQL statement a kind; repeating it changes nothing.

A statement reports by its row count whether it changed the log; that is how duplicates are told. Conflicts
are named (`ON CONFLICT`) instead of `INSERT OR IGNORE`, which would also drop, unseen, rows that break a
NOT NULL or CHECK rule.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from experiment import events
from experiment.events import Event

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """The SQL that stores one kind of event, and how its parameters are read off the event.

    Args:
        sql: with a question mark for the time of recording, where `is_stamped`, then one for each field.
        names: the event's fields, in the order of their question marks.
        fields: reads them off an event.
        is_stamped: whether the time of recording comes first.
    """

    sql: str
    names: tuple[str, ...]
    fields: Callable[[Any], Row]
    is_stamped: bool

    def row(self, event: Event, recorded_at: int) -> Row:
        """What fills the question marks: the time of recording, where it is asked for, then the fields."""
        values = self.fields(event)
        return (recorded_at, *values) if self.is_stamped else values


def _statement(sql: str, *fields: str, is_stamped: bool = True) -> Statement:
    if len(fields) == 1:
        field = fields[0]
        return Statement(sql, fields, lambda event: (getattr(event, field),), is_stamped)
    return Statement(sql, fields, attrgetter(*fields), is_stamped)


def _insert(kind: type[Event], table: str, on_conflict: str = "DO NOTHING") -> Statement:
    """A row whose columns are `recorded_at` and the event's fields, by their names."""
    fields = [field.name for field in dataclasses.fields(kind)]
    marks = ", ".join("?" * (len(fields) + 1))
    columns = ", ".join(["recorded_at", *fields])
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT {on_conflict}"  # noqa: S608  our own names
    return _statement(sql, *fields)


_RUN_FIELDS = tuple(field.name for field in dataclasses.fields(events.RunStarted))

_START_RUN = _statement(
    f"INSERT INTO runs (started_at, {', '.join(_RUN_FIELDS)}, status)"  # noqa: S608  our own names
    f" VALUES (?, {', '.join('?' * len(_RUN_FIELDS))}, 'running') ON CONFLICT DO NOTHING",
    *_RUN_FIELDS,
)

_RESUME_RUN = _statement(
    "UPDATE runs SET status = 'running', finished_at = NULL WHERE run_id = ? AND status = 'interrupted'",
    "run_id",
    is_stamped=False,
)

_FINISH_RUN = _statement(
    "UPDATE runs SET finished_at = ?, status = ?, truth_json = COALESCE(?, truth_json)"
    " WHERE run_id = ? AND status = 'running'",
    "status",
    "truth_json",
    "run_id",
)

_START_VISIT = _statement(
    "INSERT INTO visits (started_at, run_id, visitor_id, attempt, simulated_at, engine, status)"
    " VALUES (?, ?, ?, ?, ?, ?, 'started') ON CONFLICT DO NOTHING",
    "run_id",
    "visitor_id",
    "attempt",
    "simulated_at",
    "engine",
)

_END_VISIT = _statement(
    "UPDATE visits SET ended_at = ?, status = ?, error = ?"
    " WHERE run_id = ? AND visitor_id = ? AND attempt = ? AND status = 'started'",
    "status",
    "error",
    "run_id",
    "visitor_id",
    "attempt",
)

_MAKE_VISIT = _statement(
    "INSERT INTO visits (started_at, run_id, visitor_id, attempt, simulated_at, engine, status, ended_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'done', ?1)"
    " ON CONFLICT DO UPDATE SET status = 'done', ended_at = excluded.ended_at WHERE status = 'started'",
    "run_id",
    "visitor_id",
    "attempt",
    "simulated_at",
    "engine",
)

_SEE_VISITOR = _insert(
    events.VisitorSeen,
    "visitors",
    """(run_id, visitor_id, attempt) DO UPDATE SET
        user_id = COALESCE(visitors.user_id, excluded.user_id),
        persona = COALESCE(visitors.persona, excluded.persona),
        user_agent = COALESCE(visitors.user_agent, excluded.user_agent),
        n_ratings_before = COALESCE(visitors.n_ratings_before, excluded.n_ratings_before),
        is_bot = MAX(visitors.is_bot, excluded.is_bot)
    WHERE (visitors.user_id IS NULL AND excluded.user_id IS NOT NULL)
        OR (visitors.persona IS NULL AND excluded.persona IS NOT NULL)
        OR (visitors.user_agent IS NULL AND excluded.user_agent IS NOT NULL)
        OR (visitors.n_ratings_before IS NULL AND excluded.n_ratings_before IS NOT NULL)
        OR visitors.is_bot < excluded.is_bot""",
)

_VIEW = _statement(
    "UPDATE impressions SET viewed_at = served_at + ?"
    " WHERE slate_id = ? AND position = ? AND viewed_at IS NULL",
    "after_ms",
    "slate_id",
    "position",
    is_stamped=False,
)

_PLAY = _insert(
    events.Play,
    "plays",
    """(play_id) DO UPDATE SET
        watch_s = MAX(plays.watch_s, excluded.watch_s),
        is_completed = MAX(plays.is_completed, excluded.is_completed)
    WHERE excluded.watch_s > plays.watch_s OR excluded.is_completed > plays.is_completed""",
)

_REFUSE = _insert(
    events.RefusedEvent,
    "refusals",
    "(run_id, event, reason, variant) DO UPDATE SET n = n + 1, recorded_at = excluded.recorded_at",
)

STATEMENTS: dict[type[Event], Statement] = {
    events.RunStarted: _START_RUN,
    events.RunResumed: _RESUME_RUN,
    events.RunFinished: _FINISH_RUN,
    events.VisitStarted: _START_VISIT,
    events.VisitEnded: _END_VISIT,
    events.VisitMade: _MAKE_VISIT,
    events.VisitorSeen: _SEE_VISITOR,
    events.Exposure: _insert(events.Exposure, "exposures"),
    events.Slate: _insert(events.Slate, "slates"),
    events.Impression: _insert(events.Impression, "impressions"),
    events.View: _VIEW,
    events.Click: _insert(events.Click, "clicks"),
    events.Play: _PLAY,
    events.Rating: _insert(events.Rating, "ratings"),
    events.ModelCall: _insert(events.ModelCall, "model_calls"),
    events.RefusedEvent: _REFUSE,
    events.VisitorLabelled: _insert(events.VisitorLabelled, "visitor_labels"),
    events.EventLabelled: _insert(events.EventLabelled, "event_labels"),
}
"""In the order in which a group is stored: a view finds its impression, an end its start."""
