from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from experiment import Variant
from website.shelf import Shelf

if TYPE_CHECKING:
    from tests.website.conftest import Studio


def test_what_a_visitor_likes_speaks_for_them_and_what_they_dislike_does_not() -> None:
    """Liked films first, the latest before the earlier; then listed, then clicked ones."""
    shelf = Shelf("v").with_clicked(1).with_clicked(2).with_clicked(3).with_listed(4).with_stars(2, 2)
    shelf = shelf.with_stars(5, 4).with_stars(6, 5).with_stars(7, 3)
    assert shelf.history == (6, 5, 4, 3, 1)


def test_a_history_has_at_most_fifty_films() -> None:
    shelf = Shelf("v")
    for movie_id in range(80):
        shelf = shelf.with_clicked(movie_id).with_listed(100 + movie_id)
    assert shelf.history == tuple(range(179, 129, -1))


def test_a_new_visitor_s_clicks_reach_the_model(studio: Studio) -> None:
    browser = studio.person()
    form = studio.page(browser).one("section", data_surface="home").all("form")[1]
    sent = {field.attributes["name"]: field.attributes["value"] for field in form.all("input")}
    clicked = int(browser.post("/click", data=sent).headers["Location"].split("?")[0].split("/")[-1])
    studio.page(browser)
    asked = [request for client in studio.clients.values() for request in client.requests]
    assert [request.history for request in asked] == [(), (clicked,)]


def test_a_user_s_own_history_is_the_model_s_and_is_not_sent(studio: Studio) -> None:
    """Neither for a user chosen on the page of profiles, nor for a simulated visitor without a user."""
    simulated = studio.simulated(user_id=None)
    form = studio.page(simulated).one("section", data_surface="home").all("form")[0]
    token = form.one("input", name="token").attributes["value"]
    answer = simulated.post("/click", data={"token": token})
    assert "Set-Cookie" not in answer.headers
    studio.page(simulated)
    assert all(not request.history for client in studio.clients.values() for request in client.requests)


@pytest.mark.parametrize(
    ("url", "send_history", "is_sent"),
    [
        ("builtin", None, True),
        ("builtin", False, False),
        ("http://127.0.0.1:9", None, False),
        ("http://127.0.0.1:9", True, True),
    ],
)
def test_only_endpoints_that_are_to_hear_of_it_get_a_history(
    url: str, *, send_history: bool | None, is_sent: bool
) -> None:
    """Our own endpoint, unless told not to; another's, where the experiment file says so."""
    variant = Variant(name="treatment", model="m", url=url, send_history=send_history)
    assert variant.sends_history is is_sent
