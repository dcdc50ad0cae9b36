"""Every page of the site is HTML without a fault, in each state that a visitor may find it in.

html5lib's parser, which reports each error that the HTML standard names, always; the Nu checker, which knows
content models, attributes and ARIA as well, where `FUNFLIX_SOAK=full`, Java and npx are there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import html5lib
import made_run
import pytest
from html5lib.html5parser import ParseError

from catalog import Film
from experiment import RunFinished
from recommender_client import RecommenderTimeoutError
from website import arrange_storefront, site_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from catalog import Ratings
    from tests.website.conftest import Studio

NU = "vnu-jar@26.9.27"
# Advice: a card's one link or button is what names it, and a heading may not stand in a button.
NOT_FOLLOWED = "Article lacks heading."
PARTS_OF_PAGES = ("/experiment/panels", "parts/")
ADDRESSES = (
    "/",
    "/film/1",
    "/film/2",
    "/watch/1",
    "/search",
    "/search?q=film",
    "/search?q=zzzz",
    "/search?q=%3Cb%3E%22",
    "/profiles",
    "/profiles?page=2",
    "/profiles?q=%22nobody",
    "/welcome",
    "/compare",
    "/compare?left=3&right=3",
    "/privacy",
    "/experiment",
    "/experiment?run=live",
    "/experiment?run=nowhere",
    "/experiment/panels",
    "/nowhere",
    "/film/999",
)


@pytest.fixture
def pages(open_site: Callable[..., Studio], ratings: Ratings) -> dict[str, str]:
    """Pages by what they are: as found first, as one who used everything, with models silent, in error."""
    hostile = Film(2, """"><script>alert('1')</script> & Sons, <The>""", None, ())
    films = [hostile, *(Film(n, f"The Film {n}", 1950 + n, ("Drama", "Sci-Fi")) for n in (1, *range(3, 81)))]
    studio = open_site(storefront=arrange_storefront(films, ratings))
    made = {f"{path}, first seen": studio.person().get(path).text for path in ADDRESSES}
    made_run.record_run(site_of(studio.app).log, 60)
    studio.clock.advance(10)
    person, why = used_everything(studio)
    made["why, used"] = why
    made |= {f"{path}, used": person.get(path).text for path in ADDRESSES}
    person.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    made |= {f"{path}, used, in German": person.get(path).text for path in ADDRESSES}
    site_of(studio.app).log.record(RunFinished(run_id=made_run.RUN_ID, status="done"))
    studio.clock.advance(10)
    made["/experiment, done"] = person.get("/experiment").text
    made |= error_pages(open_site())
    silent = open_site(error=RecommenderTimeoutError("too late")).person()
    made |= {f"{path}, silent": silent.get(path).text for path in ("/", "/film/1", "/compare")}
    return made


def used_everything(studio: Studio) -> tuple[FlaskClient, str]:
    """Somebody who has answered, chosen, clicked, listed, watched and switched; and why they saw a film."""
    person = studio.person()

    def send(path: str, found_on: str, **form: str) -> str:
        page = studio.page(person, found_on)
        token = page.one("form", action=path) if path != "/welcome" else page.one("form", class_="taste")
        name = {"/list": "token", "/plays": "token"}.get(path, "csrf_token")
        answer = person.post(path, data={name: token.one("input", name=name).attributes["value"], **form})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    send("/consent", "/", answer="yes")
    send("/welcome", "/welcome", genre="Drama", film="3")
    send("/overlay", "/")
    send("/list", "/film/4", action="add")
    send("/plays", "/watch/5", watch_s="60")
    send("/plays", "/watch/6", watch_s="86400", is_completed="1")
    card = studio.page(person).all("article", data_position="1")[0]
    form = {field.attributes["name"]: field.attributes["value"] for field in card.all("input")}
    film = studio.page(person, person.post("/click", data=form).headers["Location"])
    answer = person.get(film.one("div", class_="speaks").one("a").attributes["href"])
    assert answer.status_code == 200
    return person, answer.text


def error_pages(studio: Studio) -> dict[str, str]:
    """One page of each error."""

    @studio.app.get("/fault")
    def fault() -> None:
        raise RuntimeError("a fault")

    person = studio.person()
    person.get("/")
    answers = {
        400: person.post("/click", data={"token": "x"}),
        403: person.post("/profiles"),
        405: person.get("/click"),
        413: person.post("/click", data={"token": "x" * 70_000}),
        500: person.get("/fault"),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {s: s for s in answers}
    return {f"error {status}": answer.text for status, answer in answers.items()}


def test_no_page_has_a_fault_that_the_html_standard_names(pages: dict[str, str]) -> None:
    """More than fifty pages, of which each error is one line of the failure."""
    assert len(pages) > 50
    faults = []
    for name, text in pages.items():
        parser = html5lib.HTMLParser(strict=True)
        try:
            if name.startswith(PARTS_OF_PAGES):
                parser.parseFragment(text, container="div")
            else:
                parser.parse(text)
        except ParseError as error:
            faults.append(f"{name}: {error} at {parser.tokenizer.stream.position()}")
    assert faults == []


def test_a_planted_fault_is_found() -> None:
    with pytest.raises(ParseError):
        html5lib.HTMLParser(strict=True).parse("<!doctype html><title>x</title><p><table><p></table>")


@pytest.mark.soak
@pytest.mark.skipif(os.environ.get("FUNFLIX_SOAK") != "full", reason="npx may download the checker")
def test_the_nu_checker_finds_nothing(pages: dict[str, str], tmp_path: Path) -> None:
    npx = shutil.which("npx")
    if npx is None or shutil.which("java") is None:
        pytest.skip("the Nu checker needs Java and npx: apt-get install default-jre-headless npm")
    names = {}
    for number, (name, text) in enumerate(pages.items()):
        path = tmp_path / f"{number}.html"
        language = "de" if "German" in name else "en"
        whole = f"<!doctype html><html lang='{language}'><title>part</title><body><h1>part</h1>{text}"
        path.write_text(whole if name.startswith(PARTS_OF_PAGES) else text, encoding="utf-8")
        names[path.name] = name
    command = [npx, "--yes", "--package", NU, "vnu", "--stdout", "--format", "json", *tmp_path.glob("*.html")]
    report = json.loads(subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout)
    faults = [
        f"{names[fault['url'].rpartition('/')[2]]}: {fault['message']} {fault.get('extract', '')!r}"
        for fault in report["messages"]
        if not fault["message"].startswith(NOT_FOLLOWED)
    ]
    assert faults == []
