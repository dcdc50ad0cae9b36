"""What visitors decide on a page: for one visitor, and for many."""

from dataclasses import dataclass

import numpy as np

from simulator.behaviour.draws import Floats, Integers


@dataclass(frozen=True, slots=True)
class Look:
    """How a visitor looks at a slate.

    Args:
        dwell_s: time spent on it, in simulated seconds.
        chosen_position: the film clicked at the end of it, from 1; None when nothing is.
    """

    dwell_s: float
    chosen_position: int | None


@dataclass(frozen=True, slots=True)
class Watch:
    """How long a visitor watches a film: simulated seconds, and whether to the end."""

    watch_s: float
    is_completed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """How many visitors look at a slate each; arrays of shape (n_visitors,).

    Args:
        dwell_s: simulated seconds spent on it.
        chosen_positions: position clicked, from 1; 0 for none.
    """

    dwell_s: Floats
    chosen_positions: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Watches:
    """Who plays the film, for how many simulated seconds, and whether to the end; (n_visitors,) each."""

    is_played: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    watch_s: Floats
    is_completed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
