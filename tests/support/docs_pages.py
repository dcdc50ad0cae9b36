"""Pages of the documentation as tests read them, and a small event log for the examples in them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import experiment as log

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
PAGES = sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading, its own subsections included."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", page(name), re.MULTILINE)
    assert found, f"{name} has no section {heading!r}"
    rest = page(name)[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The cells of every table row."""
    lines = re.findall(r"^\| *(`.*|\d.*)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


def codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def named(text: str) -> list[str]:
    """The codes in the first column of the tables of a section."""
    return [code for row in rows(text) for code in codes(row[0])]


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)


def examples(language: str) -> list[Any]:
    """Every block of a language, to be parametrised over, each named for its page."""
    return [
        pytest.param(block, id=f"{name}-{number}")
        for name in PAGES
        for number, block in enumerate(blocks(name, language), start=1)
    ]


def record_small_run(path: Path) -> None:
    """Make an event log of one simulated run: forty visitors, of whom every fifth clicks."""
    truth = {name: {"visitor_ctr": 0.2} for name in ("control", "treatment")}
    with log.EventLog.open(path) as events:
        events.record(
            log.RunStarted(
                run_id="run-1",
                kind="simulated",
                experiment="newer-data",
                experiment_toml="",
                experiment_hash="",
                truth_json=json.dumps({**truth, "difference": 0.0, "lift": 0.0}),
                settings_json='{"outside_option": 8.0}',
            )
        )
        for number in range(40):
            events.record(*_visit(number))


def _visit(number: int) -> list[log.Event]:
    who = {"run_id": "run-1", "visitor_id": f"s1-{number:06}"}
    variant, slate_id = ("control", "treatment")[number % 2], f"slate-{number}"
    of_slate = {**who, "slate_id": slate_id, "position": 1}
    events: list[log.Event] = [
        log.VisitStarted(**who, engine="http"),
        log.VisitorSeen(**who, persona="mainstream"),
        log.Exposure(**who, variant=variant),
        log.Slate(**who, slate_id=slate_id, surface="home", variant=variant, latency_ms=2.0),
        log.Impression(**of_slate, movie_id=1, served_at=1_000),
        log.View(**of_slate, after_ms=1_000),
        log.VisitEnded(**who),
    ]
    if number % 5 == 0:
        place = {"surface": "home", "movie_id": 1, "variant": variant}
        events.append(log.Click(**of_slate, **place, click_id=f"click-{number}"))
    return events
