"""Runs in the event log of a site under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import made_run
import pytest

from website import site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Studio


@pytest.fixture
def record_run() -> Callable[..., None]:
    """`record_run(studio, n_visitors, text=..., run_id=..., error=...)`: a run that goes on."""

    def record(studio: Studio, n_visitors: int, **more: str) -> None:
        made_run.record_run(site_of(studio.app).log, n_visitors, **more)

    return record
