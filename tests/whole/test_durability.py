"""The site killed under load, again and again: no acknowledged click is lost, none is counted twice."""

import os
import random
import re
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest
import requests
from stage import Stage

from experiment import EventLog
from funflix.servers import endpoint_running, site_running
from funflix.workspace import Workspace

_N_KILLS = 50 if os.environ.get("FUNFLIX_SOAK") == "full" else 4
_N_VISITORS_AT_A_TIME = 6
_N_CLICKS_BETWEEN = 20
_TOKEN = re.compile(r'data-surface="home".*?data-token="([^"]+)"', re.DOTALL)


class Clicker(threading.Thread):
    """Visits the home page and clicks its first film, as a new visitor each time, until told to stop.

    Every click is posted a second time, as a browser does that did not hear back.
    """

    def __init__(self, url: str, ending: threading.Event) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._ending = ending
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()

    def run(self) -> None:
        """Click until the end."""
        while not self._ending.is_set():
            with requests.Session() as visitor:
                try:
                    self._visit(visitor)
                except requests.RequestException:
                    self._ending.wait(0.02)  # the site is down just now

    def _visit(self, visitor: requests.Session) -> None:
        page = visitor.get(self._url, timeout=5).text
        token = _TOKEN.search(page)
        assert token is not None
        slate = re.search(r'data-slate="([^"]+)"', page)
        assert slate is not None
        for _ in range(2):
            answer = visitor.post(
                f"{self._url}/click", data={"token": token[1]}, timeout=5, allow_redirects=False
            )
            self.answers[answer.status_code] += 1
            if answer.status_code == 303:
                self.acknowledged.append(slate[1])


@pytest.mark.soak
def test_killing_the_site_loses_no_acknowledged_click_and_doubles_none(stage: Stage) -> None:
    """4 kills here, 50 in the soak, each some drawn time after 20 more clicks were acknowledged."""
    workspace = Workspace(stage.root)
    EventLog.open(workspace.events).close()
    draws = random.Random(20_261_122)
    stop = threading.Event()
    with (
        endpoint_running(workspace) as endpoint,
        site_running(workspace, experiment_file=workspace.experiment, endpoint_url=endpoint.url) as site,
    ):
        clickers = [Clicker(site.url, stop) for _ in range(_N_VISITORS_AT_A_TIME)]
        for clicker in clickers:
            clicker.start()
        for n_killed in range(_N_KILLS):
            stage.wait_until(lambda n=n_killed: _n_acknowledged(clickers) > _N_CLICKS_BETWEEN * (n + 1))
            threading.Event().wait(draws.uniform(0.0, 1.0))
            _kill_and_restart(site)
        threading.Event().wait(0.5)
        stop.set()
        for clicker in clickers:
            clicker.join(timeout=120)
            assert not clicker.is_alive()
    _check(stage.root, clickers)


def _n_acknowledged(clickers: list[Clicker]) -> int:
    return sum(len(clicker.acknowledged) for clicker in clickers)


def _kill_and_restart(site: object) -> None:
    process = site._process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    site.start()
    site.wait_until_ready()


def _check(root: Path, clickers: list[Clicker]) -> None:
    acknowledged = [slate_id for clicker in clickers for slate_id in clicker.acknowledged]
    answers = sum((clicker.answers for clicker in clickers), Counter())
    stored = Counter(str(slate_id) for (slate_id,) in Stage(root).rows("SELECT slate_id FROM clicks"))
    assert set(answers) == {303, 409}
    assert [slate_id for slate_id in acknowledged if slate_id not in stored] == []
    assert [slate_id for slate_id, count in stored.items() if count > 1] == []
