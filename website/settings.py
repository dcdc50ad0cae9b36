"""Everything a site is made from, as one value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from experiment import Experiment
from recommender_client import RecommenderClient
from website.storefront import Storefront
from website.tmdb import TmdbPosters

__all__ = ["RateLimit", "SiteSettings"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in a row, and then so many a second.

    Raises:
        ValueError: a number that would let nobody in.
    """

    burst: int
    per_s: float

    def __post_init__(self) -> None:
        if self.burst < 1 or self.per_s <= 0:
            raise ValueError(f"{self!r} lets nobody in; give a burst of at least 1 and a rate above 0")


@dataclass(frozen=True, slots=True, eq=False)
class SiteSettings:
    """What `create_app` needs to know.

    Args:
        experiment: the experiment that the site's traffic takes part in.
        storefront: films, rows and profiles, see `arrange_storefront`.
        clients: one for each variant of the experiment, by the variant's name.
        event_log_path: the SQLite file of the event log; made where there is none.
        secret: what tokens and cookies are signed with, shared with the simulator.
        token_max_age_s: how long a page's click and view tokens are good for.
        clock: tells the real time.
        visitor_limit: what one visitor may send to one worker process; simulated visits are free.
        address_limit: the same for one address, many visitors of which may share a proxy.
        real_posters: where posters come from that are not drawn.

    Raises:
        ValueError: a variant has no client.
    """

    experiment: Experiment
    storefront: Storefront
    clients: Mapping[str, RecommenderClient]
    event_log_path: Path
    secret: str
    token_max_age_s: float = 6 * 3600
    clock: Callable[[], datetime] = _utc_now
    visitor_limit: RateLimit = RateLimit(burst=200, per_s=20.0)
    address_limit: RateLimit = RateLimit(burst=2_000, per_s=200.0)
    real_posters: TmdbPosters | None = None

    def __post_init__(self) -> None:
        missing = [v.name for v in self.experiment.variants if v.name not in self.clients]
        if missing:
            raise ValueError(
                f"no client for variant {missing[0]!r} of experiment {self.experiment.name!r}; "
                "give one for each variant, by name"
            )
