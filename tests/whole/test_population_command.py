import json

from stage import Stage

from stats import read_label_score

DIRTY = """
[identity]
second_device_share = 0.3
[instrumentation]
beacon_loss = 0.2
double_click_share = 0.5
[[personas]]
name = "somebody"
weight = 8.0
click_readiness = 2.0
[[personas]]
name = "crawler"
is_bot = true
bot_pages = 2
[[personas]]
name = "scraper"
is_bot = true
is_disguised = true
bot_pages = 2
"""


def test_the_population_is_shown_with_the_baseline_it_is_calibrated_to(stage: Stage) -> None:
    """The synthetic catalogue, a baseline of 7%."""
    picture = stage.root / "reports" / "population.svg"
    shown = json.loads(stage.run_here("population", "show", "--json", "--svg", str(picture)))
    assert abs(shown["ctr"] - 0.07) < 1e-6
    assert shown["n_visitors"] == sum(shown["hourly_arrivals"]) == 1850
    assert "<desc" in picture.read_text(encoding="utf-8")


def test_a_population_that_misses_a_fact_ends_with_3_and_names_it(stage: Stage) -> None:
    """Visitors who look for ten seconds, not for a minute."""
    (stage.root / "population.toml").write_text("[session]\npatience_median_s = 10\n", encoding="utf-8")
    checked = json.loads(stage.run_here("population", "check", "--json", expect=3))
    missed = {fact["fact"] for fact in checked["facts"] if fact["is_within"] is False}
    assert {"titles looked at", "time given to looking"} <= missed


def test_a_run_with_dirt_in_it_is_scored_against_its_labels(stage: Stage) -> None:
    """400 visitors, Parquet: only bots that say so are flagged, and every second click is refused."""
    (stage.root / "population.toml").write_text(DIRTY, encoding="utf-8")
    run_id = stage.run("simulate", "--engine", "vector", "--visitors", "400", "--output", "parquet").strip()
    score = read_label_score(stage.root / "events.db", run_id)
    assert score is not None
    assert score.n_visitors == 400 > score.n_persons
    assert score.n_bots > score.n_flagged == score.n_caught > 10
    assert score.precision == 1.0
    assert score.n_refused_duplicates == score.n_doubled_clicks > 10
    assert score.n_lost_views > 100
