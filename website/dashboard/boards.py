"""The boards of one application: each run's is made once a second at most, however many people watch it.

A run that has ended is read once more a minute later, when nothing of it can still be on its way, and then
never again unless it is resumed: a large one takes seconds to read.
"""

from flask import Flask, current_app

from experiment import EventReader, UnknownRunError
from website.dashboard.board import Board, read_board
from website.freshness import Fresh
from website.reporting import default_run
from website.settings import SiteSettings

_EXTENSION = "funflix.dashboard"
_MAX_AGE_S = 1.0
_LONGEST_RUN_ID = 200
_SETTLES_MS = 60_000
_N_SETTLED = 16


class BoardReader:
    """Makes boards, and keeps those of runs that have ended."""

    def __init__(self, settings: SiteSettings) -> None:
        self._settings = settings
        self._log = EventReader(settings.event_log_path)
        self._settled: dict[str, Board] = {}

    def read(self, run_id: str) -> Board:
        """The board of a run; of "", the default run's."""
        wanted = run_id or default_run(self._settings.event_log_path)
        settled = self._settled.get(wanted)
        if settled is not None and self._is_as_it_was(settled):
            return settled
        board = read_board(self._settings, run_id, now=self._settings.clock())
        if _is_settled(board):
            self._settled[wanted] = board
            for oldest in list(self._settled)[:-_N_SETTLED]:
                self._settled.pop(oldest, None)
        return board

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


def _is_settled(board: Board) -> bool:
    run = board.report.run if board.report else None
    return (
        run is not None
        and not run.is_running
        and run.finished_at is not None
        and board.now_ms > run.finished_at + _SETTLES_MS
    )
