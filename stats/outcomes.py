"""What was observed: one run, and its visitors counted per variant. Any source of such counts will do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stats.details import ArmDetails
from stats.errors import InvalidOutcomesError
from stats.proportions import Arm
from stats.ratio_arm import RatioArm
from stats.shared_visitors import SharedVisitors

HOLDOUT = "holdout"
"""The variant of visitors kept out of the experiment: counted, never compared."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a simulator knows: the true visitor CTR of each variant, and what follows from them.

    Args:
        visitor_ctr: by variant.
        difference: treatment minus control.
        lift: the same, relative.
        references: visitor CTR of arms that nobody was shown, such as a ranking at random or by truth.
        score_rank_correlation: by variant, how model scores rank films as visitors truly do, in [-1, 1].
        score_correlation: the same, Pearson's.
    """

    visitor_ctr: Mapping[str, float]
    difference: float | None = None
    lift: float | None = None
    references: Mapping[str, float] = field(default_factory=dict)
    score_rank_correlation: Mapping[str, float] = field(default_factory=dict)
    score_correlation: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an experiment, as far as it is known; times in epoch milliseconds.

    Args:
        kind: "live" or "simulated"; "" when unknown.
        status: "running", "done" or "interrupted"; "" when unknown.
        settings: what else is needed to repeat the run, for the report's last section.
    """

    run_id: str
    experiment: str = ""
    kind: str = ""
    status: str = ""
    experiment_hash: str | None = None
    seed: int | None = None
    engine: str | None = None
    n_visitors: int | None = None
    started_at: int | None = None
    finished_at: int | None = None
    truth: Truth | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether more visitors may still come: no end was noted. A run that was killed never notes one."""
        return self.status == "running" or (self.kind == "live" and self.finished_at is None)


@dataclass(frozen=True, slots=True)
class ArmOutcomes:
    """One variant's visitors, bots left out.

    Args:
        visitors: how many were exposed, and how many clicked a recommended film on the home page.
        impressions: clicks and viewed impressions, as sums over visitors; None where only visitors were
            counted.
        shared: where requests were split: other variants, and what the visitors of both did in them.
        n_slates: slates served.
        n_fallbacks: those of them that did not come from the variant's model.
        n_crossovers: visitors who were also exposed to another variant.
        n_failed_attempts: visits of these visitors that broke off, the counted one or one before it; None
            where nobody kept count.
        repeats: clicks that arrived from slates of this variant, and how many of them were refused because
            they had been recorded before; of every visitor and attempt. None where nobody kept count by arm.
        details: what else is known of these visitors; None where nothing is.
    """

    visitors: Arm
    impressions: RatioArm | None = None
    shared: Mapping[str, SharedVisitors] = field(default_factory=dict)
    n_slates: int = 0
    n_fallbacks: int = 0
    n_crossovers: int = 0
    n_failed_attempts: int | None = None
    repeats: Arm | None = None
    details: ArmDetails | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.n_fallbacks <= self.n_slates:
            raise InvalidOutcomesError(
                f"arm {self.visitors.variant!r} has {self.n_fallbacks!r} fallbacks of {self.n_slates!r} "
                "slates; fallbacks must lie between 0 and the slates"
            )

    @property
    def fallback_share(self) -> float | None:
        """Part of the slates that did not come from the model; None before the first slate."""
        return self.n_fallbacks / self.n_slates if self.n_slates else None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All a report reads of one run: counts per variant, and who was left out by rules blind to the arm.

    Args:
        n_repeated_clicks: clicks that arrived again and were refused, of all arms together; None where nobody
            kept count.
        history: the arms while visitors came, in the order of their exposure, the last moment being now; a
            few hundred moments will do. Empty where the order is not known.
    """

    run: Run
    arms: tuple[ArmOutcomes, ...]
    n_bots: int = 0
    n_holdout: int = 0
    n_repeated_clicks: int | None = None
    history: tuple[tuple[Arm, ...], ...] = ()
