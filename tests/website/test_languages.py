"""Which language a page is in, what follows from it, and what does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import made_run
import pytest
from babel.messages.pofile import read_po

from experiment import RAW_TABLES
from website import site_of
from website.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from tests.website.conftest import Element, Studio

PAGES = (
    *(
        "/",
        "/film/3",
        "/watch/3",
        "/search",
        "/search?q=film",
        "/search?q=zzzz",
        "/profiles",
        "/profiles?q=zzzz",
    ),
    *("/welcome", "/compare", "/privacy", "/experiment", "/experiment?run=run-1", "/nowhere"),
)
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_CATALOGUE = Path(__file__).parents[2] / "website" / "translations" / "de" / "LC_MESSAGES" / "messages.po"


def german(studio: Studio) -> FlaskClient:
    """A person whose browser asks for German."""
    browser = studio.person()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = GERMAN["Accept-Language"]
    return browser


def choose(browser: FlaskClient, language: str, *, path: str = "/search") -> str | None:
    """Press the button of a language; return where it leads to."""
    token = _TOKEN.search(browser.get("/search").text)
    assert token
    answer = browser.post("/language", data={"csrf_token": token[1], "language": language, "path": path})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def language_of(answer: object) -> str:
    found = re.search(r'<html lang="([^"]+)"', answer.text)  # type: ignore[attr-defined]  a test answer
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("de-CH, fr;q=0.7", "de"),
        ("fr, de;q=0.8, en;q=0.7", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr", "en"),
        ("", "en"),
        ("\u00e9\u00e9;q=x,,;", "en"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(
    studio: Studio, accepted: str, language: str
) -> None:
    answer = studio.person().get("/", headers={"Accept-Language": accepted})
    assert (language_of(answer), answer.headers["Content-Language"]) == (language, language)
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_without_a_wish_it_is_english(studio: Studio) -> None:
    assert language_of(studio.person().get("/")) == "en"


def test_a_choice_is_kept_and_leads_back(studio: Studio) -> None:
    browser = german(studio)
    assert choose(browser, "en", path="/search?q=film") == "/search?q=film"
    assert language_of(browser.get("/")) == "en"
    cookie = browser.get_cookie("funflix_language")
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("en", True, "Lax")
    choose(browser, "de")
    assert language_of(browser.get("/")) == "de"


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb", "/ä"]
)
def test_the_switch_leads_nowhere_else(studio: Studio, path: str) -> None:
    assert choose(studio.person(), "de", path=path) == "/"


def test_the_switch_needs_its_token_and_a_language_there_is(studio: Studio) -> None:
    browser = studio.person()
    assert browser.post("/language", data={"language": "de"}).status_code == 403
    token = _TOKEN.search(browser.get("/search").text)
    assert token
    assert browser.post("/language", data={"csrf_token": token[1], "language": "xx"}).status_code == 400


def test_who_lets_nothing_be_recorded_keeps_the_language(studio: Studio) -> None:
    browser = studio.person()
    choose(browser, "de")
    token = _TOKEN.search(browser.get("/privacy").text)
    assert token
    browser.post("/consent", data={"csrf_token": token[1], "answer": "no"})
    assert language_of(browser.get("/")) == "de"
    assert studio.rows("SELECT 1 FROM visitors") == []


@pytest.mark.parametrize("path", PAGES)
def test_no_english_is_left_on_a_german_page(
    studio: Studio,
    read_page: Callable[[str], Element],
    path: str,
) -> None:
    """No text, and nothing read aloud, is a message that German says otherwise."""
    if "experiment" in path:
        made_run.record_run(site_of(studio.app).log, 40)
    browser = german(studio)
    token = _TOKEN.search(browser.get("/search").text)
    assert token
    browser.post("/overlay", data={"csrf_token": token[1]})
    answer = browser.get(path)
    assert answer.status_code == (404 if path == "/nowhere" else 200)
    page = read_page(answer.text)
    assert page.one("html").attributes["lang"] == "de"
    assert not page.all("span", lang="en"), "a sentence without a pattern"
    said = {element.text.strip() for element in page.all() if element.tag not in {"code", "script", "b"}}
    for name in ("aria-label", "alt", "title", "placeholder", "content"):
        said |= {element.attributes[name] for element in page.all(**{name: None})}
    assert said & _english_only() == set()


def _english_only() -> set[str]:
    """Messages that read otherwise in German; names of variants are data, and stay."""
    with _CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file, locale="de") if message.id]
    forms = {
        form: translation
        for message in messages
        for form, translation in zip(
            message.id if isinstance(message.id, tuple) else (message.id,),
            message.string if isinstance(message.string, tuple) else (message.string,),
            strict=True,
        )
    }
    return {english for english, other in forms.items() if english != other} - {
        "control",
        "treatment",
        "click",
    }


def test_cards_kept_for_one_language_do_not_reach_another(studio: Studio) -> None:
    pages = [browser.get("/").text for browser in (german(studio), studio.person(), german(studio))]
    assert ["Für dich empfohlen" in page for page in pages] == [True, False, True]
    assert ["Hochgelobt: Komödie" in page for page in pages] == [True, False, True]
    assert ["Acclaimed Comedy" in page for page in pages] == [False, True, False]


def test_genres_are_found_by_their_names_in_german(studio: Studio) -> None:
    browser = german(studio)
    counts = {}
    for query in ("Comedy", "Komödie", "komö", "Comedy 1990s", "Komödie 1990er"):
        found = re.search(r"(\d+) Filme? zu", browser.get("/search", query_string={"q": query}).text)
        counts[query] = found and int(found[1])
    assert counts["Comedy"] == counts["Komödie"] == counts["komö"]
    assert counts["Comedy 1990s"] == counts["Komödie 1990er"] not in {None, counts["Comedy"]}
    assert "Kein Film passt" in browser.get("/search", query_string={"q": "zzzz"}).text


def test_profiles_are_found_by_german_words(studio: Studio) -> None:
    browser = german(studio)
    counts = {}
    for query in ("Comedy", "Komödie", "7", "Nutzer 7", "Unfug"):
        found = re.search(r"(\d+) Nutzer ", browser.get("/profiles", query_string={"q": query}).text)
        counts[query] = found and int(found[1])
    assert counts["Comedy"] == counts["Komödie"] not in {None, 0}
    assert (counts["7"], counts["Nutzer 7"], counts["Unfug"]) == (1, 1, 0)


def test_numbers_have_the_signs_of_the_language(studio: Studio) -> None:
    assert "4,5 von 5" in german(studio).get("/film/1").text
    assert "4.5 of 5" in studio.person().get("/film/1").text


def test_simulated_visitors_read_english_wherever_they_run(studio: Studio) -> None:
    client = studio.simulated()
    assert language_of(client.get("/", headers=GERMAN)) == "en"
    client.set_cookie("funflix_language", "de")
    assert language_of(client.get("/film/3", headers=GERMAN)) == "en"


def test_what_programs_read_is_the_same_in_every_language(studio: Studio) -> None:
    made_run.record_run(site_of(studio.app).log, 40)
    for path in ("verdict", "health", "scorecard", "funnel", "tables"):
        address = f"/api/experiment/run-1/{path}"
        one, other = (studio.person().get(address, headers=headers) for headers in ({}, GERMAN))
        assert one.json["value"] == other.json["value"]
        assert "Content-Language" not in other.headers
    refused = studio.person().get("/nowhere", headers={**GERMAN, "Accept": "application/json"})
    assert refused.text.startswith("This film is not showing")


def test_panels_are_another_answer_in_another_language(studio: Studio) -> None:
    made_run.record_run(site_of(studio.app).log, 40)
    english = studio.person().get("/experiment/panels?run=run-1")
    again = german(studio).get(
        "/experiment/panels?run=run-1", headers={"If-None-Match": english.headers["ETag"]}
    )
    assert again.status_code == 200
    assert "Stichprobenverhältnis" in again.text
    assert "Accept-Language" in again.vary


def test_every_language_has_a_button_by_its_own_name(
    studio: Studio, read_page: Callable[[str], Element]
) -> None:
    for path in ("/", "/experiment"):
        buttons = read_page(german(studio).get(path).text).all("button", name="language")
        assert {b.attributes["value"]: b.text for b in buttons} == dict(LANGUAGES)
        assert [b.attributes["lang"] for b in buttons if "aria-current" in b.attributes] == ["de"]


def test_descriptions_of_tables_are_in_the_catalogue() -> None:
    with _CATALOGUE.open("rb") as file:
        known = {message.id for message in read_po(file, locale="de")}
    assert set(RAW_TABLES.values()) <= known
