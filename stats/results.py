"""The values a report consists of. `stats.report` makes them; text, JSON and HTML only print them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stats.baseline import BaselineComparison
from stats.bayes import BayesianComparison
from stats.ctr import CtrComparison
from stats.design import Design
from stats.estimates import Comparison, Interval
from stats.health import Health
from stats.metric_names import metric_in_words
from stats.monitoring import Monitoring
from stats.other_designs import OtherResults
from stats.outcomes import Run, Truth
from stats.pair_results import PairResult
from stats.proportions import Arm
from stats.ratio_arm import RatioArm
from stats.several_arms import SeveralComparison
from stats.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm's rate on the primary metric, its interval, and the arm against the baseline.

    Args:
        arm: its visitors, and how many of them clicked.
        impressions: their clicks and viewed impressions, where the rate is the impression CTR.
        rate: None where data are missing, as `ci` and `vs_baseline`; `missing` says why.
    """

    arm: Arm
    rate: float | None
    ci: Interval | None
    vs_baseline: BaselineComparison | None
    missing: tuple[str, ...]
    impressions: RatioArm | None = None


@dataclass(frozen=True, slots=True)
class PrimaryResult:
    """The metric that decides.

    Args:
        comparison: of a design of several looks, as of the look that decides or was made last.
        is_final: the p-value may be read as a result: the planned size is reached, or a boundary crossed.
        is_significant: whether p < alpha; None where there is no p-value, or it is not final.
        power: chance that arms of the sizes seen detect the MDE; None without visitors.
        ctr: where the metric is the impression CTR: the comparison with its design effect.
        several: of a design of several treatments, each against the control; `comparison` is then the first.
        several_method: how their p-values are adjusted.
    """

    metric: str
    arms: tuple[ArmResult, ...]
    comparison: Comparison
    is_final: bool
    is_significant: bool | None
    power: float | None
    ctr: CtrComparison | None = None
    several: tuple[SeveralComparison, ...] = ()
    several_method: str = ""


@dataclass(frozen=True, slots=True)
class CtrArmResult:
    """One arm's impression CTR and its interval; None where data are missing."""

    arm: RatioArm
    rate: float | None
    ci: Interval | None


@dataclass(frozen=True, slots=True)
class CtrResult:
    """Impression CTR: shown beside the primary metric, never decided on."""

    metric: str
    arms: tuple[CtrArmResult, ...]
    comparison: CtrComparison
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TruthCheck:
    """The estimates beside the truth of simulated traffic; None where one of both is absent.

    Args:
        is_verdict_right: ship where the treatment is truly better, or keep-control where it is not; None
            where the verdict is neither.
    """

    truth: Truth
    is_rate_covered: Mapping[str, bool | None]
    is_difference_covered: bool | None
    is_lift_covered: bool | None
    is_verdict_right: bool | None


@dataclass(frozen=True, slots=True)
class Report:
    """All a report prints. Make it with `build_report`.

    Args:
        monitoring: of a design of several looks; None for one.
        bayesian: of visitor CTR as the primary metric, and the first treatment; None before both arms have a
            visitor.
        probability_best: of several treatments: variant -> chance that its visitor CTR is the highest.
        pairs: each treatment against the control beyond the primary metric.
        others: beside them, traffic that was not split into arms.
    """

    generated_at: datetime
    run: Run
    design: Design
    verdict: Verdict
    health: Health
    primary: PrimaryResult
    secondary: tuple[CtrResult, ...]
    truth: TruthCheck | None
    notices: tuple[str, ...]
    monitoring: Monitoring | None = None
    bayesian: BayesianComparison | None = None
    probability_best: Mapping[str, float] = field(default_factory=dict)
    pairs: tuple[PairResult, ...] = ()
    others: OtherResults = field(default_factory=OtherResults)

    @property
    def is_size_reached(self) -> bool:
        """Whether the planned number of visitors has come: a test made once, at that size, is valid."""
        return sum(result.arm.n for result in self.primary.arms) >= self.design.planned.n_total

    @property
    def failed_check(self) -> str:
        """What failed, in words; empty where nothing did.

        A trust check; or a guardrail, where the result is final and nothing is shipped: what is shipped holds
        its guardrails; or a check of interleaved or logged traffic, which leaves the verdict as it is.
        """
        if self.verdict.code == "invalid":
            return self.verdict.sentence
        broken = [
            f"{metric_in_words(rule.metric)} of {rule.treatment}"
            for pair in self.pairs
            for rule in pair.guardrails
            if not rule.is_held
        ]
        if self.verdict.code != "keep-control" or not broken:
            return "; ".join(self.others.failures)
        return f"guardrail not held: {', '.join(broken)}; harm of the margin is not ruled out"
