"""Words and numbers in the language of whoever reads the page.

English is in the sources; other languages are gettext catalogues in `translations/`, made by hand. Numbers
are rounded once, as English prints them, then given the signs of the language, so that all languages agree.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from gettext import NullTranslations
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel import Locale
from flask import g, has_request_context, request
from flask_babel import get_translations
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from website.visits import Visit

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "current_language",
    "decimals",
    "gettext",
    "localised",
    "marked",
    "ngettext",
    "whole",
]

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = MappingProxyType({ENGLISH: "English", "de": "Deutsch"})
"""The languages of the site, each by its own name."""
LANGUAGE_COOKIE = "funflix_language"
# What programs read is the same everywhere.
_NEUTRAL_ENDPOINTS = frozenset({"experiment_page.give_experiment"})
_NEUTRAL_BLUEPRINTS = frozenset({"dashboard_api", "entry", "health", "metrics"})
_NO_TRANSLATIONS = NullTranslations()


def current_language() -> str:
    """The language of the answer: what the visitor chose, else what their browser asks for, else English.

    Simulated visitors read English on any machine.
    """
    if not has_request_context():
        return ENGLISH
    language: str | None = g.get("language")
    if language is None:
        language = g.language = _choose()
    return language


def _choose() -> str:
    visit: Visit | None = g.get("visit")
    is_simulated = visit is not None and visit.visitor.is_simulated
    if is_simulated or request.endpoint in _NEUTRAL_ENDPOINTS or request.blueprint in _NEUTRAL_BLUEPRINTS:
        return ENGLISH
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return _accepted(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)
def _accepted(header: str) -> str:
    """The language that a browser likes best among ours, whatever the country."""
    for tag in parse_accept_header(header, LanguageAccept).values():
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return ENGLISH


def gettext(message: str, /, **values: object) -> str:
    """The message in the current language, with `%(name)s` filled in.

    >>> gettext("Watching %(title)s", title="Alien")
    'Watching Alien'
    """
    text = _translations().gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The message for so many in the current language; `%(num)s` is their number.

    >>> ngettext("%(num)s film", "%(num)s films", 1850)
    '1,850 films'
    """
    return _translations().ngettext(singular, plural, n) % {"num": whole(n), **values}


def marked(message: str) -> str:
    """The message as it is: marks for the catalogues what is translated later."""
    return message


def _translations() -> NullTranslations:
    """The catalogue of the current language, looked up once a request."""
    try:
        found: NullTranslations = g.catalogue
    except RuntimeError:  # no page is made
        return _NO_TRANSLATIONS
    except AttributeError:
        is_english = current_language() == ENGLISH
        found = g.catalogue = _NO_TRANSLATIONS if is_english else get_translations()
    return found


def localised(number: str) -> str:
    """A number as English prints it, with the signs of the current language: `1,850.5%` -> `1.850,5 %`."""
    language = current_language()
    return number if language == ENGLISH else number.translate(_signs(language))


@cache
def _signs(language: str) -> Mapping[int, str]:
    locale = Locale.parse(language)
    symbols = locale.number_symbols["latn"]
    percent = locale.percent_formats[None].pattern.lstrip("#,0")
    return str.maketrans({",": symbols["group"], ".": symbols["decimal"], "%": percent})


def whole(value: float) -> str:
    """1850 -> `1,850`."""
    return localised(f"{value:,.0f}")


def decimals(value: float, digits: int) -> str:
    """A number with so many decimals: 3.456, 1 -> `3.5`."""
    return localised(f"{value:,.{digits}f}")
