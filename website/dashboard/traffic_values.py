"""What the panels say of visitors as they come: courses of time, the funnel, the swarm, the feed, the tables.

Units are those of `values`.
"""

from dataclasses import dataclass

from website.dashboard.values import Range


@dataclass(frozen=True, slots=True)
class LiftPoint:
    """The comparison of all visitors who had come by the end of one moment.

    `lift_interval` and `difference_interval` are always valid: all of them over time cover the truth.
    """

    at: int
    n_control: int
    n_treatment: int
    clicked_control: int
    clicked_treatment: int
    difference: float | None
    difference_interval: Range | None
    lift: float | None
    lift_interval: Range | None


@dataclass(frozen=True, slots=True)
class LiftSeries:
    """The lift of one treatment."""

    treatment: str
    points: tuple[LiftPoint, ...]


@dataclass(frozen=True, slots=True)
class LiftPanel:
    """Cumulative lift of visitor CTR while visitors came; each point is the end of `width_ms`."""

    control: str
    confidence: float
    width_ms: int
    series: tuple[LiftSeries, ...]


@dataclass(frozen=True, slots=True)
class ExposureMoment:
    """Visitors exposed in one moment, in the order of the panel's variants."""

    at: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExposuresPanel:
    """Visitors by moment and variant, bots and holdout left out."""

    variants: tuple[str, ...]
    width_ms: int
    totals: tuple[int, ...]
    moments: tuple[ExposureMoment, ...]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many visitors of each variant took this step and all before it, and as shares of those exposed."""

    name: str
    meaning: str
    counts: tuple[int, ...]
    shares: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class FunnelPanel:
    """From exposure to a film watched to its end; every share is of the visitors exposed."""

    variants: tuple[str, ...]
    steps: tuple[FunnelStep, ...]


@dataclass(frozen=True, slots=True)
class SwarmMoment:
    """One moment of real time: visits ended and failed, and what slates took."""

    at: int
    visits_per_s: float
    n_failed: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class LatencyLine:
    """How long the slates of one variant took, in milliseconds."""

    variant: str
    n: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class FailureLine:
    """Why visits broke off."""

    error: str
    n: int


@dataclass(frozen=True, slots=True)
class SwarmPanel:
    """The simulator at work, by its own ledger, every attempt counted; times are real."""

    n_done: int
    n_failed: int
    n_retries: int
    n_open: int
    visits_per_s: float | None
    width_ms: int
    moments: tuple[SwarmMoment, ...]
    latencies: tuple[LatencyLine, ...]
    failures: tuple[FailureLine, ...]


@dataclass(frozen=True, slots=True)
class FeedLine:
    """Something that just happened, in real time."""

    at: int
    kind: str
    visitor_id: str
    variant: str | None
    movie_id: int | None
    title: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class FeedPanel:
    """The latest events, newest first."""

    events: tuple[FeedLine, ...]


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table of the event log, and where to load it from."""

    name: str
    holds: str
    columns: tuple[str, ...]
    csv: str
    json: str


@dataclass(frozen=True, slots=True)
class TablesPanel:
    """The rows behind it all."""

    tables: tuple[TableLine, ...]


@dataclass(frozen=True, slots=True)
class PeekPoint:
    """What a test would have said of the visitors who had come by then.

    `fixed_p_value` is that of a fixed-horizon test, which is valid once, at the planned size;
    `valid_p_value` holds however often one looks.
    """

    at: int
    n: int
    fixed_p_value: float | None
    valid_p_value: float | None


@dataclass(frozen=True, slots=True)
class PeekingPanel:
    """What looking early would have done. Nothing here decides anything."""

    treatment: str
    alpha: float
    alternative: str
    width_ms: int
    points: tuple[PeekPoint, ...]
    n_looks: int
    n_fixed_below_alpha: int
    fixed_stopped_at: int | None
    valid_stopped_at: int | None
    sentence: str
