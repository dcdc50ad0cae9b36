"""Traffic that was not split into arms, judged: an interleaved draft, and impressions with propensities."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stats.errors import NotEnoughDataError
from stats.estimates import Interval, attempt
from stats.interleaving import Interleaved, TeamBalance, analyse_team_draft
from stats.off_policy_sums import OffPolicySums, Ratio, p_value_against
from stats.tails import Alternative
from stats.wording import counted, exact_percent, p_phrase

WEIGHTS_ALARM: Final = 0.001
"""Weights whose mean is not 1 at this level do not fit the log: the level of SRM."""

FEW_EFFECTIVE: Final = 100
"""With fewer effective impressions, intervals are too short to be relied upon."""

THIN_OVERLAP: Final = 0.1
"""Under this part of effective impressions, the policies hardly show the same films."""

HEAVY_WEIGHT: Final = 0.05
"""Over this part of all weight in one impression, a single click decides."""


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """Interleaved slates, counted: how many visitors made so many clicks on either team's films.

    Args:
        control: the name of the control's team.
        treatment: the name of the treatment's.
        control_clicks: on the control's films, of the visitors of each entry.
        treatment_clicks: on the treatment's films, of the same.
        n_visitors: how many visitors each entry stands for.
        balance: how many films each team had; None where impressions were not counted.
        n_bots: visitors left out as bots.
    """

    control: str
    treatment: str
    control_clicks: Sequence[int]
    treatment_clicks: Sequence[int]
    n_visitors: Sequence[int]
    balance: TeamBalance | None = None
    n_bots: int = 0


@dataclass(frozen=True, slots=True)
class LoggedPolicy:
    """Impressions with their propensities, as sums over visitors; bots are left out of them."""

    sums: OffPolicySums
    n_bots: int = 0


@dataclass(frozen=True, slots=True)
class InterleavingResult:
    """What visitors preferred; `found` is None where the data do not suffice, and `missing` says why."""

    draft: TeamDraft
    alternative: Alternative
    alpha: float
    confidence: float
    found: Interleaved | None
    missing: str

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each check that failed."""
        balance = self.draft.balance
        if balance is None or balance.is_ok:
            return ()
        chance = "in every slate alike" if balance.p_value is None else p_phrase(balance.p_value)
        return (
            (
                f"interleaving: {balance.n_control:,} films of {self.draft.control} and "
                f"{balance.n_treatment:,} of {self.draft.treatment} were shown ({chance}); a fair draft "
                "gives both as many"
            ),
        )


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """The mean reward of an impression under the target policy, and minus that of the logging policy.

    Args:
        p_value: of no difference; None where the policies earn the same from every visitor.
    """

    method: str
    value: float
    interval: Interval
    difference: float
    difference_ci: Interval
    p_value: float | None


@dataclass(frozen=True, slots=True)
class OffPolicyResult:
    """What the target policy would have earned, and how far that can be believed.

    Args:
        logged: the impressions, as sums.
        logging_value: mean reward of an impression as logged.
        estimates: IPS and SNIPS, and the doubly robust one where there are predictions.
        mean_weight: 1, but for chance, where propensities and target chances fit the log.
        mean_weight_p_value: of such a mean; None where weights do not vary.
        missing: why there are no estimates; empty where there are.
        warnings: why they may be less sure than their intervals say.
    """

    logged: LoggedPolicy
    alternative: Alternative
    alpha: float
    confidence: float
    logging_value: float | None
    logging_ci: Interval | None
    estimates: tuple[PolicyValue, ...]
    mean_weight: float | None
    mean_weight_p_value: float | None
    missing: str
    warnings: tuple[str, ...]

    @property
    def is_share(self) -> bool:
        """Whether rewards lie between 0 and 1, so that their mean is a rate."""
        low, high = self.logged.sums.rewards
        return low >= 0 and high <= 1

    @property
    def best(self) -> PolicyValue | None:
        """The estimate to read first: doubly robust, else SNIPS, else IPS."""
        return self.estimates[-1] if self.estimates else None

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each check that failed."""
        mean, p_value = self.mean_weight, self.mean_weight_p_value
        if mean is None or (math.isclose(mean, 1) if p_value is None else p_value >= WEIGHTS_ALARM):
            return ()
        chance = "in all impressions alike" if p_value is None else p_phrase(p_value)
        return (
            (
                f"off-policy: target chance / propensity has mean {mean:.3g} ({chance}) and must have 1; the "
                "propensities are not those that logged, or the target policy shows films that the log "
                "never did"
            ),
        )


@dataclass(frozen=True, slots=True)
class OtherDesigns:
    """Data of other designs that a report may show; None where there are none."""

    draft: TeamDraft | None = None
    logged: LoggedPolicy | None = None


@dataclass(frozen=True, slots=True)
class OtherResults:
    """What was found in them."""

    interleaving: InterleavingResult | None = None
    off_policy: OffPolicyResult | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each check that failed."""
        results = (self.interleaving, self.off_policy)
        return tuple(failure for result in results if result for failure in result.failures)


