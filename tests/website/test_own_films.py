from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from website.shelf import SHELF_COOKIE, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from experiment import Experiment
    from recommender_client import RecommenderClientError
    from tests.website.conftest import Element, Studio


def token_of(page: Element) -> str:
    """The token of a film page's own forms."""
    return page.one("form", action="/ratings").one("input", name="token").attributes["value"]


def rate(studio: Studio, browser: FlaskClient, movie_id: int, stars: int | str) -> TestResponse:
    """Rate a film on its page."""
    token = token_of(studio.page(browser, f"/film/{movie_id}"))
    return browser.post("/ratings", data={"token": token, "stars": stars})


def change_list(studio: Studio, browser: FlaskClient, movie_id: int) -> None:
    """Press the button of the list on a film's page."""
    form = studio.page(browser, f"/film/{movie_id}").one("form", action="/list")
    sent = {field.attributes["name"]: field.attributes["value"] for field in form.all(name=None)}
    assert browser.post("/list", data=sent).status_code == 303


def row_of(studio: Studio, browser: FlaskClient, key: str) -> list[str]:
    """The films of a row of the home page; none if it has no such row."""
    rows = studio.page(browser).all("section", data_row=key)
    return [card.attributes["data-film"] for row in rows for card in row.all("article")]


def watch(studio: Studio, browser: FlaskClient, movie_id: int, watch_s: float, **report: str) -> None:
    """Open the player and stop after a while."""
    form = studio.page(browser, f"/watch/{movie_id}").one("form", data_play_form=None)
    token = form.one("input", name="token").attributes["value"]
    browser.post("/plays", data={"token": token, "watch_s": watch_s, **report})


def test_a_rating_is_stored_and_shown(studio: Studio) -> None:
    browser = studio.person()
    answer = rate(studio, browser, 7, 3)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/film/7")
    assert studio.rows("SELECT run_id, movie_id, stars FROM ratings") == [("live", 7, 3.0)]
    page = studio.page(browser, "/film/7")
    assert page.one("legend").words() == "You gave it 3 of 5 stars"
    pressed = [button.attributes["value"] for button in page.all("button", aria_pressed="true")]
    assert pressed == ["3"]


def test_the_same_form_sent_twice_is_one_rating_and_other_stars_are_another(studio: Studio) -> None:
    browser = studio.person()
    token = token_of(studio.page(browser, "/film/7"))
    for stars in (4, 4, 2):
        assert browser.post("/ratings", data={"token": token, "stars": stars}).status_code == 303
    assert studio.rows("SELECT stars FROM ratings ORDER BY stars") == [(2.0,), (4.0,)]
    assert studio.page(browser, "/film/7").one("legend").words() == "You gave it 2 of 5 stars"


def test_a_script_gets_the_forms_as_they_are_now(studio: Studio, read_page: Callable[[str], Element]) -> None:
    """Changing one's mind twice on one page: each answer brings a new token, so that the last one counts."""
    browser = studio.person()
    form = studio.page(browser, "/film/7").one("form", action="/ratings")
    assert form.attributes["data-hx-post"] == "/ratings"
    for stars in ("4", "2", "4"):
        token = form.one("input", name="token").attributes["value"]
        answer = browser.post(
            "/ratings", data={"token": token, "stars": stars}, headers={"HX-Request": "true"}
        )
        part = read_page(answer.text)
        form = part.one("form", action="/ratings")
        assert answer.status_code == 200
        assert not part.all("main")
        assert part.one("p", id="own-said").words() == f"You gave it {stars} of 5 stars"
    assert studio.rows("SELECT stars FROM ratings ORDER BY recorded_at") == [(4.0,), (2.0,), (4.0,)]
    assert studio.page(browser, "/film/7").one("legend").words() == "You gave it 4 of 5 stars"


def test_a_script_changes_the_list_and_keeps_the_reason(
    studio: Studio, read_page: Callable[[str], Element]
) -> None:
    browser = studio.person()
    form = click_first(studio, browser).one("form", action="/list")
    sent = {field.attributes["name"]: field.attributes["value"] for field in form.all(name=None)}
    answer = read_page(browser.post("/list", data=sent, headers={"HX-Request": "true"}).text)
    again = answer.one("form", action="/list")
    assert again.one("button").attributes["value"] == "remove"
    assert again.one("input", name="why").attributes["value"] == sent["why"]
    assert answer.one("p", id="own-said").words() == "It is in your list"
    assert len(row_of(studio, browser, "my-list")) == 1


def test_forms_of_simulated_visitors_load_the_page_anew(studio: Studio) -> None:
    """Their steps are page loads, in every engine; nor do their pages load a script they do not need."""
    client = studio.simulated()
    client.set_cookie("funflix_step", "1.1000")
    page = studio.page(client, "/film/7")
    assert not page.all(data_hx_post=None)
    assert not [script for script in page.all("script") if "htmx" in script.attributes["src"]]


@pytest.mark.parametrize("stars", ["0", "6", "-1", "4.5", "", "many", "٣"])
def test_other_stars_than_one_to_five_are_refused(studio: Studio, stars: str) -> None:
    assert rate(studio, studio.person(), 7, stars).status_code == 400
    assert studio.rows("SELECT event, reason, n FROM refusals") == [("rating", "malformed", 1)]
    assert studio.rows("SELECT * FROM ratings") == []


