"""The documentation names all there is, with its defaults, and nothing that is not."""

import importlib
import json
import pkgutil
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
import numpy as np
import pytest
from detailed_arms import arm_with_details
from docs_pages import PAGES, PROJECT, blocks, codes, examples, named, page, record_small_run, rows, section
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

import recommender_client
from catalog import Film, Ratings
from experiment import Design, Experiment, Guardrail, Shadow, Variant, parse_experiment
from funflix.command_line import cli
from funflix.errors import ExitCode
from recommender import create_endpoint_app, save_artefact, train_model
from recommender_client import create_client
from simulator.behaviour import Population, parse_population
from stats import (
    Demands,
    GuardrailRule,
    LoggedImpressions,
    LoggedPolicy,
    OffPolicySums,
    OtherDesigns,
    Outcomes,
    Run,
    TeamBalance,
    TeamDraft,
    build_armless_report,
    build_report,
    read_outcomes,
    report_to_json,
)
from stats import Design as StatsDesign
from website import SiteSettings, arrange_storefront, create_app, site_of
from website.refusals import STATUS_OF

TOP_PACKAGES = (
    *("catalog", "experiment", "funflix", "recommender"),
    *("recommender_client", "simulator", "stats", "website"),
)


# A small world: three films, a site, an endpoint, and a log with forty visitors.


@pytest.fixture(scope="module")
def films() -> tuple[Film, ...]:
    return tuple(Film(movie_id, f"Film {movie_id}", 2000, ("Drama",)) for movie_id in range(1, 9))


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    users, movies = np.divmod(np.arange(24, dtype=np.int64), 4)
    return Ratings(users + 10, movies + 1, np.full(24, 4.0, dtype=np.float32), np.arange(24, dtype=np.int64))


