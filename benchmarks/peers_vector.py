"""How fast another simulator of recommenders shows slates, beside our vector engine, in the same run.

    python benchmarks/peers_vector.py --install     # peers go into a temporary folder, which is deleted

Each peer gets an environment of its own, with the libraries of its time where it needs them. One that cannot
be installed here is skipped and said to be. What they do in a step differs: T-RECS keeps less of a visit than
we do, and has no assignment and no site. Rates are per second of CPU of one process; a peer runs a small
load.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_INSTALL_S, _RUN_S = 900, 300
_MEASURE = """
import time
slates()  # warms up
began = time.process_time()
n = slates()
print("RATE", n / (time.process_time() - began))
"""


@dataclass(frozen=True)
class Peer:
    """Another simulator.

    Args:
        name: as it calls itself.
        requirements: what pip installs, with what they need.
        alone: what pip installs without what it says it needs, as that builds nowhere any more.
        program: defines `slates`, which shows slates to visitors and returns how many.
    """

    name: str
    requirements: tuple[str, ...]
    alone: tuple[str, ...]
    program: str


PEERS = (
    Peer(
        "T-RECS 0.2.1, popularity, 1,000 users and items, slates of 6",
        (
            *("numpy==1.23.5", "scipy==1.10.1", "pandas==1.5.3", "networkx==2.8.8", "matplotlib==3.7.5"),
            *("scikit-learn==1.2.2", "lenskit==0.14.4", "lazy-importer", "tqdm", "setuptools<70"),
        ),
        ("trecs==0.2.1",),
        """
from trecs.models import PopularityRecommender
def slates():
    PopularityRecommender(num_users=1000, num_items=1000, num_items_per_iter=6, seed=7).run(timesteps=3)
    return 1000 * 3
""",
    ),
)


def main() -> None:
    options = _options()
    print(f"{'':<66}{'slates per core-second':>24}")
    ours = _run([sys.executable, "-c", _OURS + _MEASURE], cwd=Path(__file__).parent)
    print(f"{'Funflix, vector engine, events kept as columns':<66}{ours:>24}")
    if not options.install:
        print("peers are installed and measured with --install")
        return
    for peer in PEERS:
        with tempfile.TemporaryDirectory(prefix="funflix-peer-") as folder:
            print(f"{peer.name:<66}{_measure(peer, Path(folder)):>24}", flush=True)


_OURS = """
import argparse
from vector_engine import _bench, _n_slates
bench = _bench(argparse.Namespace(dataset="synthetic", visitors=100_000))
def slates():
    return sum(_n_slates(walk) for walk, _ in bench.walks())
"""


def _measure(peer: Peer, folder: Path) -> str:
    python = folder / "bin" / "python"
    steps = [[sys.executable, "-m", "venv", str(folder)], [python, *_pip(), *peer.requirements]]
    if peer.alone:
        steps.append([python, *_pip(), "--no-deps", *peer.alone])
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, timeout=_INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            return f"skipped: no end of installing within {_INSTALL_S} s"
        if done.returncode:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            return f"skipped: does not install on Python {version}"
    return _run([python, "-c", peer.program + _MEASURE], cwd=folder)


def _pip() -> tuple[str, ...]:
    return ("-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check")


def _run(command: list[str | Path], cwd: Path) -> str:
    """The rate a program prints, or why there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_S, check=False, cwd=cwd)
    except subprocess.TimeoutExpired:
        return f"skipped: no end within {_RUN_S} s"
    rates = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("RATE ")]
    if rates:
        return f"{float(rates[0]):,.0f}"
    return f"skipped: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1][:90]}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="install the peers, from PyPI")
    return parser.parse_args()


if __name__ == "__main__":
    main()
