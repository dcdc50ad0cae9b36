"""Sentences that `stats` makes in English, in the reader's language.

`stats` knows of no reader, so its sentences are taken apart by the patterns they are made from: what was
filled in is taken out, translated if it is words, given the signs of the language if it is a number, and
filled in again. A sentence of no known pattern stays English, marked so (`lang="en"`) for those who hear it.
"""

import re
from functools import cache, lru_cache

from markupsafe import Markup

from website.dashboard.patterns import PATTERNS, UNITS
from website.words import ENGLISH, current_language, gettext, localised

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# A number as English prints it, but not one in a name, as of a version.
_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?(?!\w)")
_UNIT = re.compile(rf"\b(?:{'|'.join(UNITS)})\b")
# Values that are words themselves, and lists of such.
_WORDS, _LIST = "said", "list"
# Names are kept as they are.
_NAMES = frozenset({"control", "treatment", "variant", "segment", "name"})


def in_language(sentence: str) -> str:
    """The sentence in the reader's language, or marked as English where no pattern fits."""
    if current_language() == ENGLISH or not sentence:
        return sentence
    text = _translated(sentence, current_language())
    return Markup('<span lang="en">{}</span>').format(sentence) if text is None else text


def method_name(method: str) -> str:
    """What a statistical method is called in the reader's language; most bear their inventor's name."""
    if current_language() == ENGLISH:
        return method
    return _translated(method, current_language()) or method


@lru_cache(maxsize=4_096)
def _translated(sentence: str, language: str) -> str | None:
    """The sentence in a language, which is the current one; None where a part of it has no pattern."""
    for pattern, expression in _expressions():
        found = expression.fullmatch(sentence)
        if found is None:
            continue
        values = {name: _value(name, text, language) for name, text in found.groupdict().items()}
        if None not in values.values():
            return gettext(pattern, **values) if values else gettext(pattern)
    return None


def _value(name: str, text: str, language: str) -> str | None:
    kind = name.rstrip("0123456789")
    if kind == _LIST:
        parts = [_translated(part, language) for part in text.split("; ")]
        return None if None in parts else "; ".join(part for part in parts if part is not None)
    if kind == _WORDS:
        return _translated(text, language)
    if kind in _NAMES:
        return text
    numbers = _NUMBER.sub(lambda match: localised(match[0]), text)
    return _UNIT.sub(lambda match: gettext(match[0]), numbers)


@cache
def _expressions() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((pattern, re.compile(_expression(pattern))) for pattern in PATTERNS)


def _extent(name: str) -> str:
    """What may stand for a placeholder: words begin with anything, numbers with a sign, a digit, or `p =`."""
    is_words = name.rstrip("0123456789") in {_WORDS, _LIST, *_NAMES}
    return ".+?" if is_words else r"[-+−]?\d.*?|p [=<] \S+|n/a"


def _expression(pattern: str) -> str:
    parts = _PLACEHOLDER.split(pattern)
    # Every second part is the name of what stands there.
    return "".join(
        f"(?P<{part}>{_extent(part)})" if index % 2 else re.escape(part.replace("%%", "%"))
        for index, part in enumerate(parts)
    )