@pytest.mark.parametrize("route", ["/ratings", "/list"])
def test_forms_of_nobody_and_of_somebody_else_are_refused(studio: Studio, route: str) -> None:
    browser, other = studio.person(), studio.person()
    token = token_of(studio.page(other, "/film/7"))
    studio.page(browser)
    more = {"stars": "5", "action": "add"}
    assert browser.post(route, data=more | {"token": token}).status_code == 403
    for forged in ("", "x", token[:-1], token.replace(".", "a.", 1), "é"):
        assert browser.post(route, data=more | {"token": forged}).status_code == 400
    assert studio.rows("SELECT * FROM ratings") == []
    assert browser.get_cookie(SHELF_COOKIE) is None


def test_the_list_is_a_row_of_home_newest_first_and_films_leave_it_again(studio: Studio) -> None:
    browser = studio.person()
    assert row_of(studio, browser, "my-list") == []
    for movie_id in (7, 9, 11):
        change_list(studio, browser, movie_id)
    assert row_of(studio, browser, "my-list") == ["11", "9", "7"]
    change_list(studio, browser, 9)
    assert row_of(studio, browser, "my-list") == ["11", "7"]


def test_another_profile_finds_an_empty_shelf(studio: Studio) -> None:
    browser = studio.person()
    change_list(studio, browser, 7)
    token = studio.page(browser, "/profiles").all("input", name="csrf_token")[0].attributes["value"]
    browser.post("/profiles", data={"csrf_token": token, "user_id": "3"})
    assert row_of(studio, browser, "my-list") == []


def test_a_forged_shelf_is_an_empty_one(studio: Studio) -> None:
    browser = studio.person()
    studio.page(browser)
    for forged in ("x", "a.b", "é", ""):
        browser.set_cookie(SHELF_COOKIE, forged)
        assert row_of(studio, browser, "my-list") == []


def test_films_begun_are_to_be_continued_and_films_finished_are_not(studio: Studio) -> None:
    browser = studio.person()
    watch(studio, browser, 7, 600)
    watch(studio, browser, 9, 5)
    watch(studio, browser, 11, 900, is_completed="1")
    assert row_of(studio, browser, "continue") == ["7"]
    assert row_of(studio, studio.person(), "continue") == []


def test_simulated_visitors_have_no_shelf(studio: Studio) -> None:
    client = studio.simulated()
    client.set_cookie("funflix_step", "1.1000")
    watch(studio, client, 7, 600)
    assert client.get_cookie(SHELF_COOKIE) is None
    assert row_of(studio, client, "continue") == []


def test_a_full_shelf_fits_in_a_cookie() -> None:
    """Browsers keep 4,096 bytes of name, value and attributes."""
    from website.notes import read_note, write_note

    shelf = Shelf("v" * 12, has_played=True)
    for movie_id in range(10**6, 10**6 + 200):
        shelf = shelf.with_listed(movie_id).with_stars(movie_id, 5).with_position(movie_id, 9_000)
    text = write_note(shelf, "a-secret-of-at-least-thirty-two-characters")
    assert len(text) < 2000
    assert read_note(text, Shelf, "a-secret-of-at-least-thirty-two-characters") == shelf


def click_first(studio: Studio, browser: FlaskClient) -> Element:
    """Click the first film recommended at home; the film's page."""
    form = studio.page(browser).one("section", data_slate=None).all("form")[0]
    sent = {field.attributes["name"]: field.attributes["value"] for field in form.all("input")}
    return studio.page(browser, browser.post("/click", data=sent).headers["Location"])


def test_the_film_page_says_why_it_was_shown(studio: Studio) -> None:
    page = click_first(studio, studio.person())
    words = page.one("details", class_="why").words()
    (variant,) = studio.rows("SELECT variant FROM exposures")[0]
    for fact in ("Recommended for you, film 1 of 6", f"Variant {variant}", "v1", "ms"):
        assert fact in words
    # Rating it leaves that true.
    assert page.one("form", action="/list").one("input", name="why").attributes["value"]


def test_a_fallback_says_that_no_model_answered(
    open_site: Callable[..., Studio], experiment_of: Callable[..., Experiment]
) -> None:
    from recommender_client import RecommenderTimeoutError

    error: RecommenderClientError = RecommenderTimeoutError("late")
    studio = open_site(error=error)
    assert "popular films stood in" in click_first(studio, studio.person()).one("details").words()
    held_out = open_site(experiment=experiment_of(holdout=1.0))
    assert "these are popular films" in click_first(held_out, held_out.person()).one("details").words()


def test_nobody_is_told_the_reason_of_another_or_of_another_film(studio: Studio) -> None:
    browser, other = studio.person(), studio.person()
    why = studio.page(other).one("section", data_slate=None).all("input", name="why")[0].attributes["value"]
    studio.page(browser)
    assert studio.page(other, f"/film/40?why={why}").all("details")
    for page in (
        studio.page(browser, f"/film/40?why={why}"),
        studio.page(other, f"/film/7?why={why}"),
        studio.page(other, "/film/40?why=forged.text"),
    ):
        assert not page.all("details")


def test_a_page_of_a_simulated_visitor_carries_no_reason(studio: Studio) -> None:
    slate = studio.page(studio.simulated()).one("section", data_slate=None)
    assert not slate.all("input", name="why")