@dataclass(frozen=True, slots=True)
class Demands:
    """What was decided beforehand of any of these: direction, chance of a false alarm, coverage."""

    alternative: Alternative = "greater"
    alpha: float = 0.05
    confidence: float = 0.95


def judge_others(others: OtherDesigns, demands: Demands) -> OtherResults:
    """Judge what there is of other designs."""
    return OtherResults(
        interleaving=judge_interleaving(others.draft, demands) if others.draft else None,
        off_policy=judge_off_policy(others.logged, demands) if others.logged else None,
    )


def judge_interleaving(draft: TeamDraft, demands: Demands) -> InterleavingResult:
    """Test whose films visitors prefer; data too thin for a test are said, and raise nothing."""
    missing: list[str] = []
    found = attempt(
        lambda: analyse_team_draft(
            draft.control_clicks,
            draft.treatment_clicks,
            n_visitors=draft.n_visitors,
            alternative=demands.alternative,
            confidence=demands.confidence,
        ),
        missing,
    )
    return InterleavingResult(
        draft, demands.alternative, demands.alpha, demands.confidence, found, "; ".join(missing)
    )


def judge_off_policy(logged: LoggedPolicy, demands: Demands) -> OffPolicyResult:
    """Estimate the target policy's value by each method; thin data are said, and raise nothing.

    Source: `stats.off_policy` names those of the methods. That weights have mean 1 is the control variate of
        Swaminathan & Joachims (NIPS 2015), section 4.
    """
    sums, missing, confidence = logged.sums, list[str](), demands.confidence
    earned = attempt(lambda: sums.ratio("rewards", "impressions", confidence=confidence), missing)
    weight = attempt(lambda: sums.ratio("weights", "impressions", confidence=confidence), missing)
    estimates: tuple[PolicyValue, ...] = ()
    if earned is not None:
        estimates = attempt(lambda: _estimates(sums, earned, demands), missing) or ()
    return OffPolicyResult(
        logged=logged,
        alternative=demands.alternative,
        alpha=demands.alpha,
        confidence=confidence,
        logging_value=None if earned is None else earned.value,
        logging_ci=None if earned is None else earned.interval,
        estimates=estimates,
        mean_weight=None if weight is None else weight.value,
        mean_weight_p_value=None if weight is None else p_value_against(weight, 1.0, "two-sided"),
        missing="; ".join(missing),
        warnings=_warnings(sums) if estimates else (),
    )


def _estimates(sums: OffPolicySums, earned: Ratio, demands: Demands) -> tuple[PolicyValue, ...]:
    wanted = [("IPS", "weighted_rewards", "impressions"), ("SNIPS", "weighted_rewards", "weights")]
    if not sums.totals["weights"] > 0:
        raise NotEnoughDataError("the target policy shows none of the logged films; nothing tells its value")
    wanted += [("doubly robust", "corrected", "impressions")] if sums.has_predictions else []
    found = []
    for method, above, below in wanted:
        estimate = sums.ratio(above, below, confidence=demands.confidence)
        change = sums.difference(estimate, earned, confidence=demands.confidence)
        found.append(
            PolicyValue(
                method,
                estimate.value,
                estimate.interval,
                change.value,
                change.interval,
                p_value_against(change, 0.0, demands.alternative),
            )
        )
    return tuple(found)


def _warnings(sums: OffPolicySums) -> tuple[str, ...]:
    """Say what makes intervals of weighted means too short."""
    effective, n = sums.effective_n, sums.n_impressions
    heaviest = sums.largest_weight / sums.totals["weights"]
    worth = f"weighted, the {counted(n, 'impression')} are worth {effective:,.0f}"
    found = []
    if effective < FEW_EFFECTIVE:
        found.append(f"{worth}; under {FEW_EFFECTIVE}, intervals are too short: log more")
    if effective < THIN_OVERLAP * n:
        found.append(
            f"{worth}: under {exact_percent(THIN_OVERLAP)}, the policies hardly show the same films (thin "
            "overlap)"
        )
    if heaviest > HEAVY_WEIGHT:
        found.append(
            f"one impression has {exact_percent(heaviest)} of all weight (weight "
            f"{sums.largest_weight:.3g}); a single reward decides"
        )
    return tuple(found)
