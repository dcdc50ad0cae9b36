"""Options that several commands share, written once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from funflix.workspace import Workspace

DEFAULT_PORT = 8000


def workspace_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--workspace DIR`: the one folder everything is written to; the command gets a `Workspace`."""
    return _workspace_option(function, lambda _context, _parameter, path: open_workspace(path))


def workspace_path_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--workspace DIR` for a command that seldom needs it; it gets the path, for `open_workspace`."""
    return _workspace_option(function, lambda _context, _parameter, path: path)


def _workspace_option(
    function: Callable[..., Any], callback: Callable[[click.Context, click.Parameter, Path], object]
) -> Callable[..., Any]:
    return click.option(
        "--workspace",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(".funflix"),
        envvar="FUNFLIX_WORKSPACE",
        show_default=True,
        show_envvar=True,
        callback=callback,
        help="Folder that holds all state of a run.",
    )(function)


def dataset_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--dataset`: which films and ratings."""
    return click.option(
        "--dataset",
        metavar="NAME|PATH|synthetic",
        envvar="FUNFLIX_DATASET",
        show_envvar=True,
        help="ml-latest-small, ml-100k, ml-1m or ml-25m; a MovieLens zip or folder; or synthetic. "
        "Without it: what the workspace already uses, else MovieLens where reachable, else synthetic.",
    )(function)


def seed_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--seed`: what makes a whole experiment repeatable."""
    return _seed(function, "The same seed gives the same data split, models, visitors and clicks.")


def visitor_seed_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--seed` where the models may be there already."""
    return _seed(function, "Names the visitors and all they do; trained models keep the seed they have.")


def _seed(function: Callable[..., Any], help_text: str) -> Callable[..., Any]:
    return click.option(
        "--seed",
        type=click.IntRange(min=0, max=2**31 - 1),
        show_default="seed in population.toml",
        help=help_text,
    )(function)


def resample_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--resample N`: a second opinion without formulas."""
    return click.option(
        "--resample",
        "n_resamples",
        metavar="N",
        type=click.IntRange(min=100, max=1_000_000),
        help="Add a bootstrap interval and a permutation test of N draws to the sensitivity section.",
    )(function)


def refuse_beside_resume(*names: str) -> None:
    """Refuse options that a resumed run would have to ignore.

    Raises:
        click.UsageError: one of them was given on the command line.
    """
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(parameter.opts[0] for parameter in context.command.params if parameter.name == name)
            raise click.UsageError(f"{option} beside --resume: a resumed run keeps its own; leave it out")


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`: machine-readable output."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout.")(function)


def debug_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--debug`: a traceback instead of one line."""
    return click.option(
        "--debug", is_flag=True, expose_value=False, help="Show a traceback when something fails."
    )(function)


def open_workspace(path: Path) -> Workspace:
    """The workspace in this folder, which need not be there yet."""
    # Not every command has a workspace, and this import brings the simulator's with it.
    from funflix.workspace import Workspace

    return Workspace(path.absolute())
