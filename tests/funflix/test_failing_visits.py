"""Sites that answer 500, hang or are gone, and a full disk: one clear line each, and a run to be resumed."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from faulty_site import faulty_site

from catalog import Film, Ratings
from experiment import EventLog, EventLogError, EventReader, RunStarted
from funflix.errors import FunflixError
from funflix.simulation import Crew, Tally, VisitDriver
from simulator.behaviour import Identity, Mind, Population, Visitors, draw_visitors, fit_truth
from simulator.engines import run_http_visits

N_VISITORS = 40
RUN = "failing"
FILES = {"experiment_toml": "", "experiment_hash": "none"}


@pytest.fixture(scope="module")
def mind() -> Mind:
    """One that clicks nothing."""
    films = [Film(number, f"Film {number}", 1990 + number, ("Drama", "Comedy")) for number in range(1, 9)]
    users, movies = (column.ravel() for column in np.mgrid[1:21, 1:9])
    ratings = Ratings(users, movies, (1 + (users * movies) % 5).astype(np.float32), np.arange(len(users)))
    population = Population(identity=Identity(profile_share=0.0))  # the faulty site has no profiles
    return Mind(population, fit_truth(films, ratings, population, seed=3), seed=3, outside_option=50.0)


@pytest.fixture(scope="module")
def visitors(mind: Mind) -> Visitors:
    """40 of them."""
    return draw_visitors(mind.population, mind.truth, n_visitors=N_VISITORS, seed=3)


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """Where events go."""
    return tmp_path / "events.db"


def make_visits(
    site_url: str, mind: Mind, visitors: Visitors, path: Path, *, timeout_s: float = 10.0
) -> Tally:
    """One go of a run; tickets are the visitor's id and attempt."""
    with closing(EventLog.open(path)) as log:
        log.record(RunStarted(run_id=RUN, kind="simulated", experiment="test", **FILES))
        driver = VisitDriver(
            run_id=RUN,
            log=log,
            reader=EventReader(path),
            site_url=site_url,
            mind=mind,
            sign=lambda ticket: f"{ticket.visitor_id}.{ticket.attempt}",
            crew=Crew({"http": N_VISITORS}, {"http": 4}),
            on_progress=lambda _: None,
            engines={"http": partial(run_http_visits, timeout_s=timeout_s)},
        )
        return driver.run(visitors)


def test_a_failed_visit_is_made_again_under_its_next_attempt_and_counted(
    mind: Mind, visitors: Visitors, log_path: Path
) -> None:
    """The first attempt of every second visitor meets a 500: 20 failures, 20 retries, 40 visits."""
    odd = {visitor.visitor_id for visitor in visitors if visitor.index % 2}
    with faulty_site(lambda ticket: "error" if ticket in {f"{name}.1" for name in odd} else "") as site:
        tally = make_visits(site.url, mind, visitors, log_path)
    assert (tally.n_done, tally.n_failed_attempts, tally.n_retries) == (40, 20, 20)
    visits = EventReader(log_path).visits(RUN)
    assert {(v.visitor_id, v.attempt) for v in visits if v.status == "failed"} == {(name, 1) for name in odd}
    assert {(v.visitor_id, v.attempt) for v in visits if v.status == "done"} == {
        (visitor.visitor_id, 2 if visitor.visitor_id in odd else 1) for visitor in visitors
    }
    assert {v.error for v in visits if v.status == "failed"} == {
        "GET /enter: HTTP 500 'the database is on fire'; expected 303 with a Location"
    }
    counts = EventReader(log_path).retry_counts(RUN)
    assert (counts.n_failed, counts.n_retries, counts.n_open) == (20, 20, 0)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("error", r"HTTP 500 'the database is on fire'"),
        ("hang", r"GET /enter: no answer from 127\.0\.0\.1:\d+: ReadTimeout"),
    ],
)
def test_a_site_that_fails_everybody_ends_the_run_early_which_a_mended_one_completes(
    mind: Mind, visitors: Visitors, log_path: Path, fault: str, words: str
) -> None:
    """After 25 failures in a row, or up to 3 more that were under way, nobody else is sent there."""
    with faulty_site(lambda _: fault) as site:
        with pytest.raises(FunflixError, match=words) as failure:
            make_visits(site.url, mind, visitors, log_path, timeout_s=0.2)
        assert 25 <= site.entered.total() <= 28
    assert "visits in a row failed" in str(failure.value)
    assert str(failure.value).endswith("mend that and continue with --resume")
    with faulty_site(lambda _: "") as mended:
        tally = make_visits(mended.url, mind, visitors, log_path)
    assert tally.n_done == N_VISITORS
    assert 25 <= tally.n_retries <= 28


def test_a_site_that_is_gone_is_one_line(mind: Mind, visitors: Visitors, log_path: Path) -> None:
    with pytest.raises(FunflixError, match=r"no answer from 127\.0\.0\.1:9: ConnectionError.*--resume"):
        make_visits("http://127.0.0.1:9", mind, visitors, log_path)


def test_one_visitor_who_always_fails_leaves_all_others_done(
    mind: Mind, visitors: Visitors, log_path: Path
) -> None:
    """Three tries in one go; the others are not held up."""
    unlucky = visitors[7].visitor_id
    with (
        faulty_site(lambda ticket: "error" if ticket.startswith(f"{unlucky}.") else "") as site,
        pytest.raises(FunflixError, match=r"1 of 40 visitors failed 3 times each.*HTTP 500"),
    ):
        make_visits(site.url, mind, visitors, log_path)
    assert len(EventReader(log_path).done_visitors(RUN)) == N_VISITORS - 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A disk of so many kilobytes in memory, which may be asked for again to make it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def sized(kilobytes: int) -> Path:
        again = "remount," if os.path.ismount(folder) else ""
        command = ["mount", "-t", "tmpfs", "-o", f"{again}size={kilobytes}k", "tmpfs", str(folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("needs the right to mount a small disk")
        return folder

    yield sized
    if os.path.ismount(folder):
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_space_completes_the_run(
    mind: Mind, visitors: Visitors, small_disk: Callable[[int], Path]
) -> None:
    """A disk that takes the empty log and hardly more; later ten times as much."""
    disk = small_disk(2_000)
    EventLog.open(disk / "events.db").close()
    free = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(max(free.f_bavail * free.f_frsize - 48 * 1024, 0)))
    with faulty_site(lambda _: "") as site:
        with pytest.raises(EventLogError, match=r"is full.*Is the disk full") as failure:
            make_visits(site.url, mind, visitors, disk / "events.db")
        assert "\n" not in str(failure.value)
        small_disk(20_000)
        assert make_visits(site.url, mind, visitors, disk / "events.db").n_done == N_VISITORS
