"""The tables of `population.toml` that say when visitors come: each key with its range, unit and default."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta


class Arrivals(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When they come, in simulated time (UTC)."""

    first_day: Annotated[date, Meta(description="the first simulated day, a date")] = date(2026, 1, 5)
    days: Annotated[float, Meta(gt=0, le=3650, description="simulated days over which visitors arrive")] = 7.0
