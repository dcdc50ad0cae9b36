"""`funflix plan`: how many visitors an experiment needs."""

from __future__ import annotations

import click

from funflix.command_line import echo_json
from funflix.options import debug_option, json_option


@click.command(name="plan")
@click.option(
    "--baseline", type=float, default=0.07, show_default=True, help="CTR of the control, a fraction."
)
@click.option(
    "--mde", type=float, default=0.04, show_default=True, help="Minimum detectable effect, absolute."
)
@click.option("--alpha", type=float, default=0.05, show_default=True, help="False-alarm rate.")
@click.option("--power", type=float, default=0.9, show_default=True, help="Chance to detect the MDE.")
@click.option(
    "--alternative",
    type=click.Choice(["greater", "less", "two-sided"]),
    default="greater",
    show_default=True,
    help="Which difference would count.",
)
@json_option
@debug_option
def command(
    baseline: float, mde: float, alpha: float, power: float, alternative: str, *, as_json: bool
) -> None:
    """Print how many visitors each variant needs."""
    from stats import plan, plan_to_json, render_plan

    planned = plan(baseline=baseline, mde=mde, alpha=alpha, power=power, alternative=alternative)
    if as_json:
        echo_json(plan_to_json(planned))
    else:
        click.echo(render_plan(planned), nl=False)
