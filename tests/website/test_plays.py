from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.website.conftest import Studio


def token_of(studio: Studio, browser: FlaskClient, movie_id: int = 7) -> str:
    form = studio.page(browser, f"/watch/{movie_id}").one("form", data_play_form=None)
    return form.one("input", name="token").attributes["value"]


def plays(studio: Studio) -> list[tuple[object, ...]]:
    return studio.rows("SELECT movie_id, watch_s, is_completed FROM plays")


def test_the_form_records_and_leads_back_to_the_film(studio: Studio) -> None:
    browser = studio.person()
    data = {"token": token_of(studio, browser), "watch_s": "93.5", "is_completed": "1"}
    answer = browser.post("/plays", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/film/7")
    assert plays(studio) == [(7, 93.5, 1)]


@pytest.mark.parametrize("content_type", ["text/plain;charset=UTF-8", "application/json"])
def test_heartbeats_only_ever_add(studio: Studio, content_type: str) -> None:
    browser = studio.person()
    token = token_of(studio, browser)
    for watch_s, is_completed in ((10, False), (30, True), (20, False)):
        body = json.dumps({"token": token, "watch_s": watch_s, "is_completed": is_completed})
        answer = browser.post("/plays", data=body, content_type=content_type)
        assert answer.status_code == 204
    assert plays(studio) == [(7, 30.0, 1)]


@pytest.mark.parametrize("is_form", [True, False])
def test_nobody_watches_more_of_a_film_than_there_is(studio: Studio, *, is_form: bool) -> None:
    browser = studio.person()
    player = studio.page(browser, "/watch/7").one(data_player=None).attributes
    message = {"token": token_of(studio, browser), "watch_s": 20 * 3600}
    browser.post("/plays", **{"data" if is_form else "json": message})
    assert plays(studio) == [(7, float(player["data-runtime-s"]), 0)]


def test_simulated_plays_are_as_long_as_the_simulator_says(studio: Studio) -> None:
    """Its films all have the length in the population file, 10 hours at most; the site's have their own."""
    client = studio.simulated()
    message = {"token": token_of(studio, client), "watch_s": 36_000.0, "is_completed": True}
    assert client.post("/plays", json=message).status_code == 204
    assert plays(studio) == [(7, 36_000.0, 1)]


@pytest.mark.parametrize("watch_s", ["nan", "inf", "-1", "1e9", "x", "1" * 5000])
def test_nonsense_watch_times_are_refused(studio: Studio, watch_s: str) -> None:
    browser = studio.person()
    data = {"token": token_of(studio, browser), "watch_s": watch_s}
    assert browser.post("/plays", data=data).status_code == 400
    assert plays(studio) == []
    assert studio.rows("SELECT event, reason, n FROM refusals") == [("play", "malformed", 1)]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"token": "a", "watch_s": "1"}', b"[1]", b"\xff"])
def test_malformed_heartbeats_are_refused(studio: Studio, body: bytes) -> None:
    assert studio.person().post("/plays", data=body).status_code == 400


def test_plays_need_the_visitors_own_fresh_token(studio: Studio) -> None:
    browser = studio.person()
    token = token_of(studio, browser)
    assert studio.person().post("/plays", data={"token": token, "watch_s": "5"}).status_code == 403
    assert browser.post("/plays", data={"token": "forged", "watch_s": "5"}).status_code == 400
    studio.clock.advance(601)
    assert browser.post("/plays", data={"token": token, "watch_s": "5"}).status_code == 410
    assert plays(studio) == []


def test_a_click_token_is_no_play_token(studio: Studio) -> None:
    browser = studio.person()
    page = studio.page(browser)
    token = page.one("section", data_slate=None).all("article")[0].attributes["data-token"]
    assert browser.post("/plays", data={"token": token, "watch_s": "5"}).status_code == 400
