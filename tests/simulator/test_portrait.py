import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest

from simulator.behaviour import Identity, Mind, Persona, Population, Session, draw_visitors, people
from simulator.portrait import Portrait, portray, session_starts
from simulator.portrait_forms import portrait_json, portrait_text, sessions_by_period
from simulator.portrait_svg import portrait_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(world: SimpleNamespace, population: Population) -> tuple[Mind, Portrait]:
    """A portrait of 600 visitors, bots and second devices among them if the population has any."""
    truth = world.fit(population)
    mind = Mind(population, truth, seed=7, outside_option=2.0)
    visitors = draw_visitors(population, truth, n_visitors=600, seed=7)
    slates = world.random_slates(len(people(population, visitors)))
    return mind, portray(mind, visitors, slates)


@pytest.fixture
def mixed(world: SimpleNamespace) -> Portrait:
    crawler = Persona(name="crawler & <co>", weight=0.2, is_bot=True, is_logged_out=True)
    population = msgspec.structs.replace(
        world.population,
        identity=Identity(second_device_share=0.3, login_rate=0.8),
        personas=(*world.population.personas[:2], crawler),
        session=Session(return_share=0.5),
    )
    return drawn(world, population)[1]


def test_the_parts_of_a_portrait_add_up(mixed: Portrait) -> None:
    assert sum(persona.n_visitors for persona in mixed.personas) == mixed.n_visitors == 600
    assert sum(persona.share for persona in mixed.personas) == pytest.approx(1.0)
    assert sum(mixed.hourly_arrivals) == 600
    assert sum(mixed.position_ctrs) == pytest.approx(mixed.ctr)
    known = [persona for persona in mixed.personas if persona.ctr is not None]
    n_people = sum(persona.n_visitors for persona in known)
    assert n_people == 600 - mixed.n_bots
    mean = sum(persona.n_visitors * (persona.ctr or 0.0) for persona in known) / n_people
    assert mean == pytest.approx(mixed.ctr)
    assert mixed.n_persons < 600
    assert sum(mixed.daily_sessions) > 600


def test_the_expected_ctr_is_what_visitors_do(world: SimpleNamespace) -> None:
    """600 visitors' clicks against the expectation, 4 standard errors: alarms less than once in 10,000."""
    mind, portrait = drawn(world, world.population)
    visitors = draw_visitors(world.population, mind.truth, n_visitors=600, seed=7)
    clicked = mind.looks(visitors, world.random_slates(600)).chosen_positions > 0
    assert abs(clicked.mean() - portrait.ctr) < 4 * np.sqrt(portrait.ctr * (1 - portrait.ctr) / 600)


def test_who_comes_back_has_more_sessions_the_first_of_which_are_the_arrivals(world: SimpleNamespace) -> None:
    population = msgspec.structs.replace(world.population, session=Session(return_share=0.9))
    mind = Mind(population, world.truth, seed=7, outside_option=2.0)
    first, second, *_ = session_starts(mind, world.visitors)
    assert first.tolist() == world.visitors.arrival_ms.tolist()
    assert 0 < len(second) < len(first)
    assert [len(starts) for starts in session_starts(world.mind, world.visitors)] == [400]


def test_the_text_fits_a_terminal_and_names_all_who_come(mixed: Portrait) -> None:
    text = portrait_text(mixed)
    assert max(len(line) for line in text.splitlines()) <= 80
    for persona in mixed.personas:
        assert persona.name in text
    assert "position 6" in text
    assert "bots" in text


def test_json_has_every_number(mixed: Portrait) -> None:
    found = json.loads(json.dumps(portrait_json(mixed)))
    assert found["n_visitors"] == 600
    assert len(found["hourly_arrivals"]) == 24
    assert found["personas"][0]["name"] == mixed.personas[0].name


def test_the_picture_reads_out_what_it_shows(mixed: Portrait) -> None:
    picture = ET.fromstring(portrait_svg(mixed))  # noqa: S314  our own picture
    assert picture.get("role") == "img"
    ids = {element.get("id") for element in picture.iter()}
    assert set((picture.get("aria-labelledby") or "").split()) <= ids
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "A population of 600 visitors"
    assert description is not None
    assert "crawler & <co>" in (description.text or "")
    widths = [float(bar.get("width", "nan")) for bar in picture.iter(f"{SVG}rect")]
    assert len(widths) == len(mixed.personas) + 6 + 24 + 7
    assert min(widths) >= 0
    style = picture.find(f"{SVG}style")
    assert style is not None
    assert "prefers-color-scheme:dark" in (style.text or "")


def test_many_days_are_told_by_the_week(mixed: Portrait) -> None:
    long = replace(mixed, daily_sessions=(2,) * 40)
    assert sessions_by_period(long) == [(f"week {number}", 14) for number in range(1, 6)] + [("week 6", 10)]
