"""The boards of one application: each run's is made once a second at most, however many people watch it."""

from flask import Flask, current_app

from website.dashboard.board import Board, read_board
from website.freshness import Fresh
from website.settings import SiteSettings

_EXTENSION = "funflix.dashboard"
_MAX_AGE_S = 1.0
_LONGEST_RUN_ID = 200


def install(app: Flask, settings: SiteSettings) -> None:
    """Give the application a place where boards are kept."""
    app.extensions[_EXTENSION] = Fresh(
        lambda run_id: read_board(settings, run_id, now=settings.clock()), max_age_s=_MAX_AGE_S
    )


def board_of(run_id: str) -> Board:
    """The board of a run, a second old at most where making it is quick; of "", the default run's."""
    boards: Fresh[Board] = current_app.extensions[_EXTENSION]
    return boards.get(run_id[:_LONGEST_RUN_ID])
