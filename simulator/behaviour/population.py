"""What a population is: the tables of `population.toml`, each key with its range, unit and default."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from simulator.behaviour.default_personas import DEFAULT_PERSONAS
from simulator.behaviour.persona import Persona
from simulator.behaviour.traffic_tables import Arrivals, Identity
from simulator.behaviour.visit_tables import Choice, Session, Watching

TruthFamily = Literal["genre-logit"]


class Crowd(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who there is."""

    size: Annotated[
        int, Meta(ge=1, le=100_000_000, description="visitors; 1,850 is what the design asks for")
    ] = 1850
    seed: Annotated[int, Meta(ge=0, description="names the population: the same seed, the same visitors")] = 7
    truth: Annotated[
        TruthFamily,
        Meta(description="family of true tastes, fitted on ratings that no model sees: genre-logit"),
    ] = "genre-logit"
    user_fit: Annotated[
        float,
        Meta(
            ge=0,
            le=5,
            description="how much a persona prefers users of its own taste, log-odds per sd; 0: any user",
        ),
    ] = 1.0


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


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole population file."""

    crowd: Crowd = msgspec.field(name="population", default_factory=Crowd)
    arrivals: Arrivals = msgspec.field(default_factory=Arrivals)
    identity: Identity = msgspec.field(default_factory=Identity)
    taste: Taste = msgspec.field(default_factory=Taste)
    choice: Choice = msgspec.field(default_factory=Choice)
    session: Session = msgspec.field(default_factory=Session)
    watch: Watching = msgspec.field(default_factory=Watching)
    personas: Annotated[tuple[Persona, ...], Meta(min_length=1)] = DEFAULT_PERSONAS
