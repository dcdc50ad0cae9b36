from __future__ import annotations

from typing import TYPE_CHECKING

import made_run
import pytest

from experiment import DEFAULT_EXPERIMENT_TOML, EventLog
from website import site_of
from website.dashboard.panels import PANELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Element, Studio

SMALL_PLAN = DEFAULT_EXPERIMENT_TOML.replace("mde = 0.04", "mde = 0.15")


def panel(page: Element, name: str) -> Element:
    return page.one("section", data_panel=name)


def value(studio: Studio, name: str, run: str = "run-1") -> dict[str, object]:
    answer = studio.person().get(f"/api/experiment/{run}/{name}").json
    assert answer["missing"] is None, answer
    return answer["value"]


def test_without_data_every_panel_says_why(studio: Studio) -> None:
    page = studio.page(studio.person(), "/experiment")
    assert [section.attributes["data-panel"] for section in page.all("section", data_panel=None)] == list(
        PANELS
    )
    for name in PANELS:
        assert "Nobody has been here yet" in panel(page, name).words(), name
    assert not page.all("table")
    report = studio.person().get("/experiment.json")
    assert (report.status_code, report.json["verdict"]) == (200, None)


def test_a_run_that_goes_on_has_no_p_value(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 40)
    page = studio.page(studio.person(), "/experiment")
    verdict = panel(page, "verdict").words()
    assert "Running" in verdict
    assert "Rests on 40 of 1,850 planned visitors and one test at that size" in verdict
    assert "Valid at 1,850 visitors: 1,810 to go" in verdict
    assert "not valid before 1,850 visitors" in panel(page, "scorecard").words()
    assert "is-undecided" in page.one("table", **{"class": "scorecard"}).all("tr")[1].attributes["class"]
    assert value(studio, "scorecard")["metrics"][0]["p_value"] is None
    assert value(studio, "progress")["n"] == 40


def test_the_scorecard_counts_what_was_recorded(studio: Studio, record_run: Callable[..., None]) -> None:
    """Of 40 visitors, 20 in each arm: 4 of control click, and 8 of treatment."""
    record_run(studio, 40)
    primary = value(studio, "scorecard")["metrics"][0]
    counts = [(arm["variant"], arm["numerator"], arm["denominator"]) for arm in primary["arms"]]
    assert counts == [("control", 4, 20), ("treatment", 8, 20)]
    assert primary["lift"] == pytest.approx(1.0)
    counts = {
        metric["metric"]: [(arm["numerator"], arm["denominator"]) for arm in metric["arms"]]
        for metric in value(studio, "scorecard")["metrics"]
    }
    assert counts["bounce_rate"] == [(16, 20), (12, 20)]
    assert counts["plays_per_visitor"] == [(None, 20), (None, 20)]
    funnel = value(studio, "funnel")
    assert {step["name"]: step["counts"] for step in funnel["steps"]} == {
        "Exposed": [20, 20],
        "Impression": [20, 20],
        "Click": [4, 8],
        "Play": [4, 8],
        "Finish": [0, 0],
    }
    exposures = value(studio, "exposures")
    assert exposures["totals"] == [20, 20]
    assert sum(sum(moment["counts"]) for moment in exposures["moments"]) == 40


def test_a_run_of_the_planned_size_is_decided(studio: Studio, record_run: Callable[..., None]) -> None:
    """With an MDE of 15 points 206 visitors are planned; 30 of 75 against 15 of 75 in each 150 is plain."""
    record_run(studio, 400, text=SMALL_PLAN)
    verdict = value(studio, "verdict")
    assert (verdict["code"], verdict["is_final"], verdict["valid_when"]) == ("ship", True, "Valid now.")
    primary = value(studio, "scorecard")["metrics"][0]
    assert primary["p_value"] < 0.001
    truth = value(studio, "truth")
    assert [line["truth"] for line in truth["lines"]] == [0.2, 0.3, 0.1, 0.5]
    assert truth["is_verdict_right"] is True


