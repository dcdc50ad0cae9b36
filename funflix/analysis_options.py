"""The options of `funflix analyze`, by what they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable

IN_THE_FILE: Final = ""
"""What `--interleaving` and `--off-policy` are without a file of their own: the traffic is in FILE."""


def column_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--visitor`, `--variant` and so on: which column is which."""
    for name, text in (
        ("bot", "1 or true for visitors to leave out."),
        ("clicked", "0 or 1: whether the visitor, or the impression of the row, was clicked."),
        ("impressions", "A number of viewed impressions."),
        ("clicks", "A number of clicks."),
        ("variant", "The visitor's variant."),
        ("visitor", "Who was randomised."),
    ):
        function = click.option(f"--{name}", metavar="COLUMN", help=f"Column: {text}")(function)
    return function


def detail_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--segment`, `--value` and so on: what else the table tells of its visitors."""
    for option in (
        click.option(
            "--day", metavar="COLUMN", help="Column: the date of a row; gives differences day by day."
        ),
        click.option(
            "--past", metavar="COLUMN", help="Column: a number from before the experiment, for CUPED."
        ),
        click.option(
            "--value",
            "values",
            multiple=True,
            metavar="COLUMN",
            help="Column: a number, summed by visitor; a secondary metric. May be repeated.",
        ),
        click.option(
            "--segment",
            "segments",
            multiple=True,
            metavar="COLUMN",
            help="Column: a group known before assignment, as country. May be repeated.",
        ),
    ):
        function = option(function)
    return function


def design_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--baseline`, `--mde` and so on: what was decided before the data came."""
    for option in (
        click.option(
            "--weights",
            multiple=True,
            metavar="VARIANT=WEIGHT",
            help="Intended split, once for each variant; default: even.",
        ),
        click.option(
            "--alternative",
            type=click.Choice(["greater", "less", "two-sided"]),
            default="greater",
            show_default=True,
            help="Which difference would count.",
        ),
        click.option("--power", type=float, default=0.9, show_default=True, help="Chance to detect the MDE."),
        click.option("--alpha", type=float, default=0.05, show_default=True, help="False-alarm rate."),
        click.option("--mde", type=float, default=0.04, show_default=True, help="Minimum detectable effect."),
        click.option(
            "--n-looks",
            type=click.IntRange(1, 100),
            default=5,
            show_default=True,
            help="Looks of obrien-fleming and pocock; the last is at the planned size.",
        ),
        click.option(
            "--sequential",
            type=click.Choice(["none", "obrien-fleming", "pocock", "always-valid"]),
            default="none",
            show_default=True,
            help="When the data may be looked at: once, at --n-looks even looks, or at any time.",
        ),
        click.option(
            "--metric",
            type=click.Choice(["visitor_ctr", "impression_ctr"]),
            default="visitor_ctr",
            show_default=True,
            help="What decides.",
        ),
        click.option("--baseline", type=float, default=0.07, show_default=True, help="CTR planned on."),
    ):
        function = option(function)
    return function


def other_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--interleaving` and `--off-policy`: traffic that was not split into arms, and its columns."""
    for name, text in (
        ("predicted-target", "The reward predicted of the target policy there."),
        ("predicted", "The reward predicted of the film shown; with the other, doubly robust."),
        ("target-chance", "Chance with which the target policy would have shown it."),
        ("propensity", "Chance with which the film was shown, in (0, 1]."),
        ("reward", "Of --off-policy: what an impression earned, as 1 for a click."),
        ("team", "Of --interleaving: the variant that drafted the film."),
    ):
        function = click.option(f"--{name}", metavar="COLUMN", help=f"Column: {text}")(function)
    for name, text in (
        ("off-policy", "Impressions with propensities: what would the target policy have earned?"),
        ("interleaving", "Interleaved slates: whose films are clicked?"),
    ):
        function = click.option(
            f"--{name}",
            metavar="[FILE|URL]",
            is_flag=False,
            flag_value=IN_THE_FILE,
            help=f"{text} Alone: in FILE itself.",
        )(function)
    return function
