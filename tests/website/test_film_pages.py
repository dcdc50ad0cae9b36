from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog import Ratings
    from tests.website.conftest import Studio


def test_film_page_tells_the_film_its_ratings_and_where_to_go(studio: Studio) -> None:
    page = studio.page(studio.person(), "/film/1")
    assert page.one("body").attributes["data-film"] == "1"
    assert page.one("h1").words() == "The Film of Number 1"
    facts = page.one("p", class_="film-facts").words()
    assert "1951" in facts
    assert "4.5 of 5" in facts  # film 1 is odd: 40 users gave it 4.5
    assert "(40 ratings)" in facts
    assert page.one("a", data_play=None).attributes["href"] == "/watch/1"
    assert {link.attributes["href"] for link in page.all("a", data_home=None)} == {"/"}


def test_an_unrated_film_says_so(studio: Studio) -> None:
    page = studio.page(studio.person(), "/film/80")
    assert "Not rated yet" in page.one("p", class_="film-facts").words()


def test_film_slate_comes_from_the_same_variant_asked_about_the_film(studio: Studio) -> None:
    browser = studio.person()
    variant = studio.page(browser).one("section", data_slate=None).attributes["data-variant"]
    slate = studio.page(browser, "/film/41?from=home").one("section", data_slate=None)
    assert slate.attributes["data-surface"] == "film"
    assert slate.attributes["data-variant"] == variant
    assert studio.clients[variant].requests[-1].movie_id == 41
    assert "41" not in [card.attributes["data-film"] for card in slate.all("article")]
    assert studio.rows("SELECT surface, COUNT(*) FROM slates GROUP BY surface ORDER BY surface") == [
        ("film", 1),
        ("home", 1),
    ]


def test_a_film_page_exposes_nobody(studio: Studio) -> None:
    studio.page(studio.person(), "/film/1")
    assert studio.rows("SELECT COUNT(*) FROM exposures") == [(0,)]


def test_fallback_beside_a_film_leaves_that_film_out(open_site: Callable[..., Studio]) -> None:
    from recommender_client import RecommenderTimeoutError

    studio = open_site(error=RecommenderTimeoutError("late"))
    slate = studio.page(studio.person(), "/film/1").one("section", data_slate=None)
    assert [card.attributes["data-film"] for card in slate.all("article")] == ["2", "3", "4", "5", "6", "7"]


def test_player_has_a_form_that_works_alone(studio: Studio) -> None:
    page = studio.page(studio.person(), "/watch/7")
    assert page.one("body").attributes["data-page"] == "watch"
    runtime_s = int(page.one(data_player=None).attributes["data-runtime-s"])
    assert 60 * 60 <= runtime_s <= 3 * 60 * 60
    form = page.one("form", data_play_form=None)
    assert (form.attributes["method"], form.attributes["action"]) == ("post", "/plays")
    assert form.one("input", name="watch_s").attributes["max"] == str(runtime_s)
    assert form.one("input", name="token").attributes["value"]


def test_unknown_films_are_not_found(studio: Studio) -> None:
    for path in ("/film/999", "/watch/999", "/poster/999.svg", "/backdrop/999.svg", f"/film/{10**40}"):
        answer = studio.person().get(path)
        assert answer.status_code == 404, path
        assert "This film is not showing" in answer.text


def test_hostile_titles_are_escaped_everywhere(open_site: Callable[..., Studio], ratings: Ratings) -> None:
    from catalog import Film
    from website import arrange_storefront

    title = "<script>alert(1)</script> & \"quotes\" 'too'"
    films = [Film(movie_id, title, None, ('<b>"',)) for movie_id in range(1, 10)]
    studio = open_site(storefront=arrange_storefront(films, ratings), films=[1, 2, 3, 4, 5, 6])
    browser = studio.person()
    for path in ("/", "/film/1", "/watch/1", "/profiles"):
        page = studio.page(browser, path)
        assert all("src" in script.attributes for script in page.all("script")), path
        assert not page.all("b"), path
    assert "<script" not in browser.get("/poster/1.svg").text
