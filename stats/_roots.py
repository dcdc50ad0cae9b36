"""Where a function of one number crosses zero, in few evaluations; SciPy's own would be slow to import."""

from collections.abc import Callable

_MOST_STEPS = 200
_HALF = 0.5


def root_of(function: Callable[[float], float], low: float, high: float, *, tolerance: float) -> float:
    """Return where `function` changes its sign between `low` and `high`, to within `tolerance`.

    Steps are inverse quadratic interpolations where these can be trusted, else halvings, so that a step, a
    flat or a steep function costs no more than a bisection.

    Args:
        function: of different signs, or 0, at both ends.
        low: one end.
        high: the other.
        tolerance: the greatest distance from the root, absolute.

    Source: Chandrupatla, Advances in Engineering Software 28 (1997), 145-149,
    doi:10.1016/S0965-9978(96)00051-8.
    """
    a, b = high, low
    at_a, at_b = function(a), function(b)
    if at_a == 0 or at_b == 0:
        return a if at_a == 0 else b
    c, at_c = a, at_a
    share, best = _HALF, low
    for _ in range(_MOST_STEPS):
        new = a + share * (b - a)
        at_new = function(new)
        if (at_new > 0) == (at_a > 0):
            c, at_c = a, at_a
        else:
            b, c, at_b, at_c = a, b, at_a, at_b
        a, at_a = new, at_new
        best, at_best = (a, at_a) if abs(at_a) < abs(at_b) else (b, at_b)
        least = tolerance / abs(b - c)
        if least > _HALF or at_best == 0:
            return best
        share = min(1 - least, max(least, _share((a, b, c), (at_a, at_b, at_c))))
    return best


def _share(points: tuple[float, float, float], values: tuple[float, float, float]) -> float:
    """Return how far from the first point towards the second to look next."""
    (a, b, c), (at_a, at_b, at_c) = points, values
    place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
    if not (height**2 < place and (1 - height) ** 2 < 1 - place):
        return _HALF
    return (at_a / (at_b - at_a)) * (at_c / (at_b - at_c)) + (
        (c - a) / (b - a) * (at_a / (at_c - at_a)) * (at_b / (at_c - at_b))
    )
