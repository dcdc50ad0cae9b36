"""What the panels say, as values: the page prints them, the API sends them, OpenAPI describes them.

Rates, differences and lifts are fractions; times are milliseconds since 1970, of the traffic's own clock
(simulated where there is one) unless they say "real". An absent number is null, never 0.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "warn", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Range:
    """A two-sided interval, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run to choose from; `started_at` and `finished_at` are real times."""

    run_id: str
    experiment: str
    kind: str
    status: str
    engine: str | None
    seed: int | None
    n_visitors: int | None
    started_at: int | None
    finished_at: int | None


@dataclass(frozen=True, slots=True)
class VerdictPanel:
    """The decision so far: `word` for the eye, `code` for programs."""

    code: Literal["running", "ship", "keep-control", "inconclusive", "invalid"]
    word: str
    sentence: str
    rests_on: str
    valid_when: str
    is_final: bool
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One trust check: what was found, and what it means."""

    name: str
    state: State
    found: str
    meaning: str


@dataclass(frozen=True, slots=True)
class HealthPanel:
    """Whether the numbers may be believed; `failures` says in sentences why not."""

    is_ok: bool
    failures: tuple[str, ...]
    checks: tuple[Check, ...]
    newest_event_at: int | None


@dataclass(frozen=True, slots=True)
class ArmProgress:
    """Visitors of one variant, of those planned."""

    variant: str
    n: int
    n_planned: int


@dataclass(frozen=True, slots=True)
class ProgressPanel:
    """How far the run is from its planned size; `visitors_per_s` is the real pace of the last half minute."""

    n: int
    n_planned: int
    share: float
    arms: tuple[ArmProgress, ...]
    is_running: bool
    visitors_per_s: float | None
    seconds_left: float | None
    next_look_at: int | None
    baseline: float
    mde: float
    alpha: float
    power: float
    alternative: str
    sequential: str


@dataclass(frozen=True, slots=True)
class ArmRate:
    """One variant's value on one metric; no numerator where the metric is no share."""

    variant: str
    numerator: float | None
    denominator: float | None
    value: float | None
    interval: Range | None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """Treatment against control on one metric.

    Args:
        unit: "share" where values are fractions; else what they are counted in.
        p_value: null where it would not be valid yet; `p_note` says so, or how it was found.
        is_final: whether the result may be read as one; if not, it is shown in grey.
    """

    metric: str
    title: str
    unit: str
    is_primary: bool
    treatment: str
    arms: tuple[ArmRate, ArmRate]
    difference: float | None
    difference_interval: Range | None
    lift: float | None
    lift_interval: Range | None
    confidence: float
    interval_method: str
    p_value: float | None
    p_note: str
    is_final: bool
    is_significant: bool | None


@dataclass(frozen=True, slots=True)
class BayesianLine:
    """The Bayesian reading of the primary metric; the prior is Beta(`prior_successes`, `prior_failures`)."""

    probability_better: float
    loss_if_shipped: float
    loss_if_kept: float
    prior_successes: float
    prior_failures: float


@dataclass(frozen=True, slots=True)
class ScorecardPanel:
    """All metrics, the deciding one first."""

    control: str
    treatments: tuple[str, ...]
    metrics: tuple[MetricRow, ...]
    bayesian: BayesianLine | None


@dataclass(frozen=True, slots=True)
class GuardrailLine:
    """One metric that may worsen by `margin` at most; `upper` bounds the worsening. Null: no data yet."""

    metric: str
    treatment: str
    margin: float
    control_value: float | None
    treatment_value: float | None
    worsening: float | None
    upper: float | None
    p_value: float | None
    is_held: bool | None
    state: State
    found: str
    method: str


@dataclass(frozen=True, slots=True)
class GuardrailsPanel:
    """All guardrails of the experiment."""

    guardrails: tuple[GuardrailLine, ...]


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One segment: its arms, the difference, and a p-value adjusted for the number of segments (Holm)."""

    dimension: str
    segment: str
    treatment: str
    arms: tuple[ArmRate, ...]
    difference: float | None
    difference_interval: Range | None
    lift: float | None
    adjusted_p_value: float | None


@dataclass(frozen=True, slots=True)
class SegmentsPanel:
    """Parts of the visitors, each known before assignment. Hints for the next experiment, no results."""

    segments: tuple[SegmentLine, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TruthLine:
    """An estimate beside the truth; `is_covered` says whether the interval holds it."""

    name: str
    unit: str
    estimate: float | None
    interval: Range | None
    truth: float | None
    is_covered: bool | None


@dataclass(frozen=True, slots=True)
class TruthPanel:
    """What the simulator knows and an experiment never does."""

    lines: tuple[TruthLine, ...]
    is_verdict_right: bool | None
