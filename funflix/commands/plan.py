"""`funflix plan`: how many visitors an experiment needs, what they detect, and how long that takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from funflix.command_line import echo_json
from funflix.options import debug_option, json_option, open_workspace, workspace_path_option
from funflix.progress import say

if TYPE_CHECKING:
    from funflix.workspace import Workspace
    from stats import Pilot

_DEFAULT_LOOKS = 5  # of a group sequential design


@click.command(name="plan")
@click.option(
    "--baseline",
    type=float,
    default=0.07,
    show_default=True,
    help="Rate of the control, a fraction; with --pilot by default that of its control.",
)
@click.option(
    "--mde", type=float, default=0.04, show_default=True, help="Minimum detectable effect, absolute."
)
@click.option(
    "--alpha", type=float, default=0.05, show_default=True, help="False-alarm rate of the experiment."
)
@click.option("--power", type=float, default=0.9, show_default=True, help="Chance to detect the MDE.")
@click.option(
    "--alternative",
    type=click.Choice(["greater", "less", "two-sided"]),
    default="greater",
    show_default=True,
    help="Which difference would count.",
)
@click.option(
    "--metric",
    type=click.Choice(["visitor_ctr", "impression_ctr"]),
    default="visitor_ctr",
    show_default=True,
    help="Visitors who click / visitors, or clicks / viewed impressions.",
)
@click.option("--pilot", metavar="RUN", help="Measure baseline, impressions and design effect on this run.")
@click.option("--design-effect", type=float, help="Of impressions, with --metric impression_ctr; default: 1.")
@click.option("--impressions-per-visitor", type=float, help="Viewed, with --metric impression_ctr.")
@click.option(
    "--variants", type=click.IntRange(2, 50), default=2, show_default=True, help="With the control."
)
@click.option(
    "--correction",
    type=click.Choice(["dunnett", "bonferroni", "none"]),
    help="How several treatments share alpha; default: dunnett, with several looks bonferroni.",
)
@click.option(
    "--treatment-share", type=float, default=0.5, show_default=True, help="Of two variants' visitors."
)
@click.option(
    "--sequential",
    type=click.Choice(["none", "obrien-fleming", "pocock", "always-valid"]),
    default="none",
    show_default=True,
    help="What pays for looking before the end.",
)
@click.option("--looks", type=click.IntRange(1, 100), help="Looks, evenly spaced; default with them: 5.")
@click.option("--visitors", type=click.IntRange(min=2), help="Visitors there will be: what do they detect?")
@click.option("--visitors-per-day", type=float, help="Traffic of the experiment: how many days?")
@click.option(
    "--svg", "svg_file", type=click.Path(dir_okay=False, path_type=Path), help="Draw the power curve."
)
@workspace_path_option
@json_option
@debug_option
def command(
    workspace: Path,
    pilot: str | None,
    svg_file: Path | None,
    *,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - click's options by name, each typed above
) -> None:
    """Print how many visitors each variant needs, or what given visitors detect."""
    from stats import plan_study, render_power_curve, render_study, study_to_json

    measured = None if pilot is None else _measured(open_workspace(workspace), pilot)
    if measured is not None and _is_left_out("baseline"):
        is_of_visitors = asked["metric"] == "visitor_ctr"
        asked["baseline"] = measured.visitor_ctr if is_of_visitors else measured.impression_ctr
        _say_default_mde(asked)
    study = plan_study(
        baseline=asked["baseline"],
        mde=asked["mde"],
        alpha=asked["alpha"],
        power=asked["power"],
        alternative=asked["alternative"],
        options=_options(asked, measured),
    )
    if svg_file is not None:
        from funflix.workspace import write_atomically

        write_atomically(svg_file, render_power_curve(study))
        say(f"power curve: {svg_file}")
    if as_json:
        echo_json(study_to_json(study) | {"pilot": None if measured is None else _pilot_as_json(measured)})
        return
    click.echo(render_study(study), nl=False)
    if measured is not None:
        click.echo(
            f"\nMeasured on {measured.n_visitors:,} visitors of run {measured.run_id}: visitor CTR of the\n"
            f"control {measured.visitor_ctr:.2%}, impression CTR {measured.impression_ctr:.2%}, "
            f"{measured.impressions_per_visitor:.2f} viewed\nimpressions a visitor, design effect "
            f"{measured.design_effect:.2f}."
        )


def _say_default_mde(asked: dict[str, Any]) -> None:
    """The default is meant for the shipped baseline of visitor CTR; a pilot's may be far from it."""
    is_far = asked["metric"] == "impression_ctr" or asked["mde"] >= asked["baseline"]
    if is_far and _is_left_out("mde"):
        say(
            f"the MDE is the default of {100 * asked['mde']:g} points, from the pilot's baseline of "
            f"{100 * asked['baseline']:.4g}%; give the least change worth detecting by --mde"
        )


def _is_left_out(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.DEFAULT


def _options(asked: dict[str, Any], measured: Pilot | None) -> Any:  # noqa: ANN401 - loaded lazily
    from stats import StudyOptions

    is_group_sequential = asked["sequential"] in ("obrien-fleming", "pocock")
    effect, impressions = asked["design_effect"], asked["impressions_per_visitor"]
    if measured is not None and asked["metric"] == "impression_ctr":
        effect = measured.design_effect if effect is None else effect
        impressions = measured.impressions_per_visitor if impressions is None else impressions
    looks, variants = asked["looks"], asked["variants"]
    default_correction = "bonferroni" if asked["sequential"] != "none" else "dunnett"
    return StudyOptions(
        metric=asked["metric"],
        impressions_per_visitor=1.0 if impressions is None else impressions,
        design_effect=1.0 if effect is None else effect,
        n_variants=variants,
        correction=asked["correction"] or default_correction,
        treatment_share=asked["treatment_share"],
        n_looks=looks or (_DEFAULT_LOOKS if is_group_sequential else 1),
        sequential=asked["sequential"],
        n_visitors=asked["visitors"],
        visitors_per_day=asked["visitors_per_day"],
    )


def _measured(workspace: Workspace, run_id: str) -> Pilot:
    from funflix.errors import SetupError
    from stats import measure_pilot, read_outcomes

    if not workspace.events.exists():
        raise SetupError(
            f"workspace {str(workspace.root)!r} has no events yet; run `funflix simulate` first, or give "
            "--design-effect and --impressions-per-visitor"
        )
    return measure_pilot(read_outcomes(workspace.events, run_id))


def _pilot_as_json(measured: Pilot) -> dict[str, object]:
    return {
        "run": measured.run_id,
        "n_visitors": measured.n_visitors,
        "visitor_ctr": measured.visitor_ctr,
        "impression_ctr": measured.impression_ctr,
        "impressions_per_visitor": measured.impressions_per_visitor,
        "design_effect": measured.design_effect,
    }
