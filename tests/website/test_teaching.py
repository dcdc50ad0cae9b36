from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommender_client import RecommenderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.website.conftest import Studio


def switch(studio: Studio, browser: FlaskClient) -> None:
    """Press the switch at the foot of the page."""
    form = studio.page(browser).one("form", action="/overlay")
    token = form.one("input", name="csrf_token").attributes["value"]
    assert browser.post("/overlay", data={"csrf_token": token}).status_code == 303


def test_the_overlay_says_variant_model_and_place_and_goes_away_again(studio: Studio) -> None:
    browser = studio.person()
    assert not studio.page(browser).all("p", class_="overlay")
    switch(studio, browser)
    slate = studio.page(browser).one("section", data_surface="home")
    places = [card.one("p", class_="overlay").one("b").words() for card in slate.all("article")]
    assert places == ["1", "2", "3", "4", "5", "6"]
    assert slate.attributes["data-variant"] in slate.one("p", class_="overlay-line").words()
    switch(studio, browser)
    assert not studio.page(browser).all("p", class_="overlay")


def test_the_overlay_says_that_a_model_was_silent(open_site: Callable[..., Studio]) -> None:
    studio = open_site(error=RecommenderTimeoutError("too late"))
    browser = studio.person()
    switch(studio, browser)
    assert "fallback" in studio.page(browser).one("p", class_="overlay-line").words()


def test_simulated_visitors_never_see_the_overlay(studio: Studio) -> None:
    simulated = studio.simulated()
    simulated.set_cookie("funflix_overlay", "1")
    assert not studio.page(simulated).all("p", class_="overlay-line")


def test_two_profiles_stand_side_by_side_and_nothing_is_recorded(studio: Studio) -> None:
    """Two users, two variants, six films each."""
    page = studio.page(studio.person(), "/compare?left=7&right=3")
    assert [side.one("h2").words() for side in page.all("section", class_="side")] == ["User 7", "User 3"]
    assert [len(films.all("li")) for films in page.all("ol", class_="side-films")] == [6, 6, 6, 6]
    assert {request.user_id for client in studio.clients.values() for request in client.requests} == {3, 7}
    assert studio.rows("SELECT COUNT(*) FROM slates") == [(0,)]


def test_a_silent_model_is_said_beside_the_others(open_site: Callable[..., Studio]) -> None:
    studio = open_site(error=RecommenderTimeoutError("no answer within 0.3 s"))
    assert "no answer within 0.3 s" in studio.page(studio.person(), "/compare").words()


@pytest.mark.parametrize("query", ["left=999", "left=abc", "right=-1", "left=" + "9" * 40, "left=%00"])
def test_unknown_users_are_not_found(studio: Studio, query: str) -> None:
    assert studio.person().get(f"/compare?{query}").status_code == 404
