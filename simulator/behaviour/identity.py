"""Who stands behind a visitor: a person may come on two devices, and a device need not be logged in.

A visitor is a device, with a cookie and an assignment of its own. Two devices of one person are two visitors
of equal tastes, who may meet different variants: an experiment that randomises cookies cannot know.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Integers, uniform
from simulator.behaviour.persona import Persona
from simulator.behaviour.traffic_tables import Identity


@dataclass(frozen=True, slots=True)
class SignIn:
    """A visitor's way in by hand: they choose their profile; whom no profile is of says what they like.

    Args:
        user_id: whose profile; None is nobody's. Where the page has none of that user, they come as new.
        genres: what a newcomer ticks on the page of welcome; with none of them there, they skip it.
    """

    user_id: int | None
    genres: tuple[str, ...] = ()


def person_indexes(identity: Identity, *, seed: int, visitor_index: Integers) -> Integers:
    """The person behind each visitor, named by the index of the person's first device, (n_visitors,).

    Of each pair of visitors 2k and 2k + 1, the latter may be a second device of the former. With a share s of
    persons who have two, that chance is 2 s / (1 + s): a pair has one person then, and two otherwise.
    """
    share = identity.second_device_share
    draw = uniform(seed, "second-device", visitor=visitor_index)
    is_second = (visitor_index % 2 == 1) & (draw < 2 * share / (1 + share))
    return np.asarray(visitor_index - is_second, dtype=np.int64)


def are_logged_in(identity: Identity, *, seed: int, visitor_index: Integers) -> npt.NDArray[np.bool_]:
    """Which visitors are logged in, where their persona has a user to log in as, (n_visitors,)."""
    return np.asarray(uniform(seed, "login", visitor=visitor_index) < identity.login_rate)


def sign_in(
    identity: Identity, persona: Persona, user_id: int | None, *, seed: int, visitor_index: int
) -> SignIn | None:
    """How one visitor of a persona comes in by hand; None for those who come signed in, as all bots do."""
    by_hand = uniform(seed, "sign-in", visitor=visitor_index) < identity.profile_share
    return SignIn(user_id, persona.likes) if by_hand and not persona.is_bot else None
