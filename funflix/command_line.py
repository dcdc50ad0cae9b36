"""`funflix`: the command line, its shared options and its one way of failing."""

from __future__ import annotations

import importlib
import signal
import sys
from typing import TYPE_CHECKING, Any

import click

from funflix.errors import ExitCode, FunflixError

if TYPE_CHECKING:
    from types import FrameType

# In the order in which a newcomer needs them. A command's module is imported when it is called:
# `funflix --help` and `funflix plan` must not wait for model libraries.
_COMMANDS = (
    "demo",
    "serve",
    "simulate",
    "report",
    "analyze",
    "train",
    "plan",
    "population",
    "validate",
    "doctor",
)


class _LazyGroup(click.Group):
    """A group whose commands are imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"funflix.commands.{cmd_name}")
        command: click.Command = module.command
        return command


@click.group(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="funflix")
def cli() -> None:
    """A flight simulator for recommender A/B tests.

    `funflix demo` runs the whole experiment; then `serve` shows the site, `simulate` drives it with
    bots, and `report` says whether the newer model is better.
    """


def main() -> None:
    """Run the command line; never returns."""
    signal.signal(signal.SIGTERM, _interrupt)
    debug = "--debug" in sys.argv
    try:
        cli.main(standalone_mode=False)
        code = ExitCode.DONE
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo("interrupted", err=True)
        code = ExitCode.INTERRUPTED
    except click.exceptions.Exit as ending:
        sys.exit(ending.exit_code)
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE
    except Exception as error:
        if debug:
            raise
        click.echo(f"error: {_one_line(error)}", err=True)
        code = _exit_code(error)
    sys.exit(code)


def _exit_code(error: Exception) -> ExitCode:
    if isinstance(error, FunflixError):
        return error.exit_code
    # Every package's errors about what it was given are ValueErrors or LookupErrors as well.
    return ExitCode.USAGE if isinstance(error, ValueError | LookupError) else ExitCode.FAILED


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    ours = type(error).__module__.partition(".")[0] in _OUR_PACKAGES
    return text if ours else f"{type(error).__name__}: {text} (--debug shows where)"


_OUR_PACKAGES = frozenset(
    {
        *("catalog", "experiment", "funflix", "recommender"),
        *("recommender_client", "simulator", "stats", "website"),
    }
)


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def echo_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON document to stdout."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
