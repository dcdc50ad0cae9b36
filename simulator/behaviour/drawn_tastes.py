"""Tastes for genres drawn for a persona that names none: some genres loved, most left alone.

How a persona shares out its liking among genres is a draw of the symmetric Dirichlet law: with a low
concentration nearly all of it goes to one or two genres, with a high one every genre has its like share. A
share becomes a taste as a user's does, as a shrunken logarithm of how much larger it is than an even one.

A Dirichlet draw is one of gamma laws, each divided by their sum; a gamma draw is made by the rejection method
of Marsaglia & Tsang, "A simple method for generating gamma variables" (2000), doi:10.1145/358407.358414, with
a counter of its own for each attempt, so that it needs no generator with a state.
"""

import numpy as np

from simulator.behaviour.draws import Floats, Integers, normal, uniform


def drawn_tastes(concentration: float, n_genres: int, *, seed: int, name: str) -> Floats:
    """A persona's taste for each genre, (n_genres,): from -0.7, far below the average, to log((n + 1) / 2).

    Args:
        concentration: of the Dirichlet law; at 0.1 one genre has most, at 100 all have nearly the same.
        n_genres: how many genres there are.
        seed: of the population.
        name: of the persona; another name draws another taste.
    """
    parts = _gamma_draws(concentration, np.arange(n_genres), seed=seed, purpose=f"persona-genres:{name}")
    shares = parts / max(float(parts.sum()), np.finfo(float).tiny)
    return np.asarray(np.log((shares * n_genres + 1) / 2))


def _gamma_draws(shape: float, index: Integers, *, seed: int, purpose: str) -> Floats:
    """Draws of the gamma law of this shape and scale 1, one for each index."""
    if shape < 1:
        # The method wants a shape of 1 or more; a power of a uniform draw takes the rest.
        boost = uniform(seed, f"{purpose}:boost", visitor=index) ** (1 / shape)
        return boost * _gamma_draws(shape + 1, index, seed=seed, purpose=purpose)
    d = shape - 1 / 3
    drawn = np.zeros(len(index))
    open_places, attempt = np.arange(len(index)), 0
    while len(open_places):
        x = normal(seed, f"{purpose}:normal", visitor=index[open_places], position=attempt)
        u = uniform(seed, f"{purpose}:accept", visitor=index[open_places], position=attempt)
        v = (1 + x / np.sqrt(9 * d)) ** 3
        with np.errstate(divide="ignore", invalid="ignore"):
            is_taken = (v > 0) & (np.log(u) < 0.5 * x**2 + d - d * v + d * np.log(v))
        drawn[open_places[is_taken]] = d * v[is_taken]
        open_places, attempt = open_places[~is_taken], attempt + 1
    return drawn
