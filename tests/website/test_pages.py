"""What holds for every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Element, Studio


PAGES = ("/", "/film/1", "/watch/1", "/profiles", "/experiment", "/nowhere", "/film/999")


@pytest.mark.parametrize("path", PAGES)
def test_pages_nest_and_have_one_heading_and_landmarks(
    studio: Studio, read_page: Callable[[str], Element], path: str
) -> None:
    page = read_page(studio.person().get(path).text)
    assert len(page.all("h1")) == 1
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("main").attributes["id"] == "main"
    assert page.one("a", class_="skip-link").attributes["href"] == "#main"
    assert page.one("title").words()
    ids = [element.attributes["id"] for element in page.all(id=None)]
    assert len(ids) == len(set(ids))
    assert all("alt" in image.attributes for image in page.all("img"))


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_no_inline_script_or_style_and_load_from_here_only(
    studio: Studio, read_page: Callable[[str], Element], path: str
) -> None:
    page = read_page(studio.person().get(path).text)
    assert not page.all("style")
    for element in page.all():
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("src", "href", "action"):
            assert element.attributes.get(name, "/").startswith(("/", "#")), element
    for script in page.all("script"):
        assert script.attributes["src"].startswith("/static/")
        assert not script.words()


@pytest.mark.parametrize("path", [*PAGES, "/metrics", "/livez", "/poster/1.svg", "/static/site.css"])
def test_every_answer_has_the_security_headers(studio: Studio, path: str) -> None:
    headers = studio.person().get(path, buffered=True).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_assets_named_in_pages_exist(studio: Studio, read_page: Callable[[str], Element]) -> None:
    browser = studio.person()
    sources = set()
    for path in PAGES:
        page = read_page(browser.get(path).text)
        sources |= {e.attributes[n] for e in page.all() for n in ("src", "href") if n in e.attributes}
    assets = [source for source in sources if source.startswith("/static/")]
    assert len(assets) >= 5
    for source in assets:
        assert browser.get(source, buffered=True).status_code == 200, source


def test_assets_are_kept_for_ever_under_their_digest_alone(studio: Studio) -> None:
    plain = studio.person().get("/static/site.css", buffered=True)
    assert plain.headers["Cache-Control"] == "public, max-age=300"
    versioned = studio.person().get("/static/site.css?v=0123456789", buffered=True)
    assert versioned.headers["Cache-Control"].endswith("immutable")


def test_errors_keep_the_look_for_people_and_are_short_for_scripts(studio: Studio) -> None:
    page = studio.person().get("/nowhere")
    assert page.status_code == 404
    assert 'data-home href="/"' in page.text
    plain = studio.person().get("/nowhere", headers={"Accept": "application/json"})
    assert plain.content_type == "text/plain; charset=utf-8"
    wrong = studio.person().get("/click")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_fault_of_ours_is_an_error_page_too(studio: Studio) -> None:
    """Flask logs the fault; the visitor sees no trace of it."""

    @studio.app.get("/fault")
    def fault() -> None:
        raise RuntimeError("secret detail")

    answer = studio.person().get("/fault")
    assert answer.status_code == 500
    assert "The projector broke" in answer.text
    assert "secret detail" not in answer.text
