import json

from stage import Stage


def test_the_population_is_shown_with_the_baseline_it_is_calibrated_to(stage: Stage) -> None:
    """The synthetic catalogue, a baseline of 7%."""
    picture = stage.root / "reports" / "population.svg"
    shown = json.loads(stage.run("population", "show", "--json", "--svg", str(picture)))
    assert abs(shown["ctr"] - 0.07) < 1e-6
    assert shown["n_visitors"] == sum(shown["hourly_arrivals"]) == 1850
    assert "<desc" in picture.read_text(encoding="utf-8")


def test_a_population_that_misses_a_fact_ends_with_3_and_names_it(stage: Stage) -> None:
    """Visitors who look for ten seconds, not for a minute."""
    (stage.root / "population.toml").write_text("[session]\npatience_median_s = 10\n", encoding="utf-8")
    checked = json.loads(stage.run("population", "check", "--json", expect=3))
    missed = {fact["fact"] for fact in checked["facts"] if fact["is_within"] is False}
    assert {"titles looked at", "time given to looking"} <= missed
