"""Tables of `population.toml` that say what a visitor decides in a visit: choice, session, watching."""

from typing import Annotated

import msgspec
from msgspec import Meta


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
