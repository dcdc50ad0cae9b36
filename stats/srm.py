"""Sample-ratio mismatch: do the arms have the sizes the intended split gives?

If not, visitors were lost or moved for a reason that may depend on the arm, and no number can be trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

from stats.errors import InvalidDesignError, NotEnoughDataError

SRM_ALARM = 0.001
"""The p-value under which the split counts as broken."""

_MIN_EXPECTED = 5  # Cochran's rule for the chi-square approximation


@dataclass(frozen=True, slots=True)
class SrmCheck:
    """The chi-square test of the arm sizes against the intended weights."""

    observed: Mapping[str, int]
    expected: Mapping[str, float]
    statistic: float
    p_value: float

    @property
    def is_ok(self) -> bool:
        """Whether chance explains the arm sizes."""
        return self.p_value >= SRM_ALARM


def srm_check(observed: Mapping[str, int], weights: Mapping[str, float]) -> SrmCheck:
    """Test visitors per variant against the weights they were assigned by.

    Raises:
        InvalidDesignError: the variants of both do not agree, or a weight is not positive.
        NotEnoughDataError: a variant is expected to have fewer than five visitors.

    Source: Fabijan et al. (KDD 2019), doi:10.1145/3292500.3330722: chi-square, a strict alarm.
    """
    if set(observed) != set(weights):
        raise InvalidDesignError(
            f"visitors were counted for {sorted(observed)!r}, weights given for {sorted(weights)!r}; "
            "name the same variants"
        )
    for variant, weight in weights.items():
        if not weight > 0:
            raise InvalidDesignError(f"variant {variant!r} has weight {weight!r}; a weight must be above 0")
    n, total = sum(observed.values()), sum(weights.values())
    expected = {variant: n * weight / total for variant, weight in weights.items()}
    if min(expected.values()) < _MIN_EXPECTED:
        raise NotEnoughDataError(
            f"{n} visitors are too few to check the split; each variant must expect at least {_MIN_EXPECTED}"
        )
    statistic = sum((observed[variant] - expected[variant]) ** 2 / expected[variant] for variant in expected)
    return SrmCheck(dict(observed), expected, statistic, float(chdtrc(len(expected) - 1, statistic)))
