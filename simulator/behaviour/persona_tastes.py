"""What personas add to taste, and which users they prefer: the same under every truth family."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np

from simulator.behaviour.drawn_tastes import drawn_tastes
from simulator.behaviour.draws import Floats
from simulator.behaviour.errors import PopulationError
from simulator.behaviour.evidence import FilmColumns, standardised
from simulator.behaviour.persona import Persona

# Genres of MovieLens: a small catalogue may lack one of them, and a persona may name it all the same.
_MOVIELENS_GENRES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy"),
    *("Film-Noir", "Horror", "IMAX", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"),
)


def persona_genres(personas: Sequence[Persona], genres: Sequence[str], *, seed: int) -> Floats:
    """+1 for a liked, -1 for a disliked genre, or tastes drawn by the seed, (n_personas, n_genres).

    Raises:
        PopulationError: a persona names a genre that there is not.
    """
    signs = np.zeros((len(personas), len(genres)))
    for row, persona in enumerate(personas):
        if persona.genre_concentration is not None:
            signs[row] = drawn_tastes(persona.genre_concentration, len(genres), seed=seed, name=persona.name)
        for sign, named in ((1.0, persona.likes), (-1.0, persona.dislikes)):
            for genre in named:
                if genre in genres:
                    signs[row, genres.index(genre)] += sign
                elif genre not in _MOVIELENS_GENRES:
                    raise PopulationError(_unknown_genre(persona, genre, genres))
    return signs


def persona_films(personas: Sequence[Persona], columns: FilmColumns, genre: Floats) -> Floats:
    """What each film is worth to each persona, (n_personas, n_films), from its taste for genres."""
    popularity = np.array([[persona.popularity] for persona in personas])
    recency = np.array([[persona.recency] for persona in personas])
    value = genre @ columns.loadings.T + popularity * columns.popularity + recency * columns.recency
    return np.asarray(value, dtype=np.float64)


def user_weight_sums(persona_genre: Floats, user_genre: Floats, *, user_fit: float) -> Floats:
    """Running sums, along users, of the odds exp(user_fit x match) that a persona draws each user.

    The match is how well tastes for genres agree, standardised over users; (n_personas, n_users).
    """
    match = standardised(persona_genre @ user_genre.T)
    return np.asarray(np.cumsum(np.exp(user_fit * match), axis=1), dtype=np.float64)


def _unknown_genre(persona: Persona, genre: str, genres: Sequence[str]) -> str:
    close = get_close_matches(genre, genres, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"its genres are {', '.join(genres)}"
    return f"persona {persona.name!r} names genre {genre!r}; no film of the catalogue has it; {hint}"
