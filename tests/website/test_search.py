from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import Film
from website.film_index import index_films
from website.search_words import edits_apart, fold_words

if TYPE_CHECKING:
    from tests.website.conftest import Studio

FILMS = (
    Film(1, "The Matrix", 1999, ("Action", "Sci-Fi")),
    Film(2, "The Matrix Reloaded", 2003, ("Action", "Sci-Fi")),
    Film(3, "Amelie (Le Fabuleux destin d'Amélie Poulain)", 2001, ("Comedy", "Romance")),
    Film(4, "2001: A Space Odyssey", 1968, ("Sci-Fi",)),
    Film(5, "Spider-Man", 2002, ("Action",)),
    Film(6, "Die Hard", 1988, ("Action",)),
    Film(7, "Hard Rain", 1998, ("Action",)),
    Film(8, "Casablanca", 1942, ("Drama", "Romance")),
    Film(9, "The Horror of It All", 1964, ("Comedy",)),
    Film(10, "Das Boot", 1981, ("War",)),
    Film(11, "Schindler's List", 1993, ("Drama",)),
    Film(12, "Undated", None, ()),
)
INDEX = index_films(FILMS, np.array([200, 90, 80, 70, 60, 50, 40, 30, 20, 10, 5, 0]))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("matrix", 1),
        ("Matrix, The", 1),
        ("the matrix reloaded", 2),
        ("amélie", 3),
        ("AMELIE", 3),
        ("damelie poulain", 3),
        ("odyssey", 4),
        ("2001", 4),
        ("spiderman", 5),
        ("spider man", 5),
        ("die hard", 6),
        ("hard", 6),
        ("boot das", 10),
        ("schindlers list", 11),
        ("schindler’s", 11),
        ("casa", 8),
        ("undat", 12),
    ],
)
def test_films_are_found_without_accents_articles_and_punctuation(query: str, first: int) -> None:
    found = INDEX.search(query)
    assert found.movie_ids[0] == first
    assert not found.is_near


@pytest.mark.parametrize(
    ("query", "first"),
    [("matirx", 1), ("casblanca", 8), ("spcae oddysey", 4), ("schindlar lisst", 11), ("spi derman", 5)],
)
def test_typing_errors_are_forgiven_where_nothing_is_spelt_so(query: str, first: int) -> None:
    found = INDEX.search(query)
    assert (found.movie_ids[0], found.is_near) == (first, True)


@pytest.mark.parametrize(
    ("query", "films"),
    [
        ("sci-fi", {1, 2, 4}),
        ("scifi 60s", {4}),
        ("romance 1942", {8}),
        ("1980s", {6, 10}),
        ("action matrix", {1, 2}),
        ("comedy", {3, 9}),
    ],
)
def test_genre_year_and_decade_narrow_it_down(query: str, films: set[int]) -> None:
    assert set(INDEX.search(query).movie_ids) == films


@pytest.mark.parametrize("query", ["", "  ", "!?…", "\x00", "zzzzzzzz", "1999 casablanca"])
def test_what_fits_nothing_finds_nothing(query: str) -> None:
    assert INDEX.search(query).movie_ids == ()


def test_every_film_is_found_by_its_own_title() -> None:
    """However short or odd: the title itself is the first that everybody tries."""
    for film in FILMS:
        assert INDEX.search(film.title).movie_ids[0] == film.movie_id


@given(st.text(max_size=120))
def test_any_text_may_be_searched_for(query: str) -> None:
    found = INDEX.search(query).movie_ids
    assert len(set(found)) == len(found)


@given(st.text(alphabet="abcd", max_size=8), st.text(alphabet="abcd", max_size=8))
def test_edits_are_a_symmetric_distance(word: str, other: str) -> None:
    assert edits_apart(word, other) == edits_apart(other, word)
    assert (edits_apart(word, other) == 0) == (word == other)
    assert abs(len(word) - len(other)) <= edits_apart(word, other) <= max(len(word), len(other))


@given(st.text(max_size=60))
def test_folded_words_fold_to_themselves(text: str) -> None:
    words = fold_words(text)
    assert fold_words(" ".join(words)) == words


def test_the_search_page_lists_what_it_found_as_links(studio: Studio) -> None:
    page = studio.page(studio.person(), "/search?q=number+41")
    assert page.one("body", data_page="search")
    assert [card.attributes["data-film"] for card in page.all("article")] == ["41"]
    assert page.one("article").one("a").attributes["href"] == "/film/41"
    assert page.one("p", role="status").words() == "1 film for “number 41”"
    assert page.one("input", name="q").attributes["value"] == "number 41"


def test_a_long_list_of_films_is_cut_and_says_so(studio: Studio) -> None:
    page = studio.page(studio.person(), "/search?q=film")
    assert len(page.all("article")) == 48
    assert page.one("p", role="status").words() == "The best 48 of 80 films for “film”"


def test_a_misspelt_search_says_that_it_guessed(studio: Studio) -> None:
    page = studio.page(studio.person(), "/search?q=nubmer+41")
    assert page.one("p", role="status").words() == "1 film spelt nearly like “nubmer 41”"


@pytest.mark.parametrize("path", ["/search", "/search?q=zzzzz"])
def test_without_a_result_the_page_says_what_to_try(studio: Studio, path: str) -> None:
    browser = studio.person()
    page = studio.page(browser, path)
    hints = page.one("ul", class_="chips").all("a")
    assert len(hints) >= 3
    for hint in hints:
        assert studio.page(browser, hint.attributes["href"]).all("article")


def test_a_search_stores_nothing(studio: Studio) -> None:
    studio.page(studio.person(), "/search?q=film")
    assert studio.rows("SELECT COUNT(*) FROM visitors") == [(0,)]


def test_a_hostile_query_is_text_and_no_markup(studio: Studio) -> None:
    answer = studio.person().get('/search?q="><script>alert(1)</script>')
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
