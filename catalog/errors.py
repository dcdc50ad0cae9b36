"""What can go wrong with films and ratings.

CatalogError
├── DatasetError (ValueError)              a file of films or ratings breaks a rule
│   └── SplitError                         the ratings cannot be divided by date
├── DatasetNotFoundError (LookupError)     nothing of that name, or no known layout there
├── ArchiveError (ValueError)              a zip that is cut, a web page, or unsafe to unpack
└── FetchError (OSError)                   the download failed, or is not what was published
"""


class CatalogError(Exception):
    """Any fault of this package."""


class DatasetError(CatalogError, ValueError):
    """A file of films or ratings breaks a rule; the message names file, line and value."""


class SplitError(DatasetError):
    """The ratings are too few or too alike in date to be divided."""


class DatasetNotFoundError(CatalogError, LookupError):
    """No dataset goes by that name, or the path holds none that we can read."""


class ArchiveError(CatalogError, ValueError):
    """A zip that is cut short, is no zip at all, or holds entries unsafe to unpack."""


class FetchError(CatalogError, OSError):
    """A download failed, or brought something other than the published file."""
