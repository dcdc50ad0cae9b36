"""`funflix analyze` as a user runs it: report on stdout, what was found on stderr, exit codes."""

import hashlib
import json
import platform
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Completed, run_command

COUNTS = ("--counts", "control=66/925", "--counts", "treatment=101/925")


def analyze(*arguments: str, cwd: Path | None = None) -> Completed:
    """Run the command to its end."""
    return run_command("analyze", *arguments, cwd=cwd)


def visits(path: Path, *, n_crossovers: int = 0, n_control: int = 925) -> Path:
    """A CSV of visitors: 66 of the control and 101 of 925 of the treatment clicked."""
    lines = ["user_id,variation,n_clicks,n_impressions"]
    lines += [f"c{index},control,{int(index < 66)},6" for index in range(n_control)]
    lines += [f"t{index},treatment,{int(index < 101)},6" for index in range(925)]
    lines += [f"c{index},treatment,0,6" for index in range(n_crossovers)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_counts_print_the_report_with_its_verdict_first() -> None:
    result = analyze(*COUNTS)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Ship treatment: 10.92% of its visitors clicked against 7.14%")


def test_a_file_gives_the_same_numbers_as_its_counts(tmp_path: Path) -> None:
    from_file = json.loads(analyze(str(visits(tmp_path / "visits.csv")), "--json").stdout)
    from_counts = json.loads(analyze(*COUNTS, "--json").stdout)
    assert from_file["primary"] == from_counts["primary"]
    assert from_file["verdict"] == from_counts["verdict"]


def test_what_was_found_by_name_is_said_on_stderr(tmp_path: Path) -> None:
    result = analyze(str(visits(tmp_path / "visits.csv")), "--json")
    assert "visitor = 'user_id' (by its name)" in result.stderr
    assert "rows: one a visitor" in result.stderr
    assert "control = 'control', treatment = 'treatment'" in result.stderr
    assert json.loads(result.stdout)["schema"]


def test_a_visitor_in_two_variants_makes_the_verdict_invalid_and_the_exit_code_3(tmp_path: Path) -> None:
    result = analyze(str(visits(tmp_path / "visits.csv", n_crossovers=2)), "--json")
    assert result.returncode == 3
    report = json.loads(result.stdout)
    assert (report["verdict"]["code"], report["health"]["crossovers"]) == ("invalid", 2)
    assert "2 visitors met more than one variant" in result.stderr


def test_the_intended_split_is_what_the_sizes_are_checked_against(tmp_path: Path) -> None:
    path = str(visits(tmp_path / "visits.csv", n_control=1850))
    assert analyze(path).returncode == 3
    weights = ("--weights", "control=2", "--weights", "treatment=1")
    assert analyze(path, *weights).returncode == 0


def test_the_design_is_what_the_options_say() -> None:
    design = ("--baseline", "0.1", "--mde", "0.02", "--alpha", "0.01", "--power", "0.8")
    report = json.loads(analyze(*COUNTS, *design, "--alternative", "two-sided", "--json").stdout)
    assert {name: report["design"][name] for name in ("mde", "alpha", "power", "alternative")} == {
        "mde": 0.02,
        "alpha": 0.01,
        "power": 0.8,
        "alternative": "two-sided",
    }
    assert report["primary"]["baseline"] == 0.1
    assert report["verdict"]["code"] == "inconclusive"


def test_columns_and_variants_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (who, cell, did, seen, tapped, robot)")
        rows = [(index, index % 3, index % 2, 6, index % 2, index == 9) for index in range(30)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", rows)
    columns = ("--visitor", "who", "--variant", "cell", "--clicked", "did", "--impressions", "seen")
    more = ("--clicks", "tapped", "--bot", "robot", "--control", "2", "--treatment", "1", "--table", "t")
    report = json.loads(analyze(str(path), *columns, *more, "--json").stdout)
    assert [(arm["variant"], arm["n"]) for arm in report["primary"]["arms"]] == [("2", 10), ("1", 10)]


def test_further_counts_are_further_treatments() -> None:
    """The verdict names the best; at the old size the three would not be decided yet."""
    three = ("--counts", "control=77/1095", "--counts", "older=110/1095", "--counts", "newer=130/1095")
    report = json.loads(analyze(*three, "--json").stdout)
    assert report["verdict"]["sentence"].startswith("Ship newer, the best of 2")
    assert [found["treatment"] for found in report["comparisons"]] == ["older", "newer"]


def test_looks_metric_and_second_opinion_are_options() -> None:
    looks = ("--sequential", "obrien-fleming", "--n-looks", "3")
    report = json.loads(analyze(*COUNTS, *looks, "--resample", "200", "--json").stdout)
    assert report["design"]["n_looks"] == 3
    assert len(report["sequential"]["looks"]) == 3
    assert "bootstrap, permutation" in [opinion["analysis"] for opinion in report["sensitivity"]]
    refused = analyze(*COUNTS, *looks, "--metric", "impression_ctr")
    assert refused.returncode == 2
    assert "looks count visitors who clicked" in refused.stderr


def test_further_columns_add_sections(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    lines = [
        f"{index},{variant},{int(index % 12 == 0)},{'dk' if index % 3 else 'no'},{index % 7},{index % 5},"
        f"2026-11-{20 + index % 4}"
        for index in range(400)
        for variant in (("control", "treatment")[index % 2],)
    ]
    path.write_text("visitor,variant,clicked,country,revenue,before,day\n" + "\n".join(lines) + "\n")
    named = ("--segment", "country", "--value", "revenue", "--past", "before", "--day", "day")
    report = json.loads(analyze(str(path), *named, "--json").stdout)
    assert [part["dimension"] for part in report["segments"]] == ["country"]
    assert [metric["metric"] for metric in report["secondary"]] == ["revenue"]
    assert report["cuped"]["covariate"] == "before"
    assert len(report["daily"]["days"]) == 4
    assert {check["check"] for check in report["health"]["checks"]} == {
        "split_by_country",
        "split_by_day",
        "balance_before",
    }


def test_one_html_file_is_written(tmp_path: Path) -> None:
    result = analyze(*COUNTS, "--html", str(tmp_path / "report.html"))
    assert result.returncode == 0
    assert "Ship treatment" in (tmp_path / "report.html").read_text()


def test_nothing_else_is_written(tmp_path: Path) -> None:
    path = visits(tmp_path / "visits.csv")
    analyze(str(path), "--spill-folder", str(tmp_path), "--memory-mb", "128", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "FILE|URL"),
        (["visits.csv", *COUNTS], "not both"),
        (["missing.csv"], "missing.csv cannot be read: No such file"),
        (["visits.csv", "--variant", "variatoin"], "did you mean 'variation'?"),
        (["visits.csv", "--rows", "day"], "'day'"),
        (["visits.csv", "--weights", "control"], "VARIANT=WEIGHT"),
        (["visits.csv", "--weights", "control=1"], "each once"),
        (["visits.csv", "--weights", "control=0", "--weights", "treatment=1"], "weight"),
        (["visits.csv", "--mde", "-1"], "mde"),
        (["visits.csv", "--spill-folder", "nowhere"], "nowhere"),
        (["--counts", "control=66/925"], "a control and a treatment"),
        (["--counts", "control=66/925", "--counts", "treatment=0/0"], "no visitor"),
        (["postgresql://ann:s3cret@127.0.0.1:1/shop"], "postgresql://127.0.0.1:1/shop cannot be read"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    visits(tmp_path / "visits.csv")
    result = analyze(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert "s3cret" not in result.stderr
    assert result.stdout == ""


def test_the_command_explains_its_options() -> None:
    result = analyze("--help")
    assert result.returncode == 0
    assert all(option in result.stdout for option in ("--counts", "--visitor", "--weights", "--memory-mb"))


def test_a_report_says_which_bytes_and_versions_made_it(tmp_path: Path) -> None:
    path = visits(tmp_path / "visits.csv")
    result = analyze(str(path), "--json")
    settings = json.loads(result.stdout)["reproduction"]["settings"]
    assert settings["file SHA-256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert settings["file size"] == f"{path.stat().st_size:,} bytes"
    assert settings["python"] == platform.python_version()
    assert settings["funflix"]


def test_fixed_tests_beside_a_sequential_one_are_said_not_to_decide() -> None:
    text = " ".join(analyze(*COUNTS, "--sequential", "pocock").stdout.split())
    assert "They take this look for the only one" in text
    assert "They take this look for the only one" not in " ".join(analyze(*COUNTS).stdout.split())


def test_one_further_value_is_one_metric(tmp_path: Path) -> None:
    result = analyze(str(visits(tmp_path / "visits.csv")), "--value", "n_impressions", "--value", "n_clicks")
    assert "metrics by Holm" in " ".join(result.stdout.split())
    alone = analyze(str(visits(tmp_path / "visits.csv")), "--value", "n_clicks")
    assert "adjusted for 1 metric by Holm" in " ".join(alone.stdout.split())


def test_other_analyses_of_several_treatments_are_said_to_be_unadjusted() -> None:
    third = (*COUNTS, "--counts", "other=80/925")
    assert "not adjusted for the number of treatments" in " ".join(analyze(*third).stdout.split())
    assert "not adjusted for the number of treatments" not in " ".join(analyze(*COUNTS).stdout.split())