@pytest.fixture(scope="module")
def endpoint(films: tuple[Film, ...], ratings: Ratings, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An endpoint with one model, named as in the examples."""
    model = train_model(
        "newer-ease", "popularity", films=films, ratings=ratings, held_out=ratings.take(np.arange(0)), seed=1
    )
    return create_endpoint_app([save_artefact(model, tmp_path_factory.mktemp("models"))])


@pytest.fixture(scope="module")
def site(
    films: tuple[Film, ...], ratings: Ratings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """A site whose models nobody serves."""
    variants = tuple(Variant(name=name, model=name) for name in ("control", "treatment"))
    client = create_client("open_inference", "http://127.0.0.1:9", "none", timeout_s=0.3)
    app = create_app(
        SiteSettings(
            experiment=Experiment(name="test", salt="salt", variants=variants),
            storefront=arrange_storefront(films, ratings),
            clients={variant.name: client for variant in variants},
            event_log_path=tmp_path_factory.mktemp("site") / "events.db",
            secret="a-secret-of-at-least-thirty-two-characters",
        )
    )
    yield app
    site_of(app).close()


@pytest.fixture(scope="module")
def event_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of one small run."""
    path = tmp_path_factory.mktemp("log") / "events.db"
    record_small_run(path)
    return path


# Command line and workspace.


def _commands() -> list[str]:
    return cli.list_commands(click.Context(cli))


def _command(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


@pytest.mark.parametrize("name", _commands())
def test_every_option_of_a_command_is_documented_with_its_default(name: str) -> None:
    shared = {
        code.split()[0]: row
        for row in rows(section("reference/command-line.md", "Shared options"))
        if row[1] == "all" or name in row[1].split(", ")
        for code in codes(row[0])
    }
    own = {
        code.split()[0]: row
        for row in rows(section("reference/command-line.md", f"`funflix {name}`"))
        for code in codes(row[0])
    }
    options = [option for option in _command(name).params if isinstance(option, click.Option)]
    assert {*shared, *own} == {"--help", "-h"} | {text for option in options for text in option.opts}
    for option in options:
        if isinstance(option.type, click.Choice):
            row = " ".join({**shared, **own}[option.opts[0]])
            assert all(choice in row for choice in option.type.choices), option.opts
        if isinstance(option.default, int | float | str) and not option.is_flag:
            (text,) = option.opts
            column = 2 if text in shared else 1
            assert codes({**shared, **own}[text][column])[:1] == [str(option.default)], text


def test_every_command_is_documented() -> None:
    text = page("reference/command-line.md")
    assert re.findall(r"^## `funflix (\w+)`$", text, re.MULTILINE) == _commands()


@pytest.mark.parametrize(
    "line",
    sorted({line for name in PAGES for line in re.findall(r"^\$ funflix (.*)$", page(name), re.MULTILINE)}),
)
def test_commands_shown_in_consoles_are_accepted(line: str) -> None:
    name, *arguments = shlex.split(line)
    assert _command(name).make_context(name, arguments)


def test_every_environment_variable_is_documented() -> None:
    variable = re.compile(r"FUNFLIX_[A-Z_]*[A-Z]")
    sources = [path for package in TOP_PACKAGES for path in (PROJECT / package).rglob("*.py")]
    read = {name for path in sources for name in variable.findall(path.read_text(encoding="utf-8"))}
    documented = set(named(section("reference/workspace.md", "Environment variables")))
    elsewhere = {"NO_COLOR", "PROMETHEUS_MULTIPROC_DIR", "FUNFLIX_TEST_MOVIELENS", "FUNFLIX_SOAK"}
    assert read - {"FUNFLIX_TEST_MARK"} == documented - elsewhere


def test_every_exit_code_is_documented() -> None:
    documented = [int(row[0]) for row in rows(section("reference/workspace.md", "Exit codes"))]
    assert documented == [code.value for code in ExitCode]


# Experiment file and population file.

_TABLES = {"design": Design, "variants": Variant, "shadows": Shadow, "guardrails": Guardrail}


def _keys_of_experiment_file() -> list[tuple[str, list[Any]]]:
    shared = [field for field in msgspec.structs.fields(Experiment) if field.name not in _TABLES]
    tables = [
        (f"`[{name}]`" if name == "design" else f"`[[{name}]]`", list(msgspec.structs.fields(kind)))
        for name, kind in _TABLES.items()
    ]
    return [("`[experiment]`", shared), *tables]


def _keys_of_population_file() -> list[tuple[str, list[Any]]]:
    found = []
    for field in msgspec.structs.fields(Population):
        is_list = field.name == "personas"
        kind = type(field.default[0]) if is_list else field.type
        heading = f"`[[{field.encode_name}]]`" if is_list else f"`[{field.encode_name}]`"
        found.append((heading, list(msgspec.structs.fields(kind))))
    return found


@pytest.mark.parametrize(
    ("name", "heading", "fields"),
    [("experiment-file.md", *table) for table in _keys_of_experiment_file()]
    + [("population-file.md", *table) for table in _keys_of_population_file()],
)
def test_every_key_is_documented_with_its_default_and_bounds(
    name: str, heading: str, fields: list[Any]
) -> None:
    documented = {codes(row[0])[0]: row for row in rows(section(f"reference/{name}", heading))}
    assert list(documented) == [field.encode_name for field in fields]
    for field in fields:
        row = documented[field.encode_name]
        assert row[1] == _default(field), f"{name}, {heading}, {field.name}"
        for bound in _bounds(field.type):
            assert f"{bound:,.10g}" in row[2], f"{name}, {heading}, {field.name}: {bound} is a bound"


def _default(field: Any) -> str:  # noqa: ANN401  msgspec's description of a field
    if field.required:
        return "required"
    value = field.default
    if value is None:
        return "absent"
    return f"`{value.isoformat() if isinstance(value, date) else msgspec.json.encode(value).decode()}`"


def _bounds(annotation: object) -> Iterator[float]:
    for argument in get_args(annotation):
        if isinstance(argument, msgspec.Meta):
            limits = (argument.ge, argument.gt, argument.le, argument.lt, argument.max_length)
            yield from (limit for limit in limits if limit is not None)
        else:
            yield from _bounds(argument)


@pytest.mark.parametrize("block", examples("toml"))
def test_toml_examples_are_accepted(block: str) -> None:
    if "[[variants]]" in block:
        head = "" if "[experiment]" in block else '[experiment]\nname = "test"\nsalt = "test"\n'
        assert parse_experiment(head + block)
    else:
        assert parse_population(block)


# Routes, refusals, metrics.


def _routes(app: Flask) -> set[str]:
    return {
        f"{method} {re.sub(r'<(?:[a-z]+:)?([a-z_]+)>', lambda found: found[1].upper(), rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_of_the_site_is_documented(site: Flask) -> None:
    assert set(named(section("reference/site.md", "Routes"))) == _routes(site)


def test_every_route_of_the_endpoint_is_documented(endpoint: Flask) -> None:
    assert set(named(section("reference/model-endpoint.md", "Routes"))) == _routes(endpoint)


def test_every_refusal_is_documented_with_its_status() -> None:
    documented = {codes(row[0])[0]: int(row[1]) for row in rows(section("reference/site.md", "Refusals"))}
    assert documented == {reason: int(status) for reason, status in STATUS_OF.items()}


def test_every_reason_of_a_fallback_is_documented() -> None:
    errors = (getattr(recommender_client, name) for name in recommender_client.__all__)
    documented = named(section("reference/model-endpoint.md", "When an endpoint fails"))
    assert set(documented) == {error.reason for error in errors if hasattr(error, "reason")}


@pytest.mark.parametrize(
    ("fixture", "name", "heading"),
    [("site", "site.md", "Metrics"), ("endpoint", "model-endpoint.md", "Routes")],
)
def test_every_metric_is_documented(
    fixture: str, name: str, heading: str, request: pytest.FixtureRequest
) -> None:
    answer = request.getfixturevalue(fixture).test_client().get("/metrics")
    served = {family.name for family in text_string_to_metric_families(answer.text)}
    documented = {code.removesuffix("_total") for code in codes(section(f"reference/{name}", heading))}
    assert {code for code in documented if code.startswith("funflix_")} >= served


@pytest.mark.parametrize("path", ["/v2/models/newer-ease/infer", "/api/v1.0/predictions"])
def test_requests_shown_are_answered_in_the_shape_shown(endpoint: Flask, path: str) -> None:
    shown = [json.loads(block) for block in blocks("reference/model-endpoint.md", "json")]
    request, answer = shown[:2] if path.startswith("/v2") else shown[2:4]
    given = endpoint.test_client().post(path, json=request)
    assert given.status_code == 200, given.text
    assert _shape(given.get_json()) == _shape(answer)


def test_the_feedback_shown_is_taken(endpoint: Flask) -> None:
    feedback = json.loads(blocks("reference/model-endpoint.md", "json")[4])
    path = "/seldon/any/newer-ease/api/v1.0/feedback"
    assert endpoint.test_client().post(path, json=feedback).status_code == 200


def _shape(value: object) -> object:
    """The keys of an answer, below one another; values, and what a router adds, left out."""
    if isinstance(value, dict):
        return {key: None if key == "routing" else _shape(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_shape(inner) for inner in value]
    return type(value).__name__


# Event log, report, Python API.


def test_every_table_view_and_column_is_documented(event_log: Path) -> None:
    text = page("reference/event-log.md")
    with closing(sqlite3.connect(event_log)) as connection:
        relations = connection.execute(
            "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
        ).fetchall()
        kept = {name: kind for name, kind in relations if not name.startswith(("_sqlite", "sqlite"))}
        assert set(re.findall(r"^### `(\w+)`$", text, re.MULTILINE)) == set(kept)
        for name, kind in kept.items():
            columns = connection.execute("SELECT name, type FROM pragma_table_info(?)", [name]).fetchall()
            body = section("reference/event-log.md", f"`{name}`")
            assert set(named(body)) == {column for column, _ in columns}, name
            if kind == "table":
                assert {codes(row[0])[0]: row[1] for row in rows(body)} == dict(columns), name


@pytest.mark.parametrize("sequential", ["none", "obrien-fleming", "always-valid"])
def test_every_field_of_a_report_is_documented(event_log: Path, sequential: str) -> None:
    design = StatsDesign(sequential=sequential)
    report = build_report(read_outcomes(event_log), design, generated_at=datetime.now(UTC))
    fields = set(_fields(report_to_json(report)))
    assert not fields - set(codes(section("reference/report.md", "JSON")))


def test_every_field_of_a_report_with_all_its_sections_is_documented() -> None:
    """Three arms with all that a log can tell of them, and a guardrail."""
    rng = np.random.default_rng(4)
    arms = [
        arm_with_details(name, 1_095, 100, rng=rng, n_bots=3) for name in ("control", "treatment", "other")
    ]
    design = StatsDesign(
        weights={arm.visitors.variant: 1.0 for arm in arms},
        guardrails=(GuardrailRule("latency_p95", 5.0),),
    )
    report = build_report(Outcomes(Run("r"), tuple(arms)), design, generated_at=datetime.now(UTC))
    fields = set(_fields(report_to_json(report))) - {"other"}
    assert {"cuped", "segments", "daily", "shown", "guardrails", "comparisons"} <= fields
    assert not fields - set(codes(section("reference/report.md", "JSON")))


def test_every_field_of_interleaved_and_logged_traffic_is_documented() -> None:
    """As they stand in a report without arms, where all of them are."""
    draft = TeamDraft("control", "treatment", (0, 1), (1, 0), (9, 4), TeamBalance(20, 22, 0.5))
    ones = np.ones(4)
    sums = OffPolicySums.from_logged(LoggedImpressions(np.array([0.0, 1, 0, 1]), ones / 2, ones / 2))
    others = OtherDesigns(draft, LoggedPolicy(sums))
    report = build_armless_report(Run("r"), others, Demands(), generated_at=datetime.now(UTC))
    fields = set(_fields(report_to_json(report)))
    assert {"preference", "impressions_control", "estimates", "warnings"} <= fields
    assert not fields - set(codes(section("reference/report.md", "JSON")))


def _fields(value: object) -> Iterator[str]:
    """Every key but the names of variants and settings."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from () if key in {"control", "treatment"} else (key,)
            yield from () if key in {"weights", "fallback_share", "settings"} else _fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner)


def _packages() -> list[str]:
    found = []
    for top in TOP_PACKAGES:
        folder = [str(PROJECT / top)]
        found += [top, *(module.name for module in pkgutil.walk_packages(folder, f"{top}.") if module.ispkg)]
    return [name for name in found if getattr(importlib.import_module(name), "__all__", None)]


@pytest.mark.parametrize("name", _packages())
def test_every_exported_name_is_documented(name: str) -> None:
    documented = {codes(row[0])[0]: row[1] for row in rows(section("reference/python-api.md", f"`{name}`"))}
    assert set(documented) == set(importlib.import_module(name).__all__)
    assert all(documented.values())
