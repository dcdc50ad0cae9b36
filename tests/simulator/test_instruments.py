import itertools
from collections.abc import Sequence

import msgspec
import pytest

from simulator.behaviour import Detour, Instrumentation, Persona, Population, SignIn, Visitor
from simulator.instruments import (
    BOT_USER_AGENT,
    BROWSER_USER_AGENT,
    InstrumentedPages,
    VisitInstruments,
    instruments_for,
)
from simulator.visit import ShownFilm, ShownSlate

VISITOR = Visitor(index=4, visitor_id="s1-000004", persona="film-buff", user_id=12, arrival_ms=1_000_000)
SLATE = ShownSlate("slate", "home", (ShownFilm(7, 1, "a"), ShownFilm(8, 2, "b")))


class NotedPages:
    """Fits `VisitorPages` and notes what it is told."""

    def __init__(self) -> None:
        self.notes: list[tuple[object, ...]] = []

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:
        """Note it."""
        return self._note("enter", ticket, at_ms, *([] if sign_in is None else [sign_in]))

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Note it."""
        self._note("look", slate.slate_id, *positions, dwell_s, at_ms)

    def click(self, slate: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False) -> ShownSlate:
        """Note it."""
        return self._note("click", slate.slate_id, position, at_ms, is_doubled)

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Note it."""
        self._note("play", movie_id, watch_s, is_completed, at_ms)

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """Note it."""
        return self._note("detour", detour.kind, at_ms)

    def go_home(self, at_ms: int) -> ShownSlate:
        """Note it."""
        return self._note("go_home", at_ms)

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """Note it."""
        return self._note("go_back", n_pages, at_ms)

    def mute(self, *, is_mute: bool) -> None:
        """Note it."""
        self._note("mute", is_mute)

    def call_itself(self, user_agent: str) -> None:
        """Note it."""
        self._note("call_itself", user_agent)

    def leave(self) -> None:
        """Note it."""
        self._note("leave")

    def _note(self, *what: object) -> ShownSlate:
        self.notes.append(what)
        return SLATE


def visited(instruments: VisitInstruments) -> tuple[list[tuple[object, ...]], InstrumentedPages]:
    """What an engine is told of one visit: home, a look, a click, the film page, home."""
    pages = NotedPages()
    recorded = InstrumentedPages(pages, VISITOR, instruments)
    recorded.enter("ticket", 1)
    recorded.look(SLATE, [1, 2], 3.6, 1)
    recorded.click(SLATE, 2, 5)
    recorded.go_home(9)
    recorded.leave()
    return pages.notes, recorded


def test_perfect_instruments_change_nothing_and_have_nothing_to_say() -> None:
    notes, recorded = visited(VisitInstruments())
    assert notes == [
        ("enter", "ticket", 1),
        ("look", "slate", 1, 2, 3.6, 1),
        ("click", "slate", 2, 5, False),
        ("go_home", 9),
        ("leave",),
    ]
    assert recorded.labels == []


def test_a_lost_report_leaves_the_look_as_it_is_and_labels_each_view() -> None:
    notes, recorded = visited(VisitInstruments(Instrumentation(ad_block_share=1.0)))
    assert notes[0] == ("mute", True)
    assert ("look", "slate", 1, 2, 3.6, 1) in notes
    labels = [(label.label, label.slate_id, label.position, label.at_ms) for label in recorded.labels]
    assert labels == [("lost-view", "slate", 1, 1), ("lost-view", "slate", 2, 1)]


def test_a_click_that_comes_twice_is_one_click_with_a_label() -> None:
    notes, recorded = visited(VisitInstruments(Instrumentation(double_click_share=1.0)))
    assert ("click", "slate", 2, 5, True) in notes
    assert [(label.label, label.position, label.at_ms) for label in recorded.labels] == [
        ("doubled-click", 2, 5)
    ]


def test_a_bot_gives_its_name_before_it_enters_and_reports_nothing() -> None:
    notes, recorded = visited(VisitInstruments(user_agent=BOT_USER_AGENT, is_bot=True))
    assert notes[:3] == [("call_itself", BOT_USER_AGENT), ("mute", True), ("enter", "ticket", 1)]
    assert recorded.labels == []


def test_reports_are_lost_page_by_page() -> None:
    """With half of all pages mute, a visit of 40 pages is muted and unmuted many times, never twice alike."""
    pages = NotedPages()
    recorded = InstrumentedPages(pages, VISITOR, VisitInstruments(Instrumentation(beacon_loss=0.5), seed=3))
    recorded.enter("ticket", 0)
    for at_ms in range(40):
        recorded.go_home(at_ms)
    mutes = [note[1] for note in pages.notes if note[0] == "mute"]
    assert len(mutes) > 5
    assert all(one != other for one, other in itertools.pairwise(mutes))
    assert mutes[0] is True


@pytest.mark.parametrize(
    ("persona", "user_agent"),
    [
        (Persona(name="film-buff"), BROWSER_USER_AGENT),
        (Persona(name="film-buff", is_bot=True), BOT_USER_AGENT),
        (Persona(name="film-buff", is_bot=True, is_disguised=True), BROWSER_USER_AGENT),
    ],
)
def test_a_bot_that_is_not_disguised_calls_itself_one(persona: Persona, user_agent: str) -> None:
    population = msgspec.structs.replace(Population(), personas=(persona,))
    instruments = instruments_for(population, VISITOR, seed=7)
    assert instruments.user_agent == user_agent
    assert instruments.is_bot == persona.is_bot


def test_the_site_knows_the_one_name_and_not_the_other() -> None:
    """Both in one place, so that bot filtering has something to find."""
    assert "Crawler" in BOT_USER_AGENT
    assert "Headless" not in BROWSER_USER_AGENT
