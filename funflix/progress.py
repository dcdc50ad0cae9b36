"""Progress of a run: a live bar with rates and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_LINE_EVERY_S = 15.0


def say(text: str) -> None:
    """One line for the person who waits; never on stdout, which belongs to data."""
    click.echo(text, err=True)


@dataclass(slots=True)
class ProgressBar:
    """How far one long step is; a context manager that shows nothing until something is done.

    Args:
        label: what is counted, in a word or two.
        total: how many there are; None while nobody knows.
        unit: what is counted, as plural.
        done_before: how many were done before this step began; they are left out of the pace.
    """

    label: str
    total: int | None
    unit: str = "visits"
    done_before: int = 0
    _done: int = 0
    _note: str = ""
    _seconds_left: float | None = None
    _started: float = field(default_factory=time.monotonic)
    _last_line: float = 0.0
    _bar: RichProgress | None = None
    _task: TaskID | None = None

    def __enter__(self) -> Self:
        self._started = self._last_line = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif kind is None and self._done:
            say(self._line())

    def set(
        self, done: int, *, total: int | None = None, note: str = "", seconds_left: float | None = None
    ) -> None:
        """Say how many are done by now; `seconds_left` for who knows it better than from the pace so far."""
        self._done, self._note, self._seconds_left = done, note, seconds_left
        self.total = self.total if total is None else total
        if sys.stderr.isatty() and self._bar is None:
            self._bar = _rich_bar()
            self._bar.start()
            self._task = self._bar.add_task(self.label, total=self.total, pace="", note="")
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task,
                completed=done,
                total=self.total,
                pace=f"{self._pace()}{self._left()}",
                note=note,
            )
        elif time.monotonic() - self._last_line > _LINE_EVERY_S:
            self._last_line = time.monotonic()
            say(self._line())

    def _pace(self) -> str:
        elapsed = time.monotonic() - self._started
        done = self._done - self.done_before
        return f"{done / elapsed:,.1f} {self.unit}/s" if elapsed > 0 else ""

    def _line(self) -> str:
        of_total = f" of {self.total:,}" if self.total is not None else ""
        note = f", {self._note}" if self._note else ""
        return f"{self.label}: {self._done:,}{of_total} {self.unit}, {self._pace()}{self._left()}{note}"

    def _left(self) -> str:
        done = self._done - self.done_before
        if self.total is None or done <= 0 or self._done >= self.total:
            return ""
        elapsed = time.monotonic() - self._started
        seconds = self._seconds_left or elapsed / done * (self.total - self._done)
        return f", {seconds:.0f} s left"


def _rich_bar() -> RichProgress:
    # rich takes a while to import, and most commands show no progress.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
    )
