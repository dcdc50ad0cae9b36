"""Finds films by words of title, genre and year: complete words, their beginnings, and words spelt badly.

A film is found when every word of the query that matters is found in it. Words as they stand are tried first;
only when they find nothing are words spelt nearly so, and words run together, tried as well.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catalog import Film
from website.search_words import OPTIONAL_WORDS, edits_apart, fold_words, pairs_of_letters

__all__ = ["FilmIndex", "FoundFilms", "index_films"]

_MOST_WORDS = 8
_LONGEST_WORD = 40
# What a match is worth. However it is reduced below, one in the title stays above one beside it.
_IN_TITLE, _RUN_TOGETHER, _BESIDE_TITLE = 1.0, 0.9, 0.5
# What it keeps when the query has only the beginning of the word, or has it with so many errors.
_BEGUN = 0.75
_MISSPELT = (1.0, 0.8, 0.6)
# What counts beside the matches: that little else stands in the title, that many rated the film, that the
# words which could be left out are in it.
_WHOLE_TITLE, _POPULARITY, _OPTIONAL = 0.5, 0.6, 0.3
# Of the words that share most pairs of letters with what was typed, so many are compared letter by letter.
_MOST_COMPARED = 40
_AFTER_EVERY_LETTER = chr(0x10FFFF)

Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoundFilms:
    """What a search found, best first; `is_near` when only words spelt nearly like the query's were found."""

    movie_ids: tuple[int, ...]
    is_near: bool


@dataclass(frozen=True, slots=True, eq=False)
class FilmIndex:
    """Films by their words; made by `index_films`.

    Args:
        movie_ids: the films; their places here are the `rows` below.
        popularity: of each film, between 0 and 1.
        title_lengths: how many words of each title matter, at least 1.
        words: every word there is, sorted.
        starts: where each word's films begin in `rows` and `worths`, and where the last word's end.
        rows: the films of the first word, then those of the second, and so on.
        worths: what each of those matches is worth.
        pairs: the numbers of the words that have these two letters side by side.
        n_pairs: how many different pairs of letters each word has.
    """

    movie_ids: Numbers
    popularity: Scores
    title_lengths: Scores
    words: tuple[str, ...]
    starts: Numbers
    rows: Numbers
    worths: Scores
    pairs: Mapping[str, Numbers]
    n_pairs: Numbers

    def search(self, query: str) -> FoundFilms:
        """The films that fit a query, best first; none for a query without a letter or a number."""
        words = tuple(word[:_LONGEST_WORD] for word in fold_words(query)[:_MOST_WORDS])
        if not words:
            return FoundFilms((), is_near=False)
        matches = [self._matches(word) for word in words]
        found = self._ranked(words, matches)
        if found:
            return FoundFilms(found, is_near=False)
        # "spider man" for Spiderman: all words run together stand for each of them.
        together = self._matches("".join(words))
        for word, scores in zip(words, matches, strict=True):
            np.maximum(scores, together, out=scores)
            for number, share in self._near_words(word):
                self._add(scores, number, number + 1, share)
        found = self._ranked(words, matches)
        return FoundFilms(found, is_near=bool(found))

    def _matches(self, word: str) -> Scores:
        """How well each film fits one word, complete or begun; 0 where not at all."""
        scores = np.zeros(len(self.movie_ids), dtype=np.float32)
        first, end = (bisect_left(self.words, text) for text in (word, word + _AFTER_EVERY_LETTER))
        self._add(scores, first, end, _BEGUN)
        if first < end and self.words[first] == word:
            self._add(scores, first, first + 1, 1.0)
        return scores

    def _add(self, scores: Scores, first: int, end: int, share: float) -> None:
        """Raise the scores of the films that have a word of number `first` up to, without it, `end`."""
        places = slice(self.starts[first], self.starts[end])
        np.maximum.at(scores, self.rows[places], self.worths[places] * np.float32(share))

    def _near_words(self, word: str) -> Iterator[tuple[int, float]]:
        """The numbers of words spelt nearly like this one, with what a match by them keeps."""
        most_edits = _most_edits(word)
        typed = pairs_of_letters(word)
        shared = [self.pairs[pair] for pair in typed if pair in self.pairs]
        if most_edits == 0 or not shared:
            return
        n_shared = np.bincount(np.concatenate(shared), minlength=len(self.words))
        likeness = 2 * n_shared / (self.n_pairs + len(typed))
        n_compared = min(_MOST_COMPARED, len(likeness))
        for number in np.argpartition(-likeness, n_compared - 1)[:n_compared].tolist():
            other = self.words[number]
            if abs(len(other) - len(word)) <= most_edits:
                edits = edits_apart(word, other)
                if edits <= most_edits:
                    yield number, _MISSPELT[edits]

    def _ranked(self, words: Sequence[str], matches: Sequence[Scores]) -> tuple[int, ...]:
        """The films that fit every word that matters, best first."""
        matters = [word not in OPTIONAL_WORDS for word in words]
        if not any(matters):
            matters = [True] * len(words)
        needed = np.array([scores for scores, is_needed in zip(matches, matters, strict=True) if is_needed])
        rows = np.flatnonzero(needed.min(axis=0))
        n_in_title = (needed[:, rows] > _BESIDE_TITLE).sum(axis=0)
        merit = needed[:, rows].mean(axis=0) + _POPULARITY * self.popularity[rows]
        merit += _WHOLE_TITLE * np.minimum(n_in_title / self.title_lengths[rows], 1.0)
        for scores, is_needed in zip(matches, matters, strict=True):
            if not is_needed:
                merit += _OPTIONAL * scores[rows]
        # Equal merit: the lower movie id, so that the order is the same everywhere.
        order = np.lexsort((self.movie_ids[rows], -merit))
        return tuple(self.movie_ids[rows[order]].tolist())


