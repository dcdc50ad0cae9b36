"""Columns of events: what `EventTable` holds, and how each kind of column becomes a list.

Arrays stay arrays until somebody wants rows: a table of events that goes into a file of columns is never
taken apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of few values, or of values another column has: `values[index]`.

    Args:
        values: what there is; texts as `str`, or as an array of ASCII `bytes`.
        index: which of them each row has, from 0.
    """

    values: Sequence[Any] | npt.NDArray[np.bytes_]
    index: npt.NDArray[np.integer]

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True, slots=True, eq=False)
class Each:
    """A column whose every value stands `count` times, one after the other."""

    column: "Column"
    count: int

    def __len__(self) -> int:
        return len(self.column) * self.count


Column: TypeAlias = list[Any] | npt.NDArray[Any] | Coded | Each
"""One value for each event: a list, an array (masked where there is none), or a shorter way to say it."""


def is_column(value: object) -> TypeGuard[Column]:
    """Whether this is a column, and not one value that all events share."""
    return isinstance(value, list | np.ndarray | Coded | Each)


def listed(column: Column) -> list[Any]:
    """The values as Python objects; None where an array is masked.

    >>> listed(Each(Coded(["a", "b"], np.array([1, 0])), 2))
    ['b', 'b', 'a', 'a']
    """
    if isinstance(column, list):
        return column
    if isinstance(column, Coded):
        known = listed(column.values) if isinstance(column.values, np.ndarray) else column.values
        return [known[place] for place in column.index.tolist()]
    if isinstance(column, Each):
        return list(chain.from_iterable(repeat(value, column.count) for value in listed(column.column)))
    array = column.astype(np.str_) if column.dtype.kind == "S" else column
    values: list[Any] = array.tolist()
    return values
