"""The experiment: its file, assignment of visitors, what they carry as proof, and the log of what happened.

- `definition`, `experiment_file`, `experiment_rules`: the experiment file as a value, and how it is read
- `assignment`: visitor -> variant
- `tokens`, `secret`: what a visitor carries and cannot forge
- `events`, `event_log`: what happened, and where it is stored (behind it: `schema`, `views`, `statements`,
  `group_commit`, `writer`, `connections`)
- `bulk`, `ids`: many events at once, for who makes whole visits; the ids that every engine agrees on
- `event_reader`, `watched`: questions to the log that are not statistics
"""

from experiment.assignment import Assignment, assign, assign_many, assign_request
from experiment.bulk import BulkLog, EventTable
from experiment.definition import (
    BUILTIN_URL,
    CONTROL,
    HOLDOUT,
    Design,
    Experiment,
    Guardrail,
    Shadow,
    Variant,
)
from experiment.errors import (
    EventLogError,
    ExperimentError,
    ExperimentFileError,
    ExpiredTokenError,
    ForgedTokenError,
    RejectedEventError,
    SecretError,
    SwappedTokenError,
    TokenError,
    UnknownRunError,
)
from experiment.event_log import EventLog
from experiment.event_reader import (
    EventReader,
    RefusalCount,
    RetryCounts,
    RunRecord,
    SlateRecord,
    VariantCounts,
    VisitRecord,
)
from experiment.events import (
    LIVE_RUN_ID,
    Click,
    Event,
    Exposure,
    Impression,
    ModelCall,
    Play,
    Rating,
    RecordResult,
    RefusedEvent,
    RunFinished,
    RunResumed,
    RunStarted,
    Slate,
    View,
    VisitEnded,
    VisitMade,
    VisitorSeen,
    VisitStarted,
)
from experiment.experiment_file import (
    DEFAULT_EXPERIMENT_TOML,
    experiment_fingerprint,
    experiment_hash,
    load_experiment,
    parse_experiment,
)
from experiment.ids import click_id, simulated_id, simulated_ids
from experiment.secret import load_or_create_secret
from experiment.tokens import ImpressionToken, PlayToken, TokenSigner, VisitorCookie, VisitTicket
from experiment.watched import WatchedFilm, watched_films

__all__ = [
    "BUILTIN_URL",
    "CONTROL",
    "DEFAULT_EXPERIMENT_TOML",
    "HOLDOUT",
    "LIVE_RUN_ID",
    "Assignment",
    "BulkLog",
    "Click",
    "Design",
    "Event",
    "EventLog",
    "EventLogError",
    "EventReader",
    "EventTable",
    "Experiment",
    "ExperimentError",
    "ExperimentFileError",
    "ExpiredTokenError",
    "Exposure",
    "ForgedTokenError",
    "Guardrail",
    "Impression",
    "ImpressionToken",
    "ModelCall",
    "Play",
    "PlayToken",
    "Rating",
    "RecordResult",
    "RefusalCount",
    "RefusedEvent",
    "RejectedEventError",
    "RetryCounts",
    "RunFinished",
    "RunRecord",
    "RunResumed",
    "RunStarted",
    "SecretError",
    "Shadow",
    "Slate",
    "SlateRecord",
    "SwappedTokenError",
    "TokenError",
    "TokenSigner",
    "UnknownRunError",
    "Variant",
    "VariantCounts",
    "View",
    "VisitEnded",
    "VisitMade",
    "VisitRecord",
    "VisitStarted",
    "VisitTicket",
    "VisitorCookie",
    "VisitorSeen",
    "WatchedFilm",
    "assign",
    "assign_many",
    "assign_request",
    "click_id",
    "experiment_fingerprint",
    "experiment_hash",
    "load_experiment",
    "load_or_create_secret",
    "parse_experiment",
    "simulated_id",
    "simulated_ids",
    "watched_films",
]
