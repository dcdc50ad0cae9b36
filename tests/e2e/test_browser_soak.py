"""Many visits in real browsers: nothing is left behind, memory stays flat, every failure is counted."""

import os
import statistics
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from engine_world import SEED, hashing_clients, site_serving, ticket_desk, two_variants, world_truth
from process_tree import ProcessTree

from simulator.behaviour import Mind, Population, draw_visitors
from simulator.engines import BrowserNotFoundError, find_browser, run_browser_visits
from simulator.engines.browser import BrowserLimits
from simulator.jobs import VisitJob, VisitResult

N_VISITS = 1_000 if os.environ.get("FUNFLIX_SOAK") == "full" else 16
N_BROWSERS = 2
# Browsers are replaced several times in the short form, too.
LIMITS = BrowserLimits(n_visits=50 if N_VISITS == 1_000 else 5)
BROKEN_EVERY = 8
# Of a few visits the memory depends on how many browsers are just being replaced.
MOST_GROWTH = 1.5 if N_VISITS == 1_000 else 3.0


@pytest.mark.soak
@pytest.mark.browser
def test_many_visits_leave_nothing_behind_and_grow_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """1,000 visits in the soak, 16 here; every 8th has a ticket that the site refuses.

    The last quarter of the run holds at most 1.5 times the memory of the second (3 times in the short form),
    in the median of samples taken whenever a visit is over.
    """
    try:
        find_browser(may_download=False)
    except BrowserNotFoundError as error:
        pytest.skip(str(error))
    mark = f"soak-{uuid.uuid4()}"
    monkeypatch.setenv("FUNFLIX_TEST_MARK", mark)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    tree, results, sign = ProcessTree(mark), list[VisitResult](), ticket_desk("soak")

    def note(result: VisitResult) -> None:
        results.append(result)
        tree.sample()

    def ticket_for(job: VisitJob) -> str:
        return "no-ticket" if job.visitor.index % BROKEN_EVERY == 0 else sign(job)

    experiment, truth = two_variants("soak"), world_truth(Population())
    with site_serving(experiment, hashing_clients(experiment), tmp_path / "events.db") as url:
        run_browser_visits(
            [VisitJob(v, 1) for v in draw_visitors(Population(), truth, n_visitors=N_VISITS, seed=SEED)],
            site_url=url,
            brain=Mind(Population(), truth, seed=SEED, outside_option=4.0),
            ticket_for=ticket_for,
            n_workers=N_BROWSERS,
            on_done=note,
            stop=threading.Event(),
            limits=LIMITS,
        )
    assert tree.alive() == []
    assert list(tmp_path.glob("funflix-browsers-*")) == []
    failed = [result for result in results if result.status == "failed"]
    assert len(results) == N_VISITS
    assert len(failed) == len(range(0, N_VISITS, BROKEN_EVERY))
    assert {result.error is not None and "expected the page 'home'" in result.error for result in failed} == {
        True
    }
    quarter = N_VISITS // 4
    early, late = tree.rss_bytes[quarter : 2 * quarter], tree.rss_bytes[-quarter:]
    assert statistics.median(late) < MOST_GROWTH * statistics.median(early)
    figures = {
        "visits": N_VISITS,
        "cpu_s_per_visit": round(tree.cpu_s / N_VISITS, 3),
        "rss_mb_early": round(statistics.median(early) / 1e6),
        "rss_mb_late": round(statistics.median(late) / 1e6),
        "rss_mb_most": round(max(tree.rss_bytes) / 1e6),
    }
    record_property("soak", str(figures))
    print(figures)  # noqa: T201  for who runs the soak with `-s`
