"""The boards of one application: each run's is made once a second at most, however many people watch it.

A large run takes seconds to read. While nothing is recorded, the last board is good, but for how long ago
everything is. A run that has ended is read once more a minute later, when nothing of it can still be on its
way, and then never again unless it is resumed.
"""

from dataclasses import dataclass, replace

from flask import Flask, current_app

from experiment import EventReader, UnknownRunError, read_pulse
from website.dashboard.board import Board, read_board
from website.dashboard.quiet_log import LogState, log_state
from website.freshness import Fresh
from website.reporting import default_run
from website.settings import SiteSettings

_EXTENSION = "funflix.dashboard"
_MAX_AGE_S = 1.0
_LONGEST_RUN_ID = 200
_SETTLES_MS = 60_000
_N_KEPT = 16


@dataclass(frozen=True, slots=True)
class _Kept:
    """A board, and the state of the log before it was read; None where that says nothing of the run."""

    board: Board
    state: LogState | None


class BoardReader:
    """Makes boards, and keeps those that are still good."""

    def __init__(self, settings: SiteSettings) -> None:
        self._settings = settings
        self._log = EventReader(settings.event_log_path)
        self._kept: dict[str, _Kept] = {}

    def read(self, run_id: str) -> Board:
        """The board of a run; of "", the default run's."""
        path = self._settings.event_log_path
        wanted = run_id or default_run(path)
        now = self._settings.clock()
        state = log_state(path)
        kept = self._kept.get(wanted)
        if kept is not None and _is_settled(kept.board) and self._is_as_it_was(kept.board):
            return kept.board
        if kept is not None and state is not None and kept.state == state:
            now_ms = int(now.timestamp() * 1_000)
            pulse = read_pulse(path, kept.board.run_id, now_ms=now_ms)
            board = replace(kept.board, now_ms=now_ms, traffic=replace(kept.board.traffic, pulse=pulse))
        else:
            board = read_board(self._settings, run_id, now=now)
        self._keep(wanted, _Kept(board, None if _has_events_elsewhere(board) else state))
        return board

    def _keep(self, wanted: str, kept: "_Kept") -> None:
        self._kept.pop(wanted, None)
        self._kept[wanted] = kept
        for oldest in list(self._kept)[:-_N_KEPT]:
            self._kept.pop(oldest, None)

    def _is_as_it_was(self, board: Board) -> bool:
        """Whether the run still has the end that the board knows of; a resumed one has not."""
        try:
            record = self._log.run(board.run_id)
        except UnknownRunError:
            return False
        run = board.report.run if board.report else None
        return run is not None and (run.status, run.finished_at) == (record.status, record.finished_at)


def install(app: Flask, settings: SiteSettings) -> None:
    """Give the application a place where boards are kept."""
    app.extensions[_EXTENSION] = Fresh(BoardReader(settings).read, max_age_s=_MAX_AGE_S)


def board_of(run_id: str) -> Board:
    """The board of a run, a second old at most where making it is quick; of "", the default run's."""
    boards: Fresh[Board] = current_app.extensions[_EXTENSION]
    return boards.get(run_id[:_LONGEST_RUN_ID])


def _has_events_elsewhere(board: Board) -> bool:
    """Whether the events of the run are files of a lake, which the log does not see come."""
    return board.report is not None and "lake" in board.report.run.settings


def _is_settled(board: Board) -> bool:
    run = board.report.run if board.report else None
    return (
        run is not None
        and not run.is_running
        and run.finished_at is not None
        and board.now_ms > run.finished_at + _SETTLES_MS
    )
