from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from experiment import DEFAULT_EXPERIMENT_TOML, RunStarted, experiment_hash
from website import site_of
from website.freshness import Fresh

if TYPE_CHECKING:
    from tests.website.conftest import Studio


def browse(studio: Studio, run_visitors: int, *, n_clicking: int = 0) -> None:
    """So many simulated visitors; the first `n_clicking` of them click."""
    for number in range(run_visitors):
        client = studio.simulated(f"visitor-{number}")
        page = studio.page(client)
        if number < n_clicking:
            token = page.one("section", data_slate=None).all("article")[0].attributes["data-token"]
            client.post("/click", data={"token": token})


def start_run(studio: Studio, text: str = DEFAULT_EXPERIMENT_TOML) -> None:
    site_of(studio.app).log.record(
        RunStarted(
            run_id="run-1",
            kind="simulated",
            experiment="newer-data",
            experiment_toml=text,
            experiment_hash=experiment_hash(text),
        )
    )


def test_without_data_the_page_says_so_and_shows_no_number(studio: Studio) -> None:
    page = studio.page(studio.person(), "/experiment")
    assert "No data yet" in page.one("main").words()
    assert not page.all("table")
    answer = studio.person().get("/experiment.json")
    assert answer.status_code == 200
    assert answer.json["verdict"] is None
    assert "Nobody has been here" in answer.json["reason"]


def test_a_running_experiment_is_reported_without_a_p_value(studio: Studio) -> None:
    start_run(studio)
    browse(studio, 12, n_clicking=3)
    page = studio.page(studio.person(), "/experiment")
    main = page.one("main")
    assert "Still running, or killed" in main.words()
    assert "12 of 1,850 planned" in main.words()
    assert "not valid before 1,850 visitors" in main.words()
    cells = [[cell.words() for cell in row.children] for row in main.one("tbody").children]
    assert [row[0] for row in cells] == ["control", "treatment"]
    assert sum(int(row[1]) for row in cells) == 3
    assert sum(int(row[2]) for row in cells) == 12


def test_json_and_page_tell_the_same(studio: Studio) -> None:
    start_run(studio)
    browse(studio, 8, n_clicking=8)
    report = studio.person().get("/experiment.json").json
    assert report["run"] == "run-1"
    assert report["verdict"]["code"] == "inconclusive"
    assert sum(arm["successes"] for arm in report["primary"]["arms"]) == 8
    assert json.dumps(report)


def test_live_traffic_can_be_chosen_beside_a_run(studio: Studio) -> None:
    start_run(studio)
    studio.page(studio.person())
    report = studio.person().get("/experiment.json?run=live").json
    assert (report["run"], sum(arm["n"] for arm in report["primary"]["arms"])) == ("live", 1)


@pytest.mark.parametrize("run", ["nobody", "<b>", "x" * 5000, "\x00"])
def test_unknown_runs_are_not_found(studio: Studio, run: str) -> None:
    for path in ("/experiment", "/experiment.json"):
        assert studio.person().get(path, query_string={"run": run}).status_code == 404


def test_an_experiment_that_cannot_be_judged_says_why(studio: Studio) -> None:
    start_run(studio, DEFAULT_EXPERIMENT_TOML.replace("newer-data", "other") + "\n[nonsense]\nkey = 1\n")
    browse(studio, 1)
    page = studio.page(studio.person(), "/experiment")
    assert "No report can be made" in page.one("main").words()


def test_an_answer_is_asked_for_once_while_it_is_fresh() -> None:
    """With answers good for 1 s, and a slow question rested from for four times as long as it took."""
    now, asked = [0.0], []

    def ask(key: str) -> str:
        asked.append(key)
        now[0] += 2.0 if key == "slow" else 0.0
        return f"{key} at {now[0]}"

    fresh = Fresh(ask, max_age_s=1.0, clock=lambda: now[0])
    assert fresh.get("a") == fresh.get("a") == "a at 0.0"
    now[0] = 1.0
    assert fresh.get("a") == "a at 1.0"
    assert fresh.get("slow") == "slow at 3.0"
    now[0] = 10.9
    assert fresh.get("slow") == "slow at 3.0"
    now[0] = 11.0
    assert fresh.get("slow") == "slow at 13.0"
    assert asked == ["a", "a", "slow", "slow"]
