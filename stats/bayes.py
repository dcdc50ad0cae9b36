"""The Bayesian reading of visitor CTR: how probable is it that the treatment is better, and what if not?

Each arm's rate has a Beta prior, stated in the result; the posterior is Beta again. All numbers are integrals
over the two posteriors, by Gauss-Legendre quadrature: no random draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincc, betaincinv, betaln, xlog1py, xlogy

from stats._roots import root_of
from stats.errors import InvalidDesignError
from stats.estimates import Interval
from stats.proportions import Arm
from stats.tails import require_fraction

Values = npt.NDArray[np.float64]

_N_NODES = 150  # in each piece
_TAIL = 1e-14  # posterior mass left out at each end
_TOLERANCE = 1e-13  # of a difference: finer than the integral is


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """What is believed of a rate beforehand, worth `successes + failures` visitors.

    The default is uniform: every rate is equally likely.
    """

    successes: float = 1.0
    failures: float = 1.0

    def __post_init__(self) -> None:
        if not (self.successes > 0 and self.failures > 0):
            raise InvalidDesignError(
                f"a Beta prior of {self.successes!r} and {self.failures!r} is none; both must be above 0, "
                "for instance 1 and 1"
            )


@dataclass(frozen=True, slots=True)
class BayesianComparison:
    """What the posterior says.

    Args:
        probability_better: that the treatment's rate is the higher one.
        loss_if_shipped: expected drop of the rate if the treatment is shipped, counting 0 where it is better.
        loss_if_kept: expected gain forgone if the control is kept.
        rope: region of practical equivalence: differences at most this large count as none.
        probability_in_rope: that the difference lies in it.
        interval: equal-tailed credible interval of the difference.
    """

    prior: BetaPrior
    probability_better: float
    loss_if_shipped: float
    loss_if_kept: float
    rope: float
    probability_in_rope: float
    confidence: float
    interval: Interval


def compare_bayesian(
    control: Arm,
    treatment: Arm,
    *,
    prior: BetaPrior | None = None,
    rope: float = 0.005,
    confidence: float = 0.95,
) -> BayesianComparison:
    """Compare two rates by their posteriors. Without data the prior speaks, which is what it is for.

    Args:
        control: visitors and successes.
        treatment: likewise.
        prior: the same for both arms; None for the uniform one.
        rope: half width of the region of practical equivalence, an absolute difference.
        confidence: of the credible interval.

    Raises:
        InvalidDesignError: a rope below 0, or confidence outside (0, 1).

    Source: Kruschke, Journal of Experimental Psychology: General 142 (2013), 573-603 (ROPE); Stucchio (2015),
    Bayesian A/B testing at VWO (expected loss).
    """
    require_fraction("confidence", confidence)
    if rope < 0:
        raise InvalidDesignError(f"rope is {rope!r}; it is a half width and must not be below 0")
    belief = prior or BetaPrior()
    c, t = _Posterior.of(control, belief), _Posterior.of(treatment, belief)
    tail = (1 - confidence) / 2
    return BayesianComparison(
        prior=belief,
        probability_better=t.mean_of(c.below, breaks=c.range()),
        loss_if_shipped=_expected_excess(c, t),
        loss_if_kept=_expected_excess(t, c),
        rope=rope,
        probability_in_rope=_probability_within(c, t, -rope, rope),
        confidence=confidence,
        interval=Interval(_difference_quantile(c, t, tail), _difference_quantile(c, t, 1 - tail)),
    )


def probabilities_best(arms: Sequence[Arm], *, prior: BetaPrior | None = None) -> dict[str, float]:
    """Return by variant the chance that its rate is the highest of all.

    Args:
        arms: two or more, each of another variant.
        prior: the same for all arms; None for the uniform one.

    Source: Scott, Applied Stochastic Models in Business and Industry 26 (2010), 639-658,
        doi:10.1002/asmb.874, section 3: the integral of one density times the others' distributions.

    >>> found = probabilities_best([Arm("a", 100, 10), Arm("b", 100, 10), Arm("c", 100, 10)])
    >>> {variant: round(chance, 4) for variant, chance in found.items()}
    {'a': 0.3333, 'b': 0.3333, 'c': 0.3333}
    """
    beliefs = [_Posterior.of(arm, prior or BetaPrior()) for arm in arms]
    chances = [
        belief.mean_of(
            lambda rates, index=index: np.prod(  # type: ignore[misc]  # bound now, called at once
                [other.below(rates) for other in beliefs[:index] + beliefs[index + 1 :]], axis=0
            ),
            breaks=[end for other in beliefs for end in other.range()],
        )
        for index, belief in enumerate(beliefs)
    ]
    return {arm.variant: chance for arm, chance in zip(arms, chances, strict=True)}


@dataclass(frozen=True, slots=True)
class _Posterior:
    """A Beta distribution: a for successes, b for failures."""

    a: float
    b: float

    @classmethod
    def of(cls, arm: Arm, prior: BetaPrior) -> "_Posterior":
        return cls(arm.successes + prior.successes, arm.n - arm.successes + prior.failures)

    def below(self, rates: Values) -> Values:
        return np.asarray(betainc(self.a, self.b, np.clip(rates, 0, 1)))

    def above(self, rates: Values) -> Values:
        return np.asarray(betaincc(self.a, self.b, np.clip(rates, 0, 1)))

    def range(self) -> tuple[float, float]:
        return float(betaincinv(self.a, self.b, _TAIL)), 1 - float(betaincinv(self.b, self.a, _TAIL))

    def mean_of(self, function: Callable[[Values], Values], *, breaks: Sequence[float]) -> float:
        """Return the posterior mean of a function of the rate that changes fast only between `breaks`."""
        low, high = self.range()
        rates, weights = _nodes([low, *(at for at in breaks if low < at < high), high])
        # xlogy and xlog1py take 0 log 0 for 0: a rate may round to exactly 0 or 1.
        logs = xlogy(self.a - 1, rates) + xlog1py(self.b - 1, -rates) - betaln(self.a, self.b)
        masses = weights * np.exp(logs)
        return float(np.clip(masses @ function(rates) / masses.sum(), 0, 1))


def _probability_within(control: _Posterior, treatment: _Posterior, low: float, high: float) -> float:
    """Return the chance that treatment minus control lies between two differences."""
    ends = control.range()

    def covered(rates: Values) -> Values:
        return control.below(rates - low) - control.below(rates - high)

    return treatment.mean_of(covered, breaks=[end + shift for end in ends for shift in (low, high)])


def _expected_excess(higher: _Posterior, lower: _Posterior) -> float:
    """Return the mean of max(0, higher - lower): the integral of P(lower < x < higher) over x."""
    rates, weights = _nodes([*higher.range(), *lower.range()])
    return float(weights @ (lower.below(rates) * higher.above(rates)))


def _difference_quantile(control: _Posterior, treatment: _Posterior, share: float) -> float:
    return root_of(
        lambda difference: _probability_within(control, treatment, -2.0, difference) - share,
        -1.0,
        1.0,
        tolerance=_TOLERANCE,
    )


def _nodes(breaks: Sequence[float]) -> tuple[Values, Values]:
    """Return nodes and weights over the pieces between the breaks; none of the nodes is 0 or 1.

    In the angle whose squared sine is the rate, where even the density of Beta(1/2, 1/2) is smooth.
    """
    nodes, weights = _unit_rule()
    angles = np.unique(np.arcsin(np.sqrt(np.asarray(breaks))))
    half = np.diff(angles)[:, None] / 2
    at = (angles[:-1, None] + half + half * nodes).ravel()
    return np.sin(at) ** 2, (half * weights).ravel() * np.sin(2 * at)


@lru_cache(maxsize=1)
def _unit_rule() -> tuple[Values, Values]:
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    return nodes, weights
