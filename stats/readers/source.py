"""What the queries need to know of a table, wherever it lies: its columns, its SQL dialect, a way to ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

Kind = Literal["whole", "truth", "decimal", "text", "dynamic", "other"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, and what its type can hold; "dynamic" where each value has its own type."""

    name: str
    kind: Kind

    @property
    def sql(self) -> str:
        """The quoted name; the same in all dialects."""
        return '"' + self.name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where three SQL databases differ.

    Args:
        text: the type of texts.
        whole: the type in which a visitor's clicks and impressions are summed.
        number: a column -> SQL for its value as a number (true is 1), NULL where it is none.
        bit_or: SQL for whole numbers, and the highest bit they can have -> SQL for their bitwise or over a
            group.
    """

    text: str
    whole: str
    number: Callable[[Column], str]
    bit_or: Callable[[str, int], str]


class Source(Protocol):
    """A table or view that can be asked, read only."""

    @property
    def name(self) -> str:
        """What messages call it; never a password."""

    @property
    def relation(self) -> str:
        """SQL for the place after FROM."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, in order."""

    @property
    def dialect(self) -> Dialect:
        """How to write SQL for it."""

    def rows(self, query: str) -> list[Row]:
        """Return the answer to a query, by column name: small, for queries aggregate."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What reading files may use.

    Args:
        memory_mb: beyond it, groups are kept on disk; None for 1024, or half the machine's where that is
            less.
        spill_folder: where a folder for those is made and removed; None for the system's temporary folder.
    """

    memory_mb: int | None = None
    spill_folder: Path | None = None


def literal(text: str) -> str:
    """Quote a text for SQL; the same in all dialects."""
    return "'" + text.replace("'", "''") + "'"
