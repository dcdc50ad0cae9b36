"""The languages of the site: how pages get their words, and the switch that chooses among them."""

import re
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, make_response, redirect, request
from flask_babel import Babel
from jinja2.ext import Extension
from markupsafe import Markup

from website.form_tokens import require_form_token
from website.genres import genre_name
from website.site import current_site
from website.visits import COOKIE_MAX_AGE_S, identify
from website.words import (
    ENGLISH,
    LANGUAGE_COOKIE,
    LANGUAGES,
    current_language,
    decimals,
    gettext,
    localised,
    ngettext,
    whole,
)

__all__ = ["bp", "install", "prepare_templates"]

bp = Blueprint("languages", __name__)

_CATALOGUES = Path(__file__).parent / "translations"
_DEPENDS_ON = "Accept-Language, Cookie"
_PLAIN_MESSAGE = re.compile(r"""\{\{ _\(("[^"\\]*"|'[^'\\]*')\) \}\}""")
# A path of this site: `//elsewhere` and `/\elsewhere` would lead to another.
_OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]{0,2000}")


@bp.post("/language")
def choose_language() -> Response:
    """Keep the language that a visitor chose, and show the page they came from."""
    site = current_site()
    visit = identify(request, site.signer, now_ms=site.now_ms())
    require_form_token(site, visit)
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    path = request.form.get("path", "")
    response = make_response(redirect(path if _OWN_PATH.fullmatch(path) else "/", 303))
    # What was chosen is needed, so a visitor who lets nothing be recorded has it, too.
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=COOKIE_MAX_AGE_S, httponly=True, samesite="Lax")
    return response


def prepare_templates(app: Flask) -> None:
    """Give templates `_`, `ngettext`, and numbers as the language prints them."""
    Babel(
        app,
        configure_jinja=False,
        default_locale=ENGLISH,
        default_translation_directories=str(_CATALOGUES),
        locale_selector=current_language,
    )
    catalogues = {language: _Messages() for language in LANGUAGES}
    app.jinja_env.add_extension(_PlainMessages)
    app.jinja_env.globals.update(
        _=lambda message, /, **values: catalogues[current_language()].fill(message, **values),
        messages=_CurrentMessages(catalogues),
        ngettext=ngettext,
    )
    app.jinja_env.filters.update(whole=whole, decimals=decimals, genre=genre_name, localised=localised)

    switch = app.jinja_env.get_template("_languages.html")
    buttons = {
        language: Markup(switch.render(languages=LANGUAGES, language=language))  # noqa: S704  Jinja escaped it
        for language in LANGUAGES
    }

    def speak() -> dict[str, object]:
        language = current_language()
        # A page has dozens of messages, and asks once which language it is in.
        messages = catalogues[language]
        return {
            "_": messages.fill,
            "messages": messages,
            "language": language,
            "language_buttons": buttons[language],
            "page_path": _page_path(),
        }

    app.context_processor(speak)


class _Messages(dict[str, Markup]):
    """The messages of templates as HTML in one language: they may hold tags, what is filled in may not."""

    def __missing__(self, message: str) -> Markup:
        text = self[message] = Markup(gettext(message))  # noqa: S704  ours
        return text

    def fill(self, message: str, /, **values: object) -> Markup:
        """The message with its values."""
        return self[message] % values if values else self[message]


class _CurrentMessages:
    """Messages in the current language, for what is printed apart from a page."""

    def __init__(self, catalogues: Mapping[str, _Messages]) -> None:
        self._catalogues = catalogues

    def __getitem__(self, message: str) -> Markup:
        return self._catalogues[current_language()][message]


class _PlainMessages(Extension):
    """Has templates look plain messages up, which takes a third of the time of a call."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  Jinja's
        return _PLAIN_MESSAGE.sub(r"{{ messages[\1] }}", source)


def install(app: Flask) -> None:
    """Have pages say which language they are in, and what that depends on."""

    def tell(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = current_language()
            others = response.headers.get("Vary")
            response.headers["Vary"] = f"{others}, {_DEPENDS_ON}" if others else _DEPENDS_ON
        return response

    app.after_request(tell)


def _page_path() -> str:
    """Where the switch leads back to: this page, if it was asked for by its address alone."""
    return request.full_path.removesuffix("?") if request.method == "GET" else "/"
