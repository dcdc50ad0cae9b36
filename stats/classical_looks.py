"""The boundaries of O'Brien & Fleming and of Pocock as first published: even looks, one constant.

Plans and reports use alpha spending instead, whose looks may come at any fractions. Textbooks and other tools
quote these, so a plan tells what they would cost.
"""

from functools import lru_cache
from typing import Final

from scipy.special import ndtri

from stats._integration import first_crossings
from stats.sequential import Boundary, as_spending, drift_for_power, even_fractions, require_plannable
from stats.tails import as_alternative, critical_value

_BISECTIONS: Final = 32  # halving the bracket to under 1e-9


@lru_cache(maxsize=64)
def classical_boundary(
    n_looks: int, *, alpha: float = 0.05, alternative: str = "greater", spending: str = "obrien-fleming"
) -> Boundary:
    """Return the critical values c / sqrt(look / n_looks) of O'Brien & Fleming, or c alone of Pocock.

    Args:
        n_looks: evenly spaced, the last at the planned size.
        alpha: chance of a false alarm over all looks.
        alternative: greater, less or two-sided.
        spending: obrien-fleming or pocock.

    Raises:
        InvalidDesignError: fewer than one look, or an unknown option.

    Source: O'Brien & Fleming, Biometrics 35 (1979), 549-556, doi:10.2307/2530245; Pocock, Biometrika 64
        (1977), 191-199, doi:10.1093/biomet/64.2.191; the constant c by recursive integration, Jennison &
        Turnbull (2000), chapter 19.

    >>> [round(value, 2) for value in classical_boundary(5, alternative="two-sided").critical_values]
    [4.56, 3.23, 2.63, 2.28, 2.04]
    """
    direction, kind = as_alternative(alternative), as_spending(spending)
    fractions = even_fractions(n_looks)
    shape = [1.0 if kind == "pocock" else fraction**-0.5 for fraction in fractions]
    is_two_sided = direction == "two-sided"

    def crossings(constant: float) -> tuple[float, ...]:
        bounds = [constant * value for value in shape]
        return tuple(first_crossings(fractions, bounds, drift=0.0, is_two_sided=is_two_sided))

    # No less than a single look needs, no more than if each look were a test of its own (Bonferroni).
    low, high = critical_value(alpha, direction), critical_value(alpha / n_looks, direction)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(crossings(middle)) > alpha else (low, middle)
    spent = crossings(high)
    totals = tuple(sum(spent[: look + 1]) for look in range(n_looks))
    return Boundary(fractions, tuple(high * value for value in shape), totals, alpha, direction, kind)


@lru_cache(maxsize=64)
def classical_inflation(
    n_looks: int,
    *,
    alpha: float = 0.05,
    power: float = 0.9,
    alternative: str = "greater",
    spending: str = "obrien-fleming",
) -> float:
    """Return the planned size / that of a single look under the classical boundary.

    Raises:
        InvalidDesignError: an option out of range; see `require_plannable`.

    Source: Jennison & Turnbull (2000), sections 2.2 and 2.3.

    >>> round(classical_inflation(5, alternative="two-sided", power=0.8), 3)
    1.028
    """
    require_plannable(alpha, power)
    boundary = classical_boundary(n_looks, alpha=alpha, alternative=alternative, spending=spending)
    fixed = critical_value(alpha, boundary.alternative) + float(ndtri(power))
    drift = drift_for_power(boundary.fractions, boundary.critical_values, power, boundary.alternative)
    return (drift / fixed) ** 2
