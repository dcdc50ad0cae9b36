"""Tables of `population.toml` that say what a visitor decides: choice, session, watching, dynamics."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ChoiceModel = Literal["mnl", "pbm", "cascade", "carousel"]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a slate is read and what is clicked."""

    model: Annotated[
        ChoiceModel,
        Meta(description="how: mnl, pbm, cascade or carousel; see the user model"),
    ] = "mnl"
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
    visible_columns: Annotated[
        int, Meta(ge=1, le=500, description="carousel: films of a row in view before and after each swipe")
    ] = 4
    swipe_chance: Annotated[
        float, Meta(ge=0, le=1, description="carousel: chance of a swipe to a row's next films, each time")
    ] = 0.5
    row_length: Annotated[
        int, Meta(ge=1, le=500, description="carousel: films of one row; a longer slate has several rows")
    ] = 12
    row_decay: Annotated[
        float, Meta(ge=0, le=1, description="carousel: chance of going on from one row to the next")
    ] = 0.8


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long they look, where else they go, and whether they come back."""

    seconds_per_title: Annotated[
        float, Meta(gt=0, le=600, description="simulated seconds spent on one examined title")
    ] = 1.8
    patience_median_s: Annotated[
        float, Meta(gt=0, le=86_400, description="median of the log-normal time given to looking, seconds")
    ] = 75.0
    patience_sigma: Annotated[
        float, Meta(ge=0, le=3, description="sd of the logarithm of that time; 0: all alike")
    ] = 0.8
    detour_share: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="chance of looking elsewhere (search, a row, my list) when nothing is chosen",
        ),
    ] = 0.0
    genre_row_share: Annotated[
        float,
        Meta(ge=0, le=1, description="of these, those who look in the row of the genre they like best"),
    ] = 0.25
    back_share: Annotated[
        float,
        Meta(ge=0, le=1, description="chance of returning from films by the browser's back, page by page"),
    ] = 0.3
    return_share: Annotated[
        float, Meta(ge=0, le=0.95, description="chance of another visit after each, in the simulated days")
    ] = 0.0
    return_gap_median_hours: Annotated[
        float, Meta(gt=0, le=8760, description="median of the log-normal time until then, hours")
    ] = 24.0
    return_gap_sigma: Annotated[
        float, Meta(ge=0, le=5, description="sd of the logarithm of that time; 0: all alike")
    ] = 1.5
    timeout_minutes: Annotated[
        float, Meta(gt=0, le=1440, description="who comes back comes after this long at the soonest, minutes")
    ] = 30.0
    novelty: Annotated[
        float,
        Meta(
            ge=-10, le=10, description="log-odds of a click that a visitor's first visit has over late ones"
        ),
    ] = 0.0
    novelty_half_life_days: Annotated[
        float, Meta(gt=0, le=3650, description="days since the first visit after which half of it is left")
    ] = 7.0


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


class Dynamics(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How what a visitor met before changes them. All 0: it does not."""

    satiation: Annotated[
        float, Meta(ge=0, le=10, description="utility a film loses after a film of the same genres, sd")
    ] = 0.0
    satiation_half_life_days: Annotated[
        float, Meta(gt=0, le=3650, description="days after which half of that loss is left")
    ] = 2.0
    repeat_exposure: Annotated[
        float,
        Meta(ge=0, le=10, description="utility a film loses by having been shown: this x ln(1 + times), sd"),
    ] = 0.0
    taste_drift: Annotated[
        float,
        Meta(ge=0, le=10, description="sd of how far utility moves in one day; by days**0.4 in several"),
    ] = 0.0
    fatigue: Annotated[
        float, Meta(ge=0, le=10, description="log-odds of a click lost with each page looked at")
    ] = 0.0
    fatigue_half_life_hours: Annotated[
        float, Meta(gt=0, le=8760, description="hours after which half of that loss is left")
    ] = 1.0
