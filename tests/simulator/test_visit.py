from collections.abc import Sequence

import pytest

from simulator.behaviour import Detour, Look, Moment, Past, SignIn, Visitor, Watch
from simulator.errors import VisitError
from simulator.jobs import VisitJob, make_visit
from simulator.visit import ShownFilm, ShownSlate, VisitRecord, run_visit, step_cookie

VISITOR = Visitor(index=4, visitor_id="s1-000004", persona="film-buff", user_id=12, arrival_ms=1_000_000)


class NotedPages:
    """Fits `VisitorPages`: notes what is done, breaks at `broken_at`; film pages show 100 + each film."""

    def __init__(self, *, home: Sequence[int] = (11, 12, 13), broken_at: str = "") -> None:
        self.notes: list[tuple[object, ...]] = []
        self._home = home
        self._broken_at = broken_at

    def enter(self, ticket: str, at_ms: int, *, sign_in: SignIn | None = None) -> ShownSlate:
        """Show the home slate."""
        self._note("enter", ticket, at_ms, *([] if sign_in is None else [sign_in]))
        return slate("home", self._home)

    def look(self, slate: ShownSlate, positions: Sequence[int], dwell_s: float, at_ms: int) -> None:
        """Note the look."""
        self._note("look", slate.surface, tuple(positions), dwell_s, at_ms)

    def click(
        self, slate_clicked: ShownSlate, position: int, at_ms: int, *, is_doubled: bool = False
    ) -> ShownSlate:
        """Show the film page's slate."""
        self._note("click", slate_clicked.surface, position, at_ms, *(["twice"] if is_doubled else []))
        return slate("film", [100 + movie_id for movie_id in slate_clicked.movie_ids])

    def play(self, movie_id: int, watch_s: float, *, is_completed: bool, at_ms: int) -> None:
        """Note the play."""
        self._note("play", movie_id, watch_s, is_completed, at_ms)

    def go_home(self, at_ms: int) -> ShownSlate:
        """Show the home slate again."""
        self._note("go_home", at_ms)
        return slate("home", self._home)

    def go_back(self, n_pages: int, at_ms: int) -> ShownSlate:
        """Show the home slate again."""
        self._note("go_back", n_pages, at_ms)
        return slate("home", self._home)

    def detour(self, detour: Detour, at_ms: int) -> ShownSlate:
        """Show the film page's slate."""
        self._note("detour", detour.kind, detour.movie_id, at_ms)
        return slate("film", [100 + movie_id for movie_id in self._home])

    def mute(self, *, is_mute: bool) -> None:
        """Note it."""
        self._note("mute", is_mute)

    def call_itself(self, user_agent: str) -> None:
        """Note the name."""
        self._note("call_itself", user_agent)

    def leave(self) -> None:
        """Note the end."""
        self.notes.append(("leave",))

    def _note(self, what: str, *details: object) -> None:
        self.notes.append((what, *details))
        if what == self._broken_at:
            raise VisitError(f"{what} is broken")


class ScriptedBrain:
    """Fits `Brain`: looks as written, page by page, and watches every film the same way.

    Who chooses nothing at home makes the detour; `next_ms` are the times of further visits; `back_on` those
    visits, from 0, from whose films they return by the back button.
    """

    def __init__(
        self,
        looks: Sequence[Look],
        watch: Watch | None = None,
        *,
        detour: Detour | None = None,
        next_ms: Sequence[int] = (),
        sign_in: SignIn | None = None,
        back_on: Sequence[int] = (),
    ) -> None:
        self.asked: list[tuple[tuple[int, ...], Moment]] = []
        self.left: list[Moment] = []
        self._looks = looks
        self._watch = watch
        self._detour = detour
        self._next_ms = next_ms
        self._sign_in = sign_in
        self._back_on = back_on

    def sign_in(self, visitor: Visitor) -> SignIn | None:
        """The one way in."""
        assert visitor is VISITOR
        return self._sign_in

    def look(self, visitor: Visitor, movie_ids: Sequence[int], moment: Moment) -> Look:
        """The next look."""
        assert visitor is VISITOR
        self.asked.append((tuple(movie_ids), moment))
        return self._looks[len(self.asked) - 1]

    def watch(self, visitor: Visitor, movie_id: int, moment: Moment) -> Watch | None:
        """The one way to watch."""
        assert visitor is VISITOR
        assert movie_id > 0
        assert moment.at_ms >= VISITOR.arrival_ms
        return self._watch

    def detour(self, visitor: Visitor, moment: Moment) -> Detour | None:
        """The one detour."""
        assert visitor is VISITOR
        assert moment.depth == 0
        return self._detour

    def goes_back(self, visitor: Visitor, moment: Moment) -> bool:
        """As said of the visit."""
        assert visitor is VISITOR
        return moment.visit in self._back_on

    def next_visit_ms(self, visitor: Visitor, moment: Moment) -> int | None:
        """The next of the times."""
        assert visitor is VISITOR
        self.left.append(moment)
        return dict(enumerate(self._next_ms)).get(moment.visit)


