"""The worked example of the documentation: every command is run, and every number comes out."""

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docs_pages import page

from funflix.command_line import cli

_BLOCK = re.compile(r"^```(python|text|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PAGE = "explanation/worked-example.md"


def test_the_worked_example_is_true_from_plan_to_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks in their order, in one folder: Python prints the text after it, commands what stands below."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "worked_example"}
    printed, n_checked = "", 0
    for language, block in _BLOCK.findall(page(_PAGE)):
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(block, _PAGE, "exec"), names)  # noqa: S102  our own documentation
            printed = output.getvalue()
        elif language == "text":
            assert block == printed
            n_checked += 1
        else:
            command, _, shown = block.partition("\n")
            result = CliRunner().invoke(cli, shlex.split(command.removeprefix("$ funflix ")))
            assert result.exit_code == 0, result.exception
            assert result.stdout.startswith(shown.removesuffix("...\n"))
            n_checked += 1
    assert n_checked == 6


def test_the_shares_of_false_alarms_it_quotes_are_those_of_the_closed_form() -> None:
    """12% one-sided and 17% two-sided at a design effect of 2; 16% to 17% for ten looks at one-sided 5%."""
    from scipy.stats import norm

    from stats._integration import first_crossings

    assert round(norm.cdf(-1.645 / 2**0.5), 2) == 0.12
    assert round(2 * norm.cdf(-1.96 / 2**0.5), 2) == 0.17
    looks = [look / 10 for look in range(1, 11)]
    peeking = sum(first_crossings(looks, [norm.isf(0.05)] * 10, drift=0, is_two_sided=False))
    assert 0.155 < peeking < 0.175
