"""`funflix population`: who the visitors are, and how they compare with what is known of people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from funflix.command_line import echo_json
from funflix.errors import CheckFailedError
from funflix.options import debug_option, json_option, visitor_seed_option, workspace_option
from funflix.progress import say
from funflix.workspace import write_atomically
from simulator.behaviour import load_population

if TYPE_CHECKING:
    from funflix.workspace import Workspace
    from simulator.behaviour import Population


@click.command(name="population")
@click.argument("what", type=click.Choice(["show", "check"]), default="show")
@click.option(
    "--svg", "svg_file", type=click.Path(dir_okay=False, path_type=Path), help="With show: draw it, too."
)
@workspace_option
@visitor_seed_option
@json_option
@debug_option
def command(
    workspace: Workspace, what: str, svg_file: Path | None, seed: int | None, *, as_json: bool
) -> None:
    """Show who the visitors of population.toml are, or check them against what is known of people.

    `check` ends with exit code 3 when a fact is not reproduced.
    """
    if svg_file is not None and what != "show":
        raise click.UsageError("--svg goes with show: what is checked is a table; leave it out")
    workspace.create()
    population = load_population(workspace.population)
    if what == "show":
        _show(workspace, population, workspace.seed(seed), svg_file, as_json=as_json)
    else:
        _check(workspace, population, workspace.seed(seed), as_json=as_json)


def _show(
    workspace: Workspace, population: Population, seed: int, svg_file: Path | None, *, as_json: bool
) -> None:
    from funflix.portraying import portrait_of
    from simulator.portrait_forms import portrait_json, portrait_text
    from simulator.portrait_svg import portrait_svg

    portrait = portrait_of(workspace, population, seed=seed)
    if svg_file is not None:
        write_atomically(svg_file, portrait_svg(portrait))
        say(f"picture: {svg_file}")
    if as_json:
        echo_json(portrait_json(portrait))
    else:
        click.echo(portrait_text(portrait))


def _check(workspace: Workspace, population: Population, seed: int, *, as_json: bool) -> None:
    from funflix.portraying import fact_checks
    from simulator.fact_forms import facts_json, facts_text

    checks = fact_checks(workspace, population, seed=seed)
    if as_json:
        echo_json(facts_json(checks))
    else:
        click.echo(facts_text(checks))
    missed = [check.fact for check in checks if check.is_within is False]
    if missed:
        raise CheckFailedError(
            f"{len(missed)} of {len(checks)} facts are not reproduced: {'; '.join(missed)}; change the "
            "population file, or know that its conclusions rest on other people"
        )