def slate(surface: str, movie_ids: Sequence[int]) -> ShownSlate:
    films = tuple(
        ShownFilm(movie_id, place, f"t{place}") for place, movie_id in enumerate(movie_ids, start=1)
    )
    return ShownSlate(f"{surface}-slate", surface, films)


def test_a_visitor_who_likes_nothing_looks_and_leaves() -> None:
    pages = NotedPages()
    record = run_visit(VISITOR, ScriptedBrain([Look(3.6, None)]), pages, "ticket")
    assert pages.notes == [
        ("enter", "ticket", 1_000_000),
        ("look", "home", (1, 2, 3), 3.6, 1_000_000),
        ("leave",),
    ]
    assert record == VisitRecord("s1-000004", clicks=(), plays=(), left_ms=1_003_600)


def test_a_whole_visit_runs_on_simulated_time() -> None:
    """Home 3.6 s, click 2, film page 1.8 s, click 1, film page 1.8 s, play 60 s, home, leave."""
    pages = NotedPages()
    brain = ScriptedBrain([Look(3.6, 2), Look(1.8, 1), Look(1.8, None)], Watch(60.0, is_completed=True))
    record = run_visit(VISITOR, brain, pages, "ticket")
    assert pages.notes == [
        ("enter", "ticket", 1_000_000),
        ("look", "home", (1, 2, 3), 3.6, 1_000_000),
        ("click", "home", 2, 1_003_600),
        ("look", "film", (1, 2, 3), 1.8, 1_003_600),
        ("click", "film", 1, 1_005_400),
        ("look", "film", (1, 2, 3), 1.8, 1_005_400),
        ("play", 111, 60.0, True, 1_007_200),
        ("go_home", 1_067_200),
        ("leave",),
    ]
    assert [(films, moment.depth, moment.at_ms) for films, moment in brain.asked] == [
        ((11, 12, 13), 0, 1_000_000),
        ((111, 112, 113), 1, 1_003_600),
        ((211, 212, 213), 2, 1_005_400),
    ]
    assert [moment.spent_s for _, moment in brain.asked] == pytest.approx([0.0, 3.6, 5.4])
    assert record.clicks == (("home", 2, 12), ("film", 1, 111))
    assert record.plays == ((111, 60.0, True),)
    assert record.left_ms == 1_067_200


def test_a_film_that_is_not_played_is_left_for_home() -> None:
    pages = NotedPages()
    run_visit(VISITOR, ScriptedBrain([Look(1.8, 1), Look(0.0, None)]), pages, "ticket")
    assert [what for what, *_ in pages.notes] == ["enter", "look", "click", "go_home", "leave"]


def test_a_detour_leads_to_a_film_page_like_a_click() -> None:
    """Nothing chosen in 3.6 s at home; a search; 1.8 s and a click on the film page; 60 s of that film."""
    pages = NotedPages()
    brain = ScriptedBrain(
        [Look(3.6, None), Look(1.8, 3), Look(0.0, None)],
        Watch(60.0, is_completed=True),
        detour=Detour("search", 50, "Alien"),
    )
    record = run_visit(VISITOR, brain, pages, "ticket")
    assert pages.notes[2:] == [
        ("detour", "search", 50, 1_003_600),
        ("look", "film", (1, 2, 3), 1.8, 1_003_600),
        ("click", "film", 3, 1_005_400),
        ("play", 113, 60.0, True, 1_005_400),
        ("go_home", 1_065_400),
        ("leave",),
    ]
    assert [moment.depth for _, moment in brain.asked] == [0, 1, 2]
    assert record.clicks == (("film", 3, 113),)


