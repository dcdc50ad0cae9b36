"""Where each of some ids stands among all of them: by a table where they lie close, else by halving."""

import numpy as np

from simulator.behaviour.draws import Integers

# Entries of the table for each id, and at least: beyond that it is not worth its memory.
_MOST_SPREAD, _SURELY = 16, 1 << 16


class Offsets:
    """Offsets into `ids`, which ascend and are not repeated.

    Ids of users have one wide gap at most, between those of the ratings data and accounts no model has seen;
    the table has no entries for it.
    """

    def __init__(self, ids: Integers) -> None:
        self._ids = ids
        self._first = int(ids[0]) if len(ids) else 0
        gaps = np.diff(ids)
        widest = int(gaps.argmax()) if len(gaps) else 0
        self._gap = int(gaps[widest]) - 1 if len(gaps) else 0
        self._after = int(ids[widest + 1]) if len(gaps) else 0
        entries = self._entries(ids)
        self._table: Integers | None = None
        if len(ids) and entries[-1] < max(_SURELY, _MOST_SPREAD * len(ids)):
            self._table = np.zeros(int(entries[-1]) + 1, dtype=np.int64)
            self._table[entries] = np.arange(len(ids))

    def of(self, ids: Integers) -> Integers:
        """The offset of each, all of which are there."""
        if self._table is None:
            return np.searchsorted(self._ids, ids)
        return np.asarray(self._table[self._entries(ids)])

    def _entries(self, ids: Integers) -> Integers:
        if not self._gap:
            return np.asarray(ids - self._first)
        return np.asarray(ids - self._first - np.where(ids >= self._after, self._gap, 0))
