"""What was decided before the first visitor came: hypothesis, error rates, size, split."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stats.ctr_planning import plan_for_impressions
from stats.errors import InvalidDesignError
from stats.guarding import GuardrailRule
from stats.planning import Plan, plan
from stats.study_options import comparison_alpha
from stats.tails import Alternative, as_alternative, require_fraction

_METRICS = ("visitor_ctr", "impression_ctr")
_ASSIGNMENTS = ("visitor", "request")
_SEQUENTIAL = ("none", "obrien-fleming", "pocock", "always-valid")
_TWO = 2
_EVEN_SPLIT = {"control": 1.0, "treatment": 1.0}


@dataclass(frozen=True, slots=True)
class Design:
    """The design of one experiment: a control, and one treatment or several.

    Several treatments share alpha by Dunnett's test (impression CTR: by Holm's), in one look.

    Args:
        alternative: greater, less or two-sided.
        alpha: chance of a false alarm the experiment accepts.
        power: chance of detecting a true change of `mde`.
        mde: minimum detectable effect, an absolute change of the rate, positive.
        baseline: the rate the experiment was planned on.
        weights: variant -> weight of its share of visitors; `control` and at least one other.
        control: the name of the control variant.
        primary_metric: "visitor_ctr" (visitors who clicked / visitors) or "impression_ctr" (clicks / viewed
            impressions, by the delta method over visitors; one look only).
        impressions_per_visitor: viewed, on average; plans an impression CTR.
        design_effect: of impressions, from a pilot; plans an impression CTR. The defaults of both take a
            visitor for a single trial.
        sequential: "none" is one look, at the planned size; "obrien-fleming" and "pocock" are `n_looks` looks
            at even distances; "always-valid" lets anyone look at any time.
        n_looks: looks of a group sequential design, the last at the planned size.
        confidence: two-sided coverage of every interval.
        guardrails: what the treatment may worsen by a margin at most, each metric once.
        assignment: what was split: "visitor", or "request", where visitors meet several variants and only an
            impression CTR tells those apart.

    Raises:
        InvalidDesignError: naming the value, the rule and the way out.

    >>> Design().planned.n_per_variant
    925
    """

    alternative: Alternative = "greater"
    alpha: float = 0.05
    power: float = 0.9
    mde: float = 0.04
    baseline: float = 0.07
    weights: Mapping[str, float] = field(default_factory=lambda: dict(_EVEN_SPLIT))
    control: str = "control"
    primary_metric: str = "visitor_ctr"
    sequential: str = "none"
    n_looks: int = 5
    impressions_per_visitor: float = 1.0
    design_effect: float = 1.0
    confidence: float = 0.95
    guardrails: tuple[GuardrailRule, ...] = ()
    assignment: str = "visitor"

    def __post_init__(self) -> None:
        as_alternative(self.alternative)
        require_fraction("confidence", self.confidence)
        if self.control not in self.weights:
            raise InvalidDesignError(
                f"control {self.control!r} is no variant; the variants are {', '.join(sorted(self.weights))}"
            )
        if len(self.weights) < _TWO:
            raise InvalidDesignError(
                f"{len(self.weights)} variants ({', '.join(self.weights)}); a report compares a control "
                "and at least one treatment"
            )
        if len(self.weights) > _TWO and self.sequential != "none":
            raise InvalidDesignError(
                f"sequential {self.sequential!r} with {len(self.weights)} variants: looks compare two; use "
                "sequential 'none', or one treatment at a time, each at its part of alpha"
            )
        for variant, weight in self.weights.items():
            if not weight > 0:
                raise InvalidDesignError(
                    f"variant {variant!r} has weight {weight!r}; a weight must be above 0"
                )
        if self.primary_metric not in _METRICS:
            raise InvalidDesignError(
                f"primary_metric {self.primary_metric!r} cannot be decided on; use {' or '.join(_METRICS)}"
            )
        if self.primary_metric == "impression_ctr" and self.sequential != "none":
            raise InvalidDesignError(
                f"sequential {self.sequential!r} with primary_metric 'impression_ctr': looks count visitors "
                "who clicked; use visitor_ctr, or sequential 'none'"
            )
        self._require_what_requests_allow()
        if self.sequential not in _SEQUENTIAL:
            raise InvalidDesignError(
                f"sequential {self.sequential!r} is unknown; use {', '.join(_SEQUENTIAL[:-1])} or "
                f"{_SEQUENTIAL[-1]}"
            )
        _ = self.planned  # refuses rates and error rates out of range

    def _require_what_requests_allow(self) -> None:
        if self.assignment not in _ASSIGNMENTS:
            raise InvalidDesignError(
                f"assignment {self.assignment!r} is unknown; use {' or '.join(_ASSIGNMENTS)}"
            )
        if self.assignment == "visitor":
            return
        if self.primary_metric != "impression_ctr":
            raise InvalidDesignError(
                f"primary_metric {self.primary_metric!r} with assignment 'request': a visitor meets several "
                "variants, so who clicked belongs to none; use primary_metric impression_ctr, or assignment "
                "'visitor'"
            )
        if self.guardrails:
            raise InvalidDesignError(
                f"guardrail {self.guardrails[0].metric!r} with assignment 'request': it is judged by "
                "visitors, who meet several variants; take it out, or use assignment 'visitor'"
            )

    @property
    def treatment(self) -> str:
        """The name of the variant compared with the control; of several, the first."""
        return self.treatments[0]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The names of all variants that are compared with the control."""
        return tuple(variant for variant in self.weights if variant != self.control)

    @property
    def variants(self) -> tuple[str, ...]:
        """Control first, then the treatments."""
        return self.control, *self.treatments

    @property
    def has_several(self) -> bool:
        """Whether more than one treatment is compared with the control."""
        return len(self.weights) > _TWO

    @property
    def is_group_sequential(self) -> bool:
        """Whether a planned number of looks decides."""
        return self.sequential in ("obrien-fleming", "pocock")

    @property
    def planned(self) -> Plan:
        """The visitors this design needs in each variant: the control, the first treatment, and the others.

        Each treatment gets, by its weight, at least what its comparison with the control needs.
        """
        needed = [self._planned_with(treatment) for treatment in self.treatments]
        if not self.has_several:
            return needed[0]
        n_control = max(plan.n_control for plan in needed)
        sizes = [
            math.ceil(n_control * self.weights[treatment] / self.weights[self.control] - 1e-9)
            for treatment in self.treatments
        ]
        return replace(needed[0], n_control=n_control, n_treatment=sizes[0], n_others=sum(sizes[1:]))

    def _planned_with(self, treatment: str) -> Plan:
        weight = self.weights[treatment]
        planned = plan(
            baseline=self.baseline,
            mde=self.mde,
            alpha=comparison_alpha(
                self.alpha,
                n_treatments=len(self.treatments),
                alternative=self.alternative,
                correction="dunnett" if self.primary_metric == "visitor_ctr" else "bonferroni",
            ),
            power=self.power,
            alternative=self.alternative,
            treatment_share=weight / (weight + self.weights[self.control]),
            n_looks=self.n_looks if self.is_group_sequential else 1,
            spending=self.sequential,
        )
        if self.primary_metric == "visitor_ctr":
            return planned
        return plan_for_impressions(
            planned,
            impressions_per_visitor=self.impressions_per_visitor,
            design_effect=self.design_effect,
        )