def test_who_comes_back_makes_another_visit_with_the_past_in_mind() -> None:
    """Home, click, play in the first visit; home alone in the second and last; one browser, left once."""
    pages = NotedPages()
    brain = ScriptedBrain(
        [Look(3.6, 1), Look(1.8, None), Look(5.4, None)], Watch(60.0, is_completed=False), next_ms=[9_000_000]
    )
    record = run_visit(VISITOR, brain, pages, "ticket")
    assert [what for what, *_ in pages.notes] == [
        *("enter", "look", "click", "look", "play", "go_home"),
        *("go_home", "look", "leave"),
    ]
    assert pages.notes[-3] == ("go_home", 9_000_000)
    past = Past(shown=(11, 12, 13), pages_ms=(1_000_000, 1_003_600), watched=((11, 1_065_400),))
    assert brain.asked[2] == ((11, 12, 13), Moment(9_000_000, visit=1, past=past))
    assert [(moment.visit, moment.at_ms) for moment in brain.left] == [(0, 1_065_400), (1, 9_005_400)]
    assert (record.n_visits, record.left_ms) == (2, 9_005_400)


@pytest.mark.parametrize(
    ("looks", "watch", "n_pages"),
    [
        ([Look(1.8, 1), Look(0.0, None)], None, 1),
        ([Look(1.8, 1), Look(0.0, None)], Watch(60.0, is_completed=True), 2),
        ([Look(1.8, 1), Look(1.8, 2), Look(0.0, None)], Watch(60.0, is_completed=True), 3),
    ],
)
def test_who_goes_back_passes_each_page_that_led_there(
    looks: list[Look], watch: Watch | None, n_pages: int
) -> None:
    """Home, one film page or two, maybe the player: as many pages back, and no link."""
    pages = NotedPages()
    record = run_visit(VISITOR, ScriptedBrain(looks, watch, back_on=[0]), pages, "ticket")
    assert pages.notes[-2] == ("go_back", n_pages, record.left_ms)
    assert "go_home" not in {what for what, *_ in pages.notes}


def test_a_profile_is_chosen_once_by_who_chooses_one() -> None:
    """The second visit begins at home."""
    pages, sign_in = NotedPages(), SignIn(12, ("Drama",))
    brain = ScriptedBrain([Look(3.6, None), Look(3.6, None)], next_ms=[9_000_000], sign_in=sign_in)
    run_visit(VISITOR, brain, pages, "ticket")
    assert [note for note in pages.notes if sign_in in note] == [("enter", "ticket", 1_000_000, sign_in)]
    assert pages.notes[-3] == ("go_home", 9_000_000)


def test_a_slate_glanced_at_is_not_remembered() -> None:
    brain = ScriptedBrain([Look(0.9, None), Look(1.0, None)], next_ms=[9_000_000])
    run_visit(VISITOR, brain, NotedPages(), "ticket")
    assert brain.left[0].past == Past()
    assert brain.left[1].past == Past(shown=(11, 12, 13), pages_ms=(9_000_000,))


def test_less_than_a_second_views_nothing() -> None:
    pages = NotedPages()
    run_visit(VISITOR, ScriptedBrain([Look(0.9, None)]), pages, "ticket")
    assert [what for what, *_ in pages.notes] == ["enter", "leave"]


@pytest.mark.parametrize("broken_at", ["enter", "look", "click", "play", "go_home"])
def test_a_visit_broken_off_leaves_once_and_fails_with_its_reason(broken_at: str) -> None:
    pages = NotedPages(broken_at=broken_at)
    brain = ScriptedBrain([Look(1.8, 1), Look(1.8, None)], Watch(5.0, is_completed=False))
    result = make_visit(VisitJob(VISITOR, 3), brain, pages, "ticket")
    assert (result.visitor_id, result.attempt, result.status) == ("s1-000004", 3, "failed")
    assert result.error == f"{broken_at} is broken"
    assert [what for what, *_ in pages.notes].count("leave") == 1
    assert pages.notes[-1] == ("leave",)


def test_an_error_in_our_own_code_is_not_taken_for_a_failed_visit() -> None:
    with pytest.raises(IndexError):
        make_visit(VisitJob(VISITOR, 1), ScriptedBrain([]), NotedPages(), "ticket")


def test_the_step_cookie_is_step_and_time() -> None:
    assert step_cookie(3, 1_767_571_200_000) == "3.1767571200000"
