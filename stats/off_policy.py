"""What would another policy have earned, judged from slates this one logged?

Each logged film carries its propensity, the chance with which it was shown. Films the new policy shows more
often count for more (IPS); dividing by the weights' mean steadies that (SNIPS); a model of the reward takes
out what it can predict, and the weights only correct it (doubly robust).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats.errors import InvalidOutcomesError, NotEnoughDataError
from stats.estimates import Interval
from stats.proportions import MIN_VISITORS
from stats.tails import two_sided_z
from stats.wording import counted

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OffPolicyEstimate:
    """The value of the target policy: the mean reward of an impression it would have shown.

    Args:
        standard_error: over visitors.
        effective_n: impressions that count: (sum of weights)^2 / sum of squares. Far below the number
            logged means that few impressions decide, and that the interval may be too short.
        largest_weight: of a single impression.
    """

    method: str
    value: float
    interval: Interval
    standard_error: float
    effective_n: float
    largest_weight: float


@dataclass(frozen=True, slots=True, eq=False)
class LoggedImpressions:
    """What was shown and what it earned; all arrays of shape (n_impressions,).

    Args:
        rewards: for instance 1 for a click.
        propensities: chance with which the logging policy showed this film there, in (0, 1].
        target_chances: chance with which the target policy would, in [0, 1].
        visitors: whose impression it was; None takes each for another visitor.
        predicted: a model's reward of the film shown; for the doubly robust estimate.
        predicted_target: the model's mean reward under the target policy in the same context.
    """

    rewards: Values
    propensities: Values
    target_chances: Values
    visitors: npt.NDArray[np.int64] | None = None
    predicted: Values | None = None
    predicted_target: Values | None = None

    def __post_init__(self) -> None:
        given = [self.rewards, self.propensities, self.target_chances]
        given += [array for array in (self.predicted, self.predicted_target) if array is not None]
        shapes = {np.shape(array) for array in (*given, *(() if self.visitors is None else (self.visitors,)))}
        if len(shapes) != 1 or len(shapes.pop()) != 1:
            raise InvalidOutcomesError("logged arrays differ in length; give one number per impression")
        if not all(np.isfinite(array).all() for array in given):
            raise InvalidOutcomesError("a logged number is missing or not finite; leave such impressions out")
        if self.rewards.size and not (self.propensities.min() > 0 and self.propensities.max() <= 1):
            raise InvalidOutcomesError(
                f"propensities lie between {self.propensities.min():g} and {self.propensities.max():g}; each "
                "must be above 0 and at most 1: log them, never rebuild them"
            )
        if self.rewards.size and not (self.target_chances.min() >= 0 and self.target_chances.max() <= 1):
            raise InvalidOutcomesError("a target chance lies outside [0, 1]")

    @property
    def weights(self) -> Values:
        """How much more often the target policy shows each film."""
        return np.asarray(self.target_chances / self.propensities)


def ips(logged: LoggedImpressions, *, confidence: float = 0.95) -> OffPolicyEstimate:
    """Estimate by inverse propensity scoring: unbiased, and noisy where policies differ.

    Raises:
        NotEnoughDataError: fewer than two visitors.

    Source: Horvitz & Thompson, JASA 47 (1952), 663-685; Strehl et al. (NIPS 2010).
    """
    terms = logged.weights * logged.rewards
    return _estimate("IPS", terms, np.ones_like(terms), logged, confidence)


def snips(logged: LoggedImpressions, *, confidence: float = 0.95) -> OffPolicyEstimate:
    """Estimate by self-normalised inverse propensity scoring: a little biased, and steadier.

    Raises:
        NotEnoughDataError: fewer than two visitors, or no impression the target policy would show.

    Source: Swaminathan & Joachims (NIPS 2015), section 4; variance of a ratio over visitors.
    """
    weights = logged.weights
    if not weights.sum() > 0:
        raise NotEnoughDataError("the target policy shows none of the logged films; nothing tells its value")
    return _estimate("SNIPS", weights * logged.rewards, weights, logged, confidence)


def doubly_robust(logged: LoggedImpressions, *, confidence: float = 0.95) -> OffPolicyEstimate:
    """Estimate by a reward model, corrected by weights: right if the model or the propensities are.

    Raises:
        InvalidOutcomesError: the predictions are missing.
        NotEnoughDataError: fewer than two visitors.

    Source: Dudik, Langford & Li (ICML 2011), arXiv:1103.4601.
    """
    if logged.predicted is None or logged.predicted_target is None:
        raise InvalidOutcomesError(
            "a doubly robust estimate needs `predicted` and `predicted_target`; fit a reward model, or use "
            "snips"
        )
    terms = logged.predicted_target + logged.weights * (logged.rewards - logged.predicted)
    return _estimate("doubly robust", terms, np.ones_like(terms), logged, confidence)


def _estimate(
    method: str, above: Values, below: Values, logged: LoggedImpressions, confidence: float
) -> OffPolicyEstimate:
    """Return the ratio of two sums over impressions, with the delta method's error over visitors."""
    owners = np.arange(above.size)
    if logged.visitors is not None:
        owners = np.unique(logged.visitors, return_inverse=True)[1].ravel()
    n_visitors = int(owners.max()) + 1 if above.size else 0
    if n_visitors < MIN_VISITORS:
        raise NotEnoughDataError(
            f"impressions of {counted(n_visitors, 'visitor')}; an interval needs {MIN_VISITORS}"
        )
    value = float(above.sum() / below.sum())
    residuals = np.bincount(owners, weights=above - value * below)
    variance = float(residuals @ residuals) / float(below.sum()) ** 2 * n_visitors / (n_visitors - 1)
    error = math.sqrt(variance)
    margin = two_sided_z(confidence) * error
    weights = logged.weights
    squares = float(weights @ weights)
    return OffPolicyEstimate(
        method=method,
        value=value,
        interval=Interval(value - margin, value + margin),
        standard_error=error,
        effective_n=float(weights.sum()) ** 2 / squares if squares else 0.0,
        largest_weight=float(weights.max()),
    )
