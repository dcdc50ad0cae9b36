"""A persona: a kind of visitor."""

from typing import Annotated

import msgspec
from msgspec import Meta


class Persona(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of visitor; its tastes add to those of the user as whom the visitor browses."""

    name: Annotated[str, Meta(min_length=1, max_length=40, description="its name in reports, unique")]
    weight: Annotated[
        float, Meta(ge=0, le=1e9, description="its share of persons, relative to the others; 0: none")
    ] = 1.0
    likes: Annotated[tuple[str, ...], Meta(description="genres it likes: +1 sd of genre taste each")] = ()
    dislikes: Annotated[tuple[str, ...], Meta(description="genres it dislikes: -1 sd each")] = ()
    genre_concentration: Annotated[
        Annotated[float, Meta(ge=0.05, le=100)] | None,
        Meta(description="in place of both: draws tastes; low: for few genres, high: for all alike"),
    ] = None
    popularity: Annotated[
        float, Meta(ge=-3, le=3, description="taste for widely known films, sd; < 0: for rare ones")
    ] = 0.0
    recency: Annotated[
        float, Meta(ge=-3, le=3, description="taste for recent films, sd; < 0: for old ones")
    ] = 0.0
    patience: Annotated[
        float, Meta(gt=0, le=100, description="looks this many times as long as the median visitor")
    ] = 1.0
    click_readiness: Annotated[
        float, Meta(gt=0, le=100, description="odds of a click, relative to others of equal taste")
    ] = 1.0
    is_logged_out: Annotated[bool, Meta(description="true: browses as nobody, unknown to every model")] = (
        False
    )
    is_new_user: Annotated[
        bool, Meta(description="true: browses as a user of its own whom no model has seen, a cold start")
    ] = False
    is_bot: Annotated[
        bool, Meta(description="true: opens page after page and looks at none; named as a bot")
    ] = False
    is_disguised: Annotated[bool, Meta(description="true, of a bot: named as a browser")] = False
    bot_pages: Annotated[int, Meta(ge=0, le=1000, description="film pages that a bot opens in a visit")] = 20
