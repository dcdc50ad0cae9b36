from __future__ import annotations

from typing import TYPE_CHECKING

from experiment import experiment_fingerprint
from recommender_client import RecommenderUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.website.conftest import Studio


def test_a_site_lives(studio: Studio) -> None:
    assert studio.person().get("/livez").text == "ok\n"


def test_a_site_is_ready_when_it_can_record(studio: Studio) -> None:
    answer = studio.person().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "event_log": "writable",
        "experiment": experiment_fingerprint(studio.experiment),
        "fallback": True,
        "models": {"control": True, "treatment": True},
        "ready": True,
    }


def test_a_site_without_models_is_ready_by_its_fallback(open_site: Callable[..., Studio]) -> None:
    studio = open_site(error=RecommenderUnavailableError("down"))
    answer = studio.person().get("/readyz")
    assert (answer.status_code, answer.json["models"]) == (200, {"control": False, "treatment": False})


def test_a_site_that_cannot_record_is_not_ready_and_acknowledges_no_click(studio: Studio) -> None:
    from website import site_of

    browser = studio.person()
    page = studio.page(browser)
    token = page.one("section", data_slate=None).all("article")[0].attributes["data-token"]
    site_of(studio.app).log.close()
    for path in studio.path.parent.glob("events.db*"):
        path.unlink()
    studio.path.mkdir()  # now nothing can be written there
    assert studio.person().get("/readyz").status_code == 503
    answer = browser.post("/click", data={"token": token})
    assert answer.status_code == 503
    assert "A short intermission" in answer.text
