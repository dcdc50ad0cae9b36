"""How long visitors waited: the table, and the file that keeps it."""

import json
from pathlib import Path

import pytest

from funflix.errors import SetupError
from funflix.latency_report import keep_latency, latency_json, latency_text
from simulator.engines import PageLatency

ROWS = (PageLatency("film", 1200, 10.0, 20.12345, 25.0, 40.0, 1234.5),)


def test_the_table_has_a_line_for_each_page() -> None:
    head, film = latency_text(ROWS).splitlines()
    assert head.split() == ["waits", "of", "visitors,", "ms", "answers", "p50", "p90", "p95", "p99", "max"]
    assert film.split() == ["film", "1,200", "10.0", "20.1", "25.0", "40.0", "1,234.5"]


def test_every_go_of_a_run_is_kept(tmp_path: Path) -> None:
    """A run resumed once: two goes in one file, each with its own percentiles."""
    file = tmp_path / "run" / "latency.json"
    keep_latency(file, "run", latency_json(ROWS, rate_per_s=None))
    keep_latency(file, "run", latency_json(ROWS, rate_per_s=20.0))
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert (kept["schema"], kept["run"]) == (1, "run")
    assert [go["arrivals"] for go in kept["goes"]] == ["closed", "open"]
    assert [go["rate_per_s"] for go in kept["goes"]] == [None, 20.0]
    assert kept["goes"][0]["pages"] == [
        {
            "page": "film",
            "n": 1200,
            "p50_ms": 10.0,
            "p90_ms": 20.123,
            "p95_ms": 25.0,
            "p99_ms": 40.0,
            "max_ms": 1234.5,
        }
    ]


def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "latency.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(SetupError, match=r"latency\.json' is damaged"):
        keep_latency(file, "run", latency_json(ROWS, rate_per_s=None))
    assert file.read_text(encoding="utf-8") == "{"
