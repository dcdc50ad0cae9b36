from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.behaviour import (
    DEFAULT_POPULATION_TOML,
    Persona,
    Population,
    PopulationError,
    Session,
    load_population,
    parse_population,
    render_population,
)


def test_the_file_that_ships_spells_out_the_defaults_and_has_some_look_elsewhere() -> None:
    shipped = parse_population(DEFAULT_POPULATION_TOML)
    assert shipped.session.detour_share == 0.1
    assert msgspec.structs.replace(shipped, session=Session()) == Population()
    assert parse_population("") == Population()


def test_the_file_that_ships_explains_every_key() -> None:
    head = DEFAULT_POPULATION_TOML.partition('name = "film-buff"')[0]
    settings = [line for line in head.splitlines() if " = " in line.lstrip("# ")[:30]]
    for field in msgspec.structs.fields(Population):
        kind = Persona if field.name == "personas" else field.type
        for key in kind.__struct_fields__:
            (line, *_) = [line for line in settings if line.lstrip("# ").startswith(f"{key} = ")]
            assert "  # " in line, f"{key} is not explained"


def test_what_a_file_says_comes_true() -> None:
    population = parse_population(
        """
        [population]
        size = 40
        seed = 9
        [arrivals]
        first_day = 2027-03-01
        [choice]
        taste_strength = 0
        outside_option = -3.5
        [[personas]]
        name = "only"
        likes = ["Sci-Fi"]
        is_logged_out = true
        """
    )
    assert population.crowd.size == 40
    assert population.crowd.seed == 9
    assert population.arrivals.first_day == date(2027, 3, 1)
    assert population.choice.taste_strength == 0.0
    assert population.choice.outside_option == -3.5
    assert population.personas == (Persona(name="only", likes=("Sci-Fi",), is_logged_out=True),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[population]\nsiez = 3", r"\[population\] siez = 3: unknown key; did you mean 'size'\?"),
        ("[sesion]", r"\[sesion\]: unknown table; did you mean 'session'\?"),
        ("[[personas]]\nname='a'\nlike=['x']", r"\[\[personas\]\] 1 like = \['x'\]: unknown key.*'likes'"),
        ("[session]\npatience_median_s = -3", r"\[session\] patience_median_s = -3: expected `float` > 0"),
        ("[choice]\ntaste_strength = nan", r"\[choice\] taste_strength = nan: expected `float` >= 0"),
        ("[choice]\noutside_option = inf", r"\[choice\] outside_option = inf: expected `float` <= 1000"),
        ("[population]\nsize = 2.5", r"\[population\] size = 2.5: expected `int`"),
        ("[population]\ntruth = 'genre'", r"truth = 'genre': unknown choice; did you mean 'genre-logit'"),
        ("population = 3", r"\[population\] = 3: expected `object`"),
        ("personas = 3", r"\[personas\] = 3: expected `array`"),
        ("personas = []", r"\[personas\] = \[\]: expected `array` of length >= 1"),
        ("[[personas]]\nweight = 2", r"\[\[personas\]\] 1: a key without default is missing, 'name'"),
        ("[[personas]]\nname='a'\nweight=-1", r"\[\[personas\]\] 1 weight = -1: expected `float` >= 0"),
        ("[[personas]]\nname='a'\nweight=0", r"\[\[personas\]\] weight: it is 0 for all"),
        ("[[personas]]\nname='a'\nis_bot=true", r"\[\[personas\]\] is_bot: all who come are bots"),
        ("[[personas]]\nname='a'\nlikes=['x']\ngenre_concentration=1", r"draws its tastes, and likes"),
        ("[[personas]]\nname='a'\nlikes=['x', 3]", r"\[\[personas\]\] 1 likes 1 = 3: expected `str`"),
        ("[[personas]]\nname='a'\n[[personas]]\nname='a'", r"name = 'a': stands 2 times; names are unique"),
        ("[[personas]]\nname='a'\nlikes=['x']\ndislikes=['x']", r"'x' is both liked and disliked"),
        ("[arrivals]\nhours = [1, 2]", r"\[arrivals\] hours = \[1.0, 2.0\]: give 24 numbers"),
        ("[arrivals]\nhours = [0]", r"\[arrivals\] hours 0 = 0: expected `float` > 0"),
        ("[arrivals]\npeak_hour = 24", r"\[arrivals\] peak_hour = 24: expected `float` < 24"),
        ("population]", r"is not TOML"),
    ],
)
def test_a_bad_file_is_refused_with_key_value_and_rule(text: str, message: str) -> None:
    with pytest.raises(PopulationError, match=f"^mine.toml: .*{message}"):
        parse_population(text, source="mine.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PopulationError, match=r"nobody\.toml: cannot be read"):
        load_population(tmp_path / "nobody.toml")


def test_a_file_on_disk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "population.toml"
    path.write_text("[population]\nsize = 12\n", encoding="utf-8")
    assert load_population(path).crowd.size == 12


@given(
    name=st.text(min_size=1, max_size=40),
    weight=st.floats(min_value=1e-3, max_value=1e6),
    likes=st.lists(st.text(max_size=8), unique=True, max_size=3),
    outside=st.none() | st.floats(min_value=-1000, max_value=1000),
)
def test_a_population_survives_being_written_and_read(
    name: str, weight: float, likes: list[str], outside: float | None
) -> None:
    persona = Persona(name=name, weight=weight, likes=tuple(likes))
    choice = msgspec.structs.replace(Population().choice, outside_option=outside)
    population = msgspec.structs.replace(Population(), personas=(persona,), choice=choice)
    assert parse_population(render_population(population)) == population


def test_returns_may_stand_with_the_arrivals() -> None:
    settings = "return_share = 0.5\nreturn_gap_sigma = 2.0\nnovelty = 1.0"
    by_session = parse_population(f"[session]\npatience_sigma = 0.5\n{settings}")
    with_arrivals = f"[arrivals]\ndays = 7.0\n{settings}\n[session]\npatience_sigma = 0.5"
    assert parse_population(with_arrivals) == by_session
    assert parse_population(f"[arrivals]\n{settings}").session.return_share == 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[arrivals]\nnovelty = 1.0\n[session]\nnovelty = 1.0", "novelty: stands under .* leave one"),
        ("[arrivals]\nreturn_share = 2.0", r"\[arrivals\] return_share = 2.0: expected"),
        ("[session]\nreturn_share = 2.0", r"\[session\] return_share = 2.0: expected"),
        ("[arrivals]\nreturn_shar = 0.5", "did you mean 'return_share'"),
        ("session = 1\n[arrivals]\nreturn_share = 0.5", r"\[session\] = 1: expected"),
    ],
)
def test_returns_in_both_places_or_out_of_range_are_refused(text: str, words: str) -> None:
    with pytest.raises(PopulationError, match=words):
        parse_population(text)
