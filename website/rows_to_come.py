"""Rows that a page leaves to its script, so that it need not wait for the model that fills them.

Their slates are made, and logged, when the script fetches them. The slate that decides an experiment is none
of them, nor is any row of a simulated visitor.
"""

from flask import render_template, request
from markupsafe import Markup

from website.visits import SCRIPTS_COOKIE, Visit

__all__ = ["PLACE", "may_come_later", "row_to_come"]

PLACE = "row-to-come"
"""The id of such a row's place, which htmx sends as `HX-Trigger`."""


def may_come_later(visit: Visit, *, has_overlay: bool) -> bool:
    """Whether rows may be left to a script: one ran here before, and the whole page was not asked for."""
    runs_scripts = SCRIPTS_COOKIE in request.cookies and "whole" not in request.args
    return runs_scripts and not (visit.visitor.is_simulated or has_overlay)


def row_to_come(address: str, heading: str, *, n_films: int) -> Markup:
    """The place of a row that is to be fetched from `address`, as high as the row will be."""
    whole_page = f"{request.path}?whole=1"
    html = render_template(
        "_row_to_come.html",
        place=PLACE,
        address=address,
        heading=heading,
        n_films=n_films,
        whole_page=whole_page,
    )
    return Markup(html)  # noqa: S704  Jinja escaped it
