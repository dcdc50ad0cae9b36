"""The guardrails: how much worse each treatment is, how much worse it may be, and if that is ruled out."""

from stats.details import SHARE_METRICS
from stats.metric_names import metric_name
from stats.pair_results import GuardrailResult
from stats.render.blocks import Section, Table, as_sentences
from stats.render.standing import before_the_planned_size
from stats.results import Report
from stats.wording import ABSENT, exact_percent, number, short_p


def guardrail_section(report: Report) -> Section:
    """Every guardrail of every treatment."""
    results = [result for pair in report.pairs for result in pair.guardrails]
    has_several = report.design.has_several
    rows = tuple(_row(result, has_several=has_several) for result in results)
    bound = f"{exact_percent(1 - report.design.alpha)} bound"
    methods = ", ".join(dict.fromkeys(result.found.method for result in results if result.found))
    return Section(
        "guardrails",
        "Guardrails: harm that must be ruled out",
        (
            Table(
                ("State", "Metric", *(("Variant",) if has_several else ()), "Worse by", bound, "Margin", "p"),
                rows,
                n_left=3 if has_several else 2,
            ),
            (
                "Held: the one-sided bound of the worsening lies under the margin (non-inferiority"
                f"{f'; {methods}' if methods else ''}). What cannot be judged is not held."
            ),
            *as_sentences(result.missing for result in results if result.missing),
            *(before_the_planned_size(report) if methods else ()),
        ),
    )


def _row(result: GuardrailResult, *, has_several: bool) -> tuple[str, ...]:
    found = result.found
    is_share = result.metric in SHARE_METRICS
    shown = (lambda value: f"{100 * value:.3g} points") if is_share else number
    return (
        "held" if result.is_held else "FAILED",
        metric_name(result.metric),
        *((result.treatment,) if has_several else ()),
        ABSENT if found is None else shown(found.worsening),
        ABSENT if found is None else shown(found.upper),
        shown(result.margin),
        short_p(found.p_value if found else None),
    )
