"""What the runner and its workers say to each other: small JSON messages; nothing is unpickled.

The runner keeps the brain and answers for it, which is why a worker asks before it looks, clicks or plays.
"""

from typing import TYPE_CHECKING

import msgspec

from simulator.behaviour import Detour, Moment, SignIn
from simulator.instruments import EventLabel, VisitInstruments

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


class Message(msgspec.Struct, frozen=True, tag=True):
    """Anything said over a `Channel`."""


class Begin(Message, frozen=True):
    """To the worker: start a browser, here or on a Grid. Sent once the guardian knows of the worker."""

    browser: str
    driver: str
    grid_url: str | None
    folder: str
    site_url: str
    page_timeout_s: float
    start_timeout_s: float
    is_headed: bool
    slow_motion_s: float
    screenshot_folder: str | None


class MakeVisit(Message, frozen=True):
    """To the worker: make this visit."""

    visitor_index: int
    visitor_id: str
    persona: str
    user_id: int | None
    arrival_ms: int
    attempt: int
    ticket: str
    is_photographed: bool
    instruments: VisitInstruments


class LookAnswer(Message, frozen=True):
    """To the worker: how the visitor looks at the slate."""

    dwell_s: float
    chosen_position: int | None


class WatchAnswer(Message, frozen=True):
    """To the worker: how long the visitor watches; None when the film is not played."""

    watch_s: float | None
    is_completed: bool


class DetourAnswer(Message, frozen=True):
    """To the worker: where the visitor goes; None for nowhere."""

    detour: Detour | None


class SignInAnswer(Message, frozen=True):
    """To the worker: how the visitor chooses a profile; None for not at all."""

    sign_in: SignIn | None


class ReturnAnswer(Message, frozen=True):
    """To the worker: whether the visitor returns by the back button."""

    goes_back: bool


class NextVisitAnswer(Message, frozen=True):
    """To the worker: when the visitor comes again, in simulated epoch milliseconds; None for never."""

    at_ms: int | None


class NoAnswer(Message, frozen=True):
    """To the worker: the brain cannot decide, for this reason; the visit breaks off."""

    error: str


class Ready(Message, frozen=True):
    """From the worker: the browser is up; on a Grid, under this session."""

    session_id: str


class SlateShown(Message, frozen=True):
    """From the worker: the visitor meets this slate; how do they look at it?"""

    movie_ids: tuple[int, ...]
    moment: Moment


class PlayerOffered(Message, frozen=True):
    """From the worker: is the film watched, and how long?"""

    movie_id: int
    moment: Moment


class DetourOffered(Message, frozen=True):
    """From the worker: nothing on the home slate was chosen; does the visitor look elsewhere?"""

    moment: Moment


class SignInOffered(Message, frozen=True):
    """From the worker: the visitor comes; do they choose a profile?"""


class ReturnOffered(Message, frozen=True):
    """From the worker: the visitor has done with films; do they return by the back button?"""

    moment: Moment


class VisitLeft(Message, frozen=True):
    """From the worker: the visitor leaves; when do they come again?"""

    moment: Moment


class VisitOver(Message, frozen=True):
    """From the worker: the visit is done, or `error` says why it broke off."""

    n_clicks: int
    n_plays: int
    error: str | None
    is_browser_well: bool
    labels: tuple[EventLabel, ...] = ()


Question = SignInOffered | SlateShown | PlayerOffered | DetourOffered | ReturnOffered | VisitLeft
Answer = SignInAnswer | LookAnswer | WatchAnswer | DetourAnswer | ReturnAnswer | NextVisitAnswer | NoAnswer
AnyMessage = Begin | MakeVisit | Ready | VisitOver | Question | Answer


class Channel:
    """One end of the line between runner and worker; `receive` raises EOFError when the other is gone."""

    def __init__(self, connection: "Connection[bytes, bytes]") -> None:
        self.connection = connection
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(AnyMessage)

    def send(self, message: Message) -> None:
        """Say one thing."""
        self.connection.send_bytes(self._encoder.encode(message))

    def receive(self) -> Message:
        """Wait for the next thing said."""
        message: Message = self._decoder.decode(self.connection.recv_bytes())
        return message

    def close(self) -> None:
        """Hang up."""
        self.connection.close()
