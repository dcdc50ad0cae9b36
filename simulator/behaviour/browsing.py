"""Where a visitor goes who finds nothing on the home slate: a film known by name or seen in another row.

Who looks elsewhere, how, and for which film follows from the population alone, never from the site's answers,
so every engine goes the same ways. How many do so is a guess in want of a published number.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.behaviour.draws import Floats, Integers, uniform

DetourKind = Literal["search", "row", "my_list"]
DETOUR_KINDS: tuple[DetourKind, ...] = ("search", "row", "my_list")
NO_DETOUR = -1
_MY_LIST = DETOUR_KINDS.index("my_list")
_SEARCH = DETOUR_KINDS.index("search")


@dataclass(frozen=True, slots=True)
class Detour:
    """A way to a film that leads past the slate.

    Args:
        kind: `search` for its title; open it from the popular `row`; or put it into `my_list` from its own
            page, go home, and open it from the list.
        movie_id: the film.
        title: what one types to find it.
    """

    kind: DetourKind
    movie_id: int
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Detours:
    """The detours of many visitors, arrays (n_visitors,).

    Args:
        kinds: offsets into `DETOUR_KINDS`; `NO_DETOUR` for those who make none.
        movie_ids: the film, where there is a detour.
    """

    kinds: Integers
    movie_ids: Integers


def draw_detours(
    share: float, popular: Integers, utilities: Floats, *, seed: int, visitor_index: Integers, visit: int
) -> Detours:
    """Who makes a detour in this visit, of which kind, to which film.

    On visit v (from 0) the film is the one of the popular row that the visitor likes best but for v others:
    so no film is put into a list twice. Who has been through all of them searches from the start again.

    Args:
        share: chance of a detour.
        popular: films of the popular row, (n_popular,).
        utilities: what each visitor thinks of these, (n_visitors, n_popular).
        seed: seed of the population.
        visitor_index: (n_visitors,).
        visit: which visit of each, from 0.
    """
    turn, round_trip = visit % len(popular), visit >= len(popular)
    favourites = np.argsort(-utilities, axis=1, kind="stable")
    kinds = np.floor(uniform(seed, "detour-kind", visitor=visitor_index, visit=visit) * len(DETOUR_KINDS))
    kinds = kinds.astype(np.int64)
    if round_trip:
        kinds = np.where(kinds == _MY_LIST, _SEARCH, kinds)
    goes = uniform(seed, "detour", visitor=visitor_index, visit=visit) < share
    return Detours(np.where(goes, kinds, NO_DETOUR), popular[favourites[:, turn]])
