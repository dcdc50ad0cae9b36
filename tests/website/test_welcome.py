from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from website.welcome import best_known, films_to_choose_from, genres_by_popularity

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.website.conftest import Studio
    from website import Storefront


def choose(studio: Studio, browser: FlaskClient, **chosen: list[str]) -> TestResponse:
    """Send the form of the page of welcome."""
    token = studio.page(browser, "/welcome").all("input", name="csrf_token")[0].attributes["value"]
    return browser.post("/welcome", data={"csrf_token": token, **chosen})


def test_what_was_chosen_reaches_the_model(studio: Studio) -> None:
    """Films first, then the three best-known of each genre; film m has genre m % 6 and m // 6 % 6."""
    browser = studio.person()
    answer = choose(studio, browser, film=["9", "4"], genre=["Western"])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    studio.page(browser)
    asked = [request for client in studio.clients.values() for request in client.requests]
    assert [request.history for request in asked] == [(9, 4, 5, 11, 17)]


def test_every_choice_stands_on_the_page(studio: Studio, storefront: Storefront) -> None:
    page = studio.page(studio.person(), "/welcome")
    genres = [box.attributes["value"] for box in page.all("input", name="genre")]
    films = [int(box.attributes["value"]) for box in page.all("input", name="film")]
    assert set(genres) == {"Drama", "Comedy", "Horror", "Sci-Fi", "Romance", "Western"}
    assert tuple(films) == films_to_choose_from(storefront)
    assert len(set(films)) == 24


def test_films_to_choose_from_are_of_many_kinds(storefront: Storefront) -> None:
    """Four of each of the six first genres."""
    firsts = [storefront.films[movie_id].genres[0] for movie_id in films_to_choose_from(storefront)]
    assert {firsts.count(genre) for genre in genres_by_popularity(storefront)} == {4}


def test_films_of_a_genre_are_not_those_chosen_already(storefront: Storefront) -> None:
    first, *_ = best_known(storefront, "Western", besides=[])
    assert first not in best_known(storefront, "Western", besides=[first])


@pytest.mark.parametrize(
    "chosen", [{"film": ["999"]}, {"film": ["1x"]}, {"film": ["9" * 30]}, {"genre": ["Opera"]}]
)
def test_what_is_not_on_the_page_is_refused(studio: Studio, chosen: dict[str, list[str]]) -> None:
    assert choose(studio, studio.person(), **chosen).status_code == 400


def test_a_new_visitor_is_asked(open_site: Callable[..., Studio]) -> None:
    """Who becomes a user of the data is not: the models know their taste."""
    studio = open_site()
    browser = studio.person()
    for user_id, place in (("new", "/welcome"), ("5", "/")):
        token = studio.page(browser, "/profiles").all("input", name="csrf_token")[0].attributes["value"]
        answer = browser.post("/profiles", data={"csrf_token": token, "user_id": user_id})
        assert answer.headers["Location"] == place
