from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from recommender_client import RecommenderTimeoutError

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.website.conftest import Studio


START_MS = 1_700_000_000_000


def step(client: FlaskClient, number: int, at_ms: int = START_MS) -> None:
    client.set_cookie("funflix_step", f"{number}.{at_ms}")


def test_a_ticket_makes_a_simulated_visitor(studio: Studio) -> None:
    client = studio.app.test_client()
    step(client, 1)
    answer = client.get(f"/enter?ticket={studio.ticket(attempt=2)}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    client.get("/")
    assert studio.rows(
        "SELECT run_id, visitor_id, attempt, user_id, persona, simulated_at FROM visitors"
    ) == [("run-1", "s7-000001", 2, 3, "binger", START_MS)]


def test_bad_tickets_are_refused(studio: Studio) -> None:
    client = studio.person()
    assert client.get("/enter").status_code == 400
    assert client.get("/enter?ticket=x.y").status_code == 400
    ticket = studio.ticket()
    studio.clock.advance(601)
    assert client.get(f"/enter?ticket={ticket}").status_code == 410
    assert studio.rows("SELECT event, reason, n FROM refusals ORDER BY reason") == [
        ("enter", "expired", 1),
        ("enter", "forged", 2),
    ]


def test_a_used_ticket_lets_nobody_else_in(studio: Studio) -> None:
    """Once in at step 1, it serves neither a later step of another browser, nor one without any step."""
    address = f"/enter?ticket={studio.ticket()}"
    visitor, thief = studio.app.test_client(), studio.app.test_client()
    step(visitor, 1)
    assert visitor.get(address).status_code == 303
    answer = thief.get(address)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    step(thief, 5, START_MS + 60_000)
    assert thief.get(address).status_code == 403
    assert studio.rows("SELECT run_id, event, reason, n FROM refusals") == [("run-1", "enter", "replayed", 2)]


def test_a_ticket_may_be_shown_again_by_its_visitor_or_when_the_answer_was_lost(studio: Studio) -> None:
    address = f"/enter?ticket={studio.ticket()}"
    visitor, without_answer = studio.app.test_client(), studio.app.test_client()
    step(visitor, 1)
    assert visitor.get(address).status_code == 303
    step(visitor, 3, START_MS + 9_000)
    assert visitor.get(address).status_code == 303
    step(without_answer, 1)
    assert without_answer.get(address).status_code == 303
    assert visitor.get(f"/enter?ticket={studio.ticket(attempt=2)}").status_code == 303
    assert studio.rows("SELECT * FROM refusals") == []


def test_a_step_fetched_again_repeats_its_ids_and_stores_nothing_twice(studio: Studio) -> None:
    client = studio.simulated()
    slates = []
    for number in (1, 1, 2):
        step(client, number)
        slates.append(studio.page(client).one("section", data_slate=None).attributes["data-slate"])
    assert slates[0] == slates[1] != slates[2]
    assert studio.rows("SELECT COUNT(*) FROM slates") == [(2,)]
    assert studio.rows("SELECT COUNT(*) FROM impressions") == [(12,)]


@pytest.mark.parametrize("path", ["/", "/film/7"])
@pytest.mark.parametrize("is_down_first", [True, False])
def test_a_page_fetched_again_shows_the_films_that_the_log_has(
    studio: Studio, path: str, *, is_down_first: bool
) -> None:
    """The model fails for one of two fetches of one step; the films of the first stand, and are clicked."""
    client = studio.simulated()
    step(client, 1)
    pages = []
    for is_down in (is_down_first, not is_down_first):
        for model in studio.clients.values():
            model.error = RecommenderTimeoutError("late") if is_down else None
        pages.append(studio.page(client, path).one("section", data_slate=None))
    shown = [[card.attributes["data-film"] for card in page.all("article")] for page in pages]
    assert shown[0] == shown[1]
    for name in ("data-slate", "data-variant", "data-model"):
        assert pages[0].attributes[name] == pages[1].attributes[name]
    assert ("data-fallback" in pages[1].attributes) == is_down_first
    token = pages[1].all("article")[2].attributes["data-token"]
    assert client.post("/click", data={"token": token}).status_code == 303
    assert studio.rows(
        "SELECT clicks.movie_id FROM clicks JOIN impressions USING (slate_id, position, movie_id)"
    ) == [(int(shown[0][2]),)]


def test_another_attempt_has_other_ids(studio: Studio) -> None:
    ids = set()
    for attempt in (1, 2):
        client = studio.simulated(attempt=attempt)
        step(client, 1)
        ids.add(studio.page(client).one("section", data_slate=None).attributes["data-slate"])
    assert len(ids) == 2


def test_events_of_a_visit_bear_simulated_time(studio: Studio) -> None:
    client = studio.simulated()
    step(client, 1)
    page = studio.page(client)
    token = page.one("section", data_slate=None).all("article")[0].attributes["data-token"]
    step(client, 1, START_MS + 4000)
    client.post("/views", data=json.dumps({"views": [{"token": token, "after_ms": 1500}]}))
    step(client, 2, START_MS + 6000)
    client.post("/click", data={"token": token})
    play = studio.page(client, "/watch/40").one("form", data_play_form=None).one("input", name="token")
    step(client, 2, START_MS + 9000)
    client.post("/plays", data={"token": play.attributes["value"], "watch_s": "60"})
    assert studio.rows("SELECT served_at, viewed_at FROM impressions WHERE position = 1") == [
        (START_MS, START_MS + 1500)
    ]
    assert studio.rows("SELECT simulated_at FROM clicks") == [(START_MS + 6000,)]
    assert studio.rows("SELECT simulated_at FROM plays") == [(START_MS + 9000,)]
    assert studio.rows("SELECT exposed_at FROM visitor_outcomes") == [(START_MS,)]


def test_the_step_of_a_hand_visitor_is_ignored(studio: Studio) -> None:
    browser = studio.person()
    studio.page(browser)
    step(browser, 1)
    ids = {studio.page(browser).one("section", data_slate=None).attributes["data-slate"] for _ in range(2)}
    assert len(ids) == 2
    assert studio.rows("SELECT DISTINCT simulated_at FROM slates") == [(None,)]


def test_a_nonsense_step_is_as_none(studio: Studio) -> None:
    client = studio.simulated()
    for text in ("", "x", "1", "1.2.3", "-1.5", "1." + "9" * 40, "٣.٣"):
        client.set_cookie("funflix_step", text)
        assert client.get("/").status_code == 200
    assert studio.rows("SELECT DISTINCT simulated_at FROM slates") == [(None,)]
