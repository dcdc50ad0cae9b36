"""Traffic that was not split into arms, and what was found in it: interleaved, or with propensities."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stats.estimates import Interval
from stats.interleaving import Interleaved, TeamBalance
from stats.off_policy_sums import OffPolicySums
from stats.tails import Alternative
from stats.wording import p_phrase

WEIGHTS_ALARM: Final = 0.001
"""Weights whose mean is not 1 at this level do not fit the log: the level of SRM."""

FEW_EFFECTIVE: Final = 100
"""With fewer effective impressions, intervals are too short to be relied upon."""

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
    def is_reliable(self) -> bool:
        """Whether enough impressions count, and none too much, for intervals to be believed."""
        sums = self.logged.sums
        return sums.effective_n >= FEW_EFFECTIVE and sums.heaviest_share <= HEAVY_WEIGHT

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
