"""The Bayesian reading of the primary metric, beside the test that decides."""

from stats.bayes import BayesianComparison
from stats.render.blocks import Section, Table
from stats.results import Report
from stats.wording import ABSENT, bare_points, exact_percent, exact_points, points, points_interval, rate


def bayesian_section(found: BayesianComparison, report: Report) -> Section:
    """Probability and expected loss of either choice, with the prior they rest on."""
    design = report.design
    prior = f"Beta({found.prior.successes:g}, {found.prior.failures:g})"
    rows = (
        (f"{design.treatment} is better than {design.control}", rate(found.probability_better)),
        (
            f"the difference is within {exact_points(found.rope)}",
            rate(found.probability_in_rope),
        ),
        (
            f"expected drop if {design.treatment} is shipped",
            points(-found.loss_if_shipped),
        ),
        (f"expected gain forgone if {design.control} is kept", points(found.loss_if_kept)),
        (f"{exact_percent(found.confidence)} credible interval", points_interval(found.interval)),
    )
    return Section(
        "bayesian",
        "Bayesian reading of visitor CTR",
        (
            Table(("Given the data", "Found"), rows),
            (
                f"A drop counts 0 where there is none. Prior of each rate: {prior}. It does not decide: a "
                "rule on these numbers has no fixed rate of false alarms, least of all when looked at again "
                "and again."
            ),
        ),
    )


def bayesian_of_several(report: Report) -> tuple[Section, ...]:
    """The same of several treatments, one a row; nothing before there are visitors."""
    found = {pair.treatment: pair.bayesian for pair in report.pairs if pair.bayesian is not None}
    if not found:
        return ()
    first = next(iter(found.values()))
    control = report.design.control
    rows = [(control, ABSENT, rate(report.probability_best.get(control)), ABSENT, ABSENT)]
    rows += [
        (
            treatment,
            rate(one.probability_better),
            rate(report.probability_best.get(treatment)),
            points(-one.loss_if_shipped),
            bare_points(one.interval),
        )
        for treatment, one in found.items()
    ]
    headers = ("Variant", "P(better)", "P(best)", "Drop if shipped")
    interval = f"{exact_percent(first.confidence)} credible, points"
    prior = f"Beta({first.prior.successes:g}, {first.prior.failures:g})"
    return (
        Section(
            "bayesian",
            "Bayesian reading of visitor CTR",
            (
                Table((*headers, interval), tuple(rows)),
                (
                    f"Better: than {control}; best: the highest of all. A drop counts 0 where there is none. "
                    f"Prior of each rate: {prior}, of one variant whatever the others are: the number of "
                    "treatments is not allowed for. It does not decide."
                ),
            ),
        ),
    )
