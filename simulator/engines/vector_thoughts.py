"""What visitors think of their home slates, with all that some of them share worked out once.

Visitors of one user, persona and arm see one slate and agree on it but for their own moods and whims. Their
common part of utility costs most of the whole and is kept.
"""

import numpy as np
import numpy.typing as npt

from simulator.behaviour import NO_USER, Truth, Visitors
from simulator.engines.vector_offsets import Offsets
from simulator.engines.vector_slates import Integers, Slates

Floats = npt.NDArray[np.float64]
_UNKNOWN = -1


class HomeThoughts:
    """Utilities of home slates.

    Args:
        truth: what visitors think of films.
        home: the slates of all users and arms.
        visitors: all who may come.
        n_arms: how many arms there are, the holdout included.
    """

    def __init__(self, truth: Truth, home: Slates, visitors: Visitors, *, n_arms: int) -> None:
        self._truth = truth
        self._home = home
        self._moods = truth.film_moods[truth.film_rows(home.movie_ids)]
        taste_user_ids = np.unique(visitors.taste_user_id)
        self._n_taste_users = len(taste_user_ids)
        self._taste_users = Offsets(taste_user_ids)
        self._n_personas = len(visitors.persona_names)
        n_kinds = n_arms * self._n_taste_users * self._n_personas * 2
        self._place_of_kind = np.full(n_kinds, _UNKNOWN, dtype=np.int64)
        self._n_kept = 0
        self._kept: Floats = np.empty((0, home.movie_ids.shape[1]))

    def utilities(self, visitors: Visitors, arms: Integers, home_rows: Integers) -> Floats:
        """As `Truth.utilities` of the slates in these rows of `home`, bit for bit."""
        kinds = self._kinds(visitors, arms)
        places = self._place_of_kind[kinds]
        is_new = places == _UNKNOWN
        if is_new.any():
            self._keep(visitors.take(np.flatnonzero(is_new)), kinds[is_new], home_rows[is_new])
            places = self._place_of_kind[kinds]
        return self._truth.own_utilities(
            self._kept[places],
            self._moods[home_rows],
            visitor_index=visitors.person_index,
            movie_ids=self._home.movie_ids[home_rows],
        )

    def _kinds(self, visitors: Visitors, arms: Integers) -> Integers:
        """A number for all that decides slate and common taste: arm, user, persona, whether logged out."""
        users = self._taste_users.of(visitors.taste_user_id)
        kinds = (arms * self._n_taste_users + users) * self._n_personas + visitors.persona_index
        return np.asarray(kinds * 2 + (visitors.user_id == NO_USER), dtype=np.int64)

    def _keep(self, visitors: Visitors, kinds: Integers, home_rows: Integers) -> None:
        new_kinds, firsts = np.unique(kinds, return_index=True)
        who = visitors.take(firsts)
        shared = self._truth.shared_utilities(
            user_ids=who.taste_user_id,
            persona_index=who.persona_index,
            movie_ids=self._home.movie_ids[home_rows[firsts]],
        )
        n_needed = self._n_kept + len(new_kinds)
        if n_needed > len(self._kept):
            # Twice the room, so that all growing together costs as much as growing once.
            self._kept = np.resize(self._kept, (2 * n_needed, shared.shape[1]))
        self._kept[self._n_kept : n_needed] = shared
        self._place_of_kind[new_kinds] = np.arange(self._n_kept, n_needed)
        self._n_kept = n_needed
