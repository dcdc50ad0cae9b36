"""What a population is: the tables of `population.toml`, each key with its range, unit and default."""

from typing import Annotated

import msgspec
from msgspec import Meta

from simulator.behaviour.default_personas import DEFAULT_PERSONAS
from simulator.behaviour.persona import Persona
from simulator.behaviour.taste_tables import Taste, TruthFamily
from simulator.behaviour.traffic_tables import Arrivals, Identity, Instrumentation
from simulator.behaviour.visit_tables import Choice, Dynamics, Session, Watching


class Crowd(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who there is."""

    size: Annotated[
        int, Meta(ge=1, le=100_000_000, description="visitors; 1,850 is what the design asks for")
    ] = 1850
    seed: Annotated[int, Meta(ge=0, description="names the population: the same seed, the same visitors")] = 7
    truth: Annotated[
        TruthFamily,
        Meta(description="family of true tastes, fitted on ratings that no model sees"),
    ] = "genre-logit"
    user_fit: Annotated[
        float,
        Meta(
            ge=0,
            le=5,
            description="how much a persona prefers users of its own taste, log-odds per sd; 0: any user",
        ),
    ] = 1.0


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole population file."""

    crowd: Crowd = msgspec.field(name="population", default_factory=Crowd)
    arrivals: Arrivals = msgspec.field(default_factory=Arrivals)
    identity: Identity = msgspec.field(default_factory=Identity)
    taste: Taste = msgspec.field(default_factory=Taste)
    choice: Choice = msgspec.field(default_factory=Choice)
    session: Session = msgspec.field(default_factory=Session)
    watch: Watching = msgspec.field(default_factory=Watching)
    dynamics: Dynamics = msgspec.field(default_factory=Dynamics)
    instrumentation: Instrumentation = msgspec.field(default_factory=Instrumentation)
    personas: Annotated[tuple[Persona, ...], Meta(min_length=1)] = DEFAULT_PERSONAS
