from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from recommender_client import RecommenderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.test import TestResponse

    from tests.website.conftest import Studio


def samples(answer: TestResponse) -> dict[tuple[object, ...], float]:
    """Every sample of the page, as {(name, labels...): value}."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def total(found: Mapping[tuple[object, ...], float], name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (sample, *of), value in found.items() if sample == name and wanted <= set(of))


def test_metrics_count_what_the_event_log_holds(studio: Studio) -> None:
    browser = studio.person()
    page = studio.page(browser)
    slate = page.one("section", data_slate=None)
    variant = slate.attributes["data-variant"]
    token = slate.all("article")[0].attributes["data-token"]
    browser.post("/views", json={"views": [{"token": token, "after_ms": 1000}]})
    for _ in range(2):
        browser.post("/click", data={"token": token})
    found = samples(browser.get("/metrics"))
    labels = {"run": "live", "variant": variant, "surface": "home"}
    assert total(found, "funflix_slates_total", **labels) == 1
    assert total(found, "funflix_served_impressions_total", **labels) == 6
    assert total(found, "funflix_impressions_total", **labels) == 1
    assert total(found, "funflix_clicks_total", **labels) == 1
    assert total(found, "funflix_impression_ctr", **labels) == 1.0
    assert total(found, "funflix_visitor_ctr", run="live", variant=variant) == 1.0
    assert total(found, "funflix_fallbacks_total", **labels) == 0
    assert total(found, "funflix_refusals_total", event="click", reason="replayed") == 1
    assert total(found, "funflix_request_seconds_count", route="/click") == 2


def test_fallbacks_are_counted(open_site: Callable[..., Studio]) -> None:
    studio = open_site(error=RecommenderTimeoutError("late"))
    studio.page(studio.person())
    assert total(samples(studio.person().get("/metrics")), "funflix_fallbacks_total") == 1


def test_without_traffic_no_ratio_is_given(studio: Studio) -> None:
    found = samples(studio.person().get("/metrics"))
    assert not [name for name, *_ in found if name.endswith("_ctr")]


def test_latencies_of_two_processes_are_added_up(tmp_path: Path) -> None:
    """Each process answers one request; whoever is asked knows of both."""
    script = Path(__file__).with_name("worker_of_metrics.py")
    folder = tmp_path / "metrics"
    folder.mkdir()
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    for expected in (1.0, 2.0):
        done = subprocess.run(
            [sys.executable, script], env=environment, capture_output=True, text=True, check=True
        )
        assert float(done.stdout) == expected
