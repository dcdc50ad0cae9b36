"""The first truth family: tastes for genres and times, read off held-out ratings by shrunken log-odds.

A user's taste for a genre is the logarithm of how often the genre turns up among the films the user liked,
over how often it does among everybody's: the weight of evidence of a naive Bayes classifier with a
Dirichlet prior, hence a linear logit in the film's genres (Manning, Raghavan & Schütze, "Introduction to
Information Retrieval", 2008, section 13.2). The same for the half-decade of the film. The models under test
factor or regress a user-film matrix and know no genre, year or rating used here.
"""

from dataclasses import dataclass

import numpy as np

from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.evidence import log_odds
from simulator.behaviour.groundwork import Groundwork, sd_or_1, with_nobody
from simulator.behaviour.truth import Rows


@dataclass(frozen=True, slots=True, eq=False)
class GenreTaste:
    """Tastes for genres and for eras; fits `UserTaste`.

    Args:
        genre_loadings: how much of each genre each film is, (n_genres, n_films).
        era_index: the era of each film, (n_films,).
        user_genre: taste of each user for each genre, (n_users + 1, n_genres); the last row is all zero.
        user_era: the same for eras, (n_users + 1, n_eras).
    """

    genre_loadings: Floats
    era_index: Integers
    user_genre: Floats
    user_era: Floats

    def of(self, users: Rows, films: Rows) -> Floats:
        """As `UserTaste.of`."""
        total = self.user_era[users[:, None], self.era_index[films]]
        loadings = self.genre_loadings.take(films, axis=1)
        for tastes, loading in zip(self.user_genre.T.take(users, axis=1), loadings, strict=True):
            total += tastes[:, None] * loading
        return np.asarray(total, dtype=np.float64)

    def times(self, weight: float) -> "GenreTaste":
        """As `UserTaste.times`."""
        return GenreTaste(
            self.genre_loadings, self.era_index, self.user_genre * weight, self.user_era * weight
        )


def fit_genre_logit(ground: Groundwork) -> GenreTaste:
    """Read the tastes of users for genres and eras off their held-out ratings."""
    columns, taste = ground.columns, ground.population.taste
    user_era = log_odds(np.eye(int(columns.eras.max()) + 1)[columns.eras], ground.evidence)
    era_part = user_era[np.ix_(ground.some_users, columns.eras[ground.some_films])]
    user_genre = ground.user_genre * (taste.genre / ground.genre_sd)
    return GenreTaste(
        genre_loadings=np.ascontiguousarray(columns.loadings.T),
        era_index=columns.eras,
        user_genre=with_nobody(user_genre),
        user_era=with_nobody(user_era * (taste.era / sd_or_1(era_part))),
    )
