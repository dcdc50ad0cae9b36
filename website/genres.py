"""The genres of MovieLens by their names in the current language; addresses and forms keep the data's."""

import re
from collections.abc import Mapping

from website.search_words import fold_words
from website.words import gettext, marked

__all__ = ["genre_name", "in_words_of_data"]

_GENRES = frozenset(
    (
        *(marked("Action"), marked("Adventure"), marked("Animation"), marked("Children"), marked("Comedy")),
        *(marked("Children's"), marked("Crime"), marked("Documentary"), marked("Drama"), marked("Fantasy")),
        *(marked("Film-Noir"), marked("Horror"), marked("IMAX"), marked("Musical"), marked("Mystery")),
        *(marked("Romance"), marked("Sci-Fi"), marked("Thriller"), marked("War"), marked("Western")),
    )
)
_SHORTEST_BEGINNING = 3
# A decade in German.
_DECADE = re.compile(r"(\d\d|\d{4})er", re.ASCII)


def genre_name(genre: str) -> str:
    """What a genre is called in the current language; one that is not of MovieLens is called as it is."""
    return gettext(genre) if genre in _GENRES else genre


def in_words_of_data(query: str) -> str:
    """A search with genres and decades as the data name them: in German, `Komödie 90er` is `Comedy 90s`.

    The beginning of a genre's name is enough, as it is in English.
    """
    names = {fold_words(genre_name(genre)): genre for genre in sorted(_GENRES, reverse=True)}
    return " ".join(_in_data(word, names) for word in query.split())


def _in_data(word: str, names: Mapping[tuple[str, ...], str]) -> str:
    decade = _DECADE.fullmatch(word)
    if decade:
        return f"{decade[1]}s"
    folded = fold_words(word)
    if folded in names:
        return names[folded]
    begun = "".join(folded)
    if len(begun) < _SHORTEST_BEGINNING:
        return word
    return next((genre for name, genre in names.items() if "".join(name).startswith(begun)), word)
