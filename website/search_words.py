"""Words as a search compares them: without accents, case and punctuation; and how far two words are apart."""

import re
import unicodedata

__all__ = ["OPTIONAL_WORDS", "edits_apart", "fold_words", "pairs_of_letters"]

# Words that a title may do without: the articles of the catalogue's languages, and "and".
OPTIONAL_WORDS = frozenset(
    (
        *("the", "a", "an", "and"),
        *("la", "le", "les", "un", "une"),
        *("el", "los", "las", "una"),
        *("il", "lo", "gli"),
        *("der", "die", "das", "den", "det", "en", "ein", "eine"),
        *("o", "os", "as"),
    )
)
# Letters that Unicode does not take apart into a base letter and an accent.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
# An apostrophe joins what stands on both sides of it: "Schindler's" is one word.
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")


def fold_words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared.

    >>> fold_words("Léon: The Professional (a.k.a. The Professional)")
    ('leon', 'the', 'professional', 'a', 'k', 'a', 'the', 'professional')
    >>> fold_words("Schindler’s Lists & WALL·E")
    ('schindlers', 'lists', 'and', 'wall', 'e')
    """
    bare = text.casefold()
    if not bare.isascii():
        # Capitals may hide in a compound sign, and accents in what becomes of a capital: hence twice.
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold())
        bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        bare = bare.translate(_LETTERS)
    return tuple(_WORD.findall(bare.translate(_APOSTROPHES).replace("&", " and ")))


def pairs_of_letters(word: str) -> frozenset[str]:
    """Neighbouring letters of a word, its two ends included.

    >>> sorted(pairs_of_letters("up"))
    ['^u', 'p$', 'up']
    """
    marked = f"^{word}$"
    return frozenset(marked[index : index + 2] for index in range(len(marked) - 1))


def edits_apart(word: str, other: str) -> int:
    """Letters to add, drop, replace, or swap with their neighbour, to make one word the other.

    Source: optimal string alignment, Boytsov (2011), doi:10.1145/1963190.1963191, section 2.2.

    >>> edits_apart("matirx", "matrix"), edits_apart("casblanca", "casablanca"), edits_apart("up", "jaws")
    (1, 1, 4)
    """
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, start=1):
        here = [row]
        for column, second in enumerate(other, start=1):
            cost = min(last[column] + 1, here[column - 1] + 1, last[column - 1] + (letter != second))
            is_swap = row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == second
            here.append(min(cost, before_last[column - 2] + 1) if is_swap else cost)
        before_last, last = last, here
    return last[-1]
