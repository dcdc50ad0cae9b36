from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommender_client import RecommenderTimeoutError
from website.shelf import SHELF_COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.website.conftest import Studio


def watch(studio: Studio, browser: FlaskClient, movie_id: int, watch_s: float, **report: str) -> None:
    """Open the player and stop after a while."""
    form = studio.page(browser, f"/watch/{movie_id}").one("form", data_play_form=None)
    token = form.one("input", name="token").attributes["value"]
    browser.post("/plays", data={"token": token, "watch_s": watch_s, **report})


def films_of(studio: Studio, browser: FlaskClient, **section: str) -> list[str]:
    """The films of a section of the home page; none if it is not there."""
    sections = studio.page(browser).all("section", **section)
    return [card.attributes["data-film"] for found in sections for card in found.all("article")]


def test_films_like_the_last_one_watched_have_a_row_that_is_logged(studio: Studio) -> None:
    """A slate of its own surface, so that the metric, which counts the home slate, does not move."""
    browser = studio.person()
    watch(studio, browser, 41, 40.0)
    heading = studio.page(browser).one("section", data_surface="because").one("h2").words()
    assert heading == "Because you watched The Film of Number 41"
    asked = [request for client in studio.clients.values() for request in client.requests]
    assert asked[-1].movie_id == 41
    assert studio.rows("SELECT surface, COUNT(*) FROM slates GROUP BY surface") == [
        ("because", 1),
        ("home", 1),
    ]
    assert studio.rows("SELECT n_slates, n_served FROM visitor_outcomes") == [(1, 6)]


def test_its_cards_are_clicked_like_any_other(studio: Studio) -> None:
    browser = studio.person()
    watch(studio, browser, 41, 40.0)
    form = studio.page(browser).one("section", data_surface="because").all("form")[0]
    fields = {field.attributes["name"]: field.attributes["value"] for field in form.all("input")}
    location = browser.post("/click", data=fields).headers["Location"]
    assert "from=because" in location
    assert studio.rows("SELECT surface FROM clicks") == [("because",)]
    assert studio.rows("SELECT clicked FROM visitor_outcomes") == [(0,)]
    assert "Because you watched" in studio.page(browser, location).one("details").words()


def test_a_silent_model_leaves_that_row_out(open_site: Callable[..., Studio]) -> None:
    studio = open_site()
    browser = studio.person()
    watch(studio, browser, 41, 40.0)
    for client in studio.clients.values():
        client.error = RecommenderTimeoutError("too late")
    assert films_of(studio, browser, data_surface="because") == []
    assert studio.rows("SELECT COUNT(*) FROM slates WHERE surface = 'because'") == [(0,)]


def test_a_few_seconds_are_not_watching(studio: Studio) -> None:
    browser = studio.person()
    watch(studio, browser, 41, 10.0)
    assert films_of(studio, browser, data_surface="because") == []
    assert films_of(studio, browser, data_row="continue") == []


def test_what_was_watched_to_the_end_is_on_home_no_more(studio: Studio) -> None:
    """Film 1 is the most popular, film 40 the first that the models recommend; slates stay full."""
    browser = studio.person()
    assert films_of(studio, browser, data_row="popular")[0] == "1"
    assert films_of(studio, browser, data_surface="home")[0] == "40"
    for movie_id in (1, 40):
        watch(studio, browser, movie_id, 4000.0, is_completed="1")
    cards = [card.attributes["data-film"] for card in studio.page(browser).all("article")]
    assert not {"1", "40"} & set(cards)
    assert films_of(studio, browser, data_surface="home") == ["41", "42", "43", "44", "45", "46"]
    assert len(films_of(studio, browser, data_row="popular")) == 9
    assert studio.rows("SELECT COUNT(*) FROM impressions GROUP BY slate_id") == [(6,)] * len(
        studio.rows("SELECT slate_id FROM slates")
    )


def test_a_film_goes_on_where_it_was_left(studio: Studio) -> None:
    """With a script the player says where it stands; without, the sitting is added to where it began."""
    browser = studio.person()
    form = studio.page(browser, "/watch/7").one("form", data_play_form=None)
    token = form.one("input", name="token").attributes["value"]
    beat = {"token": token, "watch_s": 45.5, "position_s": 1800.4}
    assert browser.post("/plays", json=beat).status_code == 204
    page = studio.page(browser, "/watch/7")
    assert page.one("section", data_player=None).attributes["data-start-s"] == "1800"
    assert "You stopped at 0:30:00." in page.one("p", class_="resumed").words()
    assert studio.page(browser, "/film/7").one("a", data_play=None).words() == "Resume"
    sent = {field.attributes["name"]: field.attributes["value"] for field in page.all("input", type="hidden")}
    browser.post("/plays", data=sent | {"watch_s": "600"})
    player = studio.page(browser, "/watch/7").one("section", data_player=None)
    assert player.attributes["data-start-s"] == "2400"


