"""What is asked of an experiment as a whole, and how several treatments share alpha."""

import math
from dataclasses import dataclass

from stats.errors import InvalidDesignError
from stats.several_arms import dunnett_critical_value
from stats.tails import as_alternative, p_value_of, require_fraction

METRICS = ("visitor_ctr", "impression_ctr")
CORRECTIONS = ("dunnett", "bonferroni", "none")
_TWO = 2


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """What is asked of an experiment beyond rates and error rates.

    Args:
        metric: visitor_ctr or impression_ctr.
        impressions_per_visitor: viewed, on average; of impression CTR.
        design_effect: variance over visitors / variance of independent impressions; of impression CTR.
        n_variants: the control included.
        correction: dunnett or bonferroni where there are several treatments; none tests each at alpha.
        treatment_share: part of the visitors in the treatment; only of two variants. More share evenly.
        n_looks: looks of a group sequential design, the last at the planned size.
        sequential: none, obrien-fleming, pocock or always-valid.
        n_visitors: visitors there will be, in all; None for as many as are needed.
        visitors_per_day: visitors who come into the experiment, in all variants; None if days do not matter.
    """

    metric: str = "visitor_ctr"
    impressions_per_visitor: float = 1.0
    design_effect: float = 1.0
    n_variants: int = 2
    correction: str = "dunnett"
    treatment_share: float = 0.5
    n_looks: int = 1
    sequential: str = "none"
    n_visitors: int | None = None
    visitors_per_day: float | None = None


def comparison_alpha(alpha: float, *, n_treatments: int, alternative: str, correction: str) -> float:
    """Return the alpha at which each of several treatments is tested against a control of its size.

    Raises:
        InvalidDesignError: an unknown correction, or alpha outside (0, 1).

    >>> round(comparison_alpha(0.05, n_treatments=2, alternative="two-sided", correction="dunnett"), 4)
    0.027
    """
    direction = as_alternative(alternative)
    require_fraction("alpha", alpha)
    if correction not in CORRECTIONS:
        raise InvalidDesignError(f"correction {correction!r} is unknown; use {', '.join(CORRECTIONS)}")
    if n_treatments == 1 or correction == "none":
        return alpha
    if correction == "bonferroni":
        return alpha / n_treatments
    critical = dunnett_critical_value(1, [1] * n_treatments, alpha=alpha, alternative=direction)
    return p_value_of(-critical if direction == "less" else critical, direction)


def require_sound(options: StudyOptions) -> None:
    """Refuse options that contradict each other.

    Raises:
        InvalidDesignError: naming the value, the rule and the way out.
    """
    if options.metric not in METRICS:
        raise InvalidDesignError(f"metric {options.metric!r} is unknown; use {' or '.join(METRICS)}")
    if options.n_variants < _TWO:
        raise InvalidDesignError(
            f"n_variants is {options.n_variants!r}; a comparison needs a control and at least 1 treatment"
        )
    if options.n_variants > _TWO and options.treatment_share != StudyOptions().treatment_share:
        raise InvalidDesignError(
            f"treatment_share {options.treatment_share!r} with {options.n_variants} variants; more than two "
            "share the visitors evenly, so leave it out"
        )
    if options.n_variants > _TWO and options.sequential != "none" and options.correction == "dunnett":
        raise InvalidDesignError(
            f"sequential {options.sequential!r} with correction 'dunnett' and {options.n_variants} variants: "
            "Dunnett's test is for one look; use bonferroni"
        )
    if options.n_visitors is not None and options.n_visitors < options.n_variants:
        raise InvalidDesignError(
            f"n_visitors is {options.n_visitors!r}; {options.n_variants} variants need at least one each"
        )
    if options.visitors_per_day is not None and not 0 < options.visitors_per_day < math.inf:
        raise InvalidDesignError(f"visitors_per_day is {options.visitors_per_day!r}; it must be above 0")
    if options.metric == "visitor_ctr" and (options.impressions_per_visitor, options.design_effect) != (1, 1):
        raise InvalidDesignError(
            f"impressions_per_visitor {options.impressions_per_visitor!r} and design_effect "
            f"{options.design_effect!r} go with metric 'impression_ctr'; a visitor CTR needs neither"
        )
