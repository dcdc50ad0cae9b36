"""Reading the site's pages by their documented `data-` attributes, without building a tree of them.

A page of 60 cards takes some tens of microseconds this way, against milliseconds for a tolerant HTML parser.
It holds for pages whose attribute values stand in double quotes with `&`, `<` and `>` escaped, as Jinja
writes them.
"""

import re
from html import unescape

from simulator.errors import VisitError
from simulator.visit import ShownFilm, ShownSlate

_PAGE = re.compile(r'<body\b[^>]*\bdata-page="([^"]*)"')
_SLATE = re.compile(r"(<section\b[^>]*\bdata-slate=[^>]*>)(.*?)</section>", re.DOTALL)
_CARD = re.compile(r"<article\b[^>]*>")
_LIST_FORM = re.compile(r'<form\b[^>]*\baction="/list"[^>]*>(.*?)</form>', re.DOTALL)
_PLAY_FORM = re.compile(r"<form\b[^>]*\bdata-play-form\b[^>]*>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input\b[^>]*>")
_CHOICE = re.compile(r"<(?:input|button)\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def read_slate(html: str, *, page: str) -> ShownSlate:
    """The recommended slate of a page that should be `page`, by its `data-page`.

    Raises:
        VisitError: it is another page, or has no whole slate.
    """
    _require_page(html, page)
    section = _SLATE.search(html)
    if section is None:
        raise VisitError(f"{page} page has no slate; a page needs one <section data-slate>; is this Funflix?")
    slate = _attributes(section[1])
    films = tuple(_shown_film(_attributes(card), page) for card in _CARD.findall(section[2]))
    if [film.position for film in films] != list(range(1, len(films) + 1)):
        positions = [film.position for film in films]
        raise VisitError(f"{page} page shows positions {positions!r}; they must count up from 1")
    return ShownSlate(slate["data-slate"], slate.get("data-surface", page), films)


def has_film(html: str, movie_id: int) -> bool:
    """Whether a page has a card of the film, in any of its rows."""
    return any(_attributes(card).get("data-film") == str(movie_id) for card in _CARD.findall(html))


def has_choice(html: str, name: str, value: str) -> bool:
    """Whether a page has a button or a box to tick that sends this value under this name."""
    choices = (_attributes(tag) for tag in _CHOICE.findall(html))
    return any(choice.get("name") == name and choice.get("value") == value for choice in choices)


def is_page(html: str, page: str) -> bool:
    """Whether a page is this one, by its `data-page`."""
    found = _PAGE.search(html)
    return found is not None and found[1] == page


def read_form_token(html: str, *, page: str) -> str:
    """The token in the forms of a page that should be `page`.

    Raises:
        VisitError: it is another page, or has no such form.
    """
    _require_page(html, page)
    token = _field(html, "csrf_token")
    if token is None:
        raise VisitError(f"{page} page has no token; it needs a form with a field named csrf_token")
    return token


def read_play_token(html: str) -> str:
    """The signed token in the form of the player page.

    Raises:
        VisitError: it is another page, or has no such form.
    """
    _require_page(html, "watch")
    token = _token(_PLAY_FORM.search(html))
    if token is None:
        raise VisitError("watch page has no token; it needs a <form data-play-form> with a field named token")
    return token


def read_list_token(html: str) -> str:
    """The signed token in the form by which a film page adds its film to the visitor's list.

    Raises:
        VisitError: it is another page, or has no such form.
    """
    _require_page(html, "film")
    token = _token(_LIST_FORM.search(html))
    if token is None:
        raise VisitError('film page has no token; it needs a <form action="/list"> with a field named token')
    return token


def _token(form: re.Match[str] | None) -> str | None:
    return _field(form[1] if form else "", "token")


def _field(html: str, name: str) -> str | None:
    for field in _INPUT.findall(html):
        attributes = _attributes(field)
        if attributes.get("name") == name:
            return attributes.get("value", "")
    return None


def _require_page(html: str, page: str) -> None:
    found = _PAGE.search(html)
    if found is None or found[1] != page:
        what = f"page {found[1]!r}" if found else "a page without data-page"
        raise VisitError(f"site shows {what}; the visit needs page {page!r} here")


def _shown_film(card: dict[str, str], page: str) -> ShownFilm:
    try:
        return ShownFilm(int(card["data-film"]), int(card["data-position"]), card["data-token"])
    except (KeyError, ValueError) as error:
        raise VisitError(
            f"{page} page has a card {card!r} in its slate; a card needs data-film, data-position, data-token"
        ) from error


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(value) if "&" in value else value for name, value in _ATTRIBUTE.findall(tag)}
