"""An experiment as a value: what the experiment file says, field by field."""

import math
from typing import Literal

import msgspec

CONTROL = "control"
"""The name of the variant that every other is compared with."""

HOLDOUT = "holdout"
"""The variant of visitors kept out of the experiment."""

BUILTIN_URL = "builtin"
"""Stands for the model endpoint that Funflix starts itself."""

Protocol = Literal["open_inference", "seldon", "hydrosphere", "rest"]


GUARDRAIL_METRICS = (
    "latency_p95",
    "bounce_rate",
    "fallback_rate",
    "clicks_per_visitor",
    "plays_per_visitor",
    "completed_plays_per_visitor",
    "watch_s_per_visitor",
    "dwell_s",
    "ratings_per_visitor",
    "coverage",
    "diversity",
)
"""What a guardrail may watch."""

SHARES = ("bounce_rate", "fallback_rate")
"""Those of them that are shares of visitors."""


class Design(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the experiment must be able to notice (`[design]`); `mde` is a difference, absolute.

    The last two plan an impression CTR; their defaults take a visitor for a single trial.
    """

    alternative: Literal["greater", "less", "two-sided"] = "greater"
    alpha: float = 0.05
    power: float = 0.9
    mde: float = 0.04
    sequential: Literal["none", "obrien-fleming", "pocock", "always-valid"] = "none"
    n_looks: int = 5
    impressions_per_visitor: float = 1.0
    design_effect: float = 1.0


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version under test (`[[variants]]`) and the model endpoint that serves it."""

    name: str
    weight: float = 1.0
    url: str = BUILTIN_URL
    protocol: Protocol = "open_inference"
    model: str
    timeout_s: float = 0.3
    send_history: bool | None = None

    @property
    def sends_history(self) -> bool:
        """Whether its endpoint hears what visitors without a user clicked and liked; by default only ours."""
        return self.url == BUILTIN_URL if self.send_history is None else self.send_history


class Shadow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model that is asked beside the variants and never shown (`[[shadows]]`)."""

    name: str
    url: str = BUILTIN_URL
    protocol: Protocol = "open_inference"
    model: str
    timeout_s: float = 0.3


class Guardrail(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A metric that treatment may worsen by at most `margin`, in the metric's own unit (`[[guardrails]]`)."""

    metric: str
    margin: float


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment: who is split, into what, and how it will be judged."""

    name: str
    salt: str
    assignment: Literal["visitor", "request"] = "visitor"
    primary_metric: Literal["visitor_ctr", "impression_ctr"] = "visitor_ctr"
    baseline_ctr: float = 0.07
    slate_size: int = 6
    holdout: float = 0.0
    design: Design = Design()
    variants: tuple[Variant, ...]
    shadows: tuple[Shadow, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()

    @property
    def shares(self) -> dict[str, float]:
        """The share of traffic that each variant is meant to get, of those not held out; they sum to 1."""
        total = math.fsum(variant.weight for variant in self.variants)
        return {variant.name: variant.weight / total for variant in self.variants}

    def variant(self, name: str) -> Variant:
        """The variant of this name; raises LookupError, naming those there are."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        known = ", ".join(variant.name for variant in self.variants)
        raise LookupError(f"experiment {self.name!r} has no variant {name!r}; it has {known}")
