"""How long the site let visitors wait, as a table for people and as JSON beside the run's other files."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from funflix.errors import SetupError
from funflix.workspace import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from simulator.engines import PageLatency

_SCHEMA = 1
_COLUMNS = ("p50", "p90", "p95", "p99", "max")


def latency_text(rows: Sequence[PageLatency]) -> str:
    """A table, a line for each kind of page."""
    lines = [f"{'waits of visitors, ms':<22}{'answers':>9}" + "".join(f"{name:>9}" for name in _COLUMNS)]
    for row in rows:
        waits = (row.p50_ms, row.p90_ms, row.p95_ms, row.p99_ms, row.max_ms)
        lines.append(f"{row.page:<22}{row.n:>9,}" + "".join(f"{wait:>9,.1f}" for wait in waits))
    return "\n".join(lines)


def latency_json(rows: Sequence[PageLatency], *, rate_per_s: float | None) -> dict[str, Any]:
    """One go of a run: whether arrivals were open, and the waits by page."""
    return {
        "arrivals": "closed" if rate_per_s is None else "open",
        "rate_per_s": rate_per_s,
        "pages": [page_json(row) for row in rows],
    }


def page_json(row: PageLatency) -> dict[str, Any]:
    """The waits for one kind of page, to the microsecond."""
    fields = dataclasses.asdict(row)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in fields.items()}


def keep_latency(file: Path, run_id: str, go: dict[str, Any]) -> None:
    """Add one go to the run's file: a resumed run has several, and percentiles of them cannot be merged.

    Raises:
        SetupError: the file is there and is damaged.
    """
    goes: list[dict[str, Any]] = []
    if file.exists():
        try:
            goes = json.loads(file.read_text(encoding="utf-8"))["goes"]
        except (ValueError, LookupError, TypeError) as error:
            raise SetupError(f"{str(file)!r} is damaged ({error!r}); move it away") from error
    document = {"schema": _SCHEMA, "run": run_id, "goes": [*goes, go]}
    write_atomically(file, json.dumps(document, indent=2) + "\n")
