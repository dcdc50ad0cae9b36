from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommender_client import RecommenderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiment import Experiment
    from tests.website.conftest import Element, Studio


def tokens(page: Element) -> list[str]:
    return [card.attributes["data-token"] for card in page.one("section", data_slate=None).all("article")]


def refusals(studio: Studio) -> list[tuple[object, ...]]:
    return studio.rows("SELECT event, reason, n FROM refusals ORDER BY event, reason")


def test_a_click_is_committed_and_leads_to_the_film(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[2]
    answer = browser.post("/click", data={"token": token})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/film/42?from=home"
    ((slate_id, click_id, *rest),) = studio.rows(
        "SELECT slate_id, click_id, surface, position, movie_id, variant = (SELECT variant FROM exposures)"
        " FROM clicks"
    )
    assert click_id == f"{slate_id}:3"
    assert rest == ["home", 3, 42, 1]
    assert refusals(studio) == []


def test_the_same_click_counts_once_and_a_script_is_told(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[0]
    for click_id in ("", "", "another-id"):
        answer = browser.post(
            "/click", data={"token": token, "click_id": click_id}, headers={"Accept": "*/*"}
        )
    assert answer.status_code == 409
    assert studio.rows("SELECT COUNT(*) FROM clicks") == [(1,)]
    assert refusals(studio) == [("click", "replayed", 2)]
    assert studio.rows("SELECT variant FROM refusals") == studio.rows("SELECT variant FROM clicks")


def test_a_person_who_clicks_again_is_sent_to_the_film(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[0]
    for _ in range(2):
        answer = browser.post("/click", data={"token": token})
        assert answer.headers["Location"] == "/film/40?from=home"
    assert studio.rows("SELECT COUNT(*) FROM clicks") == [(1,)]
    assert refusals(studio) == [("click", "replayed", 1)]
    assert studio.rows("SELECT variant FROM refusals") == studio.rows("SELECT variant FROM clicks")


def test_an_own_click_id_is_kept_within_its_place(studio: Studio) -> None:
    """Somebody who sends another's click id must not use it up."""
    victim, thief = studio.person(), studio.person()
    victims_page = studio.page(victim)
    slate_id = victims_page.one("section", data_slate=None).attributes["data-slate"]
    thief.post("/click", data={"token": tokens(studio.page(thief))[0], "click_id": f"{slate_id}:1"})
    assert victim.post("/click", data={"token": tokens(victims_page)[0]}).status_code == 303
    assert studio.rows("SELECT COUNT(*) FROM clicks") == [(2,)]


@pytest.mark.parametrize("token", ["", "x", "a.b", "ü.ü", "a" * 5000, "~", "a.b~c.d"])
def test_forged_tokens_are_refused_and_counted(studio: Studio, token: str) -> None:
    answer = studio.person().post("/click", data={"token": token})
    assert answer.status_code == 400
    assert "data-page=" in answer.text
    assert studio.rows("SELECT COUNT(*) FROM clicks") == [(0,)]
    assert refusals(studio) == [("click", "forged", 1)]


def test_a_changed_token_is_forged(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[0]
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert browser.post("/click", data={"token": changed}).status_code == 400


def test_another_visitors_token_is_refused_as_swapped(studio: Studio) -> None:
    token = tokens(studio.page(studio.person()))[0]
    other = studio.person()
    other.get("/")
    assert other.post("/click", data={"token": token}).status_code == 403
    assert studio.person().post("/click", data={"token": token}).status_code == 403  # no cookie at all
    assert refusals(studio) == [("click", "swapped", 2)]


def test_a_token_of_an_earlier_attempt_is_swapped(studio: Studio) -> None:
    token = tokens(studio.page(studio.simulated(attempt=1)))[0]
    again = studio.simulated(attempt=2)
    assert again.post("/click", data={"token": token}).status_code == 403


def test_an_old_token_has_expired(studio: Studio) -> None:
    browser = studio.person()
    token = tokens(studio.page(browser))[0]
    studio.clock.advance(601)
    assert browser.post("/click", data={"token": token}).status_code == 410
    assert refusals(studio) == [("click", "expired", 1)]


@pytest.mark.parametrize("click_id", ["with space", "x" * 101, "ü", "\x00"])
def test_malformed_click_ids_are_refused(studio: Studio, click_id: str) -> None:
    browser = studio.person()
    data = {"token": tokens(studio.page(browser))[0], "click_id": click_id}
    assert browser.post("/click", data=data).status_code == 400
    assert refusals(studio) == [("click", "malformed", 1)]


def test_clicks_beside_a_film_belong_to_the_film_surface(studio: Studio) -> None:
    browser = studio.person()
    answer = browser.post("/click", data={"token": tokens(studio.page(browser, "/film/1"))[0]})
    assert answer.headers["Location"] == "/film/40?from=film"
    assert studio.rows("SELECT surface FROM clicks") == [("film",)]


def test_a_click_goes_back_as_reward_with_its_routing(
    open_site: Callable[..., Studio], experiment_of: Callable[..., Experiment]
) -> None:
    from website import site_of

    studio = open_site(experiment=experiment_of("seldon"), routing={"ab-router": 1})
    browser = studio.person()
    page = studio.page(browser)
    for _ in range(2):  # the replayed click earns nothing
        browser.post("/click", data={"token": tokens(page)[1]})
    site_of(studio.app).credit.close()
    slate = page.one("section", data_slate=None).attributes
    (feedback,) = studio.clients[slate["data-variant"]].feedback
    assert feedback.reward == 1.0
    assert feedback.recommendation.routing == {"ab-router": 1}
    assert feedback.recommendation.request_id == slate["data-slate"]
    assert feedback.recommendation.movie_ids == (41,)


def test_credit_of_another_slate_earns_nothing(
    open_site: Callable[..., Studio], experiment_of: Callable[..., Experiment]
) -> None:
    from website import site_of

    studio = open_site(experiment=experiment_of("seldon"))
    browser = studio.person()
    first, second = (tokens(studio.page(browser))[0] for _ in range(2))
    mixed = first.partition("~")[0] + "~" + second.partition("~")[2]
    assert browser.post("/click", data={"token": mixed}).status_code == 303
    site_of(studio.app).credit.close()
    assert not any(client.feedback for client in studio.clients.values())


def test_clicks_on_fallback_films_are_credited_to_no_model(
    open_site: Callable[..., Studio], experiment_of: Callable[..., Experiment]
) -> None:
    from website import site_of

    studio = open_site(experiment=experiment_of("seldon"), error=RecommenderTimeoutError("late"))
    browser = studio.person()
    assert browser.post("/click", data={"token": tokens(studio.page(browser))[0]}).status_code == 303
    site_of(studio.app).credit.close()
    assert not any(client.feedback for client in studio.clients.values())
