"""The looks of a sequential design as pure geometry: the boundary, and the statistic of each look."""

from dataclasses import dataclass

from stats.monitoring import LookResult
from stats.results import Report
from stats.wording import exact_percent

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 20, 16, 36
_TICKS = (-4, -2, 0, 2, 4)
_HIGHEST = 6.0  # an early O'Brien-Fleming boundary is drawn at the upper edge


@dataclass(frozen=True, slots=True)
class BoundaryFigure:
    """Points in SVG user units, with the text alternative.

    Args:
        boundaries: one path for each side of the boundary.
        statistics: x and y of each look that has a statistic, and whether it crossed.
    """

    title: str
    description: str
    width: float
    height: float
    x_low: float
    x_high: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    boundaries: tuple[str, ...]
    statistics: tuple[tuple[float, float, bool], ...]


def boundary_figure(report: Report) -> BoundaryFigure | None:
    """Return the plot of the looks made; None where there are none, or the design has but one."""
    monitoring = report.monitoring
    if monitoring is None or not monitoring.looks:
        return None
    looks = monitoring.looks
    widest = max(1.0, *(look.fraction for look in looks))
    values = [abs(look.statistic) for look in looks if look.statistic is not None]
    highest = min(_HIGHEST, max([look.critical_value for look in looks] + values)) * 1.1

    def x(fraction: float) -> float:
        return round(_LEFT + fraction / widest * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        shown = min(max(value, -highest), highest)
        return round(_TOP + (highest - shown) / (2 * highest) * (_HEIGHT - _TOP - _BOTTOM), 1)

    quarters = tuple(widest * part / 4 for part in range(5))
    signs = {"greater": (1,), "less": (-1,), "two-sided": (1, -1)}[report.design.alternative]
    return BoundaryFigure(
        title=f"Statistic and {monitoring.method} boundary at each look",
        description=_description(looks),
        width=_WIDTH,
        height=_HEIGHT,
        x_low=x(0),
        x_high=x(widest),
        x_ticks=tuple((x(at), exact_percent(round(at, 3))) for at in quarters),
        y_ticks=tuple((y(at), f"{at:+d}" if at else "0") for at in _TICKS if abs(at) < highest),
        boundaries=tuple(
            "M" + "L".join(f"{x(look.fraction)} {y(sign * look.critical_value)}" for look in looks)
            for sign in signs
        ),
        statistics=tuple(
            (x(look.fraction), y(look.statistic), look.is_crossed)
            for look in looks
            if look.statistic is not None
        ),
    )


def _description(looks: tuple[LookResult, ...]) -> str:
    found = [
        f"look {look.number} at {look.n_visitors:,} visitors: "
        + ("no statistic" if look.statistic is None else f"z {look.statistic:.2f}")
        + f", boundary {look.critical_value:.2f}"
        + (", crossed" if look.is_crossed else "")
        for look in looks
    ]
    return "; ".join(found) + "."
