"""What a report says of one treatment against the control beyond the primary metric."""

from dataclasses import dataclass

from stats.bayes import BayesianComparison
from stats.cuped import CupedComparison
from stats.estimates import Comparison, Interval
from stats.guardrails import Guardrail
from stats.heterogeneity import Heterogeneity
from stats.novelty import Novelty
from stats.proportions import Arm
from stats.stratification import StratifiedComparison


@dataclass(frozen=True, slots=True)
class MetricArm:
    """One arm's mean or share, and its interval; None where data are missing."""

    variant: str
    n: int
    value: float | None
    ci: Interval | None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A secondary metric: shown beside the primary one, never decided on.

    Args:
        is_share: whether the values are shares of visitors, not means over them.
        comparison: two-sided.
        holm_p_value: adjusted for the number of secondary metrics; None where there is no test.
    """

    metric: str
    is_share: bool
    arms: tuple[MetricArm, MetricArm]
    comparison: Comparison
    holm_p_value: float | None


@dataclass(frozen=True, slots=True)
class GuardrailResult:
    """One guardrail, judged; `found` is None where the data do not suffice, and `missing` says why.

    A guardrail that cannot be judged is not held: harmlessness is to be shown.
    """

    metric: str
    margin: float
    treatment: str
    values: tuple[float | None, float | None]
    found: Guardrail | None
    missing: str

    @property
    def is_held(self) -> bool:
        """Whether harm of the margin is excluded."""
        return self.found is not None and self.found.is_held


@dataclass(frozen=True, slots=True)
class SegmentsResult:
    """One dimension of segments: who they are, and whether the difference differs between them.

    Args:
        arms: segment -> its control and its treatment, in the order of `found.segments`.
    """

    dimension: str
    arms: tuple[tuple[Arm, Arm], ...]
    found: Heterogeneity


@dataclass(frozen=True, slots=True)
class StratifiedResult:
    """The comparison weighed by stratum; `found` is None without enough data, and `missing` says why."""

    dimension: str
    n_strata: int
    found: StratifiedComparison | None
    missing: str


@dataclass(frozen=True, slots=True)
class DayResult:
    """The visitors first exposed on one day of the run, the first being 1."""

    day: int
    control: Arm
    treatment: Arm
    difference: float | None
    ci: Interval | None


@dataclass(frozen=True, slots=True)
class DailyResult:
    """Day by day; `novelty` is None where there are too few days, and `missing` says so."""

    days: tuple[DayResult, ...]
    novelty: Novelty | None
    missing: str


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Another analysis of the same visitors, beside the one that decides.

    Args:
        is_valid: False for a test that is wrong here, and shown to say so.
        note: what is different about it, in a few words.
    """

    name: str
    difference: float | None
    ci: Interval | None
    p_value: float | None
    is_valid: bool
    note: str


@dataclass(frozen=True, slots=True)
class ShownResult:
    """What films one arm was shown: distinct ones, inequality of exposure, effective number."""

    variant: str
    n_impressions: int
    n_films: int
    gini: float
    effective_films: float


@dataclass(frozen=True, slots=True)
class PairResult:
    """One treatment against the control beyond the primary test; parts without data are empty or None."""

    control: str
    treatment: str
    metrics: tuple[MetricResult, ...] = ()
    guardrails: tuple[GuardrailResult, ...] = ()
    cuped: CupedComparison | None = None
    past_name: str = ""
    stratified: StratifiedResult | None = None
    segments: tuple[SegmentsResult, ...] = ()
    daily: DailyResult | None = None
    opinions: tuple[SecondOpinion, ...] = ()
    shown: tuple[ShownResult, ...] = ()
    bayesian: BayesianComparison | None = None