def test_lift_over_time_ends_where_the_scorecard_is(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 400)
    lift = value(studio, "lift")
    (series,) = lift["series"]
    last, primary = series["points"][-1], value(studio, "scorecard")["metrics"][0]
    assert last["n_control"] + last["n_treatment"] == 400
    assert last["lift"] == pytest.approx(primary["lift"])
    # The price of looking at any time: a wider interval than that of one look.
    assert last["lift_interval"]["low"] < primary["lift_interval"]["low"]
    assert last["lift_interval"]["high"] > primary["lift_interval"]["high"]
    sizes = [point["n_control"] + point["n_treatment"] for point in series["points"]]
    assert sizes == sorted(sizes)


def test_peeking_is_told_apart_from_a_test_that_pays_for_its_looks(
    studio: Studio, record_run: Callable[..., None]
) -> None:
    record_run(studio, 400)
    peeking = value(studio, "peeking")
    valid = [point["valid_p_value"] for point in peeking["points"] if point["valid_p_value"] is not None]
    assert valid == sorted(valid, reverse=True)
    fixed = [point["fixed_p_value"] for point in peeking["points"] if point["fixed_p_value"] is not None]
    assert peeking["n_fixed_below_alpha"] == sum(p < 0.05 for p in fixed)
    assert peeking["n_looks"] == len(fixed)
    assert peeking["fixed_stopped_at"] < peeking["valid_stopped_at"]
    page = studio.page(studio.person(), "/experiment")
    assert "For learning, not for deciding" in panel(page, "peeking").words()


def test_failed_attempts_are_told_by_arm(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 8, error="<b>timeout</b>")
    checks = {check["name"]: check["found"] for check in value(studio, "health")["checks"]}
    assert checks["Failed attempts, control"] == "4 (100.0% of visitors)"
    swarm = value(studio, "swarm")
    assert (swarm["n_failed"], swarm["failures"]) == (8, [{"error": "<b>timeout</b>", "n": 8}])
    html = studio.person().get("/experiment").text
    assert "<b>timeout" not in html
    assert "&lt;b&gt;timeout&lt;/b&gt;" in html


def test_a_run_without_news_may_have_been_killed(studio: Studio) -> None:
    with EventLog.open(studio.path, clock=lambda: 1_000) as log:
        made_run.record_run(log, 4)
    verdict = value(studio, "verdict")
    assert (verdict["code"], verdict["word"]) == ("running", "Running, or killed")
    checks = {check["name"]: check["state"] for check in value(studio, "health")["checks"]}
    assert checks["Newest event"] == "warn"


def test_runs_of_several_experiments_can_be_chosen(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 4)
    record_run(studio, 4, run_id="run-2")
    studio.page(studio.person())
    page = studio.page(studio.person(), "/experiment?run=run-1")
    options = [option.attributes["value"] for option in page.all("option")]
    assert options[-1] == "live"
    assert {"run-1", "run-2"} < set(options)
    (chosen,) = [option for option in page.all("option") if "selected" in option.attributes]
    assert chosen.attributes["value"] == "run-1"
    assert studio.person().get("/api/experiment/live/progress").json["value"]["n"] == 1


def test_unknown_runs_are_not_found(studio: Studio) -> None:
    person = studio.person()
    for run in ("nobody", "<b>", "x" * 5000, "\x00", "../../etc", "🎬", "%"):
        for path in ("/experiment", "/experiment.json", "/experiment/panels"):
            answer = person.get(path, query_string={"run": run})
            assert answer.status_code == 404
            assert answer.mimetype == "application/json" or "<b>" not in answer.text


def test_an_experiment_that_cannot_be_judged_says_why(
    studio: Studio, record_run: Callable[..., None]
) -> None:
    record_run(
        studio, 1, text=DEFAULT_EXPERIMENT_TOML.replace("newer-data", "other") + "\n[nonsense]\nkey = 1\n"
    )
    page = studio.page(studio.person(), "/experiment")
    assert "No report can be made" in panel(page, "verdict").words()
    assert "1" in panel(page, "exposures").words()


THREE_VARIANTS = (
    DEFAULT_EXPERIMENT_TOML
    + """
[[variants]]
name = "third"
model = "older-svd"
"""
)
GUARDRAILS = (
    SMALL_PLAN
    + """
[[guardrails]]
metric = "latency_p95"
margin = 1.0

[[guardrails]]
metric = "plays_per_visitor"
margin = 0.001
"""
)


