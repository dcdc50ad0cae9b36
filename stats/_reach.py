"""What a number of visitors can detect: power of any true change under the looks of a design."""

import math
from dataclasses import dataclass
from functools import lru_cache

from scipy.special import ndtri

from stats._integration import first_crossings
from stats.always_valid import always_valid_critical_value
from stats.errors import NotEnoughDataError
from stats.planning import Plan, achieved_power
from stats.sequential import even_fractions, spending_boundary
from stats.study_options import StudyOptions
from stats.tails import Alternative, critical_value

_BISECTIONS = 40
_CURVE_STEPS = 40  # the power curve reaches to twice the MDE
_LOOKS_OF_ALWAYS_VALID = 20
_NEARLY_ALL = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """The chance to detect a true change of this size, an absolute one, positive."""

    effect: float
    power: float


@dataclass(frozen=True, slots=True)
class Reach:
    """What `n_visitors` can detect in the design of `needed`."""

    needed: Plan
    options: StudyOptions
    n_visitors: int

    def power_at(self, effect: float) -> float:
        """The chance that these visitors detect a true change of this size."""
        single = self._single_look_power(effect)
        if self.needed.spending == "none":
            return single
        return min(1.0, sum(self.crossings(self._drift(single))))

    def crossings(self, drift: float) -> tuple[float, ...]:
        """The chance to stop at each look when the last statistic has this mean."""
        fractions, values = self.boundary()
        is_two_sided = self.needed.alternative == "two-sided"
        return first_crossings(fractions, values, drift=drift, is_two_sided=is_two_sided)

    def boundary(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Fractions and critical values of the looks."""
        needed = self.needed
        return _boundary(needed.n_looks, needed.alpha, needed.alternative, needed.spending)

    def drift_at(self, effect: float) -> float:
        """The mean of the last statistic under a true change of this size."""
        return self._drift(self._single_look_power(effect))

    def detectable(self) -> float | None:
        """The smallest change detected with the planned power; None where even the largest is not."""
        needed = self.needed
        room = needed.baseline if needed.alternative == "less" else 1 - needed.baseline
        low, high = 0.0, room * _NEARLY_ALL
        try:
            if self.power_at(high) < needed.power:
                return None
        except NotEnoughDataError:
            return None
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.power_at(middle) >= needed.power else (middle, high)
        return high

    def curve(self) -> tuple[PowerPoint, ...]:
        """The power by true change, from near none to twice the MDE."""
        needed = self.needed
        room = needed.baseline if needed.alternative == "less" else 1 - needed.baseline
        effects = [2 * needed.mde * step / _CURVE_STEPS for step in range(1, _CURVE_STEPS + 1)]
        return tuple(PowerPoint(effect, self.power_at(effect)) for effect in effects if effect < room)

    def _single_look_power(self, effect: float) -> float:
        """The power of as many visitors as this design has over and above the price of its looks."""
        needed, options = self.needed, self.options
        n_in_all = needed.n_control + (options.n_variants - 1) * needed.n_treatment
        trials = 1.0
        if options.metric == "impression_ctr":
            trials = options.impressions_per_visitor / options.design_effect
        scale = self.n_visitors / n_in_all * trials / needed.inflation
        if min(needed.n_control, needed.n_treatment) * scale < 1:
            raise NotEnoughDataError(
                f"{self.n_visitors} visitors leave an arm without one; plan for at least "
                f"{math.ceil(self.n_visitors / (min(needed.n_control, needed.n_treatment) * scale))}"
            )
        return achieved_power(
            n_control=needed.n_control * scale,
            n_treatment=needed.n_treatment * scale,
            baseline=needed.baseline,
            mde=effect,
            alpha=needed.alpha,
            alternative=needed.alternative,
        )

    def _drift(self, single_look_power: float) -> float:
        # The drift at which a single look of 1 / inflation of the visitors has that power, at all of them.
        score = float(ndtri(min(max(single_look_power, 1e-15), 1 - 1e-15)))
        single = max(0.0, critical_value(self.needed.alpha, self.needed.alternative) + score)
        return single * math.sqrt(self.needed.inflation)


@lru_cache(maxsize=64)
def _boundary(
    n_looks: int, alpha: float, alternative: Alternative, spending: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if spending == "always-valid":
        fractions = even_fractions(_LOOKS_OF_ALWAYS_VALID)
        return fractions, tuple(
            always_valid_critical_value(at, alpha=alpha, alternative=alternative) for at in fractions
        )
    found = spending_boundary(
        even_fractions(n_looks), alpha=alpha, alternative=alternative, spending=spending
    )
    return found.fractions, found.critical_values