def test_a_film_finished_or_hardly_begun_begins_anew(studio: Studio) -> None:
    for ending in ({"is_completed": True, "position_s": 5000}, {"position_s": 29}):
        browser = studio.person()
        for report in ({"position_s": 1800}, ending):
            form = studio.page(browser, "/watch/7").one("form", data_play_form=None)
            token = form.one("input", name="token").attributes["value"]
            browser.post("/plays", json={"token": token, "watch_s": 60, **report})
        page = studio.page(browser, "/watch/7")
        assert page.one("section", data_player=None).attributes["data-start-s"] == "0"
        assert not page.all("p", class_="resumed")


def test_films_begun_show_how_far_and_lead_on_to_the_player(studio: Studio) -> None:
    browser = studio.person()
    page = studio.page(browser, "/watch/7")
    runtime_s = float(page.one("section", data_player=None).attributes["data-runtime-s"])
    token = page.one("form", data_play_form=None).one("input", name="token").attributes["value"]
    browser.post("/plays", json={"token": token, "watch_s": 60, "position_s": runtime_s / 4})
    row = studio.page(browser).one("section", data_row="continue")
    assert row.one("a").attributes["href"] == "/watch/7"
    seen = row.one("progress")
    assert float(seen.attributes["value"]) == pytest.approx(0.25, abs=0.001)
    assert seen.attributes["aria-label"] == "25% seen"
    assert not studio.page(browser).one("section", data_row="popular").all("progress")


def test_no_place_is_kept_of_simulated_visitors_and_of_who_lets_nothing_be_recorded(studio: Studio) -> None:
    client, person = studio.simulated(), studio.person()
    client.set_cookie("funflix_step", "1.1000")
    studio.page(person)
    person.set_cookie("funflix_consent", "no")
    for browser in (client, person):
        form = studio.page(browser, "/watch/7").one("form", data_play_form=None)
        token = form.one("input", name="token").attributes["value"]
        browser.post("/plays", json={"token": token, "watch_s": 600, "position_s": 600})
        assert browser.get_cookie(SHELF_COOKIE) is None


def test_a_page_with_scripts_fetches_the_row_that_a_model_fills(studio: Studio) -> None:
    """Home asks one model call and not two; the row is logged when it is fetched, as a part of no page."""
    browser = studio.person()
    watch(studio, browser, 7, 600)
    browser.set_cookie("funflix_scripts", "1")
    page = studio.page(browser)
    (row,) = page.all("section", data_hx_get="/rows/because")
    assert row.one("h2").words().startswith("Because you watched")
    assert len(row.all("div", class_="card")) == len(page.one("section", data_surface="home").all("article"))
    assert [script for script in page.all("script") if "htmx" in script.attributes["src"]]
    assert studio.rows("SELECT 1 FROM slates WHERE surface = 'because'") == []
    part = studio.page(browser, "/rows/because")
    assert not part.all("main")
    assert len(part.one("section", data_surface="because").all("article")) == 6
    assert len(studio.rows("SELECT 1 FROM slates WHERE surface = 'because'")) == 1


def test_there_is_nothing_to_fetch_for_who_watched_nothing(studio: Studio) -> None:
    browser = studio.person()
    browser.set_cookie("funflix_scripts", "1")
    page = studio.page(browser)
    assert not page.all("section", data_hx_get=None)
    assert not [script for script in page.all("script") if "htmx" in script.attributes["src"]]
    answer = browser.get("/rows/because")
    assert (answer.status_code, answer.text) == (200, "")


def test_the_film_page_leaves_its_row_to_a_script_that_runs(studio: Studio) -> None:
    """A first page, one with the overlay, and one asked for whole, have the row in them."""
    browser = studio.person()
    assert studio.page(browser, "/film/7").all("section", data_surface="film")
    browser.set_cookie("funflix_scripts", "1")
    n_slates = studio.rows("SELECT COUNT(*) FROM slates")
    place = studio.page(browser, "/film/7").one("section", id="row-to-come")
    assert studio.rows("SELECT COUNT(*) FROM slates") == n_slates
    row = studio.page(browser, place.attributes["data-hx-get"]).one("section", data_surface="film")
    assert len(row.all("article")) == len(place.all("div", class_="card")) == 6
    assert row.all("input", name="why")
    (whole,) = [link.attributes["href"] for link in place.all("a")]
    assert studio.page(browser, whole).all("section", data_surface="film")
    assert browser.get("/film/999/similar").status_code == 404


def test_simulated_visitors_have_every_row_in_the_page(studio: Studio) -> None:
    client = studio.simulated()
    client.set_cookie("funflix_step", "1.1000")
    client.set_cookie("funflix_scripts", "1")
    assert studio.page(client, "/film/7").all("section", data_surface="film")


def test_a_row_that_cannot_be_had_gives_up_its_place(studio: Studio) -> None:
    answer = studio.person().get("/film/999/similar", headers={"HX-Trigger": "row-to-come", "Accept": "*/*"})
    assert (answer.status_code, answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (
        404,
        "this",
        "delete",
    )
