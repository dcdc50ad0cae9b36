"""Arms with details, made from a few numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt

from stats import Arm, ArmDetails, ArmOutcomes, Latencies, MeanArm, RatioArm, ShownFilms


def arm_with_details(
    variant: str,
    n: int,
    n_clicked: int,
    *,
    rng: np.random.Generator,
    mean_latency: float = 20.0,
    n_bots: int = 0,
    past: float = 5.0,
) -> ArmOutcomes:
    """An arm whose visitors fall into three personas and five days at random."""
    clicked = np.zeros(n, dtype=bool)
    clicked[:n_clicked] = True
    personas = rng.choice(["buff", "family", "rare"], size=n, p=[0.5, 0.45, 0.05])
    days, pasts = rng.integers(0, 5, size=n), rng.poisson(past, size=n)
    return ArmOutcomes(
        visitors=Arm(variant, n, n_clicked),
        impressions=RatioArm.from_visitors(variant, clicked.astype(int), np.full(n, 6)),
        n_slates=n,
        details=ArmDetails(
            values={
                "plays_per_visitor": MeanArm.from_visitors(variant, clicked * rng.integers(0, 2, size=n)),
                "watch_s_per_visitor": MeanArm.from_visitors(variant, clicked * rng.gamma(2, 500, size=n)),
            },
            shares={
                "bounce_rate": Arm(variant, n, n - n_clicked),
                "fallback_rate": Arm(variant, n, 0),
            },
            segments={"persona": _parts(variant, personas, clicked)},
            days=_parts(variant, days, clicked),
            pasts=_parts(variant, pasts, clicked),
            bots=Arm(variant, n_bots, 0),
            beacons=Arm(variant, n_clicked, n_clicked // 10),
            latencies=_latencies(rng.gamma(4, mean_latency / 4, size=n)),
            shown=_shown(variant, rng),
            visits={(0, 6): n - n_clicked, (1, 6): n_clicked},
        ),
    )


def _parts(variant: str, keys: Any, clicked: Any) -> dict[Any, Arm]:  # noqa: ANN401 - arrays of any kind
    return {
        key: Arm(variant, int((keys == key).sum()), int(clicked[keys == key].sum()))
        for key in np.unique(keys).tolist()
    }


def _latencies(values: npt.NDArray[np.float64]) -> Latencies:
    found, counts = np.unique(values.round(1), return_counts=True)
    return Latencies(dict(zip(found.tolist(), counts.tolist(), strict=True)))


def _shown(variant: str, rng: np.random.Generator) -> ShownFilms:
    return ShownFilms(
        n_impressions=6_000,
        n_films=200,
        gini=0.5,
        effective_films=50.0,
        coverage=MeanArm.from_visitors(variant, rng.normal(100, 5, size=20)),
        diversity=MeanArm.from_visitors(variant, rng.normal(40, 3, size=20)),
    )
