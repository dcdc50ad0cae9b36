"""Catalogues are whole and compiled, and no template has words that stay English."""

from __future__ import annotations

import io
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from website.words import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog

PROJECT = Path(__file__).parents[2]
TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w[^>]*>|%%")
# What is the same in every language.
_NAMES = frozenset({"Funflix", "JSON", "CSV", "ms"})
_TOLD = (
    "aria-label",
    "alt",
    "title",
    "placeholder",
    "aria-description",
    "aria-valuetext",
    "aria-roledescription",
)
# Attributes whose words a script shows.
_TOLD_BY_SCRIPT = re.compile(r"data-([a-z]+-)*(text|word|words|label|title)|data-scroll-(back|on)")
_WORD = re.compile(r"[^\W\d_]{2,}")


def catalogue(language: str) -> Catalog:
    with _folder(language).joinpath("messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _folder(language: str) -> Path:
    return PROJECT / "website" / "translations" / language / "LC_MESSAGES"


@pytest.fixture(scope="module")
def messages() -> set[str | tuple[str, ...]]:
    """Every message of sources and templates, found as `make translations` finds them."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in settings["mappings"]]
    keywords = {**DEFAULT_KEYWORDS, "marked": None}
    found = set()
    for top in ("website", "templates"):
        ours = [
            (pattern.removeprefix(f"{top}/"), method)
            for pattern, method in methods
            if pattern.startswith(top)
        ]
        found |= {message for _, _, message, _, _ in extract_from_dir(PROJECT / top, ours, keywords=keywords)}
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated(language: str, messages: set[str | tuple[str, ...]]) -> None:
    """If not: `make translations`, then fill in what is new; see docs/how-to/add-a-language.md."""
    known = {message.id: message for message in catalogue(language) if message.id}
    assert messages - known.keys() == set()
    assert known.keys() - messages == set(), "no longer said; make translations drops it"
    for message in known.values():
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_fill_in_the_same_values(language: str) -> None:
    for message in catalogue(language):
        if message.id and isinstance(message.id, str):
            assert sorted(_PLACEHOLDER.findall(message.string)) == sorted(_PLACEHOLDER.findall(message.id))
        elif message.id:
            wanted = set(_PLACEHOLDER.findall(message.id[1]))
            assert all(set(_PLACEHOLDER.findall(form)) == wanted for form in message.string), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_compiled_catalogues_are_what_was_written(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    assert _folder(language).joinpath("messages.mo").read_bytes() == compiled.getvalue(), "make translations"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT / "templates")))
def test_templates_have_no_words_of_their_own(path: Path) -> None:
    """Text, and attributes that are read aloud or shown by scripts, go through `_` or `ngettext`."""
    assert list(bare_words(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello there</p>",
        '<p aria-label="Hello there">1</p>',
        '<p data-lost-text="Hello there">1</p>',
        "<p>{{ 'Hello there' if name else _('Bye') }}</p>",
        "<p>{{ 'Hello there ' ~ name }}</p>",
        "{{ chart(value, 'Hello there') }}",
        "{% if name %}<p>{% else %}<p>Hello there{% endif %}</p>",
    ],
)
def test_bare_words_are_found(template: str) -> None:
    assert list(bare_words(template)) == ["Hello there"]
    assert (
        list(bare_words(template.replace("'Hello there'", "_('Hello there')").replace("Hello there", "1")))
        == []
    )


def bare_words(template: str) -> Iterator[str]:
    """Words that a template shows as they stand, whatever branch it takes."""
    # Attributes that stand alone in a block or a file belong to a tag.
    inside_tags = re.sub(r"(?s)(\{% block body %\})(.*?)(\{% endblock %\})", r"\1<body \2>\3", template)
    inside_tags = re.sub(r"(?s)\Adata-.*", r"<body \g<0>>", inside_tags)
    tree = Environment(autoescape=True).parse(inside_tags)
    page = "".join(_shown(tree))
    reader = _TextReader()
    reader.feed(page)
    reader.close()
    for text in reader.found:
        words = [word for word in _WORD.findall(text) if word not in _NAMES]
        if words:
            yield " ".join(text.split())


def _shown(tree: nodes.Template) -> Iterator[str]:
    for output in tree.find_all((nodes.Output, nodes.CallBlock)):
        for node in output.nodes if isinstance(output, nodes.Output) else ():
            if isinstance(node, nodes.TemplateData):
                yield node.data
            else:
                yield from _constants(node)


def _constants(node: nodes.Node) -> Iterator[str]:
    """Constant texts that an expression may come out as."""
    match node:
        case nodes.Const():
            yield f"{node.value}" if isinstance(node.value, str) else ""
        case nodes.CondExpr():
            yield from _constants(node.expr1)
            yield from _constants(node.expr2 or nodes.Const(""))
        case nodes.Call():
            is_translated = isinstance(node.node, nodes.Name) and node.node.name in {"_", "ngettext", "asset"}
            for argument in () if is_translated else node.args:
                text = "".join(_constants(argument))
                # What a program goes by is a single word in small letters.
                yield "" if re.fullmatch(r"[a-z-]+", text) else text
        case nodes.Filter():
            yield from _constants(node.node or nodes.Const(""))
        case nodes.Concat():
            for part in node.nodes:
                yield from _constants(part)
        case nodes.Or() | nodes.And() | nodes.Add():
            yield from _constants(node.left)
            yield from _constants(node.right)


class _TextReader(HTMLParser):
    """Collects text, and the attributes that are read aloud or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skips = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skips += tag in {"code", "script", "style"}
        described = dict(attrs).get("name") == "description"
        for name, value in attrs:
            if name in _TOLD or _TOLD_BY_SCRIPT.fullmatch(name) or (name == "content" and described):
                self.found.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._skips -= tag in {"code", "script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._skips:
            self.found.append(data)
