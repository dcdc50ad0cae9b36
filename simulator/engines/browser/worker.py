"""A worker process: one headless browser, one visitor after another. Run by the engine, never by hand.

It leads a process group to which its browser belongs; whoever kills the group ends both.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError
from websocket import WebSocketException

from simulator.behaviour import Detour, Look, Moment, SignIn, Visitor, Watch
from simulator.engines.browser.display import Camera
from simulator.engines.browser.finding import BrowserPaths
from simulator.engines.browser.launching import launch, launch_on_grid
from simulator.engines.browser.messages import (
    Begin,
    Channel,
    DetourAnswer,
    DetourOffered,
    LookAnswer,
    MakeVisit,
    Message,
    NextVisitAnswer,
    NoAnswer,
    PlayerOffered,
    Ready,
    ReturnAnswer,
    ReturnOffered,
    SignInAnswer,
    SignInOffered,
    SlateShown,
    VisitLeft,
    VisitOver,
    WatchAnswer,
)
from simulator.engines.browser.window import BrowserPages
from simulator.errors import VisitError
from simulator.jobs import VisitJob, make_visit

# The site and its models answer first; browsers take what is left.
_NICENESS = 10
# How a browser or its driver that is gone, or no longer answers, shows itself.
_BROWSER_FAULTS = (WebDriverException, HTTPError, WebSocketException, OSError)


class AskingBrain:
    """A `simulator.visit.Brain` that asks the runner."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def sign_in(self, visitor: Visitor) -> SignIn | None:  # noqa: ARG002 - the runner knows whose visit it is
        """How the visitor chooses a profile."""
        answer = self._ask(SignInOffered())
        assert isinstance(answer, SignInAnswer)
        return answer.sign_in

    def look(
        self,
        visitor: Visitor,  # noqa: ARG002 - as above
        movie_ids: Sequence[int],
        moment: Moment,
    ) -> Look:
        """How the visitor looks at a slate."""
        answer = self._ask(SlateShown(tuple(movie_ids), moment))
        assert isinstance(answer, LookAnswer)
        return Look(answer.dwell_s, answer.chosen_position)

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:  # noqa: ARG002 - as above
        """How long the visitor watches the film, if at all."""
        answer = self._ask(PlayerOffered(movie_id, moment))
        assert isinstance(answer, WatchAnswer)
        return None if answer.watch_s is None else Watch(answer.watch_s, answer.is_completed)

    def detour(self, visitor: Visitor, moment: Moment) -> Detour | None:  # noqa: ARG002 - as above
        """Where the visitor goes who chose nothing on the home slate."""
        answer = self._ask(DetourOffered(moment))
        assert isinstance(answer, DetourAnswer)
        return answer.detour

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:  # noqa: ARG002 - as above
        """Whether the visitor returns by the back button."""
        answer = self._ask(ReturnOffered(moment))
        assert isinstance(answer, ReturnAnswer)
        return answer.goes_back

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> int | None:  # noqa: ARG002 - as above
        """When the visitor comes again."""
        answer = self._ask(VisitLeft(moment))
        assert isinstance(answer, NextVisitAnswer)
        return answer.at_ms

    def _ask(self, question: Message) -> Message:
        self._channel.send(question)
        answer = self._channel.receive()
        if isinstance(answer, NoAnswer):
            raise VisitError(answer.error)
        return answer


def work(channel: Channel) -> None:
    """Start a browser and make visits in it until it fails or the runner hangs up."""
    begin = channel.receive()
    assert isinstance(begin, Begin)
    driver = _launch(begin)
    channel.send(Ready(str(driver.session_id)))
    while True:
        visit = channel.receive()
        assert isinstance(visit, MakeVisit)
        channel.send(_make_visit(visit, driver, begin, channel))


def _launch(begin: Begin) -> WebDriver:
    if begin.grid_url is not None:
        return launch_on_grid(
            begin.grid_url,
            site_url=begin.site_url,
            page_timeout_s=begin.page_timeout_s,
            start_timeout_s=begin.start_timeout_s,
            is_headed=begin.is_headed,
        )
    return launch(
        BrowserPaths(Path(begin.browser), Path(begin.driver)),
        site_url=begin.site_url,
        folder=Path(begin.folder),
        page_timeout_s=begin.page_timeout_s,
        is_headed=begin.is_headed,
    )


def _make_visit(visit: MakeVisit, driver: WebDriver, begin: Begin, channel: Channel) -> VisitOver:
    visitor = Visitor(visit.visitor_index, visit.visitor_id, visit.persona, visit.user_id, visit.arrival_ms)
    job = VisitJob(visitor, visit.attempt, visit.instruments)
    folder = None if begin.screenshot_folder is None else Path(begin.screenshot_folder)
    camera = Camera(folder, f"{visit.visitor_id}-attempt{visit.attempt}", takes_all=visit.is_photographed)
    pages = BrowserPages(driver, begin.site_url, camera=camera, slow_motion_s=begin.slow_motion_s)
    try:
        result = make_visit(job, AskingBrain(channel), pages, visit.ticket)
    except _BROWSER_FAULTS as error:
        return VisitOver(0, 0, _in_one_line(error), is_browser_well=False)
    return VisitOver(
        result.n_clicks, result.n_plays, result.error, is_browser_well=True, labels=result.labels
    )


def _in_one_line(error: Exception) -> str:
    text = (error.msg or "") if isinstance(error, WebDriverException) else str(error)
    first_line = text.strip().splitlines()[0] if text.strip() else "no message"
    return f"{type(error).__name__}: {first_line}"


def main() -> None:
    """Work at the other end of the inherited file descriptor that the first argument names."""
    os.environ.update(NO_PROXY="*", no_proxy="*")  # driver and site are reached directly
    os.nice(_NICENESS)
    channel = Channel(Connection(int(sys.argv[1])))
    # EOFError, BrokenPipeError: the runner is gone or has no more use for this worker.
    with suppress(EOFError, BrokenPipeError):
        work(channel)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
