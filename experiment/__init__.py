"""The experiment: its file, assignment of visitors, what they carry as proof, and the log of what happened.

- `definition`, `experiment_file`, `experiment_rules`: the experiment file as a value, and how it is read
- `assignment`: visitor -> variant
- `tokens`, `secret`: what a visitor carries and cannot forge
- `events`, `event_log`: what happened, and where it is stored (behind it: `schema`, `views`, `statements`,
  `group_commit`, `writer`, `connections`)
- `bulk`, `columns`, `ids`, `texts`: many events at once, for who makes whole visits; the ids that every
  engine agrees on
- `lake`, `arrow_tables`: the events of a run too large for the log, as Parquet files
- `own_data`: one visitor's rows, to hand over and to erase
- `event_reader`, `watched`, `traffic`, `raw_tables`: questions to the log that are not statistics
"""

from experiment.assignment import Assignment, assign, assign_request, assign_texts
from experiment.bulk import BulkLog, EventTable
from experiment.columns import Coded, Each
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
    EventLabelled,
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
    VisitorLabelled,
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
from experiment.ids import click_id, click_id_texts, simulated_id, simulated_id_texts, simulated_ids
from experiment.lake import LAKE_TABLES, FilledSlate, Lake, LakeManifest
from experiment.own_data import erase_visitor, rows_of_visitor
from experiment.raw_tables import RAW_TABLES, TablePortion, read_table_columns, read_table_portions
from experiment.secret import load_or_create_secret
from experiment.texts import Texts, join_texts, number_texts
from experiment.tokens import ImpressionToken, PlayToken, TokenSigner, VisitorCookie, VisitTicket
from experiment.traffic import (
    ArrivalCount,
    FailureCount,
    FeedEvent,
    FunnelCount,
    LatencyMoment,
    LatencySummary,
    Pulse,
    Traffic,
    VisitMoment,
    read_pulse,
    read_traffic,
)
from experiment.watched import WatchedFilm, watched_films

__all__ = [
    "BUILTIN_URL",
    "CONTROL",
    "DEFAULT_EXPERIMENT_TOML",
    "HOLDOUT",
    "LAKE_TABLES",
    "LIVE_RUN_ID",
    "RAW_TABLES",
    "ArrivalCount",
    "Assignment",
    "BulkLog",
    "Click",
    "Coded",
    "Design",
    "Each",
    "Event",
    "EventLabelled",
    "EventLog",
    "EventLogError",
    "EventReader",
    "EventTable",
    "Experiment",
    "ExperimentError",
    "ExperimentFileError",
    "ExpiredTokenError",
    "Exposure",
    "FailureCount",
    "FeedEvent",
    "FilledSlate",
    "ForgedTokenError",
    "FunnelCount",
    "Guardrail",
    "Impression",
    "ImpressionToken",
    "Lake",
    "LakeManifest",
    "LatencyMoment",
    "LatencySummary",
    "ModelCall",
    "Play",
    "PlayToken",
    "Pulse",
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
    "TablePortion",
    "Texts",
    "TokenError",
    "TokenSigner",
    "Traffic",
    "UnknownRunError",
    "Variant",
    "VariantCounts",
    "View",
    "VisitEnded",
    "VisitMade",
    "VisitMoment",
    "VisitRecord",
    "VisitStarted",
    "VisitTicket",
    "VisitorCookie",
    "VisitorLabelled",
    "VisitorSeen",
    "WatchedFilm",
    "assign",
    "assign_request",
    "assign_texts",
    "click_id",
    "click_id_texts",
    "erase_visitor",
    "experiment_fingerprint",
    "experiment_hash",
    "join_texts",
    "load_experiment",
    "load_or_create_secret",
    "number_texts",
    "parse_experiment",
    "read_pulse",
    "read_table_columns",
    "read_table_portions",
    "read_traffic",
    "rows_of_visitor",
    "simulated_id",
    "simulated_id_texts",
    "simulated_ids",
    "watched_films",
]
