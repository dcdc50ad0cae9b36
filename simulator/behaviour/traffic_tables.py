"""The tables of `population.toml` that say when visitors come: each key with its range, unit and default."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

_Weight = Annotated[float, Meta(gt=0, le=1e9)]


class Arrivals(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When they come, in simulated time (UTC): as many as there are, by the hours and days of a week."""

    first_day: Annotated[date, Meta(description="the first simulated day, a date")] = date(2026, 1, 5)
    days: Annotated[float, Meta(gt=0, le=3650, description="simulated days over which visitors arrive")] = 7.0
    peak_hour: Annotated[float, Meta(ge=0, lt=24, description="when most come, hours after midnight UTC")] = (
        20.5
    )
    trough_share: Annotated[
        float,
        Meta(
            gt=0, le=1, description="arrivals at the quietest time relative to the peak; 1: all hours alike"
        ),
    ] = 0.1
    weekend_factor: Annotated[
        float,
        Meta(gt=0, le=100, description="arrivals of a Saturday or Sunday relative to another day; 1: alike"),
    ] = 1.25
    day_sigma: Annotated[
        float,
        Meta(ge=0, le=3, description="overdispersion: sd of the logarithm of a day's own luck; 0: none"),
    ] = 0.1
    hours: Annotated[
        tuple[_Weight, ...],
        Meta(description="24 relative arrivals, from midnight on, in place of peak_hour's curve; []: none"),
    ] = ()


class Identity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the site can know of who somebody is. A visitor is a device: a cookie, not a person."""

    second_device_share: Annotated[
        float,
        Meta(ge=0, le=1, description="persons who also come on a second device, a visitor of its own"),
    ] = 0.0
    login_rate: Annotated[
        float,
        Meta(ge=0, le=1, description="devices that browse logged in; the others browse as nobody"),
    ] = 1.0
    profile_share: Annotated[
        float,
        Meta(ge=0, le=1, description="visitors who choose their profile by hand; others come signed in"),
    ] = 0.05


class Instrumentation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the record of what visitors do errs. It changes nothing that they do."""

    beacon_loss: Annotated[
        float, Meta(ge=0, le=1, description="pages whose reports of views never arrive, fraction")
    ] = 0.0
    ad_block_share: Annotated[
        float, Meta(ge=0, le=1, description="visitors of whom no report of a view ever arrives, fraction")
    ] = 0.0
    double_click_share: Annotated[
        float, Meta(ge=0, le=1, description="clicks that arrive twice, fraction; the site counts them once")
    ] = 0.0