@pytest.mark.parametrize(
    "text",
    [
        DEFAULT_EXPERIMENT_TOML.replace('sequential = "none"', 'sequential = "obrien-fleming"'),
        DEFAULT_EXPERIMENT_TOML.replace('sequential = "none"', 'sequential = "always-valid"'),
        DEFAULT_EXPERIMENT_TOML.replace('metric = "visitor_ctr"', 'metric = "impression_ctr"'),
        DEFAULT_EXPERIMENT_TOML.replace('alternative = "greater"', 'alternative = "two-sided"'),
        THREE_VARIANTS,
        GUARDRAILS,
    ],
    ids=["obrien-fleming", "always-valid", "impression_ctr", "two-sided", "three variants", "guardrails"],
)
def test_every_design_has_its_panels(studio: Studio, record_run: Callable[..., None], text: str) -> None:
    """All that have data in the default design have data in each; only an impression CTR has no truth."""
    assert text != DEFAULT_EXPERIMENT_TOML
    record_run(studio, 60, text=text)
    person = studio.person()
    page = studio.page(person, "/experiment")
    for name in ("verdict", "health", "progress", "scorecard", "lift", "exposures", "funnel", "segments"):
        assert value(studio, name), name
        assert not panel(page, name).all("p", **{"class": "empty"}), name


def test_each_treatment_has_its_row(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 60, text=THREE_VARIANTS)
    rows = value(studio, "scorecard")["metrics"]
    assert [row["treatment"] for row in rows if row["is_primary"]] == ["treatment", "third"]
    planned = [arm["n_planned"] for arm in value(studio, "progress")["arms"]]
    assert len(planned) == 3
    assert sum(planned) == value(studio, "progress")["n_planned"]


def test_guardrails_are_judged_in_words(studio: Studio, record_run: Callable[..., None]) -> None:
    """6 of control's 30 visitors play a film, 12 of treatment's; latency is 1 to 7 ms in both."""
    record_run(studio, 60, text=GUARDRAILS)
    latency, plays = value(studio, "guardrails")["guardrails"]
    assert (plays["control_value"], plays["treatment_value"]) == pytest.approx((0.2, 0.4))
    assert plays["worsening"] == pytest.approx(-0.2)
    assert plays["is_held"] == (plays["upper"] < plays["margin"]) == (plays["state"] == "ok")
    # Too few slates lie beyond the slowest twentieth: nothing is claimed, and why is said.
    assert (latency["metric"], latency["state"], latency["upper"]) == ("latency_p95", "unknown", None)
    assert latency["found"]
    page = studio.page(studio.person(), "/experiment")
    assert "plays per visitor" in panel(page, "guardrails").words()


def test_unchanged_panels_are_not_sent_again(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 4)
    person = studio.person()
    first = person.get("/experiment/panels")
    again = person.get("/experiment/panels", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert "<html" not in first.text


def test_panels_say_when_to_ask_again_and_that_a_newer_run_took_the_place(
    studio: Studio, record_run: Callable[..., None]
) -> None:
    record_run(studio, 4)
    person = studio.person()
    poll = studio.page(person, "/experiment").one("div", id="poll")
    assert poll.attributes["data-hx-get"] == "/experiment/panels?run=&shown=run-1"
    assert poll.attributes["data-hx-trigger"].startswith("every 2000ms")
    renewed = person.get("/experiment/panels?run=&shown=run-1")
    assert "HX-Refresh" not in renewed.headers
    assert 'data-hx-trigger="every 2000ms' in renewed.text
    assert person.get("/experiment/panels?run=&shown=run-0").headers["HX-Refresh"] == "true"


def test_charts_have_words_and_tables(studio: Studio, record_run: Callable[..., None]) -> None:
    record_run(studio, 60)
    page = studio.page(studio.person(), "/experiment")
    for name in ("lift", "exposures", "funnel", "peeking"):
        (chart,) = [svg for svg in panel(page, name).all("svg") if svg.attributes.get("role") == "img"]
        assert chart.attributes["aria-label"]
        assert panel(page, name).one("details").all("tr"), name
    for element in page.all():
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
    assert site_of(studio.app)
