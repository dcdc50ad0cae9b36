"""Links in the documentation lead somewhere, and its examples run."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import small_vector_run as small
from docs_pages import DOCS, PAGES, blocks, examples, page, record_small_run
from werkzeug.serving import make_server

from funflix.vector_run import make_lake_visits
from recommender_client import Feedback, RecommendationRequest, create_client
from simulator.engines import Workers


@pytest.fixture(scope="module")
def event_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of one small run."""
    path = tmp_path_factory.mktemp("log") / "events.db"
    record_small_run(path)
    return path


# Links.


def _slugs(name: str) -> set[str]:
    """The anchors that GitHub gives to headings."""
    headings = re.findall(
        r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", page(name), flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page(name)):
        path, _, anchor = link.partition("#")
        if path.startswith(("http:", "https:")):
            continue
        target = ((DOCS / name).parent / path).resolve() if path else DOCS / name
        assert target.is_file(), f"{name} links to {link!r}"
        if anchor:
            assert anchor in _slugs(str(target.relative_to(DOCS))), f"{name} links to {link!r}"


def test_the_index_links_to_every_page() -> None:
    linked = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", page("index.md"))}
    assert linked == set(PAGES) - {"index.md"}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_names_a_place_of_one_machine(name: str) -> None:
    assert not re.search(r"/(home|root|work|Users)/", page(name))


# Examples.


def _files_beside(block: str) -> list[tuple[str, str]]:
    """What the page of an example has its reader save before."""
    (text,) = (page(name) for name in PAGES if block in page(name))
    return re.findall(r"\(save as `(\w+\.py)`\):\n\n```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


# The worked example goes on from block to block; it has a test of its own.
_BY_THEMSELVES = [block for block in examples("python") if "worked-example" not in str(block.id)]


@pytest.mark.parametrize("block", _BY_THEMSELVES)
def test_python_examples_run(block: str, event_log: Path, tmp_path: Path, monkeypatch: Any) -> None:  # noqa: ANN401
    (tmp_path / "events.db").write_bytes(event_log.read_bytes())
    if "open_lake" in block:
        run = small.lake_run(tmp_path / ".funflix" / "lake" / "run", small.experiment_of())
        make_lake_visits(run, 200, workers=Workers(), on_progress=lambda _: None)
    for name, text in _files_beside(block):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    exec(compile(block, "example", "exec"), {"__name__": "example"})  # noqa: S102  our own documentation


@pytest.mark.parametrize("name", [name for name in PAGES if blocks(name, "sql")])
def test_sql_examples_run(name: str, event_log: Path) -> None:
    """The blocks of a page in their order, in one session, read only as the page says."""
    with closing(sqlite3.connect(f"{event_log.as_uri()}?mode=ro", uri=True)) as connection:
        for block in blocks(name, "sql"):
            connection.executescript(block)


@pytest.fixture
def my_endpoint() -> Iterator[str]:
    """The endpoint of the how-to, served."""
    (block,) = (text for text in blocks("how-to/bring-your-own-model.md", "python") if "Flask" in text)
    module: dict[str, Any] = {"__name__": "my_endpoint"}
    exec(compile(block, "my_endpoint", "exec"), module)  # noqa: S102  our own documentation
    with make_server("127.0.0.1", 0, module["app"], threaded=True) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("protocol", "path", "is_ready"),
    [("open_inference", "", True), ("seldon", "/api/v1.0/predictions", True)],
)
def test_the_endpoint_of_the_how_to_serves_the_site(
    my_endpoint: str, protocol: str, path: str, *, is_ready: bool
) -> None:
    client = create_client(protocol, my_endpoint + path, "mine", timeout_s=5.0)
    home = RecommendationRequest(user_id=12, n_films=6, request_id="slate-1")
    film = RecommendationRequest(user_id=None, n_films=6, movie_id=318)
    answers = client.recommend_many([home, film])
    assert [len(answer.movie_ids) for answer in answers] == [6, 6]
    assert 318 not in answers[1].movie_ids
    assert client.is_ready() is is_ready
    client.send_feedback(Feedback(home, answers[0], reward=1.0))
