"""Visitors written the short way, and what a report is told of them once the log has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiment import (
    Click,
    Event,
    EventLog,
    Exposure,
    Impression,
    Play,
    Rating,
    RunFinished,
    RunStarted,
    Slate,
    VisitorSeen,
)
from stats import ArmDetails, read_outcomes

RUN = "run-1"
DAY_MS = 86_400_000
FIRST_DAY_MS = 20_000 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One visitor, written the short way; times are seconds after the exposure."""

    variant: str
    persona: str = "family"
    user_id: int | None = 1
    user_agent: str = "Mozilla/5.0 (X11; Linux x86_64)"
    n_before: int | None = 3
    day: int = 0
    latencies: tuple[float, ...] = (5.0,)
    movies: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    clicked: bool = False
    is_view_lost: bool = False
    watched_s: tuple[float, ...] = ()
    rated: tuple[tuple[int, float], ...] = ()
    is_bot: bool = False
    is_fallback: bool = False

    @property
    def exposed_at(self) -> int:
        """In the traffic's own clock."""
        return FIRST_DAY_MS + self.day * DAY_MS + 3_600_000

    @property
    def dwell_s(self) -> float:
        """Until the last view, click, slate, or the end of the last play."""
        ends = [10.0 * (len(self.latencies) - 1) + (0 if self.is_view_lost and self.clicked else 1)]
        ends += [5.0] if self.clicked else []
        ends += [20.0 + watched for watched in self.watched_s]
        return max(ends)

    def events(self, visitor_id: str) -> Iterator[Event]:
        """What the log is told; nobody stays for longer than the slates, views, clicks and plays below."""
        who: dict[str, Any] = {"run_id": RUN, "visitor_id": visitor_id, "simulated_at": self.exposed_at}
        yield VisitorSeen(
            **who,
            user_id=self.user_id,
            persona=self.persona,
            user_agent=self.user_agent,
            n_ratings_before=self.n_before,
            is_bot=self.is_bot,
        )
        yield Exposure(**who, variant=self.variant)
        for number, latency_ms in enumerate(self.latencies):
            yield from self._slate(
                who, f"{visitor_id}-{number}", self.exposed_at + 10_000 * number, latency_ms
            )
        if self.clicked:
            yield Click(
                **(who | {"simulated_at": self.exposed_at + 5_000}),
                click_id=f"{visitor_id}-0:1",
                slate_id=f"{visitor_id}-0",
                surface="home",
                position=1,
                movie_id=self.movies[0],
                variant=self.variant,
            )
        for number, watched in enumerate(self.watched_s):
            yield Play(
                **(who | {"simulated_at": self.exposed_at + 20_000}),
                play_id=f"{visitor_id}-p{number}",
                movie_id=1,
                watch_s=watched,
                is_completed=watched > 100,
            )
        for movie_id, stars in self.rated:
            rating_id = f"{visitor_id}-r{movie_id}:{stars}"
            yield Rating(**who, rating_id=rating_id, movie_id=movie_id, stars=stars)

    def _slate(self, who: dict[str, Any], slate_id: str, at: int, latency_ms: float) -> Iterator[Event]:
        timed = who | {"simulated_at": at}
        yield Slate(
            **timed,
            slate_id=slate_id,
            surface="home",
            variant=self.variant,
            latency_ms=latency_ms,
            is_fallback=self.is_fallback,
        )
        for position, movie_id in enumerate(self.movies, start=1):
            yield Impression(
                **timed,
                slate_id=slate_id,
                position=position,
                movie_id=movie_id,
                served_at=at,
                viewed_at=None if self.is_view_lost and self.clicked else at + 1_000,
            )


def details_of(path: Path, guests: Sequence[Guest]) -> dict[str, ArmDetails]:
    """Record the guests, and read what the report is told of each arm."""
    with EventLog.open(path) as log:
        log.record(
            RunStarted(
                run_id=RUN, kind="simulated", experiment="e", experiment_toml="", experiment_hash="f00d"
            )
        )
        for number, guest in enumerate(guests):
            log.record(*guest.events(f"v{number:03}"))
        log.record(RunFinished(run_id=RUN))
    arms = read_outcomes(path, RUN, with_details=True).arms
    return {arm.visitors.variant: arm.details for arm in arms if arm.details is not None}
