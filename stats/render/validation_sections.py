"""The proof of error rates as sections that text and HTML share."""

from stats.estimates import Interval
from stats.metric_names import metric_name
from stats.render.blocks import Section, Table
from stats.validation import Check, Cost, Validation
from stats.wording import exact_percent, points, rate


def validation_sections(found: Validation) -> tuple[Section, ...]:
    """Return what was tried, the error rates, power, the cost of mistakes, and how it was done."""
    return (_setup(found), _checks(found), _power(found), _costs(found), _method(found))


def _setup(found: Validation) -> Section:
    plan, design = found.plan, found.plan.design
    looks = {
        "none": "one look at the end",
        "always-valid": "looks at any time, always-valid",
    }.get(design.sequential, f"{design.n_looks} looks, {design.sequential}")
    sided = "two-sided" if design.alternative == "two-sided" else f"one-sided ({design.alternative})"
    rule = f"{metric_name(design.primary_metric)}, {sided} alpha {exact_percent(design.alpha)}"
    rates, seen = plan.control.visitor_ctr, plan.control.impression_ctr
    population = (
        f"The population: {len(plan.control):,} visitors by the vector engine in each arm; visitor CTR "
        f"{rate(rates)} in the control, {rate(plan.treatment.visitor_ctr)} in the treatment; impression CTR "
        f"{rate(seen)} and {rate(plan.treatment.impression_ctr)}."
    )
    planted = () if plan.fault == "none" else (f"Planted on purpose: {plan.fault}.",)
    return Section(
        "setup",
        "What was tried",
        (
            f"The rule: {rule}, {looks}.",
            population,
            *planted,
        ),
    )


def _checks(found: Validation) -> Section:
    rows = tuple(
        (
            check.title,
            "ok" if check.is_ok else "FAILED",
            f"{check.n:,}",
            rate(check.rate),
            _interval(check.interval),
            _band(check),
        )
        for check in found.checks
    )
    headers = ("error rate", "", "of", "rate", "its 95% interval", "99.9% band")
    return Section("checks", "Error rates", (*_in_two_lines(headers, rows),))


def _in_two_lines(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> tuple[Table | str, ...]:
    """The table, its first column numbered, so that a row fits a terminal."""
    numbered = tuple((f"{number}", *row[1:]) for number, row in enumerate(rows, start=1))
    legend = Table(("", headers[0]), tuple((f"{n}", row[0]) for n, row in enumerate(rows, start=1)), 2)
    return legend, Table(("", *headers[1:]), numbered, 2)


def _power(found: Validation) -> Section:
    rows = tuple(
        (cost.title, points(change), f"{cost.n:,}", rate(cost.rate), _interval(cost.interval))
        for change, cost in found.power_seen
    )
    promised = f"The plan promises {rate(found.planned.power)} at the MDE, for this population's own rates"
    promise = f"{promised}; it is made with a correction and errs on the safe side."
    table = Table(("true effect", "change", "of", "found", "its 95% interval"), rows)
    return Section("power", "Power", (table, promise))


def _costs(found: Validation) -> Section:
    rows = tuple(
        (cost.title, f"{cost.n:,}", rate(cost.rate), _interval(cost.interval)) for cost in found.costs
    )
    table = Table(("mistake", "of", "rate", "its 95% interval"), rows)
    remarks = tuple(f"{_capital(cost.title)}: {cost.remark}." for cost in found.costs)
    return Section("costs", "What mistakes cost here", (table, *remarks))


def _method(found: Validation) -> Section:
    plan = found.plan
    drawn = (
        f"Seed {plan.seed}. Each experiment draws its visitors from the population with replacement, assigns "
        "them anew, and is analysed by the functions of the report."
    )
    judged = (
        "A sound rate falls outside its band in 1 of 1,000 validations; another seed tells chance from "
        "fault. Cautious rules are held to the side that matters."
    )
    return Section("method", "How it was done", (drawn, judged))


def _interval(interval: Interval) -> str:
    return f"{100 * interval.low:.2f} to {rate(interval.high)}"


def _band(check: Check) -> str:
    if check.band.low == 0:
        return f"at most {rate(check.band.high)}"
    if check.band.high == 1:
        return f"at least {rate(check.band.low)}"
    return _interval(check.band)


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def cost_to_json(cost: Cost) -> dict[str, object]:
    """Return a counted rate as a JSON object."""
    return {
        "key": cost.key,
        "title": cost.title,
        "count": cost.count,
        "n": cost.n,
        "rate": cost.rate,
        "ci": [cost.interval.low, cost.interval.high],
        "remark": cost.remark or None,
    }
