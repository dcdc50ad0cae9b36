"""What every truth family starts from: films and held-out ratings as columns, before any weight is put on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.behaviour.draws import Floats, Integers
from simulator.behaviour.evidence import Evidence, FilmColumns, film_columns, log_odds, read_evidence
from simulator.behaviour.population import Population
from simulator.behaviour.truth import FilmFacts, RatingColumns, all_genres

# The sd of a part is taken over at most this many users and films, evenly spaced.
_MOST_SAMPLED = 2000
# Power of the inverse propensities where the population file names none: half way between bias and variance.
_USUAL_DEBIAS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Groundwork:
    """Films and held-out ratings, arranged for fitting a truth.

    Args:
        population: whose truth it is.
        seed: seed of whatever is drawn.
        genres: names of the columns of the genre arrays.
        movie_ids: films, ascending, (n_films,).
        user_ids: users with a held-out rating, ascending, (n_users,).
        evidence: the ratings by row of user and film.
        columns: what is known of each film.
        user_genre: log-odds of each user for each genre, (n_users, n_genres).
        some_users: rows of users over which an sd is taken.
        some_films: rows of films, likewise.
    """

    population: Population
    seed: int
    genres: tuple[str, ...]
    movie_ids: Integers
    user_ids: Integers
    evidence: Evidence
    columns: FilmColumns
    user_genre: Floats
    some_users: npt.NDArray[np.intp]
    some_films: npt.NDArray[np.intp]

    @property
    def genre_sd(self) -> float:
        """The sd of tastes for genres over users and films, before any weight."""
        return sd_or_1(self.user_genre[self.some_users] @ self.columns.loadings[self.some_films].T)


def lay_groundwork(
    films: Sequence[FilmFacts], held_out: RatingColumns, population: Population, *, seed: int
) -> Groundwork:
    """Arrange films and ratings; users without a held-out rating have no taste of their own.

    Raises:
        TruthError: there is no film, or no rating of any of the films.
    """
    genres = all_genres(films)
    films = sorted(films, key=lambda film: film.movie_id)
    movie_ids = np.array([film.movie_id for film in films], dtype=np.int64)
    user_ids, evidence = read_evidence(movie_ids, held_out, debias=_debias(population))
    columns = film_columns(films, genres, evidence)
    return Groundwork(
        population=population,
        seed=seed,
        genres=genres,
        movie_ids=movie_ids,
        user_ids=user_ids,
        evidence=evidence,
        columns=columns,
        user_genre=log_odds(columns.loadings**2, evidence),
        some_users=_spread(len(user_ids)),
        some_films=_spread(len(movie_ids)),
    )


def sd_or_1(values: Floats) -> float:
    """The sd, or 1 where nothing varies, so that a part which says nothing stays 0 instead of 0/0."""
    return float(values.std()) or 1.0


def with_nobody(tastes: Floats) -> Floats:
    """The tastes of users, and below them a row of zeros for whoever is none of them."""
    return np.vstack([tastes, np.zeros(tastes.shape[1])])


def _spread(count: int) -> npt.NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_SAMPLED)).astype(np.intp))


def _debias(population: Population) -> float:
    """The first family takes ratings as they come, so that what was found with it stands."""
    if population.taste.debias is not None:
        return population.taste.debias
    return 0.0 if population.crowd.truth == "genre-logit" else _USUAL_DEBIAS
