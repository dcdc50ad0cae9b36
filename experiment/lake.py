"""A run's events as Parquet files, for runs too large for the event log: a lake.

A lake is a folder. Its tables are folders of parts; a part holds all events of a range of visitors, under the
same number in each table:

    lake/RUN/lake.json                     what the run is called, and how its visitors are cut into parts
    lake/RUN/slates/part-000000.parquet    and likewise clicks, plays, visitors, exposures, true labels
    lake/RUN/visits/part-000000.parquet    the ledger, written last: with it the part is done

Each file appears whole or not at all, and what a part holds is a function of its visitors. So a run that is
killed goes on with the parts that are not done, and several processes may write parts at the same time.
"""

import errno
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from experiment.bulk import EventTable
from experiment.errors import EventLogError
from experiment.events import (
    Click,
    Event,
    EventLabelled,
    Exposure,
    Play,
    RefusedEvent,
    Slate,
    VisitMade,
    VisitorLabelled,
    VisitorSeen,
)

FORMAT = 1
_MANIFEST = "lake.json"
_PART = re.compile(r"part-(\d+)\.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSlate(Slate):
    """A slate with its impressions, in the order of their positions.

    `viewed_after_ms` is how long after the slate was served each film was viewed; None where it was not.
    """

    movie_ids: tuple[int, ...]
    viewed_after_ms: tuple[int | None, ...]


LAKE_TABLES: Mapping[type[Event], str] = {
    VisitorSeen: "visitors",
    Exposure: "exposures",
    FilledSlate: "slates",
    Click: "clicks",
    Play: "plays",
    VisitorLabelled: "visitor_labels",
    EventLabelled: "event_labels",
    RefusedEvent: "refusals",
    VisitMade: "visits",
}
"""The tables of a lake, by what they hold, in the order in which a part's files are written."""


class LakeManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a lake is of.

    Args:
        run_id: the run, as in the event log.
        n_visitors: of the whole run.
        part_size: visitors of each part but the last.
        format: of the files; this version writes and reads 1.
    """

    run_id: str
    n_visitors: int
    part_size: int
    format: int = FORMAT

    @property
    def n_parts(self) -> int:
        """Parts of the whole run."""
        return -(-self.n_visitors // self.part_size)

    def visitors_of(self, part: int) -> range:
        """The indexes of a part's visitors."""
        start = part * self.part_size
        return range(start, min(start + self.part_size, self.n_visitors))


class Lake:
    """The lake in `folder`; for any number of threads and processes, each writing parts of its own.

    Args:
        folder: where it is.
        clock: real time in ms since epoch, for `recorded_at`.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    ) -> None:
        self.folder = folder
        self._clock = clock

    def begin(self, manifest: LakeManifest) -> LakeManifest:
        """Make the lake, unless it is there; returns the manifest it was begun with.

        Raises:
            EventLogError: the folder cannot be written, or holds the lake of another run.
        """
        if (self.folder / _MANIFEST).exists():
            begun = self.manifest()
            if (begun.run_id, begun.n_visitors) != (manifest.run_id, manifest.n_visitors):
                raise EventLogError(
                    f"lake {str(self.folder)!r} is of run {begun.run_id!r} with {begun.n_visitors:,} "
                    f"visitors, not of {manifest.run_id!r} with {manifest.n_visitors:,}; "
                    "move its folder away"
                )
            return begun
        with self._writing():
            for table in LAKE_TABLES.values():
                (self.folder / table).mkdir(parents=True, exist_ok=True)
            with _appearing(self.folder / _MANIFEST) as path:
                path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        return manifest

    def manifest(self) -> LakeManifest:
        """What the lake is of.

        Raises:
            EventLogError: there is no lake here, or one of another format.
        """
        path = self.folder / _MANIFEST
        try:
            manifest = msgspec.json.decode(path.read_bytes(), type=LakeManifest)
        except (OSError, msgspec.MsgspecError) as error:
            raise EventLogError(f"{str(path)!r} cannot be read ({error}); a lake begins with it") from error
        if manifest.format != FORMAT:
            raise EventLogError(
                f"lake {str(self.folder)!r} has format {manifest.format}; this version reads {FORMAT}: "
                "use the version of Funflix that wrote it"
            )
        return manifest

    def done_parts(self) -> frozenset[int]:
        """The parts whose events are all there."""
        ledger = self.folder / LAKE_TABLES[VisitMade]
        found = (_PART.fullmatch(path.name) for path in ledger.iterdir()) if ledger.is_dir() else ()
        return frozenset(int(match[1]) for match in found if match)

    def write(self, part: int, tables: Sequence[EventTable]) -> None:
        """Store all events of a part; tables of one kind become one file, in their order.

        Raises:
            EventLogError: the folder cannot be written; the part is not done then.
        """
        from pyarrow import parquet

        from experiment.arrow_tables import arrow_table, writing_options

        recorded_at = self._clock()
        for kind, name in LAKE_TABLES.items():
            table = arrow_table(kind, [table for table in tables if table.kind is kind], recorded_at)
            with self._writing(), _appearing(self.folder / name / f"part-{part:06d}.parquet") as path:
                parquet.write_table(table, path, **writing_options(table))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EventLogError(
                f"lake {str(self.folder)!r} cannot be written: {_reason(error)}; "
                "the parts written before are kept"
            ) from error


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return str(error) if error.errno is None else os.strerror(error.errno)


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """A file to write that takes its name once it is whole, and on disk; else it leaves nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
