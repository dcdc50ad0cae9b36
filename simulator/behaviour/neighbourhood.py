"""The second truth family: a film is worth to a user what users of like taste made of it.

Users are alike who liked the same films: the cosine of their likes, shrunken where few films speak for it.
The taste of a user for a film is the logarithm of how much the user's neighbours liked it over how much
everybody did: a weight of evidence, as in the first family, but with no word of genre or year. The models
under test know films by films or by factors, and none of these ratings; here users stand by users.

Sources: Resnick, Iacovou, Suchak, Bergstrom & Riedl, "GroupLens" (CSCW 1994), doi:10.1145/192844.192905, for
neighbourhoods of users; Herlocker, Konstan, Borchers & Riedl, "An algorithmic framework for performing
collaborative filtering" (SIGIR 1999), doi:10.1145/312624.312682, section 5.2, for the shrinking.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats
from simulator.behaviour.errors import TruthError
from simulator.behaviour.evidence import Evidence
from simulator.behaviour.groundwork import Groundwork, sd_or_1
from simulator.behaviour.truth import Rows

# Users whose likes count for one; 20 to 60 do equally well in Herlocker et al., section 6.
_N_NEIGHBOURS = 40
# Two users who rated so many films in common are half as alike as their cosine says.
_HALF_TRUSTED = 10.0
# Prior share of likes, in both halves of the ratio: a film that nobody near rated is not infinitely bad.
_PRIOR_SHARE = 0.02
# Tables of users by films, three of them, take 12 bytes a cell: 360 MB. MovieLens 1M has 23 million cells.
_MOST_CELLS = 30_000_000
_USERS_AT_A_TIME = 512

_Table: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NeighbourTaste:
    """What neighbours make of films; fits `UserTaste`.

    Args:
        table: by user and film, (n_users + 1, n_films); the last row is all zero.
        weight: what one of the table is worth.
    """

    table: _Table
    weight: float

    def of(self, users: Rows, films: Rows) -> Floats:
        """As `UserTaste.of`."""
        return self.weight * self.table[users[:, None], films].astype(np.float64)

    def times(self, weight: float) -> "NeighbourTaste":
        """As `UserTaste.times`."""
        return NeighbourTaste(self.table, self.weight * weight)


def fit_neighbourhood(ground: Groundwork) -> NeighbourTaste:
    """Work out what each user's neighbours make of each film.

    Raises:
        TruthError: users times films are too many for the tables.
    """
    table = _preferences(_require_room(ground.evidence))
    part = table[np.ix_(ground.some_users, ground.some_films)]
    return NeighbourTaste(table, ground.population.taste.neighbours / sd_or_1(part.astype(np.float64)))


def _require_room(evidence: Evidence) -> Evidence:
    n_cells = evidence.n_users * evidence.n_films
    if n_cells > _MOST_CELLS:
        raise TruthError(
            f"truth 'neighbourhood' on {evidence.n_users:,} users and {evidence.n_films:,} films needs "
            f"{n_cells:,} cells; the most is {_MOST_CELLS:,}; choose truth = 'latent' or 'genre-logit', or a "
            "smaller dataset"
        )
    return evidence


def _preferences(evidence: Evidence) -> _Table:
    """Log of neighbours' share of likes over everybody's, (n_users + 1, n_films)."""
    shape = (evidence.n_users, evidence.n_films)
    likes, rated = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    likes[evidence.users, evidence.films] = evidence.likes * evidence.weights
    rated[evidence.users, evidence.films] = evidence.weights
    everybody = likes.mean(axis=0) + _PRIOR_SHARE
    # Cosines of likes weighted by the root of the weights: each pair of ratings counts by both, once.
    directions = np.divide(likes, np.sqrt(rated), out=np.zeros_like(likes), where=rated > 0)
    directions /= np.maximum(np.sqrt((directions**2).sum(axis=1, keepdims=True)), 1e-9)
    np.sign(rated, out=rated)
    table = np.zeros((shape[0] + 1, shape[1]), dtype=np.float32)
    for start in range(0, shape[0], _USERS_AT_A_TIME):
        block = slice(start, min(start + _USERS_AT_A_TIME, shape[0]))
        n_common = rated[block] @ rated.T
        likeness = directions[block] @ directions.T * (n_common / (n_common + _HALF_TRUSTED))
        near = _nearest(likeness, own=np.arange(block.start, block.stop))
        trust = np.maximum(near.sum(axis=1, keepdims=True), 1e-9)
        table[block] = np.log((near @ likes / trust + _PRIOR_SHARE) / everybody)
        # Who is like nobody has no neighbours to go by, and no taste.
        table[block][near.sum(axis=1) == 0] = 0.0
    return table


def _nearest(likeness: _Table, *, own: Rows) -> _Table:
    """Likeness to the nearest neighbours, 0 to all others and to oneself; (n, n_users)."""
    likeness[np.arange(len(own)), own] = 0.0
    n_others = likeness.shape[1] - min(_N_NEIGHBOURS, likeness.shape[1])
    least = np.partition(likeness, n_others, axis=1)[:, n_others, None]
    return np.where((likeness >= least) & (likeness > 0), likeness, np.float32(0.0))
