"""The Bayesian reading of the primary metric, beside the test that decides."""

from stats.bayes import BayesianComparison
from stats.render.blocks import Section, Table
from stats.results import Report
from stats.wording import exact_percent, exact_points, points, points_interval, rate


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
