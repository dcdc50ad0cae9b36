from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommender_client import Reason, RecommenderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.website.conftest import Element, Studio


def clicked(studio: Studio, browser: FlaskClient, page: str = "/", surface: str = "home") -> Element:
    """The page of the first film of a slate, once it was clicked."""
    slate = studio.page(browser, page).one("section", data_surface=surface)
    card = slate.one("article", data_position="1")
    form = {field.attributes["name"]: field.attributes["value"] for field in card.all("input")}
    answer = browser.post("/click", data=form)
    assert answer.status_code == 303
    return studio.page(browser, answer.headers["Location"])


def why_link(film: Element) -> str:
    """Where a film's page says more."""
    link = film.one("div", class_="speaks").one("a")
    assert film.one("div", class_="speaks").attributes["data-hx-get"] == link.attributes["href"]
    return link.attributes["href"]


def as_user(studio: Studio, user_id: str = "3") -> FlaskClient:
    """A browser with a profile chosen."""
    browser = studio.person()
    token = studio.page(browser, "/profiles").all("input", name="csrf_token")[-1].attributes["value"]
    assert browser.post("/profiles", data={"csrf_token": token, "user_id": user_id}).status_code == 303
    return browser


def put_in_list(studio: Studio, browser: FlaskClient, movie_id: int) -> None:
    """Add a film to the visitor's list."""
    page = studio.page(browser, f"/film/{movie_id}")
    token = page.one("form", action="/list").one("input", name="token").attributes["value"]
    assert browser.post("/list", data={"token": token, "action": "add"}).status_code == 303


def speaking(studio: Studio, browser: FlaskClient, path: str) -> tuple[str, dict[str, str]]:
    """The sentence, and the films named by where they lead."""
    part = studio.page(browser, path).one("div", id="speaks")
    films = {item.one("a").attributes["href"]: item.words() for item in part.all("li")}
    return part.one("p").words(), films


def explain(studio: Studio, reasons: tuple[Reason, ...] | None) -> None:
    """Have the models of all variants give these reasons."""
    for client in studio.clients.values():
        client.reasons = reasons


def test_films_of_a_user_speak_by_what_the_model_says_each_adds(studio: Studio) -> None:
    explain(studio, (Reason(5, 0.25), Reason(9, 0.125)))
    browser = as_user(studio)
    path = why_link(clicked(studio, browser))
    assert not [one for client in studio.clients.values() for one in client.requests if one.explained]
    sentence, films = speaking(studio, browser, path)
    assert "speak for it most" in sentence
    assert list(films) == ["/film/5", "/film/9"]
    assert films["/film/5"].split() == ["The", "Film", "of", "Number", "5", "+0.25"]
    asked = [one for client in studio.clients.values() for one in client.requests if one.explained]
    assert [(one.user_id, one.n_films, one.movie_id, one.explained) for one in asked] == [(3, 1, None, 40)]


def test_to_ask_why_is_recorded_nowhere(studio: Studio) -> None:
    browser = as_user(studio)
    path = why_link(clicked(studio, browser))
    tables = ("slates", "impressions", "model_calls", "clicks", "visitors")
    before = [studio.rows(f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608  names above
    studio.page(browser, path)
    assert [studio.rows(f"SELECT count(*) FROM {table}") for table in tables] == before  # noqa: S608  names above


def test_films_that_a_new_visitor_listed_are_told_and_speak(studio: Studio) -> None:
    """Without any there is nobody to ask about; the film itself, clicked by then, does not count."""
    explain(studio, (Reason(10, 0.5),))
    browser = studio.person()
    path = why_link(clicked(studio, browser))
    assert speaking(studio, browser, path) == ("None: the model knows no history of yours.", {})
    put_in_list(studio, browser, 10)
    sentence, films = speaking(studio, browser, path)
    assert ("speak for it most" in sentence, list(films)) == (True, ["/film/10"])
    asked = [one for client in studio.clients.values() for one in client.requests if one.explained]
    assert [(one.user_id, one.history) for one in asked] == [(None, (10,))]


def test_a_film_shown_beside_another_names_that_one_and_asks_nobody(studio: Studio) -> None:
    browser = as_user(studio)
    path = why_link(clicked(studio, browser, "/film/7", "film"))
    sentence, films = speaking(studio, browser, path)
    assert ("like this one" in sentence, list(films)) == (True, ["/film/7"])
    assert not [one for client in studio.clients.values() for one in client.requests if one.explained]


def test_no_film_speaks_where_the_model_says_so(studio: Studio) -> None:
    explain(studio, ())
    browser = as_user(studio)
    sentence, films = speaking(studio, browser, why_link(clicked(studio, browser)))
    assert ("no film of your history" in sentence, films) == (True, {})


@pytest.mark.parametrize(
    "error", [None, RecommenderTimeoutError("too late"), RuntimeError("of a user's own")]
)
def test_films_of_the_same_genres_stand_in_for_a_model_that_says_nothing(
    studio: Studio, error: Exception | None
) -> None:
    """Film 40 is a romance and a drama, film 10 a romance, film 11 neither; the visitor listed both."""
    browser = studio.person()
    for film in (10, 11):
        put_in_list(studio, browser, film)
    path = why_link(clicked(studio, browser))
    for client in studio.clients.values():
        client.error = error
    sentence, films = speaking(studio, browser, path)
    assert "which is not why it was chosen" in sentence
    assert ("does not say" in sentence) == (error is None)
    assert list(films) == ["/film/10"]


def test_popular_films_need_no_reason(open_site: Callable[..., Studio]) -> None:
    studio = open_site(error=RecommenderTimeoutError("too late"))
    browser = as_user(studio)
    sentence, films = speaking(studio, browser, why_link(clicked(studio, browser)))
    assert ("popular" in sentence, films) == (True, {})


def test_only_who_was_shown_a_film_may_ask_why(studio: Studio) -> None:
    browser = as_user(studio)
    path = why_link(clicked(studio, browser))
    assert studio.person().get(path).status_code == 403
    assert browser.get("/film/40/why").status_code == 403
    assert browser.get("/film/999/why").status_code == 404
