"""How long a film is watched whose page is open: a mixture of those who finish it and those who stop."""

import numpy as np

from simulator.behaviour.decisions import Watches
from simulator.behaviour.draws import Floats, Integers, uniform
from simulator.behaviour.examination import Booleans
from simulator.behaviour.visit_tables import Watching


def draw_watches(
    settings: Watching,
    utilities: Floats,
    are_people: Booleans,
    *,
    seed: int,
    visitor_index: Integers,
    visit: int,
    movie_ids: Integers,
) -> Watches:
    """How long each visitor watches one film; all arrays (n_visitors,), seconds are whole.

    Who does not finish stops after a share of the film that is the square of a uniform draw: half stop
    before a quarter of it. A guess in want of a published law.
    """
    taste = settings.taste_strength * utilities
    play, finish, stop = (
        uniform(seed, purpose, visitor=visitor_index, visit=visit, position=movie_ids)
        for purpose in ("play", "finish", "stop")
    )
    is_played = are_people & (play < _chance(settings.play_share, taste))
    is_completed = is_played & (finish < _chance(settings.completion_share, taste))
    stopped_s = np.maximum(np.floor(settings.runtime_s * stop**2), 1.0)
    watch_s = np.where(is_completed, settings.runtime_s, stopped_s)
    return Watches(is_played, np.where(is_played, watch_s, 0.0), is_completed)


def _chance(share: float, taste: Floats) -> Floats:
    """The share, moved by taste in log-odds."""
    return np.asarray(1.0 / (1.0 + (1.0 / share - 1.0) * np.exp(-taste)))
