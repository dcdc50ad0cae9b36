"""Lighthouse's scores of every page: performance, accessibility, best practices, SEO.

    python benchmarks/lighthouse.py
    python benchmarks/lighthouse.py /film/1 /experiment     # these pages alone

The site on the synthetic catalogue, with a run of 200 visitors for the dashboard, is looked at in headless
Chromium as a telephone on a slow network would (Lighthouse's own defaults). What a page loses points for
follows the table. Exit code 1 where a page falls short of its target. Needs npx, which fetches Lighthouse
once, and a Chromium; without them it says so and measures nothing.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.engines.browser import BrowserNotFoundError, find_browser

_LIGHTHOUSE = "lighthouse@13.5.0"
_FUNFLIX = str(Path(sys.executable).with_name("funflix"))
_PAGES = (
    *("/", "/film/1", "/watch/1", "/search", "/search?q=night", "/profiles", "/welcome", "/compare"),
    *("/privacy", "/experiment"),
)
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_N_VISITORS = 200
_FAST_HOME, _FULL = 0.95, 1.0
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class _Scores:
    """What one page scored, each category from 0 to 1, and what cost it points."""

    page: str
    by_category: dict[str, float]
    losses: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Whether a target is missed: all of everything but speed, and a fast home."""
        others = [score for name, score in self.by_category.items() if name != "performance"]
        is_slow = self.page == "/" and self.by_category["performance"] < _FAST_HOME
        return is_slow or min(others) < _FULL


def main(pages: tuple[str, ...]) -> None:
    npx = shutil.which("npx")
    if npx is None:
        print("not measured: no npx on PATH; install Node.js (Debian: apt-get install npm)")
        return
    try:
        browser = find_browser(may_download=False).browser
    except BrowserNotFoundError as error:
        print(f"not measured: {error}")
        return
    print(f"{'page':<18}{''.join(f'{name:>16}' for name in _CATEGORIES)}")
    scores = []
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder) / "workspace") as url:
        for page in pages:
            scores.append(_look(npx, browser, url, page, Path(folder) / "report.json"))
            cells = (f"{scores[-1].by_category[name] * 100:>16.0f}" for name in _CATEGORIES)
            print(f"{page:<18}{''.join(cells)}", flush=True)
    for score in scores:
        print(*(f"{score.page}: {loss}" for loss in score.losses), sep="\n", end="\n" * bool(score.losses))
    sys.exit(int(any(score.is_short for score in scores)))


def _look(npx: str, browser: Path, url: str, page: str, report: Path) -> _Scores:
    """Have Lighthouse look at one page."""
    sandbox = " --no-sandbox" if os.geteuid() == 0 else ""
    command = [npx, "--yes", _LIGHTHOUSE, url + page, "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--chrome-flags=--headless=new{sandbox}", f"--only-categories={','.join(_CATEGORIES)}"]
    environment = os.environ | {"CHROME_PATH": str(browser)}
    subprocess.run(command, check=True, env=environment, timeout=_PATIENCE_S, stderr=subprocess.DEVNULL)
    found = json.loads(report.read_text(encoding="utf-8"))
    losses = [
        f"{name}: {audit['title']} ({audit.get('displayValue') or audit['score']})"
        for name in _CATEGORIES
        for part in found["categories"][name]["auditRefs"]
        if part["weight"] and (audit := found["audits"][part["id"]])["score"] not in {None, 1}
    ]
    return _Scores(page, {name: found["categories"][name]["score"] for name in _CATEGORIES}, tuple(losses))


@contextmanager
def _site(workspace: Path) -> Iterator[str]:
    """A site with one run in its log, on a free port of loopback."""
    shared = ("--workspace", str(workspace), "--dataset", "synthetic")
    simulate = [_FUNFLIX, "simulate", "--engine", "http", "--visitors", str(_N_VISITORS), *shared]
    subprocess.run(simulate, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    serve = [_FUNFLIX, "serve", "--port", str(port), *shared]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline().strip()
            if not re.fullmatch(r"http://127\.0\.0\.1:\d+/?", first_line):
                raise SystemExit(f"funflix serve said {first_line!r} instead of its address")
            yield first_line.rstrip("/")
        finally:
            process.terminate()


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or _PAGES)
