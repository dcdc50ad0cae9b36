"""False alarms of every test in the report, on A/A experiments with clustered, heavy-tailed clicks.

Both arms are drawn alike: visitors differ in readiness to click (beta) and in how many slates of six they
look at (geometric). A test at 5% should alarm in 5%; the naive test per impression is the planted fault.
Target: 10,000 experiments of 1,850 visitors in 10 s.

    python benchmarks/aa_calibration.py [--experiments 10000] [--seed 7]
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np

from stats import (
    Arm,
    NotEnoughDataError,
    RatioArm,
    compare,
    compare_ctr,
    naive_impression_test,
    wilson_interval,
)

N_PER_ARM = 925
ALPHA = 0.05
TARGET_S = 10.0
_CHUNK = 100

Experiment = tuple[Arm, Arm, RatioArm, RatioArm]


def experiments(n: int, rng: np.random.Generator) -> Iterator[Experiment]:
    """Draw A/A experiments, a hundred at a time so that the arrays stay in the cache."""
    for start in range(0, n, _CHUNK):
        shape = (min(_CHUNK, n - start), 2, N_PER_ARM)
        impressions = 6 * rng.geometric(0.3, shape)
        clicks = rng.binomial(impressions, rng.beta(0.15, 6.0, shape))
        clicked = np.count_nonzero(clicks, axis=2)
        for clicks_of, seen_by, counts in zip(clicks, impressions, clicked, strict=True):
            yield (
                Arm("control", N_PER_ARM, int(counts[0])),
                Arm("treatment", N_PER_ARM, int(counts[1])),
                RatioArm.from_visitors("control", clicks_of[0], seen_by[0]),
                RatioArm.from_visitors("treatment", clicks_of[1], seen_by[1]),
            )


def p_values(experiment: Experiment) -> tuple[float, float, float, float]:
    """Of visitor CTR, of impression CTR over visitors, of the naive test; and the design effect."""
    control, treatment, control_ctr, treatment_ctr = experiment
    visitor = compare(control, treatment).p_value
    impression = compare_ctr(control_ctr, treatment_ctr)
    naive = naive_impression_test(control_ctr, treatment_ctr).p_value
    if visitor is None or impression.comparison.p_value is None or impression.design_effect is None:
        raise NotEnoughDataError("an A/A experiment without clicks; draw more visitors")
    return visitor, impression.comparison.p_value, naive, impression.design_effect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    start = time.perf_counter()
    drawn = experiments(options.experiments, np.random.default_rng(options.seed))
    table = np.array([p_values(experiment) for experiment in drawn])
    took = time.perf_counter() - start
    sizes = f"{options.experiments:,} A/A experiments of {2 * N_PER_ARM:,} visitors"
    print(f"{sizes}, seed {options.seed}, one-sided 5%")
    print(f"mean design effect {table[:, 3].mean():.2f}")
    print(f"{'test':<42}{'alarms':>8}  99.9% interval")
    names = (
        "visitor CTR, two-proportion z",
        "impression CTR, delta method",
        "impression CTR, per impression: WRONG",
    )
    for name, column in zip(names, table.T, strict=False):
        alarms = int((column < ALPHA).sum())
        interval = wilson_interval(Arm(name, options.experiments, alarms), confidence=0.999)
        print(f"{name:<42}{alarms / options.experiments:>8.2%}  {interval.low:.2%} to {interval.high:.2%}")
    print(f"{took:.1f} s on one core (target {TARGET_S:.0f} s for 10,000)")


if __name__ == "__main__":
    main()
