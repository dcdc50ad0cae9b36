"""What can happen, as values: one frozen dataclass per kind of event.

Every event has an id made by whoever reports it (`slate_id`, `click_id`, `play_id`, or visitor and
attempt), so it may be reported any number of times and is stored once. The log itself stamps real time
(`recorded_at`, ms since epoch). `simulated_at` is simulated time (ms since epoch), None for browsing by
hand. `attempt` counts the tries of one simulated visit from 1; analysis counts only each visitor's latest.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

LIVE_RUN_ID = "live"
"""The run that browsing by hand belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A run begins: the texts and settings that make it repeatable."""

    run_id: str
    kind: Literal["live", "simulated"]
    experiment: str
    experiment_toml: str
    experiment_hash: str
    population_toml: str | None = None
    seed: int | None = None
    engine: str | None = None
    n_visitors: int | None = None
    truth_json: str | None = None
    settings_json: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """An interrupted (or killed) run goes on."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """A run ends, complete or interrupted; a `truth_json` given here replaces that of the start."""

    run_id: str
    status: Literal["done", "interrupted"] = "done"
    truth_json: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorEvent:
    """What every event of a visitor has in common."""

    run_id: str
    visitor_id: str
    attempt: int = 1
    simulated_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStarted(VisitorEvent):
    """The simulator sends one visitor to the site: a line in its ledger."""

    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnded(VisitorEvent):
    """A simulated visit is over; the first end that arrives counts."""

    status: Literal["done", "failed"] = "done"
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitMade(VisitorEvent):
    """A simulated visit whose events are all recorded together: its line in the ledger, begun and done."""

    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorSeen(VisitorEvent):
    """A visitor met the site. The first known user, persona and past stay; once a bot, always a bot.

    `n_ratings_before` is what the ratings data hold of the user: no variant can have changed it.
    """

    user_id: int | None = None
    persona: str | None = None
    user_agent: str | None = None
    is_bot: bool = False
    n_ratings_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(VisitorEvent):
    """A visitor met the difference between the variants: their first home slate."""

    variant: str
    router_claim: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate(VisitorEvent):
    """One slate was shown; a fallback is credited to no model, so `model` is None then."""

    slate_id: str
    surface: str
    variant: str
    model: str | None = None
    model_version: str | None = None
    latency_ms: float | None = None
    is_fallback: bool = False
    fallback_reason: str | None = None
    is_known_user: bool | None = None
    propensity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression(VisitorEvent):
    """One film of a slate was served; times are ms since epoch in the traffic's own clock.

    `viewed_at` is for who reports a visit when it is over; otherwise a `View` follows.
    """

    slate_id: str
    position: int
    movie_id: int
    served_at: int
    viewed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View(VisitorEvent):
    """An impression was viewed, `after_ms` after it was served; the first report counts."""

    slate_id: str
    position: int
    after_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Click(VisitorEvent):
    """A film of a slate was clicked; each (slate, position) counts once, whatever the click's id."""

    click_id: str
    slate_id: str
    surface: str
    position: int
    movie_id: int
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(VisitorEvent):
    """A film was watched so far; later heartbeats with the same `play_id` only ever add."""

    play_id: str
    movie_id: int
    watch_s: float
    is_completed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(VisitorEvent):
    """A visitor rated a film, in stars."""

    rating_id: str
    movie_id: int
    stars: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall(VisitorEvent):
    """A model endpoint was asked, whatever came of it; `error` is None when it answered well."""

    call_id: str
    variant: str
    model: str
    protocol: str
    latency_ms: float
    model_version: str | None = None
    slate_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorLabelled(VisitorEvent):
    """What a simulated visitor truly is, whatever the site took it for.

    `person_index` names the person: two devices of one person are two visitors with one number.
    """

    persona: str
    person_index: int
    is_bot: bool
    has_ad_block: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLabelled(VisitorEvent):
    """What an instrument truly did to the record of one position of a slate."""

    label: Literal["lost-view", "doubled-click"]
    slate_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedEvent:
    """An event was refused, for the `reason` of a `TokenError` or "replayed"; only the count is kept.

    `variant` is that of the slate, where the token was ours; "" where it is not known.
    """

    reason: str
    event: str = "click"
    run_id: str = LIVE_RUN_ID
    variant: str = ""


Event: TypeAlias = (
    RunStarted
    | RunResumed
    | RunFinished
    | VisitStarted
    | VisitEnded
    | VisitMade
    | VisitorSeen
    | Exposure
    | Slate
    | Impression
    | View
    | Click
    | Play
    | Rating
    | ModelCall
    | RefusedEvent
    | VisitorLabelled
    | EventLabelled
)


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What became of events recorded together, in their order.

    `is_stored[i]` is False when the log already had event i (or, for a view or an end, has nothing it
    belongs to).
    """

    is_stored: tuple[bool, ...]

    @property
    def n_stored(self) -> int:
        """Events that changed the log."""
        return sum(self.is_stored)

    @property
    def n_duplicates(self) -> int:
        """Events that the log already had."""
        return len(self.is_stored) - self.n_stored
