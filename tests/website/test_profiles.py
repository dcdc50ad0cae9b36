from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.website.conftest import Element, Studio


def form_token(page: Element) -> str:
    return page.all("input", name="csrf_token")[0].attributes["value"]


def test_profiles_show_users_their_ratings_and_taste(studio: Studio) -> None:
    page = studio.page(studio.person(), "/profiles")
    user = page.one("button", name="user_id", value="5")
    assert "User 5" in user.words()
    assert "15 ratings" in user.words()  # user u rated films 1 to 10 + u
    assert page.one("button", name="user_id", value="new")


def test_choosing_a_profile_starts_a_new_visitor_as_that_user(studio: Studio) -> None:
    browser = studio.person()
    studio.page(browser)
    token = form_token(studio.page(browser, "/profiles"))
    answer = browser.post("/profiles", data={"csrf_token": token, "user_id": "5"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "User 5" in studio.page(browser).one("header").words()
    assert studio.rows("SELECT user_id FROM visitors ORDER BY user_id") == [(None,), (5,)]
    asked = [request.user_id for client in studio.clients.values() for request in client.requests]
    assert sorted(asked, key=str) == [5, None]


def test_a_new_visitor_has_no_user(studio: Studio) -> None:
    browser = studio.person()
    token = form_token(studio.page(browser, "/profiles"))
    assert browser.post("/profiles", data={"csrf_token": token, "user_id": "new"}).status_code == 303
    assert studio.rows("SELECT user_id FROM visitors") == [(None,)]


@pytest.mark.parametrize("token", ["", "x", "ü", "a" * 5000])
def test_choosing_needs_the_token_of_the_page(studio: Studio, token: str) -> None:
    browser = studio.person()
    studio.page(browser, "/profiles")
    answer = browser.post("/profiles", data={"csrf_token": token, "user_id": "5"})
    assert answer.status_code == 403


def test_another_visitors_form_token_is_refused(studio: Studio) -> None:
    token = form_token(studio.page(studio.person(), "/profiles"))
    browser = studio.person()
    studio.page(browser, "/profiles")
    assert browser.post("/profiles", data={"csrf_token": token, "user_id": "5"}).status_code == 403


@pytest.mark.parametrize("user_id", ["", "0", "999", "-5", "5 ", "٥", "9" * 5000, "new ", "True"])
def test_unknown_users_are_refused(studio: Studio, user_id: str) -> None:
    browser = studio.person()
    token = form_token(studio.page(browser, "/profiles"))
    assert browser.post("/profiles", data={"csrf_token": token, "user_id": user_id}).status_code == 400


def test_users_are_found_by_number_and_genre_and_paginated(studio: Studio) -> None:
    browser = studio.person()
    first = studio.page(browser, "/profiles")
    assert len(first.all("button", name="user_id")) == 24
    second = studio.page(browser, first.one("a", rel="next").attributes["href"])
    assert len(second.all("button", name="user_id")) == 1 + 40 - 23
    assert second.one("a", rel="prev")
    numbers = [
        b.attributes["value"] for b in studio.page(browser, "/profiles?q=4").all("button", name="user_id")
    ]
    assert numbers == ["new", "4", "40"]
    found = studio.page(browser, "/profiles?q=user+12").all("button", name="user_id")
    assert [button.attributes["value"] for button in found] == ["new", "12"]
    for user in studio.page(browser, "/profiles?q=horror").all("button", name="user_id")[1:]:
        assert "Horror" in user.words()


def test_a_search_without_result_says_what_to_try(studio: Studio) -> None:
    page = studio.page(studio.person(), "/profiles?q=%3Cb%3Ezzz")
    assert "Try a user number such as 1" in page.one("p", class_="empty").words()


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 500])
def test_pages_out_of_range_show_the_nearest(studio: Studio, page: str) -> None:
    assert studio.person().get(f"/profiles?page={page}").status_code == 200


@pytest.mark.parametrize(("chosen", "status"), [("3", 303), ("5", 403), ("new", 403)])
def test_a_simulated_visitor_can_choose_themselves_only(studio: Studio, chosen: str, status: int) -> None:
    """They are user 3 by their ticket, and remain the visitor of their run."""
    browser = studio.app.test_client()
    browser.set_cookie("funflix_step", "1.1700000000000")
    answer = browser.get(f"/enter?ticket={studio.ticket()}&to=profiles")
    assert answer.headers["Location"] == "/profiles"
    token = form_token(studio.page(browser, "/profiles"))
    answer = browser.post("/profiles", data={"csrf_token": token, "user_id": chosen})
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    if status == 303:
        assert answer.headers["Location"] == "/"
    browser.get("/")
    assert studio.rows("SELECT run_id, visitor_id, user_id FROM visitors") == [("run-1", "s7-000001", 3)]
