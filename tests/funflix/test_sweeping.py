import msgspec
import pytest

from funflix.sweeping import SweptExperiment, sweep_json, sweep_text
from simulator.behaviour import Population
from simulator.sweeping import SweepRow, Variation, vary
from simulator.true_ctrs import TrueCtrs

SWEPT = (
    SweptExperiment(
        SweepRow(Variation(Population()), 8.0, TrueCtrs({"control": 0.07, "treatment": 0.1122})), 0.92
    ),
    SweptExperiment(
        SweepRow(
            vary(vary(Population(), "session", return_share=0.5), "dynamics", fatigue=0.3),
            8.1,
            TrueCtrs({"control": 0.07, "treatment": 0.065}),
        ),
        None,
    ),
    SweptExperiment(SweepRow(vary(Population(), "population", truth="latent"), None, None, "no"), None),
)


def test_the_table_has_a_line_a_variation_within_80_columns() -> None:
    lines = sweep_text(SWEPT).splitlines()
    assert max(len(line) for line in lines) <= 80
    assert lines[1].split() == ["as", "it", "is", "7.00%", "11.22%", "+4.22", "pts", "92%"]
    assert lines[2].split()[-5:] == ["7.00%", "6.50%", "-0.50", "pts", "-"]
    assert lines[3].split() == ["truth", "latent", "no"]


def test_as_json_a_variation_bears_its_changes_by_table_and_key() -> None:
    first, second, third = msgspec.json.decode(msgspec.json.encode(sweep_json(SWEPT)))
    assert first["changes"] == {}
    assert first["ship_chance"] == pytest.approx(0.92)
    assert second["changes"] == {"session.return_share": 0.5, "dynamics.fatigue": 0.3}
    assert second["truth"]["difference"] == pytest.approx(-0.005)
    assert (third["truth"], third["problem"]) == (None, "no")
