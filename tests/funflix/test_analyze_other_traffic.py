"""`funflix analyze` on interleaved and logged traffic as a user runs it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest

from funflix.command_line import cli
from funflix.errors import CheckFailedError, SetupError


def drafts(folder: Path, *, n_ahead: int = 40, n_behind: int = 15, extra: str = "") -> Path:
    """60 visitors of four impressions, two of each team, of whom some clicked one of the treatment's."""
    lines = ["visitor_id,team,clicked"]
    for visitor in range(60):
        ahead, behind = visitor < n_ahead, n_ahead <= visitor < n_ahead + n_behind
        lines += [f"v{visitor},control,{int(behind)}", f"v{visitor},treatment,{int(ahead)}"]
        lines += [f"v{visitor},control,0", f"v{visitor},treatment,0"]
    path = folder / "drafts.csv"
    path.write_text("\n".join([*lines, *([extra] if extra else [])]) + "\n")
    return path


def log(folder: Path, *, propensity: float = 0.5) -> Path:
    """200 impressions of 100 visitors; the film that the target policy prefers is clicked more often."""
    lines = ["who,earned,p,q"]
    for index in range(200):
        is_second = index % 2 == 1
        clicked = index % 20 in ({1, 3, 5, 7} if is_second else {0})
        lines.append(f"{index // 2},{int(clicked)},{propensity},{0.8 if is_second else 0.2}")
    path = folder / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


COLUMNS = ("--reward", "earned", "--propensity", "p", "--target-chance", "q")
ARMS = ("--counts", "control=66/925", "--counts", "treatment=101/925")


