"""The workspace: the one folder that holds all state of a run."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from experiment import DEFAULT_EXPERIMENT_TOML
from funflix.errors import SetupError
from simulator.behaviour import DEFAULT_POPULATION_TOML, parse_population


class Prepared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a workspace was prepared with, so that every later command uses the same.

    Args:
        dataset: the choice to repeat: a MovieLens name, a path, or "synthetic".
        seed: the seed of the split and of the models.
        digest: SHA-256 of the data.
        models: of each model, the version trained last.
    """

    dataset: str
    seed: int
    digest: str
    models: dict[str, str]


@dataclass(frozen=True, slots=True)
class Workspace:
    """Names every file and folder Funflix writes; nothing is written outside `root`."""

    root: Path

    @property
    def datasets(self) -> Path:
        """Fetched archives and their contents."""
        return self.root / "datasets"

    @property
    def models(self) -> Path:
        """Model artefacts, as NAME/VERSION/."""
        return self.root / "models"

    @property
    def events(self) -> Path:
        """The event log."""
        return self.root / "events.db"

    @property
    def lakes(self) -> Path:
        """Events of runs whose events are Parquet files, one folder a run."""
        return self.root / "lake"

    @property
    def reports(self) -> Path:
        """Reports as HTML and JSON, one pair a run."""
        return self.root / "reports"

    @property
    def posters(self) -> Path:
        """Posters of TMDB, where the site has a key for them."""
        return self.root / "posters"

    @property
    def logs(self) -> Path:
        """What the servers and browsers said."""
        return self.root / "logs"

    @property
    def experiment(self) -> Path:
        """The experiment file."""
        return self.root / "experiment.toml"

    @property
    def population(self) -> Path:
        """The population file."""
        return self.root / "population.toml"

    @property
    def secret(self) -> Path:
        """The key that signs cookies and tokens."""
        return self.root / "secret.key"

    def create(self) -> None:
        """Make the folders, and the two files a user may edit where they are not there yet.

        Raises:
            SetupError: the folder cannot be made or written.
        """
        try:
            for folder in (self.datasets, self.models, self.reports, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            for path, text in (
                (self.experiment, DEFAULT_EXPERIMENT_TOML),
                (self.population, DEFAULT_POPULATION_TOML),
            ):
                if not path.exists():
                    write_atomically(path, text)
        except OSError as error:
            raise SetupError(
                f"workspace {str(self.root)!r} cannot be written ({error.strerror or error}); "
                "name another with --workspace or FUNFLIX_WORKSPACE"
            ) from error

    def seed(self, asked: int | None) -> int:
        """The seed asked for on the command line, else that of the population file.

        Raises:
            PopulationError: the file is at fault.
        """
        if asked is not None:
            return asked
        text = self.population.read_text(encoding="utf-8")
        return parse_population(text, source=str(self.population)).crowd.seed

    def remember(self, prepared: Prepared) -> None:
        """Note what the workspace was prepared with."""
        write_atomically(
            self._prepared_file, msgspec.json.format(msgspec.json.encode(prepared)).decode() + "\n"
        )

    def prepared(self) -> Prepared | None:
        """What the workspace was prepared with, or None before it was.

        Raises:
            SetupError: the note was damaged.
        """
        try:
            return msgspec.json.decode(self._prepared_file.read_bytes(), type=Prepared)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise SetupError(
                f"{str(self._prepared_file)!r} is damaged ({error}); delete it and run `funflix train`"
            ) from error

    @property
    def _prepared_file(self) -> Path:
        return self.models / "prepared.json"


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, meets the old text or the new and nothing between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    temporary = Path(file.name)
    temporary.chmod(0o644)
    os.replace(temporary, path)  # noqa: PTH105 - Path.replace is the same call; os.replace says "atomic" in its documentation
