"""How a run stands while it goes on: a live table on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from funflix.progress import say
from stats import StatsError, read_outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    from funflix.simulation import Tally

_LINE_EVERY_S = 15.0
_LOOK_EVERY_S = 2.0
# Looking at the arms may take this share of the time, and no more: a long log is looked at less often.
_MOST_OF_THE_TIME = 0.05
NO_VERDICT = "so far; not a verdict: it counts when the planned number has come"


@dataclass(frozen=True, slots=True)
class ArmSoFar:
    """One arm while the run goes on."""

    variant: str
    n_visitors: int
    n_clicked: int

    def __str__(self) -> str:
        rate = f"{self.n_clicked / self.n_visitors:.1%}" if self.n_visitors else "-"
        return f"{self.variant} {rate} of {self.n_visitors:,}"


@dataclass(frozen=True, slots=True)
class RunState:
    """What is told of a run.

    Args:
        tally: what was done.
        visits_per_s: in this go; None before the first visit.
        arms: visitor CTR by arm, so far.
    """

    tally: Tally
    visits_per_s: float | None
    arms: Sequence[ArmSoFar]


def arms_so_far(event_log: Path, run_id: str) -> list[ArmSoFar]:
    """The arms of a run as the event log has them now; none before anybody was exposed."""
    try:
        arms = read_outcomes(event_log, run_id).arms
    except StatsError:
        return []
    return [ArmSoFar(arm.visitors.variant, arm.visitors.n, arm.visitors.successes) for arm in arms]


def as_line(state: RunState) -> str:
    """One line of text."""
    tally, arms = state.tally, ", ".join(str(arm) for arm in state.arms)
    facts = [f"visits: {tally.n_done:,} of {tally.n_total:,} visits"]
    facts += [] if state.visits_per_s is None else [f"{state.visits_per_s:,.1f} visits/s"]
    facts += [] if not _left(tally) else [f"{_left(tally)} left"]
    facts += [_by_engine(tally.by_engine)] if tally.by_engine else []
    facts += [f"{tally.n_failed_attempts:,} failed attempts"] if tally.n_failed_attempts else []
    facts += [f"{tally.n_retries:,} retries"] if tally.n_retries else []
    facts += [f"visitor CTR {arms} ({NO_VERDICT})"] if arms and tally.n_done < tally.n_total else []
    return ", ".join(facts)


def as_table(state: RunState) -> Table:
    """A table for a terminal."""
    from rich.table import Table  # takes a while to import

    tally = state.tally
    table = Table(show_header=False, title=f"{tally.n_done:,} of {tally.n_total:,} visits")
    table.add_column(style="bold")
    table.add_column()
    table.add_row("visits/s", "-" if state.visits_per_s is None else f"{state.visits_per_s:,.1f}")
    table.add_row("engines", _by_engine(tally.by_engine) or "-")
    table.add_row("failed attempts", f"{tally.n_failed_attempts:,}")
    table.add_row("retries", f"{tally.n_retries:,}")
    for arm in state.arms:
        rate = f"{arm.n_clicked / arm.n_visitors:.2%}" if arm.n_visitors else "-"
        table.add_row(f"visitor CTR, {arm.variant}", f"{rate} ({arm.n_clicked:,} of {arm.n_visitors:,})")
    if state.arms:
        table.add_row("", NO_VERDICT)
    table.add_row("time left", _left(tally) or "-")
    return table


class RunProgress:
    """Tells how a run stands; a context manager that shows nothing before the first visit is over.

    Args:
        look: reads the arms so far.
        console: where a live table goes; None finds out whether stderr is a terminal that wants one.
    """

    def __init__(self, look: Callable[[], Sequence[ArmSoFar]], *, console: Console | None = None) -> None:
        self._look = look
        self._console = _terminal() if console is None else console
        self._live: Live | None = None
        self._lock = threading.Lock()
        self._tally: Tally | None = None
        self._arms: Sequence[ArmSoFar] = ()
        self._next_look = self._began = self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        self._began = self._last_line = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        elif kind is None and self._tally is not None:
            say(as_line(self._state()))

    def note(self, tally: Tally) -> None:
        """A visit is over."""
        self._tally = tally
        if self._console is not None:
            if self._live is None:
                self._live = _live_table(self._console, lambda: as_table(self._state()))
        elif time.monotonic() - self._last_line > _LINE_EVERY_S:
            self._last_line = time.monotonic()
            say(as_line(self._state()))

    def _state(self) -> RunState:
        assert self._tally is not None, "note() comes first"
        tally = self._tally
        elapsed = tally.seconds or time.monotonic() - self._began
        done = sum(tally.by_engine.values())
        return RunState(tally, done / elapsed if done and elapsed > 0 else None, self._looked())

    def _looked(self) -> Sequence[ArmSoFar]:
        with self._lock:
            began = time.monotonic()
            if began >= self._next_look:
                self._arms = self._look()
                took = time.monotonic() - began
                self._next_look = time.monotonic() + max(_LOOK_EVERY_S, took / _MOST_OF_THE_TIME)
            return self._arms


def _terminal() -> Console | None:
    """A console for a live table; None where lines are wanted."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return None
    from rich.console import Console

    return Console(stderr=True)


def _live_table(console: Console, table: Callable[[], Table]) -> Live:
    from rich.live import Live

    live = Live(console=console, get_renderable=table, refresh_per_second=2)
    live.start()
    return live


def _by_engine(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))


def _left(tally: Tally) -> str:
    if tally.seconds_left is None or tally.n_done >= tally.n_total:
        return ""
    minutes, seconds = divmod(round(tally.seconds_left), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
