"""The sections of a report, in words and tables: the one source that text and HTML both print."""

from stats.armless_report import ArmlessReport, armless_rule
from stats.health import MAX_FALLBACK_SHARE, Health
from stats.render.bayesian_section import bayesian_of_several, bayesian_section
from stats.render.blocks import Section, Table, as_sentences
from stats.render.guardrail_section import guardrail_section
from stats.render.metric_sections import (
    baseline_section,
    impression_ctr_section,
    primary_section,
    several_section,
)
from stats.render.other_sections import other_sections
from stats.render.pair_sections import pair_sections
from stats.render.reproduction import reproduction
from stats.render.sequential_section import sequential_section
from stats.render.truth_section import truth_section
from stats.results import Report
from stats.srm import SRM_ALARM
from stats.verdict import decision_rule
from stats.wording import counted, exact_percent, exact_points, p_phrase, rate

_STATES = {"ok": "ok", "failed": "FAILED", "unknown": "-"}


def sections(report: Report | ArmlessReport) -> tuple[Section, ...]:
    """Return every section below the verdict, in the order of the report."""
    if isinstance(report, ArmlessReport):
        return (*other_sections(report.others), *_last_sections(report, armless_rule(report)))
    parts = [_design(report), _trust(report), primary_section(report)]
    if report.design.has_several:
        parts.append(several_section(report))
    if any(pair.guardrails for pair in report.pairs):
        parts.append(guardrail_section(report))
    if report.monitoring is not None:
        parts.append(sequential_section(report.monitoring, report))
    parts.append(baseline_section(report))
    if report.design.has_several:
        parts += bayesian_of_several(report)
    elif report.bayesian is not None:
        parts.append(bayesian_section(report.bayesian, report))
    parts += [impression_ctr_section(result, report) for result in report.secondary]
    for pair in report.pairs:
        parts += pair_sections(pair, report)
    if report.truth is not None:
        parts.append(truth_section(report.truth, report))
    return (*parts, *_last_sections(report, decision_rule(report.design)))


def _last_sections(report: Report | ArmlessReport, rule: tuple[str, ...]) -> tuple[Section, ...]:
    return (
        Section("rule", "Decision rule (the first case that applies)", rule),
        Section("reproduction", "Reproduction", (Table(("What", "Value"), reproduction(report), n_left=2),)),
    )


def _design(report: Report) -> Section:
    design, planned = report.design, report.design.planned
    sizes = f"{planned.n_per_variant:,} visitors per variant"
    if design.has_several and planned.n_total != len(design.variants) * planned.n_control:
        sizes = f"{planned.n_control:,} {design.control} visitors, treatments by their weights"
    elif planned.n_control != planned.n_treatment:
        sizes = (
            f"{planned.n_control:,} {design.control} and {planned.n_treatment:,} {design.treatment} visitors"
        )
    return Section(
        "design",
        "Design",
        (
            (
                f"Compared: {', '.join(design.treatments)} with {design.control}; "
                f"alternative: {design.alternative}; alpha {exact_percent(design.alpha)}; power "
                f"{exact_percent(design.power)} to detect {exact_points(design.mde)} (the MDE) from a "
                f"baseline of {exact_percent(design.baseline)}."
            ),
            (
                f"Planned: {sizes}, {planned.n_total:,} in all (Fleiss, continuity correction); "
                f"{_looks(report)}"
            ),
        ),
    )


def _looks(report: Report) -> str:
    design = report.design
    if design.sequential == "none":
        return "one look, at that size."
    looks = "any number of" if design.sequential == "always-valid" else str(design.n_looks)
    return (
        f"{looks} looks, {design.sequential}, {design.planned.inflation:.3f} times the visitors of a single "
        "look."
    )


def _trust(report: Report) -> Section:
    health = report.health
    sizes = " : ".join(f"{result.arm.n:,}" for result in report.primary.arms)
    split = (
        (
            _state(health.srm.is_ok),
            "split of visitors",
            f"{sizes}, {p_phrase(health.srm.p_value)} (alarm < {SRM_ALARM:g})",
        )
        if health.srm
        else ("-", "split of visitors", f"{sizes}, too few to check")
    )
    shares = ", ".join(f"{variant} {rate(share)}" for variant, share in health.fallback_share.items())
    worst = max((share for share in health.fallback_share.values() if share is not None), default=None)
    failed = ", ".join(f"{variant} {n:,}" for variant, n in health.failed_attempts.items())
    fallback_state = "-" if worst is None else _state(worst <= MAX_FALLBACK_SHARE)
    rows = (
        split,
        (
            "-" if health.are_crossovers_meant else _state(not health.crossovers),
            "visitors in two variants",
            f"{health.crossovers:,}{', as requests are split' if health.are_crossovers_meant else ''}",
        ),
        (fallback_state, "slates by fallback", f"{shares} (limit {exact_percent(MAX_FALLBACK_SHARE)})"),
        *((_STATES[check.state], check.name, check.found) for check in health.checks),
        *([("-", "failed attempts by arm", failed)] if failed else []),
        *_repeated_clicks(health),
        (
            "-",
            "left out, blind to the arm",
            f"{counted(health.n_bots, 'bot')}, {health.n_holdout:,} in the holdout",
        ),
    )
    return Section(
        "trust",
        "Trust checks",
        (Table(("State", "Check", "Found"), rows, n_left=3), *as_sentences(health.failures)),
    )


def _repeated_clicks(health: Health) -> tuple[tuple[str, str, str], ...]:
    """Say how many clicks came twice; whether their shares are alike is a check of its own."""
    if health.n_repeated_clicks is None:
        return ()
    parts = ", ".join(f"{variant} {arm.successes:,}" for variant, arm in health.repeats.items())
    found = parts or f"{health.n_repeated_clicks:,} in all arms"
    return (("-", "repeated clicks refused", f"{found}; a click counts once"),)


def _state(is_ok: bool) -> str:  # noqa: FBT001 - it is the whole question
    return "ok" if is_ok else "FAILED"
