from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.website.conftest import Studio

TABLES = ("visitors", "exposures", "slates", "impressions", "clicks", "plays", "ratings", "model_calls")


def send(studio: Studio, browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Send a form with the token of a page of ours."""
    token = studio.page(browser, "/privacy").all("input", name="csrf_token")[0].attributes["value"]
    return browser.post(path, data={"csrf_token": token, **fields})


def n_rows(studio: Studio) -> int:
    """Rows of all tables that hold something of a visitor."""
    counts = [studio.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES]  # noqa: S608 - names above
    return sum(int(str(count)) for count in counts)


def click_first(studio: Studio, browser: FlaskClient) -> TestResponse:
    """Click the first recommended film."""
    form = studio.page(browser).one("section", data_surface="home").all("form")[0]
    return browser.post("/click", data={"token": form.one("input", name="token").attributes["value"]})


def test_people_are_asked_once_and_simulated_visitors_never(studio: Studio) -> None:
    browser = studio.person()
    assert studio.page(browser).all("section", class_="consent")
    assert send(studio, browser, "/consent", answer="yes").status_code == 303
    assert not studio.page(browser).all("section", class_="consent")
    assert not studio.page(studio.simulated()).all("form", action="/consent")


def test_a_no_erases_what_was_stored_and_stores_nothing_more(studio: Studio) -> None:
    """Pages work as before: the click leads to the film, and the model is asked."""
    browser = studio.person()
    click_first(studio, browser)
    assert n_rows(studio) > 0
    assert send(studio, browser, "/consent", answer="no").status_code == 303
    assert n_rows(studio) == 0
    answer = click_first(studio, browser)
    assert answer.headers["Location"].startswith("/film/")
    assert studio.page(browser, answer.headers["Location"].split("?")[0])
    assert n_rows(studio) == 0
    kept = {cookie.key for cookie in browser._cookies.values()}
    assert kept == {"funflix_visitor", "funflix_consent"}


def test_after_a_no_the_visitor_is_forgotten_with_the_browser(studio: Studio) -> None:
    """The visitor's cookie has no age then, so it ends with the browser's session."""
    browser = studio.person()
    send(studio, browser, "/consent", answer="no")
    cookies = browser.get("/").headers.getlist("Set-Cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["funflix_visitor"]
    assert "Max-Age" not in cookies[0]
    assert "Expires" not in cookies[0]


def test_a_later_yes_records_again(studio: Studio) -> None:
    browser = studio.person()
    send(studio, browser, "/consent", answer="no")
    send(studio, browser, "/consent", answer="yes")
    click_first(studio, browser)
    assert studio.rows("SELECT COUNT(*) FROM clicks") == [(1,)]


def test_the_export_holds_every_row_of_the_visitor_and_none_of_others(studio: Studio) -> None:
    click_first(studio, studio.person())
    browser = studio.person()
    click_first(studio, browser)
    answer = browser.get("/privacy/export")
    assert answer.headers["Content-Disposition"] == "attachment; filename=funflix-my-data.json"
    exported = json.loads(answer.text)
    log = exported["event_log"]
    assert {row["visitor_id"] for rows in log.values() for row in rows} == {exported["visitor_id"]}
    assert (len(log["clicks"]), len(log["slates"]), len(log["exposures"])) == (1, 1, 1)
    assert exported["shelf"]["clicked"] == [log["clicks"][0]["movie_id"]]


def test_deleting_erases_one_visitor_and_leaves_the_others(studio: Studio) -> None:
    click_first(studio, studio.person())
    n_before = n_rows(studio)
    browser = studio.person()
    click_first(studio, browser)
    assert n_rows(studio) == 2 * n_before
    assert send(studio, browser, "/privacy/delete").status_code == 303
    assert n_rows(studio) == n_before
    assert "Nothing." in studio.page(browser, "/privacy").words()


def test_forms_without_their_token_are_refused(studio: Studio) -> None:
    browser = studio.person()
    click_first(studio, browser)
    for path in ("/privacy/delete", "/consent", "/overlay", "/welcome"):
        assert browser.post(path, data={"answer": "no"}).status_code == 403
    assert studio.rows("SELECT COUNT(*) FROM clicks") == [(1,)]


def test_any_other_answer_is_refused(studio: Studio) -> None:
    assert send(studio, studio.person(), "/consent", answer="maybe").status_code == 400


def test_a_simulated_visitor_cannot_erase_its_part_of_a_run(studio: Studio) -> None:
    simulated = studio.simulated()
    assert send(studio, simulated, "/privacy/delete").status_code == 403
    assert studio.rows("SELECT COUNT(*) FROM visitors") == [(1,)]
