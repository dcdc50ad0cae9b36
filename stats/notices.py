"""What a reader must know before reading the numbers, in sentences."""

import math

from stats.design import Design
from stats.monitoring import look_sizes
from stats.outcomes import Outcomes, Run
from stats.results import ArmResult, PrimaryResult
from stats.wording import counted, exact_percent, rate, rate_interval


def notices(outcomes: Outcomes, design: Design, primary: PrimaryResult) -> tuple[str, ...]:
    """Return the sentences this report needs, the most pressing first; none when all is as planned."""
    run = outcomes.run
    n_counted = sum(arm.visitors.n for arm in outcomes.arms)
    sentences = [
        _running(run, design, n_counted),
        _unfinished(run, n_counted + outcomes.n_bots + outcomes.n_holdout),
        _only_bots(outcomes.n_bots, n_counted),
        _stale_baseline(primary.arms[0], design),
        _test_against_interval(primary, design),
    ]
    return tuple(sentence for sentence in sentences if sentence)


def _running(run: Run, design: Design, n_counted: int) -> str:
    if not run.is_running:
        return ""
    planned = design.planned.n_total
    going = _still_going(run)
    if design.sequential != "none":
        return _running_with_looks(f"{going} {n_counted:,} visitors have come.", design)
    if n_counted < planned:
        return (
            f"{going} {n_counted:,} of the planned {planned:,} visitors have come. A "
            "fixed-horizon p-value is valid only at the planned size; until then no p-value below is a "
            "result."
        )
    return (
        f"{going} {n_counted:,} visitors have come, {planned:,} were planned. A "
        "fixed-horizon p-value is valid only at the planned size, looked at once; every further look adds to "
        "the chance of a false alarm."
    )


def _still_going(run: Run) -> str:
    """Say no more than is known: a run that was killed had no time to note it."""
    if run.kind == "live":
        return "This run is still going."
    return "This run is still going, or was killed: resume it then, to complete the plan."


def _running_with_looks(going: str, design: Design) -> str:
    others = (
        f"All other p-values are of a fixed horizon, valid only at the planned {design.planned.n_total:,} "
        "visitors."
    )
    if design.sequential == "always-valid":
        return f"{going} The primary p-value and its intervals hold at any time. {others}"
    sizes = ", ".join(f"{size:,}" for size in look_sizes(design))
    return (
        f"{going} The primary metric is tested at {sizes} visitors only, each time on those who had come by "
        f"then, however often this report is opened. {others}"
    )


def _unfinished(run: Run, n_seen: int) -> str:
    if run.status == "interrupted":
        return "This run was interrupted; resume it to complete the plan."
    if run.status == "done" and run.n_visitors is not None and n_seen < run.n_visitors:
        return (
            f"{counted(run.n_visitors - n_seen, 'visitor')} of the {run.n_visitors:,} sent never reached a "
            "home page and could not be assigned."
        )
    return ""


def _only_bots(n_bots: int, n_counted: int) -> str:
    if n_bots and not n_counted:
        return f"All {counted(n_bots, 'visitor')} seen were flagged as bots and left out."
    return ""


def _stale_baseline(control: ArmResult, design: Design) -> str:
    if control.ci is None or control.ci.contains(design.baseline):
        return ""
    return (
        f"{control.arm.variant} itself runs at {rate(control.rate)} (interval "
        f"{rate_interval(control.ci)}), so the baseline of {exact_percent(design.baseline)} looks out of "
        "date; the arms' comparison does not depend on it."
    )


def _test_against_interval(primary: PrimaryResult, design: Design) -> str:
    """Explain the case in which the test finds what the interval, always two-sided, does not exclude."""
    interval = primary.comparison.difference_ci
    if not primary.is_significant or interval is None or not interval.contains(0):
        return ""
    if design.alternative != "two-sided":
        levels = f"the interval is two-sided, the test is one-sided at {exact_percent(design.alpha)}"
    elif math.isclose(design.alpha, 1 - design.confidence):
        return ""
    else:
        levels = (
            f"both are two-sided, but the interval leaves out {exact_percent(1 - design.confidence)}, and "
            f"alpha is {exact_percent(design.alpha)}"
        )
    return (
        f"The {exact_percent(design.confidence)} interval reaches 0 although the test is significant: "
        f"{levels}; they also use different variances. The rule goes by the test."
    )
