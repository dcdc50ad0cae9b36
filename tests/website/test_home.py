from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommender_client import (
    BadAnswerError,
    CircuitOpenError,
    RecommenderClientError,
    RecommenderTimeoutError,
    RecommenderUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catalog import Film, Ratings
    from experiment import Experiment
    from tests.website.conftest import Studio


def test_slate_is_the_first_row_and_each_film_has_a_form_with_its_token(studio: Studio) -> None:
    home = studio.page(studio.person())
    assert home.one("body", data_page="home")
    slate, *others = home.all("section", class_=None)[1:]
    assert slate.attributes["data-surface"] == "home"
    cards = slate.all("article")
    assert [card.attributes["data-position"] for card in cards] == ["1", "2", "3", "4", "5", "6"]
    assert [card.attributes["data-film"] for card in cards] == ["40", "41", "42", "43", "44", "45"]
    for card in cards:
        form = card.one("form", method="post", action="/click")
        assert form.one("input", name="token").attributes["value"] == card.attributes["data-token"]
        assert card.attributes["data-film"] in form.one("button").words()
    assert others[0].attributes["data-row"] == "popular"


def test_home_shows_about_sixty_films_that_link_to_their_pages(studio: Studio) -> None:
    home = studio.page(studio.person())
    cards = home.all("article", data_film=None)
    assert 50 <= len(cards) <= 70
    for card in cards[6:]:
        assert card.one("a").attributes["href"] == f"/film/{card.attributes['data-film']}"


def test_home_records_visitor_exposure_slate_call_and_impressions(studio: Studio) -> None:
    home = studio.page(studio.person())
    slate = home.one("section", data_slate=None).attributes
    (row,) = studio.rows("SELECT slate_id, surface, variant, model, is_fallback, is_known_user FROM slates")
    assert row == (slate["data-slate"], "home", slate["data-variant"], slate["data-model"], 0, 0)
    assert studio.rows("SELECT run_id, variant FROM exposures") == [("live", slate["data-variant"])]
    assert studio.rows("SELECT position, movie_id FROM impressions ORDER BY position") == [
        (position, 39 + position) for position in range(1, 7)
    ]
    assert studio.rows("SELECT model, error FROM model_calls") == [(slate["data-variant"], None)]
    assert studio.rows("SELECT run_id, user_id, is_bot FROM visitors") == [("live", None, 0)]


def test_a_visitor_keeps_their_variant_and_is_exposed_once(studio: Studio) -> None:
    browser = studio.person()
    variants = {
        studio.page(browser).one("section", data_slate=None).attributes["data-variant"] for _ in range(5)
    }
    assert len(variants) == 1
    assert studio.rows("SELECT COUNT(*) FROM exposures") == [(1,)]
    assert studio.rows("SELECT COUNT(*), COUNT(DISTINCT visitor_id) FROM slates") == [(5, 1)]


def test_both_variants_are_served_each_by_its_own_client(studio: Studio) -> None:
    """Of 40 visitors with even odds, one arm stays empty in 2 of 10**12 draws; this one is fixed."""
    for number in range(40):
        studio.simulated(f"visitor-{number}").get("/")
    served = dict(studio.rows("SELECT model, COUNT(*) FROM slates GROUP BY model"))
    assert served.keys() == {"control", "treatment"}
    assert {name: len(client.requests) for name, client in studio.clients.items()} == served


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RecommenderTimeoutError("late"), "timeout"),
        (RecommenderUnavailableError("down"), "unavailable"),
        (CircuitOpenError("not asked"), "circuit_open"),
        (BadAnswerError("nonsense"), "bad_answer"),
        (RecommenderClientError("anything"), "error"),
        (KeyError("of a client not ours"), "error"),
    ],
)
def test_a_failing_model_means_popular_films_marked_as_fallback(
    open_site: Callable[..., Studio], error: Exception, reason: str
) -> None:
    studio = open_site(error=error)
    home = studio.page(studio.person())
    slate = home.one("section", data_slate=None)
    assert [card.attributes["data-film"] for card in slate.all("article")] == ["1", "2", "3", "4", "5", "6"]
    assert slate.attributes["data-model"] == ""
    assert studio.rows("SELECT model, is_fallback, fallback_reason FROM slates") == [(None, 1, reason)]
    assert studio.rows("SELECT error FROM model_calls") == [(reason,)]


