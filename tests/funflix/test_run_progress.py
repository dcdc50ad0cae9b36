"""How a run stands: a live table where somebody watches, lines where not."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from funflix.run_progress import NO_VERDICT, ArmSoFar, RunProgress, RunState, as_line, as_table
from funflix.simulation import Tally

TALLY = Tally(
    n_done=600,
    n_total=1850,
    n_failed_attempts=3,
    by_engine={"browser": 100, "http": 500},
    n_retries=2,
    seconds=10.0,
    seconds_left=3725.0,
)
ARMS = (ArmSoFar("control", 300, 21), ArmSoFar("treatment", 290, 33))
STATE = RunState(TALLY, 60.0, ARMS)


def printed(state: RunState) -> str:
    """The table as a terminal of 100 columns shows it."""
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(as_table(state))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_tells_pace_failures_retries_arms_and_time_left() -> None:
    """21 of 300 is 7.00%, 33 of 290 is 11.38%; 3,725 s are 1 h 2 min."""
    words = " ".join(printed(STATE).replace("│", " ").split())
    for fact in (
        "600 of 1,850 visits",
        "visits/s 60.0",
        "failed attempts 3",
        "retries 2",
        "visitor CTR, control 7.00% (21 of 300)",
        "visitor CTR, treatment 11.38% (33 of 290)",
        "not a verdict",
        "time left 1 h 2 min",
    ):
        assert fact in words


def test_a_line_tells_the_same() -> None:
    line = as_line(STATE)
    assert line == (
        "visits: 600 of 1,850 visits, 60.0 visits/s, 1 h 2 min left, browser 100, http 500, "
        "3 failed attempts, 2 retries, visitor CTR control 7.0% of 300, treatment 11.4% of 290 "
        f"({NO_VERDICT})"
    )


def test_before_anybody_came_there_is_no_rate_and_no_number() -> None:
    empty = RunState(Tally(0, 10, 0, {}), None, [ArmSoFar("control", 0, 0)])
    assert "nan" not in printed(empty)
    assert "visitor CTR, control" in printed(empty)
    assert "control - of 0" in as_line(empty)


def test_a_complete_run_has_no_time_left_and_no_word_on_arms() -> None:
    line = as_line(RunState(replace(TALLY, n_done=1850), 60.0, ARMS))
    assert "left" not in line
    assert "CTR" not in line


def test_a_terminal_gets_a_live_table_and_looks_at_the_arms_now_and_then() -> None:
    """1,000 visits within moments: the log is read once."""
    n_looks = 0

    def look() -> tuple[ArmSoFar, ...]:
        nonlocal n_looks
        n_looks += 1
        return ARMS

    console = Console(file=io.StringIO(), width=100, force_terminal=True)
    with RunProgress(look, console=console) as progress:
        for n_done in range(1000):
            progress.note(replace(TALLY, n_done=n_done))
    assert isinstance(console.file, io.StringIO)
    assert "not a verdict" in console.file.getvalue()
    assert 1 <= n_looks <= 3


def test_elsewhere_the_last_line_tells_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress(lambda: ARMS) as progress:
        progress.note(replace(TALLY, n_done=1850))
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "visits: 1,850 of 1,850 visits, 60.0 visits/s, browser 100, http 500, 3 failed attempts, 2 retries\n"
    )


def test_a_run_that_broke_off_says_no_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    def break_off() -> None:
        with RunProgress(lambda: ARMS) as progress:
            progress.note(TALLY)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert capsys.readouterr().err == ""
