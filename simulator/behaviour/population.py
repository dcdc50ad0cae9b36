"""What a population is: the tables of `population.toml`, each key with its range, unit and default."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from simulator.behaviour.default_personas import DEFAULT_PERSONAS
from simulator.behaviour.persona import Persona

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


class Arrivals(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When they come, in simulated time (UTC)."""

    first_day: Annotated[date, Meta(description="the first simulated day, a date")] = date(2026, 1, 5)
    days: Annotated[float, Meta(gt=0, le=3650, description="simulated days over which visitors arrive")] = 7.0


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


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a slate is read and what is clicked: multinomial logit with an outside option."""

    taste_strength: Annotated[
        float,
        Meta(
            ge=0, le=20, description="how strongly taste drives clicks: log-odds of a click per sd of utility"
        ),
    ] = 1.0
    examination_decay: Annotated[
        float,
        Meta(gt=0, le=1, description="chance that a position is examined, relative to the one before it"),
    ] = 0.9
    film_page_odds: Annotated[
        float,
        Meta(ge=0, le=10, description="odds of a click on a film page's slate, relative to the home slate"),
    ] = 0.5
    outside_option: Annotated[
        Annotated[float, Meta(ge=-1000, le=1000)] | None,
        Meta(description="utility of clicking nothing, log-odds; absent: solved for the control's baseline"),
    ] = None


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long they look."""

    seconds_per_title: Annotated[
        float, Meta(gt=0, le=600, description="simulated seconds spent on one examined title")
    ] = 1.8
    patience_median_s: Annotated[
        float, Meta(gt=0, le=86_400, description="median of the log-normal time given to looking, seconds")
    ] = 75.0
    patience_sigma: Annotated[
        float, Meta(ge=0, le=3, description="sd of the logarithm of that time; 0: all alike")
    ] = 0.8


class Watching(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What happens on the page of a clicked film."""

    play_share: Annotated[
        float, Meta(gt=0, lt=1, description="chance that a film of utility 0 is played, fraction")
    ] = 0.4
    completion_share: Annotated[
        float,
        Meta(
            gt=0, lt=1, description="chance that a played film of utility 0 is watched to the end, fraction"
        ),
    ] = 0.3
    taste_strength: Annotated[
        float, Meta(ge=0, le=20, description="how strongly taste drives both, log-odds per sd of utility")
    ] = 0.5
    runtime_s: Annotated[float, Meta(ge=60, le=36_000, description="length of a film, simulated seconds")] = (
        6000.0
    )


class Population(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole population file."""

    crowd: Crowd = msgspec.field(name="population", default_factory=Crowd)
    arrivals: Arrivals = msgspec.field(default_factory=Arrivals)
    taste: Taste = msgspec.field(default_factory=Taste)
    choice: Choice = msgspec.field(default_factory=Choice)
    session: Session = msgspec.field(default_factory=Session)
    watch: Watching = msgspec.field(default_factory=Watching)
    personas: Annotated[tuple[Persona, ...], Meta(min_length=1)] = DEFAULT_PERSONAS
