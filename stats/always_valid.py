"""Always-valid inference: look after every visitor, stop whenever you like, and keep the error rate.

The likelihood ratio of the effect against none, averaged over a normal mixture of effects, is a martingale
without an effect; by Ville's inequality it ever exceeds 1/alpha with chance alpha at most. Its inverse is a
p-value that holds at any stopping time, and the effects it does not reject form a confidence sequence.

Two-sided: normal mixture (mixture SPRT: Johari, Koomen, Pekelis & Walsh, Operations Research 70 (2022),
1806-1821, doi:10.1287/opre.2021.2135). One-sided: half-normal mixture. With an estimated standard error both
hold asymptotically (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Annals of Statistics 52 (2024),
2613-2640): therefore nothing is said before each arm has a few successes and failures.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from scipy.special import lambertw, log_ndtr, ndtri

from stats.errors import NotEnoughDataError
from stats.estimates import Interval
from stats.proportions import Arm
from stats.sequential import directed, drift_for_power, even_fractions, require_plannable
from stats.tails import Alternative, as_alternative, critical_value, require_fraction

MIN_OUTCOMES = 10
"""Successes and failures each arm must have before an always-valid statement is made."""

_BISECTIONS = 80
_LOOKS_IN_PLANNING = 20


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """What may be said now, however often was looked before.

    Args:
        p_value: chance at most alpha of ever falling below alpha without an effect.
        interval: of the difference, two-sided, at `confidence`; all of them over time cover the truth
            together.
        critical_value: what the statistic would have to reach for p = alpha.
    """

    alternative: Alternative
    confidence: float
    statistic: float
    p_value: float
    critical_value: float
    difference: float
    interval: Interval


def mixture_information(alpha: float = 0.05, alternative: str = "greater") -> float:
    """Return the mixture variance, in units of the planned information, that is tightest at the plan.

    Source: Howard, Ramdas, McAuliffe & Sekhon, Annals of Statistics 49 (2021), section 3.5,
    doi:10.1214/20-AOS1991: -W(-alpha^2 / e) - 1 with the lower branch of Lambert's W; one-sided with 2 alpha.
    """
    direction = as_alternative(alternative)
    require_fraction("alpha", alpha)
    level = alpha if direction == "two-sided" else min(2 * alpha, 0.999)
    return float(-lambertw(-(level**2) / math.e, -1).real - 1)


def always_valid_p_value(
    statistic: float, fraction: float, *, tuned_for: float = 0.05, alternative: str = "greater"
) -> float:
    """Return the p-value of a standard normal statistic that holds at any stopping time.

    Args:
        statistic: estimate / standard error, at this moment.
        fraction: information now / information planned, above 0; it may pass 1.
        tuned_for: the alpha for which the mixture is tightest at the plan. Choose it before the data.
        alternative: greater, less or two-sided.
    """
    direction = as_alternative(alternative)
    evidence = _log_mixture(
        directed(statistic, direction), _information(fraction, tuned_for, direction), direction
    )
    return math.exp(-evidence) if evidence > 0 else 1.0


def always_valid_critical_value(
    fraction: float, *, alpha: float = 0.05, alternative: str = "greater", tuned_for: float | None = None
) -> float:
    """Return what the statistic must reach at this information fraction for p = alpha."""
    direction = as_alternative(alternative)
    require_fraction("alpha", alpha)
    information = _information(fraction, alpha if tuned_for is None else tuned_for, direction)
    wanted = -math.log(alpha)
    low, high = 0.0, 1.0
    while _log_mixture(high, information, direction) < wanted:
        high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (
            (low, middle) if _log_mixture(middle, information, direction) >= wanted else (middle, high)
        )
    return high


@lru_cache(maxsize=32)
def always_valid_inflation(*, alpha: float = 0.05, power: float = 0.9, alternative: str = "greater") -> float:
    """Return the planned size / that of a single look, for the same power to ever reach alpha by the plan.

    Computed for 20 even looks; looking more often can only stop more experiments (5% fewer visitors would
    do for a look after every visitor).
    """
    direction = as_alternative(alternative)
    require_plannable(alpha, power)
    fractions = even_fractions(_LOOKS_IN_PLANNING)
    values = [always_valid_critical_value(at, alpha=alpha, alternative=direction) for at in fractions]
    fixed = critical_value(alpha, direction) + float(ndtri(power))
    return (drift_for_power(fractions, values, power, direction) / fixed) ** 2


def always_valid_comparison(
    control: Arm,
    treatment: Arm,
    *,
    planned_total: int,
    alternative: str = "greater",
    alpha: float = 0.05,
    confidence: float = 0.95,
) -> AlwaysValid:
    """Compare the visitor CTR of two arms at a moment chosen by looking at the data.

    Args:
        control: visitors and successes until now.
        treatment: the same for the treatment arm.
        planned_total: visitors planned in both arms; the mixture is tightest there.
        alternative: greater, less or two-sided.
        alpha: the mixture is tuned for this level.
        confidence: coverage of the interval at all times together.

    Raises:
        NotEnoughDataError: an arm has fewer than 10 successes or failures.
    """
    direction = as_alternative(alternative)
    for arm in (control, treatment):
        _require_outcomes(arm)
    difference = treatment.rate - control.rate
    error = math.sqrt(sum(arm.rate * (1 - arm.rate) / arm.n for arm in (control, treatment)))
    # Information grows with the harmonic mean of the arms, which for an even split is the visitors in all.
    fraction = 4 * control.n * treatment.n / (control.n + treatment.n) / planned_total
    margin = error * always_valid_critical_value(fraction, alpha=1 - confidence, alternative="two-sided")
    return AlwaysValid(
        alternative=direction,
        confidence=confidence,
        statistic=difference / error,
        p_value=always_valid_p_value(difference / error, fraction, tuned_for=alpha, alternative=direction),
        critical_value=always_valid_critical_value(fraction, alpha=alpha, alternative=direction),
        difference=difference,
        interval=Interval(max(-1.0, difference - margin), min(1.0, difference + margin)),
    )


def _information(fraction: float, alpha: float, alternative: Alternative) -> float:
    if not fraction > 0:
        raise NotEnoughDataError(f"information fraction {fraction!r} must be above 0: no visitor has come")
    return fraction * mixture_information(alpha, alternative)


def _log_mixture(reached: float, information: float, alternative: Alternative) -> float:
    """Return the log of the averaged likelihood ratio; `information` is in units of the mixture's own."""
    shrunk = reached * math.sqrt(information / (information + 1))
    evidence = shrunk**2 / 2 - math.log1p(information) / 2
    if alternative == "two-sided":
        return evidence
    return evidence + math.log(2) + float(log_ndtr(shrunk))


def _require_outcomes(arm: Arm) -> None:
    if min(arm.successes, arm.n - arm.successes) < MIN_OUTCOMES:
        raise NotEnoughDataError(
            f"{arm.variant} has {arm.successes:,} successes and {arm.n - arm.successes:,} failures; an "
            f"always-valid statement needs at least {MIN_OUTCOMES} of each"
        )