def index_films(films: Sequence[Film], n_ratings: npt.NDArray[np.intp]) -> FilmIndex:
    """An index of these films; `n_ratings` counts how often each was rated."""
    worth_of: dict[str, dict[int, float]] = {}
    title_lengths = np.ones(len(films), dtype=np.float32)
    for row, film in enumerate(films):
        title = fold_words(film.title)
        title_lengths[row] = max(sum(word not in OPTIONAL_WORDS for word in title), 1)
        for word, worth in _words_of(film, title):
            rows = worth_of.setdefault(word, {})
            rows[row] = max(worth, rows.get(row, 0.0))
    words = sorted(worth_of)
    pairs: dict[str, list[int]] = {}
    n_pairs = np.zeros(len(words), dtype=np.int64)
    for number, word in enumerate(words):
        of_word = pairs_of_letters(word)
        n_pairs[number] = len(of_word)
        for pair in of_word:
            pairs.setdefault(pair, []).append(number)
    logs = np.log1p(n_ratings.astype(np.float32))
    return FilmIndex(
        movie_ids=np.array([film.movie_id for film in films], dtype=np.int64),
        popularity=(logs / max(float(logs.max(initial=0.0)), 1.0)).astype(np.float32),
        title_lengths=title_lengths,
        words=tuple(words),
        starts=np.cumsum([0, *(len(worth_of[word]) for word in words)], dtype=np.int64),
        rows=np.array([row for word in words for row in worth_of[word]], dtype=np.int64),
        worths=np.array([worth for word in words for worth in worth_of[word].values()], dtype=np.float32),
        pairs={pair: np.array(numbers, dtype=np.int64) for pair, numbers in pairs.items()},
        n_pairs=n_pairs,
    )


def _words_of(film: Film, title: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Every word that finds a film, with what finding it by this word is worth."""
    for word in title:
        yield word, _IN_TITLE
    for first, second in itertools.pairwise(title):
        yield first + second, _RUN_TOGETHER
    for genre in film.genres:
        labels = fold_words(genre)
        for word in (*labels, "".join(labels)):
            yield word, _BESIDE_TITLE
    if film.year is not None:
        decade = film.year // 10 * 10
        for word in (f"{film.year}", f"{decade}s", f"{decade % 100:02}s"):
            yield word, _BESIDE_TITLE


def _most_edits(word: str) -> int:
    """How many errors a word of this length may have; numbers may have none, they are typed with care."""
    if len(word) < 4 or word.isdecimal():  # noqa: PLR2004  the rule itself
        return 0
    return 1 if len(word) < 7 else 2  # noqa: PLR2004  the rule itself
