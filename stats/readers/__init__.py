"""Where outcomes come from: our event log, counts, or anyone's table. Nothing else in `stats` opens anything.

| Source | Read by |
|---|---|
| the event log of a workspace | `read_runs`, `read_outcomes`, `read_visitor_pool`, `read_label_score` |
| the lake of a run, Parquet files | `read_outcomes` by way of the log; `open_lake` for other questions |
| counts of each variant, "control=66/925" | `read_counts` |
| CSV, Parquet (local, S3), SQLite, PostgreSQL | `read_table`; `ColumnNames`, `DetailColumns`, `Resources` |
| the same, of an interleaved draft | `read_interleaved` |
| the same, of impressions with propensities | `read_logged` |
"""

from stats.readers.choosing import ColumnNames
from stats.readers.counts import read_counts
from stats.readers.event_log import LIVE_RUN, read_outcomes, read_runs
from stats.readers.interleaved import InterleavedReading, read_interleaved
from stats.readers.lake import LakeLog, open_lake
from stats.readers.logged_policy import LoggedReading, read_logged
from stats.readers.pool import read_visitor_pool
from stats.readers.reading import Reading
from stats.readers.source import Resources
from stats.readers.table_details import DetailColumns
from stats.readers.tables import read_table
from stats.readers.true_labels import read_label_score

__all__ = [
    "LIVE_RUN",
    "ColumnNames",
    "DetailColumns",
    "InterleavedReading",
    "LakeLog",
    "LoggedReading",
    "Reading",
    "Resources",
    "open_lake",
    "read_counts",
    "read_interleaved",
    "read_label_score",
    "read_logged",
    "read_outcomes",
    "read_runs",
    "read_table",
    "read_visitor_pool",
]
