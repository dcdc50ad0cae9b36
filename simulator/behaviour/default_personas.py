"""The personas that ship. Their weights are round guesses: no published split fits such a site.

The last four have weight 0: nobody of them comes until a population file gives them some.
"""

from simulator.behaviour.persona import Persona

DEFAULT_PERSONAS: tuple[Persona, ...] = (
    Persona(
        name="mainstream",
        weight=0.30,
        likes=("Action", "Adventure", "Comedy"),
        popularity=0.2,
        recency=0.3,
    ),
    Persona(
        name="film-buff",
        weight=0.15,
        likes=("Drama", "Film-Noir", "Mystery"),
        dislikes=("Children",),
        popularity=-0.2,
        recency=-0.3,
        patience=1.6,
        click_readiness=1.3,
    ),
    Persona(
        name="family",
        weight=0.15,
        likes=("Animation", "Children", "Fantasy"),
        dislikes=("Crime", "Horror", "War"),
        popularity=0.1,
    ),
    Persona(
        name="thrill-seeker",
        weight=0.15,
        likes=("Crime", "Horror", "Sci-Fi", "Thriller"),
        dislikes=("Musical", "Romance"),
        recency=0.5,
        click_readiness=1.2,
    ),
    Persona(
        name="window-shopper",
        weight=0.15,
        popularity=0.2,
        recency=0.5,
        patience=0.3,
        click_readiness=0.4,
    ),
    Persona(
        name="newcomer",
        weight=0.10,
        popularity=0.4,
        patience=0.8,
        is_logged_out=True,
    ),
    Persona(
        name="genre-lover",
        weight=0.0,
        genre_concentration=0.2,
        popularity=-0.1,
    ),
    Persona(
        name="binger",
        weight=0.0,
        likes=("Action", "Crime", "Thriller"),
        patience=2.5,
        click_readiness=2.0,
    ),
    Persona(
        name="cold-start",
        weight=0.0,
        popularity=0.3,
        is_new_user=True,
    ),
    Persona(
        name="crawler",
        weight=0.0,
        is_logged_out=True,
        is_bot=True,
    ),
)