def analyze(*arguments: str | Path) -> None:
    cli.main(["analyze", *map(str, arguments)], prog_name="funflix", standalone_mode=False)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, object]:
    analyze(*arguments, "--json")
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("order", ["file first", "option first"])
def test_an_interleaved_file_gives_a_verdict_and_says_what_it_found(
    order: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drafts(tmp_path)
    arguments = (path, "--interleaving") if order == "file first" else ("--interleaving", path)
    analyze(*arguments)
    out, err = capsys.readouterr()
    assert out.startswith("Ship treatment: of 55 visitors who preferred one model's films, 72.73%")
    assert "INTERLEAVING: CONTROL'S OR TREATMENT'S FILMS?" in out
    assert "interleaving columns: visitor = 'visitor_id' (by its name),\n  team = 'team' (by its name)" in err
    assert max(map(len, err.splitlines())) <= 80


def test_a_log_gives_values_by_both_methods(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: 50 clicks of 200; with weights 1.6 and 0.4, (40 * 1.6 + 10 * 0.4) / 200."""
    found = printed(capsys, log(tmp_path), "--off-policy", "--visitor", "who", *COLUMNS)
    off_policy = found["off_policy"]
    assert isinstance(off_policy, dict)
    assert off_policy["logging"]["value"] == pytest.approx(0.25)
    assert off_policy["estimates"][0]["value"] == pytest.approx(0.34)
    assert (found["primary"], found["interleaving"]) == (None, None)


def test_one_report_carries_the_arms_and_both_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    others = ("--interleaving", drafts(tmp_path), "--off-policy", log_of_usual_names(tmp_path))
    analyze(*ARMS, *others, "--html", page)
    out, err = capsys.readouterr()
    assert out.startswith("Ship treatment: 10.92% of its visitors clicked")
    titles = [line for line in out.splitlines() if line.isupper() and not line.startswith(" ")]
    kinds = [title.partition(":")[0] for title in titles]
    assert kinds.index("INTERLEAVING") + 1 == kinds.index("OFF-POLICY") == kinds.index("SENSITIVITY") - 1
    assert "off-policy columns: " in err
    assert 'id="interleaving"' in page.read_text()
    assert "interleaving file SHA-256" in out


def log_of_usual_names(folder: Path) -> Path:
    path = log(folder)
    path.write_text(path.read_text().replace("who,earned,p,q", "user_id,clicked,propensity,target_chance"))
    return path


def test_a_check_that_fails_ends_with_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Propensities of 0.25 for films shown half the time: weights of mean 2."""
    path = log(tmp_path, propensity=0.25)
    with pytest.raises(CheckFailedError, match="has mean 2"):
        analyze(path, "--off-policy", "--visitor", "who", *COLUMNS)
    assert capsys.readouterr().out.startswith("Invalid: off-policy")
    path.write_text(path.read_text().replace("who,earned,p,q", "user_id,clicked,propensity,target_chance"))
    with pytest.raises(CheckFailedError, match="has mean 2"):
        analyze(*ARMS, "--off-policy", path)
    assert capsys.readouterr().out.startswith("Ship treatment")


def test_faulty_files_are_one_line_that_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="3 teams"):
        analyze(drafts(tmp_path, extra="v1,both,1"), "--interleaving")
    with pytest.raises(SetupError, match="neither 'control' nor 'treatment'"):
        analyze(*ARMS, "--interleaving", drafts(tmp_path, extra="v1,both,1"))
    with pytest.raises(SetupError, match=r"holds 1\.5; a chance must be above 0 and at most 1"):
        analyze(log(tmp_path, propensity=1.5), "--off-policy", "--visitor", "who", *COLUMNS)
    with pytest.raises(SetupError, match="--rows visitor with --interleaving"):
        analyze(drafts(tmp_path), "--interleaving", "--rows", "visitor")
    arms = ("--counts", "old=6/92", "--counts", "b=6/92", "--counts", "c=9/92", "--control", "old")
    with pytest.raises(SetupError, match="has no visitor"):
        analyze(*arms, "--interleaving", drafts(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--interleaving",), "--interleaving alone means the traffic of FILE"),
        ((*ARMS, "--team", "x"), "--team is a column of --interleaving traffic"),
        ((*ARMS, "--propensity", "x"), "--propensity is a column of --off-policy traffic"),
        (("drafts.csv", "--interleaving", "--mde", "0.1"), "--mde is of arms, and there are none"),
        (("log.csv", "--off-policy", "--control", "a"), "--control is of arms"),
        ((*ARMS, "drafts.csv", "--interleaving"), "--counts are of arms"),
        ((*ARMS, "visits.csv"), "and not both"),
        ((*ARMS, "--segment", "country"), "--segment is a column, and --counts have none"),
        ((*ARMS, "--n-looks", "3"), "--n-looks is of --sequential obrien-fleming and pocock, not of none"),
        ((), "give FILE|URL, or --counts"),
    ],
)
def test_options_without_use_are_refused(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        analyze(*arguments)
    assert words in caught.value.message


def test_a_table_of_a_database_is_named_behind_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Arms and slates in one SQLite file; by --table where there is nothing else to read."""
    path = tmp_path / "shop.db"
    teams = ("control", "treatment")
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, column in (("visits", "variant"), ("drafts", "team")):
            connection.execute(f"CREATE TABLE {table} (visitor_id, {column}, clicked)")
            rows = [
                (
                    f"{table[0] if table == 'drafts' else team}{n}",
                    team,
                    int(n % 3 == 0 and team == "treatment"),
                )
                for team in teams
                for n in range(100)
            ]
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)  # noqa: S608 - names of ours
    found = [
        printed(capsys, *arguments)["interleaving"]
        for arguments in (
            (path, "--table", "visits", "--interleaving", f"{path}#drafts"),
            (path, "--table", "drafts", "--interleaving"),
            (*ARMS, "--interleaving", path, "--table", "drafts"),
        )
    ]
    assert found[0] is not None
    assert [one["n_treatment"] for one in found] == [34, 34, 34]  # type: ignore[index]  # a JSON object
    with pytest.raises(SetupError, match="FILE#TABLE"):
        analyze(path, "--table", "visits", "--interleaving", path)
