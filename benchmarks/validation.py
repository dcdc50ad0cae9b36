"""The experiments of `funflix validate` without their set-up: how long 10,000 take, analysed in full.

Each experiment of 1,850 visitors is drawn from a population, assigned, and analysed by the functions of the
report: the decision rule, intervals, impression CTR, the sample-ratio check, and ten looks. Target: 10,000
without an effect in 10 s. In several processes the counts are the same.

    python benchmarks/validation.py [--experiments 10000] [--seed 7] [--jobs 2]
"""

import argparse
import os
import time
from functools import reduce

import numpy as np
from joblib import Parallel, delayed

from stats import BLOCK, Design, Tally, TrialPlan, VisitorPool, try_block

N_POOL = 20_000
TARGET_S = 10.0


def pool(readiness: float) -> VisitorPool:
    """Visitors who differ in readiness to click (beta) and in how many slates of six they look at (Zipf)."""
    rng = np.random.default_rng(20_261_170)
    impressions = 6 * np.minimum(rng.zipf(2.5, N_POOL), 30)
    clicks = rng.binomial(impressions, readiness * rng.beta(0.2, 10.5, N_POOL))
    return VisitorPool.from_visitors(clicks > 0, clicks, impressions)


def tried(plan: TrialPlan, n_experiments: int, n_jobs: int) -> tuple[Tally, float]:
    """All experiments without an effect, and the seconds they took."""
    start = time.perf_counter()
    blocks = range(-(-n_experiments // BLOCK))
    tallies = Parallel(n_jobs=n_jobs)(delayed(try_block)(plan, "no-effect", block) for block in blocks)
    return reduce(Tally.merged, tallies), time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    control, improved = pool(0.5), pool(0.8)
    plan = TrialPlan(Design(), control, improved, improved, 1_850, options.seed)
    alone, seconds_alone = tried(plan, options.experiments, 1)
    together, seconds_together = tried(plan, options.experiments, options.jobs)
    print(f"{alone['n']:,} experiments without an effect, of {plan.n_visitors:,} visitors each")
    for name, words in (("decided", "false alarms"), ("peeked", "peeking"), ("naive", "the wrong unit")):
        print(f"{words}: {alone[name] / alone['n']:.2%}")
    print(f"{'processes':<12}{'seconds':>10}{'a second':>12}")
    for n_jobs, seconds in ((1, seconds_alone), (options.jobs, seconds_together)):
        print(f"{n_jobs:<12}{seconds:>10.1f}{alone['n'] / seconds:>12,.0f}")
    print(
        f"the same counts: {dict(alone.counts) == dict(together.counts)}; target {TARGET_S:.0f} s for 10,000"
    )


if __name__ == "__main__":
    main()
