"""What a report on anyone's data was made of: versions, and the bytes of the file."""

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

_MOST_HASHED_BYTES = 32 * 2**20
"""Larger files are told by their size alone: to hash them would take longer than to read their columns."""


def provenance(location: str | None) -> dict[str, str]:
    """Return what else is needed to repeat an analysis, as rows of name and text.

    Args:
        location: as given to `funflix analyze`; None where the data are counts. A URL, and a folder or
            pattern of several files, is not opened.
    """
    versions = {"funflix": version("funflix"), "python": platform.python_version()}
    path = Path(location) if location else None
    if path is None or not path.is_file():
        return versions
    n_bytes = path.stat().st_size
    facts = {"file size": f"{n_bytes:,} bytes"}
    if n_bytes <= _MOST_HASHED_BYTES:
        with path.open("rb") as file:
            facts["file SHA-256"] = hashlib.file_digest(file, "sha256").hexdigest()
    return facts | versions
