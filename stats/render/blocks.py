"""What a section of the report is made of: tables of printed cells, and sentences."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of printed cells; the first `n_left` columns are words, the others numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_left: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the report: tables and sentences in reading order."""

    key: str
    title: str
    blocks: tuple[Table | str, ...]


def as_sentences(reasons: Iterable[str]) -> tuple[str, ...]:
    """Return each reason once, as a sentence."""
    return tuple(dict.fromkeys(f"{reason[0].upper()}{reason[1:]}." for reason in reasons))
