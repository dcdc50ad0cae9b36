"""Many tests at once: p-values adjusted so that an alpha may be applied to each of them.

Holm keeps the chance of *any* false alarm at alpha; Benjamini & Hochberg keep the expected *share* of false
alarms among the alarms at alpha.
"""

from collections.abc import Sequence

from stats.errors import InvalidOutcomesError


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted step by step, in the order given.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.

    >>> [round(value, 3) for value in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = _ascending(p_values)
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for the false discovery rate, in the order given.

    Source: Benjamini & Hochberg, JRSS B 57 (1995), 289-300.

    >>> [round(value, 3) for value in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    order = _ascending(p_values)
    adjusted = [1.0] * len(p_values)
    smallest = 1.0
    for rank in range(len(order), 0, -1):
        index = order[rank - 1]
        smallest = min(smallest, p_values[index] * len(order) / rank)
        adjusted[index] = smallest
    return tuple(adjusted)


def _ascending(p_values: Sequence[float]) -> list[int]:
    for value in p_values:
        if not 0 <= value <= 1:
            raise InvalidOutcomesError(f"p-value {value!r} must lie between 0 and 1")
    return sorted(range(len(p_values)), key=lambda index: p_values[index])
