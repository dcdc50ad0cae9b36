"""Where outcomes come from: our event log, counts, or anyone's table. Nothing else in `stats` opens anything.

| Source | Read by |
|---|---|
| the event log of a workspace | `read_runs`, `read_outcomes` |
"""

from stats.readers.event_log import LIVE_RUN, read_outcomes, read_runs

__all__ = ["LIVE_RUN", "read_outcomes", "read_runs"]