@pytest.mark.parametrize("answer", [[40, 41], [40] * 6, [40, 41, 42, 43, 44, 10**9]])
def test_a_slate_that_cannot_be_shown_is_a_fallback(
    open_site: Callable[..., Studio], answer: Sequence[int]
) -> None:
    """Too few films, one film six times, a film nobody has: the page must stand."""
    studio = open_site(films=answer)
    studio.page(studio.person())
    assert studio.rows("SELECT is_fallback, fallback_reason FROM slates") == [(1, "bad_answer")]


def test_held_out_visitors_get_popular_films_from_no_model_and_no_fallback(
    open_site: Callable[..., Studio], experiment_of: Callable[..., Experiment]
) -> None:
    studio = open_site(experiment=experiment_of(holdout=1.0))
    home = studio.page(studio.person())
    assert home.one("section", data_slate=None).attributes["data-variant"] == "holdout"
    assert studio.rows("SELECT variant, model, is_fallback FROM slates") == [("holdout", None, 0)]
    assert studio.rows("SELECT variant FROM exposures") == [("holdout",)]
    assert not any(client.requests for client in studio.clients.values())


def test_assignment_by_request_may_change_from_page_to_page(
    open_site: Callable[..., Studio], experiment_of: Callable[..., Experiment]
) -> None:
    """20 requests at even odds stay in one arm in 2 of a million runs; ids here follow from the steps."""
    studio = open_site(experiment=experiment_of(assignment="request"))
    client = studio.simulated()
    for step in range(20):
        client.set_cookie("funflix_step", f"{step}.0")
        client.get("/")
    assert studio.rows("SELECT COUNT(DISTINCT variant) FROM slates") == [(2,)]


def test_routing_of_the_endpoint_is_logged_beside_the_exposure(open_site: Callable[..., Studio]) -> None:
    studio = open_site(routing={"router": 1})
    studio.person().get("/")
    assert studio.rows("SELECT router_claim FROM exposures") == [('{"router": 1}',)]


def test_personal_pages_are_not_stored_and_cookies_are_guarded(studio: Studio) -> None:
    answer = studio.person().get("/")
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("funflix_visitor=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/", "/film/1"])
@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {}, 200),
        ("GET", {"Sec-Purpose": "prefetch"}, 204),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}, 204),
        ("GET", {"Purpose": "prefetch"}, 204),
    ],
)
def test_a_page_that_nobody_sees_asks_no_model_and_stores_nothing(
    studio: Studio, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    answer = studio.person().open(path, method=method, headers=headers)
    assert (answer.status_code, answer.data) == (status, b"")
    assert "Set-Cookie" not in answer.headers
    for table in ("visitors", "exposures", "slates", "impressions"):
        assert studio.rows(f"SELECT * FROM {table}") == []  # noqa: S608  our names
    assert not any(client.requests for client in studio.clients.values())


def test_a_forged_cookie_is_a_new_visitor(studio: Studio) -> None:
    browser = studio.person()
    browser.set_cookie("funflix_visitor", "nonsense.nonsense")
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "funflix_visitor=" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("user_agent", "is_bot"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 1),
        ("curl/8.5.0", 1),
        ("python-requests/2.32", 1),
        ("", 1),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19) Chrome/131.0 Mobile Safari/537.36", 0),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", 0),
    ],
)
def test_crawlers_are_flagged_and_served(studio: Studio, user_agent: str, is_bot: int) -> None:
    assert studio.app.test_client().get("/", headers={"User-Agent": user_agent}).status_code == 200
    assert studio.rows("SELECT is_bot FROM visitors") == [(is_bot,)]


@pytest.mark.parametrize(("user_agent", "is_bot"), [(None, 0), ("FunflixCrawler/1.0", 1)])
def test_a_simulated_visitor_is_a_crawler_if_it_calls_itself_one(
    studio: Studio, user_agent: str | None, is_bot: int
) -> None:
    studio.simulated(user_agent=user_agent).get("/")
    assert studio.rows("SELECT is_bot, persona FROM visitors") == [(is_bot, "binger")]


def test_catalogue_smaller_than_a_slate_still_has_a_home(
    open_site: Callable[..., Studio], films: tuple[Film, ...], ratings: Ratings
) -> None:
    from website import arrange_storefront

    studio = open_site(storefront=arrange_storefront(films[:3], ratings), films=[1, 2, 3])
    home = studio.page(studio.person())
    assert len(home.one("section", data_slate=None).all("article")) == 3
