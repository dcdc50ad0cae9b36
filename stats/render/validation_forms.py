"""A validation as text, as a JSON object, and as one HTML page."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stats.render.blocks import Section, Table
from stats.render.page import Page, drawn_lines, render_page
from stats.render.text import section_lines
from stats.render.validation_figures import validation_figures
from stats.render.validation_sections import cost_to_json, validation_sections
from stats.validation import Validation

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH = 80
_N_BINS = 20


def render_validation(found: Validation) -> str:
    """Return the verdict and its numbers for a terminal of 80 columns, the verdict first."""
    lines = textwrap.wrap(found.sentence, _WIDTH)
    for section in validation_sections(found):
        lines += ["", *section_lines(section, _WIDTH)]
    return "\n".join(lines) + "\n"


def validation_to_json(found: Validation) -> dict[str, Any]:
    """Return the verdict and its numbers as a JSON object; rates are fractions."""
    plan, design = found.plan, found.plan.design
    known = found.p_values[~np.isnan(found.p_values)]
    return {
        "schema": 1,
        "sound": found.is_sound,
        "sentence": found.sentence,
        "seed": plan.seed,
        "n_experiments": found.checks[0].n,
        "n_visitors": plan.n_visitors,
        "fault": plan.fault,
        "design": {
            "metric": design.primary_metric,
            "alternative": design.alternative,
            "alpha": design.alpha,
            "power": design.power,
            "mde": design.mde,
            "sequential": design.sequential,
        },
        "population": {
            "n_visitors": len(plan.control),
            "visitor_ctr": {"control": plan.control.visitor_ctr, "treatment": plan.treatment.visitor_ctr},
            "impression_ctr": {
                "control": plan.control.impression_ctr,
                "treatment": plan.treatment.impression_ctr,
            },
            "design_effect": found.design_effect,
        },
        "checks": [
            {
                "key": check.key,
                "title": check.title,
                "count": check.count,
                "n": check.n,
                "rate": check.rate,
                "ci": [check.interval.low, check.interval.high],
                "nominal": check.nominal,
                "band": [check.band.low, check.band.high],
                "ok": check.is_ok,
            }
            for check in found.checks
        ],
        "power": {
            "planned": found.planned.power,
            "seen": [{"change": change, **cost_to_json(cost)} for change, cost in found.power_seen],
        },
        "costs": [cost_to_json(cost) for cost in found.costs],
        "p_value_histogram": np.histogram(known, bins=_N_BINS, range=(0, 1))[0].tolist(),
    }


def render_validation_html(found: Validation, *, sweep: Sequence[Sequence[str]] = ()) -> str:
    """Return the verdict, its numbers and plots as one HTML file.

    Args:
        found: the validation.
        sweep: printed cells, a header first: how the verdict moves with the population's guesses.
    """
    word, _, rest = found.sentence.partition(": ")
    return render_page(
        Page(
            title=f"Validation: {word.lower()}",
            eyebrow="Validation of the experiment's error rates",
            code=word,
            tone="good" if found.is_sound else "bad",
            sentence=f"{rest[0].upper()}{rest[1:]}",
            sections=(*validation_sections(found), *_swept(sweep)),
            figures=_drawings(found),
            is_wrapping=True,
        )
    )


def _drawings(found: Validation) -> "dict[str, list[Markup]]":
    drawings: dict[str, list[Markup]] = {}
    for key, figure in validation_figures(found):
        drawings.setdefault(key, []).append(drawn_lines(figure))
    return drawings


def _swept(sweep: Sequence[Sequence[str]]) -> tuple[Section, ...]:
    if not sweep:
        return ()
    header, *rows = (tuple(row) for row in sweep)
    words = "Ship: the chance that the experiment as planned ends so; - where the truth is no gain."
    return (
        Section("sweep", "How the verdict moves with the population", (Table(header, tuple(rows)), words)),
    )
