"""Which dataset a person means, and which they get when they say nothing."""

import difflib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from catalog.dataset import Dataset
from catalog.errors import DatasetNotFoundError, FetchError
from catalog.fetching import GROUPLENS_URL, MOVIELENS, Progress, PublishedArchive, fetch_dataset
from catalog.loading import load_dataset
from catalog.synthetic import synthetic_dataset

DEFAULT_DATASET = "ml-latest-small"
SYNTHETIC = "synthetic"

_REACH_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class FoundDataset:
    """A dataset, and one line for the user that says which it is and why."""

    dataset: Dataset
    notice: str


def find_dataset(
    choice: str | None,
    *,
    folder: Path,
    seed: int,
    progress: Progress | None = None,
    base_url: str = GROUPLENS_URL,
    archives: Mapping[str, PublishedArchive] = MOVIELENS,
) -> FoundDataset:
    """Find the dataset of `--dataset`.

    Args:
        choice: a MovieLens name, the path of a folder or zip, "synthetic", or None: ml-latest-small where it
            is in `folder` or can be fetched, else the synthetic catalogue.
        folder: where fetched datasets are kept.
        seed: of the synthetic catalogue.
        progress: told of the bytes of a download.
        base_url: where the archives lie.
        archives: the datasets which can be fetched, by name.

    Raises:
        DatasetNotFoundError: the choice is no name we know and no path.
        FetchError: the named dataset cannot be fetched.
        DatasetError, ArchiveError: its files are at fault.
    """
    if choice == SYNTHETIC:
        return _synthetic(seed, "as asked")
    if choice is not None and choice not in archives:
        return _at_path(choice, archives)
    name = choice or DEFAULT_DATASET
    is_cached = (folder / name).is_dir()
    if choice is None and not is_cached and not _is_reachable(base_url):
        return _synthetic(seed, f"because {base_url} is out of reach")
    try:
        path = fetch_dataset(name, folder, progress=progress, base_url=base_url, archives=archives)
    except FetchError as error:
        if choice is None:
            return _synthetic(seed, f"because MovieLens could not be fetched: {error}")
        raise
    origin = f"in {path}" if is_cached else f"fetched from {base_url} to {path}"
    return _described(load_dataset(path), f"MovieLens {name}", origin)


def _at_path(choice: str, archives: Mapping[str, PublishedArchive]) -> FoundDataset:
    path = Path(choice).expanduser()
    if not path.exists():
        names = [*archives, SYNTHETIC]
        close = difflib.get_close_matches(choice, names, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise DatasetNotFoundError(
            f"dataset {choice!r} is neither a name nor a path; {hint}"
            f"choose one of {', '.join(names)}, or a folder or zip"
        )
    dataset = load_dataset(path)
    return _described(dataset, dataset.name, f"from {path}")


def _synthetic(seed: int, reason: str) -> FoundDataset:
    return _described(synthetic_dataset(seed=seed), f"the synthetic catalogue of seed {seed}", reason)


def _described(dataset: Dataset, what: str, why: str) -> FoundDataset:
    size = (
        f"{len(dataset.ratings):,} ratings of {len(dataset.films):,} films by {len(dataset.user_ids):,} users"
    )
    return FoundDataset(dataset, f"Dataset: {what}, {why} ({size})")


def _is_reachable(url: str) -> bool:
    """Tell whether a server answers within 3 s, in whatever words.

    In a thread, because the look-up of a name knows no timeout and can take half a minute without network.
    """
    has_answered = threading.Event()

    def ask() -> None:
        try:
            requests.head(url, timeout=_REACH_TIMEOUT_S).close()
        except requests.RequestException:
            return
        has_answered.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_REACH_TIMEOUT_S)
    return has_answered.is_set()
