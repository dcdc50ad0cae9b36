"""The table `[taste]` of `population.toml`: what films are truly worth."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

TruthFamily = Literal["genre-logit", "neighbourhood", "latent"]


class Taste(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What true utility is made of. Each part has sd 1 before its weight; the sum is scaled to sd 1 again."""

    genre: Annotated[float, Meta(ge=0, le=10, description="weight of the user's genre tastes")] = 1.0
    era: Annotated[float, Meta(ge=0, le=10, description="weight of the user's taste for films of a time")] = (
        0.7
    )
    liking: Annotated[
        float, Meta(ge=0, le=10, description="weight of how the user rated this very film, where known")
    ] = 0.25
    quality: Annotated[
        float, Meta(ge=0, le=10, description="weight of how well the film is rated by all")
    ] = 0.5
    popularity: Annotated[float, Meta(ge=0, le=10, description="weight of how widely the film is known")] = (
        0.3
    )
    mood: Annotated[float, Meta(ge=0, le=10, description="weight of film features that no model has")] = 0.4
    noise: Annotated[float, Meta(ge=0, le=10, description="weight of one visitor's whim about one film")] = (
        0.5
    )
    persona: Annotated[float, Meta(ge=0, le=10, description="weight of the persona's own tastes")] = 0.5
    neighbours: Annotated[
        float,
        Meta(
            ge=0,
            le=10,
            description="weight of what users who liked the same films liked; truth neighbourhood only",
        ),
    ] = 1.2
    latent: Annotated[
        float, Meta(ge=0, le=10, description="weight of the user's latent taste; truth latent only")
    ] = 1.2
    hidden: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="share of latent taste's variance that no rating shows; truth latent only, fraction",
        ),
    ] = 0.3
    debias: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(
            description="power of the inverse propensities by which ratings count; "
            "absent: 0 for genre-logit, 0.5 for the others"
        ),
    ] = None
