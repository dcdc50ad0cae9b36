"""The section on looks: what each found, what it would have needed, and when the next one comes."""

from stats.monitoring import LookResult, Monitoring
from stats.render.blocks import Section, Table
from stats.results import Report
from stats.wording import ABSENT, exact_percent, p_phrase

_NEVER = 9.0  # critical values above are printed as unreachable


def sequential_section(monitoring: Monitoring, report: Report) -> Section:
    """The looks made, their boundary, and what follows."""
    blocks: list[Table | str] = []
    if monitoring.looks:
        rows = tuple(_row(look) for look in monitoring.looks)
        blocks.append(Table(("Look", "Visitors", "Information", "z", "Boundary", "Crossed"), rows, n_left=0))
    blocks.append(_state(monitoring, report))
    return Section("sequential", f"Sequential status ({_title(monitoring)})", tuple(blocks))


def counted_sentences(report: Report) -> tuple[str, ...]:
    """Say whom verdict and comparison count, where these are not all visitors of the table above them."""
    monitoring = report.monitoring
    n_all = sum(result.arm.n for result in report.primary.arms)
    counted = 0 if monitoring is None else sum(arm.n for arm in monitoring.arms)
    if monitoring is None or counted in (0, n_all):
        return ()
    look = next((look for look in monitoring.looks if look.n_visitors == counted), None)
    where = "an earlier moment" if look is None else f"look {look.number} of {report.design.n_looks}"
    arms = ", ".join(f"{arm.variant} {arm.successes:,} of {arm.n:,}" for arm in monitoring.arms)
    sentence = (
        f"All {n_all:,} visitors are in the table above; verdict, difference, lift and p-value rest on the "
        f"{counted:,} of {where}: {arms} clicked."
    )
    return (sentence,)


def _title(monitoring: Monitoring) -> str:
    return "always-valid" if monitoring.method == "always-valid" else f"group sequential, {monitoring.method}"


def _row(look: LookResult) -> tuple[str, ...]:
    unreachable = look.critical_value > _NEVER
    return (
        str(look.number),
        f"{look.n_visitors:,}",
        exact_percent(round(look.fraction, 3)),
        ABSENT if look.statistic is None else f"{look.statistic:.3f}",
        "none" if unreachable else f"{look.critical_value:.3f}",
        "yes" if look.is_crossed else "no",
    )


def _state(monitoring: Monitoring, report: Report) -> str:
    alpha = exact_percent(report.design.alpha)
    if monitoring.stopped_at is not None:
        return (
            f"Decided at {monitoring.stopped_at:,} visitors, {p_phrase(monitoring.p_value)} "
            f"({monitoring.p_method}); the chance of a false alarm at any look is at most {alpha}."
        )
    if monitoring.is_last:
        return f"The planned size is reached without a crossing, {p_phrase(monitoring.p_value)}."
    if monitoring.method == "always-valid":
        found = monitoring.missing or f"The p-value until now is {p_phrase(monitoring.p_value)}"
        return f"{found[0].upper()}{found[1:]}. It stays valid however often is looked."
    following = monitoring.next_look
    due = "" if following is None else f" The next look is at {following:,} visitors."
    return f"No boundary is crossed; there is no p-value before the test has ended.{due}"
