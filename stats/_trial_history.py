"""One simulated experiment while its visitors come."""

import math

import numpy as np

from stats.always_valid import MIN_OUTCOMES, always_valid_p_value
from stats.design import Design
from stats.proportions import Arm
from stats.sequential import even_fractions
from stats.snapshots import Snapshot, z_statistic
from stats.visitor_pool import Booleans, Floats

_LOOKS_OF_ALWAYS_VALID = 20


class TrialHistory:
    """An experiment's visitors in the order they came."""

    def __init__(self, control: Floats, treatment: Floats, treated: Booleans) -> None:
        self._n_treated = np.cumsum(treated)
        self._treated_clicked = np.cumsum(treated * treatment)
        self._control_clicked = np.cumsum(~treated * control)

    def snapshots(self, n_looks: int) -> list[Snapshot]:
        """The arms at so many even looks, the last at the end."""
        n = len(self._n_treated)
        found = []
        for fraction in even_fractions(n_looks):
            seen = math.ceil(fraction * n - 1e-9)
            n_treated = int(self._n_treated[seen - 1])
            control = Arm("c", seen - n_treated, int(self._control_clicked[seen - 1]))
            found.append(Snapshot(control, Arm("t", n_treated, int(self._treated_clicked[seen - 1]))))
        return found

    def statistics(self, n_looks: int, design: Design) -> list[float]:
        """The z statistic of each look; 0 where there was none."""
        return [z_statistic(at, design.alternative) or 0.0 for at in self.snapshots(n_looks)]

    def ever_valid(self, design: Design) -> bool:
        """Whether an always-valid p-value ever falls below alpha."""
        n = len(self._n_treated)
        for at in self.snapshots(_LOOKS_OF_ALWAYS_VALID):
            arms = (at.control, at.treatment)
            if min(min(arm.successes, arm.n - arm.successes) for arm in arms) < MIN_OUTCOMES:
                continue
            error = math.sqrt(sum(arm.rate * (1 - arm.rate) / arm.n for arm in arms))
            p_value = always_valid_p_value(
                (at.treatment.rate - at.control.rate) / error,
                at.information / n,
                tuned_for=design.alpha,
                alternative=design.alternative,
            )
            if p_value < design.alpha:
                return True
        return False
