from pathlib import Path

import pytest
from docs_pages import record_small_run

from stats import NotEnoughDataError, UnreadableOutcomesError, read_visitor_pool


def test_a_run_too_small_to_draw_from_is_refused(tmp_path: Path) -> None:
    """Forty visitors, of whom 100 are needed; every fifth clicked."""
    record_small_run(tmp_path / "events.db")
    with pytest.raises(NotEnoughDataError, match="40 visitors are too few"):
        read_visitor_pool(tmp_path / "events.db", "run-1")


def test_what_is_no_event_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_text("not a database, by its looks", encoding="utf-8")
    with pytest.raises(UnreadableOutcomesError, match="cannot be read as an event log"):
        read_visitor_pool(tmp_path / "events.db", "run-1")
