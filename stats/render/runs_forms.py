"""Two runs side by side as text, as a JSON object, and as one HTML page."""

import textwrap
from typing import Any

from stats.comparing_runs import EffectOfRuns, RunComparison
from stats.estimates import Interval
from stats.metric_names import metric_name
from stats.render.blocks import Section, Table, as_sentences
from stats.render.page import Page, render_page
from stats.render.text import section_lines
from stats.results import Report
from stats.wording import ABSENT, exact_percent, p_phrase, points, points_interval, rate

_WIDTH = 80
_CUT = 24


def render_run_comparison(found: RunComparison) -> str:
    """Return the comparison for a terminal of 80 columns, the sentence first."""
    lines = textwrap.wrap(found.sentence, _WIDTH)
    for section in run_sections(found):
        lines += ["", *section_lines(section, _WIDTH)]
    return "\n".join(lines) + "\n"


def render_run_comparison_html(found: RunComparison) -> str:
    """Return the comparison as one HTML file."""
    return render_page(
        Page(
            title=f"{found.first.run.run_id} and {found.second.run.run_id}",
            eyebrow="Two runs side by side",
            code="conflict" if found.is_conflict else "compatible",
            tone="bad" if found.is_conflict else "good",
            sentence=f"{found.sentence[0].upper()}{found.sentence[1:]}",
            sections=run_sections(found),
            is_wrapping=True,
        )
    )


def run_comparison_to_json(found: RunComparison) -> dict[str, Any]:
    """Return the comparison as a JSON object; fractions, null where there is no number."""
    return {
        "schema": 1,
        "conflict": found.is_conflict,
        "sentence": found.sentence,
        "metric": found.first.primary.metric,
        "same_crowd": found.is_same_crowd,
        "runs": [_run(report) for report in (found.first, found.second)],
        "rates": [
            {
                "variant": change.control,
                "change": change.difference,
                "change_ci": _pair(change.difference_ci),
                "p_value": change.p_value,
                "missing": list(change.missing),
            }
            for change in found.rates
        ],
        "effects": [_effect(effect) for effect in found.effects],
        "differing": [
            {"setting": name, "first": first, "second": second} for name, first, second in found.differing
        ],
        "same": list(found.same),
    }


def run_sections(found: RunComparison) -> tuple[Section, ...]:
    """Return runs, rates, effects and settings, each as a section."""
    return (_runs_section(found), _rates_section(found), _effects_section(found), _settings_section(found))


def _runs_section(found: RunComparison) -> Section:
    rows = tuple(
        (
            name,
            report.run.run_id,
            report.run.engine or report.run.kind or ABSENT,
            ABSENT if report.run.seed is None else f"{report.run.seed}",
            f"{sum(arm.arm.n for arm in report.primary.arms):,}",
            report.verdict.code,
        )
        for name, report in (("first", found.first), ("second", found.second))
    )
    return Section(
        "runs", "The runs", (Table(("", "run", "engine", "seed", "visitors", "verdict"), rows, 3),)
    )


def _rates_section(found: RunComparison) -> Section:
    reports = (found.first, found.second)
    of_run = [{arm.arm.variant: arm.rate for arm in report.primary.arms} for report in reports]
    rows = tuple(
        (
            change.control,
            rate(of_run[0][change.control]),
            rate(of_run[1][change.control]),
            points(change.difference),
            points_interval(change.difference_ci),
        )
        for change in found.rates
    )
    headers = ("arm", "first", "second", "change", f"its {exact_percent(found.rates[0].confidence)} interval")
    tests = tuple(f"{change.control}: {p_phrase(change.p_value)}, two-sided." for change in found.rates)
    return Section(
        "rates", f"Rates ({metric_name(found.first.primary.metric)})", (Table(headers, rows), *tests)
    )


def _effects_section(found: RunComparison) -> Section:
    blocks: list[Table | str] = []
    for effect in found.effects:
        rows = (
            ("first", points(effect.first), points_interval(effect.first_ci)),
            ("second", points(effect.second), points_interval(effect.second_ci)),
            ("change", points(effect.change), points_interval(effect.change_ci)),
            ("both, pooled", points(effect.pooled), points_interval(effect.pooled_ci)),
        )
        blocks.append(Table((f"{effect.treatment} minus control", "", "interval"), rows))
        blocks.append(
            f"One and the same difference in both runs: {p_phrase(effect.p_value)}, two-sided. Intervals of "
            "differences are normal approximations here, so that they add up; a run's own report has its own."
        )
        blocks += as_sentences(effect.missing)
    if found.is_conflict:
        blocks.append("Where runs contradict each other no pooled difference is given.")
    if found.is_same_crowd:
        blocks.append(
            "Both runs have the same seed and population, so the same people: they agree by more than "
            "chance, and neither the p-values above nor the pooled interval take that into account."
        )
    return Section("effects", "Differences", tuple(blocks))


def _settings_section(found: RunComparison) -> Section:
    if not found.differing:
        return Section("settings", "What differs", ("Nothing that is recorded.",))
    rows = tuple((name, _short(first), _short(second)) for name, first, second in found.differing)
    same = f"Alike: {', '.join(found.same)}." if found.same else "Nothing recorded is alike."
    return Section("settings", "What differs", (Table(("setting", "first", "second"), rows, 3), same))


def _run(report: Report) -> dict[str, Any]:
    return {
        "run": report.run.run_id,
        "engine": report.run.engine,
        "seed": report.run.seed,
        "verdict": report.verdict.code,
        "arms": [
            {"variant": arm.arm.variant, "n": arm.arm.n, "successes": arm.arm.successes, "rate": arm.rate}
            for arm in report.primary.arms
        ],
    }


def _effect(effect: EffectOfRuns) -> dict[str, Any]:
    return {
        "treatment": effect.treatment,
        "first": effect.first,
        "first_ci": _pair(effect.first_ci),
        "second": effect.second,
        "second_ci": _pair(effect.second_ci),
        "change": effect.change,
        "change_ci": _pair(effect.change_ci),
        "statistic": effect.statistic,
        "p_value": effect.p_value,
        "conflict": effect.is_conflict,
        "pooled": effect.pooled,
        "pooled_ci": _pair(effect.pooled_ci),
        "missing": list(effect.missing),
    }


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _short(text: str) -> str:
    return text if len(text) <= _CUT else f"{text[: _CUT - 3]}..."
