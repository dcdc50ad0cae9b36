"""A report in its three forms: text for a terminal, a JSON document, one offline HTML page.

All three print the same `Report`; text and HTML share their sections word for word.
"""

from stats.render.html_page import render_html
from stats.render.json_form import report_to_json
from stats.render.plan_text import render_plan, render_study
from stats.render.power_curve import render_power_curve
from stats.render.runs_forms import (
    render_run_comparison,
    render_run_comparison_html,
    run_comparison_to_json,
)
from stats.render.study_json import plan_to_json, study_to_json
from stats.render.text import render_text
from stats.render.validation_forms import (
    render_validation,
    render_validation_html,
    validation_to_json,
)

__all__ = [
    "plan_to_json",
    "render_html",
    "render_plan",
    "render_power_curve",
    "render_run_comparison",
    "render_run_comparison_html",
    "render_study",
    "render_text",
    "render_validation",
    "render_validation_html",
    "report_to_json",
    "run_comparison_to_json",
    "study_to_json",
    "validation_to_json",
]
