"""Plots of a validation: p-values against uniform, coverage against nominal, power against the plan."""

import numpy as np

from stats.judging import band_of
from stats.render.line_figure import Curve, LineFigure
from stats.validation import Validation
from stats.wording import exact_percent, points, rate

_N_BINS = 20
_QQ_POINTS = 200
_HEADROOM = 1.15


def validation_figures(found: Validation) -> tuple[tuple[str, LineFigure], ...]:
    """Return the plots, each with the key of its section."""
    figures = [("power", _power(found)), ("checks", _coverage(found))]
    known = found.p_values[~np.isnan(found.p_values)]
    if known.size:
        figures = [("checks", _histogram(known)), ("checks", _quantiles(known)), *figures]
    return tuple(figures)


def _histogram(p_values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> LineFigure:
    counts, edges = np.histogram(p_values, bins=_N_BINS, range=(0, 1))
    shares = counts / len(p_values)
    band = band_of(len(p_values), 1 / _N_BINS)
    return LineFigure(
        key="p-values",
        title="P-values of experiments without an effect",
        description=f"Columns of {len(p_values):,} p-values in {_N_BINS} bins; even columns mean a sound "
        f"test. The lowest holds {rate(shares.min())}, the highest {rate(shares.max())}, the first "
        f"{rate(shares[0])}; shaded: 99.9% of sound columns.",
        x_label="p-value",
        y_label="share",
        x_range=(0.0, 1.0),
        y_range=(0.0, float(max(shares.max(), band.high) * _HEADROOM)),
        x_tick=lambda value: f"{value:.1f}",
        y_tick=lambda value: exact_percent(round(value, 3)),
        bars=tuple(
            (float(left), float(right), float(share))
            for left, right, share in zip(edges, edges[1:], shares, strict=False)
        ),
        band=(band.low, band.high),
    )


def _quantiles(p_values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> LineFigure:
    expected = (np.arange(_QQ_POINTS) + 0.5) / _QQ_POINTS
    reached = np.quantile(p_values, expected)
    far = float(np.abs(reached - expected).max())
    return LineFigure(
        key="quantiles",
        title="Quantiles of these p-values against uniform ones",
        description=f"On the diagonal for a sound test; the farthest quantile is {far:.3f} away.",
        x_label="uniform quantile",
        y_label="p-value",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
        x_tick=lambda value: f"{value:.1f}",
        y_tick=lambda value: f"{value:.1f}",
        curves=(
            Curve("uniform", ((0.0, 0.0), (1.0, 1.0)), is_other=True),
            Curve("p-values", tuple(zip(expected.tolist(), reached.tolist(), strict=True))),
        ),
    )


def _coverage(found: Validation) -> LineFigure:
    covers = [(n, c) for n, c in enumerate(found.checks, start=1) if c.key.startswith("covers")]
    nominal = found.plan.design.confidence
    lows, highs = [c.interval.low for _, c in covers], [c.interval.high for _, c in covers]
    spread = max(nominal - min(lows), max(highs) - nominal, 1 - nominal) * _HEADROOM
    band = band_of(covers[0][1].n, nominal)
    first, last = covers[0][0] - 1, covers[-1][0] + 1
    return LineFigure(
        key="coverage",
        title="Coverage of the intervals",
        description="; ".join(f"{n}: {rate(c.rate)}" for n, c in covers)
        + f"; nominal {exact_percent(nominal)}; shaded: 99.9% of sound counts. Numbers are the table's.",
        x_label="number in the table",
        y_label="coverage",
        x_range=(float(first), float(last)),
        y_range=(max(0.0, nominal - spread), min(1.0, nominal + spread)),
        x_tick=lambda value: f"{value:.0f}",
        y_tick=lambda value: f"{100 * value:.1f}%",
        curves=tuple(
            Curve(c.title, ((float(n), c.interval.low), (float(n), c.interval.high)), is_other=not c.is_ok)
            for n, c in covers
        ),
        marks=(("y", nominal, f"nominal {exact_percent(nominal)}"),),
        band=(band.low, band.high),
    )


def _power(found: Validation) -> LineFigure:
    seen = [(change, cost) for change, cost in found.power_seen if change >= 0]
    most = max([found.planned.curve[-1].effect, *(change for change, _ in seen)])
    return LineFigure(
        key="power",
        title="Power: planned curve, simulated intervals",
        description="; ".join(
            f"{cost.title}, {points(change)}: found in {rate(cost.rate)}" for change, cost in found.power_seen
        )
        + ".",
        x_label="true change, percentage points",
        y_label="power",
        x_range=(0.0, most),
        y_range=(0.0, 1.0),
        x_tick=lambda value: f"{100 * value:.3g}",
        y_tick=exact_percent,
        curves=(
            Curve("plan", tuple((at.effect, at.power) for at in found.planned.curve)),
            *(
                Curve(
                    cost.title,
                    (
                        (change, max(0.0, cost.interval.low - 0.01)),
                        (change, min(1.0, cost.interval.high + 0.01)),
                    ),
                    is_other=True,
                )
                for change, cost in seen
            ),
        ),
        marks=(("y", found.plan.design.power, f"power asked for {exact_percent(found.plan.design.power)}"),),
    )
