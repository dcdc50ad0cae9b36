"""What else is known of an arm's visitors besides who clicked: sums a database can make, and merge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from stats.cuped import PairedArm
from stats.means import MeanArm
from stats.proportions import Arm

MEAN_METRICS: Final = (
    "clicks_per_visitor",
    "plays_per_visitor",
    "completed_plays_per_visitor",
    "watch_s_per_visitor",
    "dwell_s",
    "ratings_per_visitor",
)
"""Metrics with a number for each visitor; more is better."""

STARS_METRIC: Final = "stars_per_rating"
"""Stars over ratings, a ratio of two sums over visitors."""

SHARE_METRICS: Final = ("bounce_rate", "fallback_rate")
"""Metrics that hold of a visitor or not; fewer is better."""

DIVERSITY_METRICS: Final = ("coverage", "diversity")
"""Metrics of what an arm was shown as a whole; more is better."""

LATENCY_METRIC: Final = "latency_p95"
"""The latency in ms that one home slate in twenty exceeds; less is better."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long home slates took.

    Args:
        counts: latency in ms -> slates.
        design_effect: how alike one visitor's slates are beyond the quantile looked at; at least 1.
    """

    counts: Mapping[float, int]
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class ShownFilms:
    """What films an arm's home slates held.

    Coverage and diversity are of the arm as a whole, so their error cannot be had from single visitors. The
    visitors are dealt into groups, and each group has its own.

    Args:
        n_impressions: films served.
        n_films: distinct ones.
        gini: inequality of exposure over those films: 0 where each was shown as often, towards 1 where few
            films have all.
        effective_films: so many films shown equally often would be as diverse: 1 / the chance that two
            impressions are of one film (Hill's number of order 2, the inverse of Simpson's index).
        coverage: distinct films of each group of visitors.
        diversity: effective films of each group.

    Source: Hill, Ecology 54 (1973), 427-432, doi:10.2307/1934352; Wolter, Introduction to Variance
    Estimation, 2nd ed. (2007), chapter 2 (random groups).
    """

    n_impressions: int
    n_films: int
    gini: float
    effective_films: float
    coverage: MeanArm
    diversity: MeanArm


@dataclass(frozen=True, slots=True)
class ArmDetails:
    """What else is known of one variant's visitors, bots left out; a part is empty where nothing is known.

    Args:
        values: metric -> the visitors' values.
        ratios: metric -> its `ratio_arm`, over the visitors of whom the denominator has something.
        shares: metric -> the visitors, and for how many of them it holds.
        segments: dimension -> segment -> its visitors, and who clicked; known before assignment.
        days: day, the run's first being 0 -> visitors first exposed on it, and who clicked.
        pasts: what visitors did before the experiment, a number -> visitors who did so much, and who clicked.
        past: the same as sums, where they were made elsewhere; beside who clicked.
        past_name: what the past is, for reports.
        bots: visitors flagged as bots, and who clicked; None where nobody looked.
        beacons: clicked home impressions, and of how many no view was reported; None where views are not
            logged.
        latencies: None where no slate has one.
        shown: None where nothing was served.
        visits: clicks, viewed impressions -> visitors with so many.
    """

    values: Mapping[str, MeanArm] = field(default_factory=dict)
    ratios: Mapping[str, MeanArm] = field(default_factory=dict)
    shares: Mapping[str, Arm] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, Arm]] = field(default_factory=dict)
    days: Mapping[int, Arm] = field(default_factory=dict)
    pasts: Mapping[float, Arm] = field(default_factory=dict)
    past: PairedArm | None = None
    past_name: str = ""
    bots: Arm | None = None
    beacons: Arm | None = None
    latencies: Latencies | None = None
    shown: ShownFilms | None = None
    visits: Mapping[tuple[int, int], int] = field(default_factory=dict)

    @property
    def has_past(self) -> bool:
        """Whether what visitors did before the experiment is known."""
        return self.past is not None or bool(self.pasts)

    def clicked_by_past(self, variant: str) -> PairedArm:
        """Return who clicked beside the past: of counts its logarithm, for a few did very much of it."""
        if self.past is not None:
            return self.past
        past = np.log1p(np.array(list(self.pasts), dtype=np.float64))
        n = np.array([arm.n for arm in self.pasts.values()], dtype=np.float64)
        clicked = np.array([arm.successes for arm in self.pasts.values()], dtype=np.float64)
        total = int(n.sum())
        if not total:
            empty = MeanArm(variant, 0, 0.0, 0.0)
            return PairedArm(empty, empty, 0.0)
        deviations = past - float(past @ n) / total
        rate = float(clicked.sum()) / total
        return PairedArm(
            value=MeanArm.from_arm(Arm(variant, total, int(clicked.sum()))),
            past=MeanArm(variant, total, float(past @ n) / total, float(deviations**2 @ n)),
            products=float(deviations @ (clicked - rate * n)),
        )
