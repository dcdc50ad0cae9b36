"""The errors of this package.

ExperimentError
├── ExperimentFileError   (ValueError)   the experiment file breaks a rule
├── SecretError           (OSError)      the signing secret cannot be read or made
├── TokenError            (ValueError)   a token must be refused
│   ├── ForgedTokenError                 we did not sign this
│   ├── ExpiredTokenError                we did, too long ago
│   └── SwappedTokenError                we did, for another visitor
└── EventLogError         (OSError)      the log cannot be read or written
    ├── RejectedEventError (ValueError)  an event breaks a rule of its table
    └── UnknownRunError   (LookupError)  the log holds no such run
"""


class ExperimentError(Exception):
    """Anything that goes wrong in this package."""


class ExperimentFileError(ExperimentError, ValueError):
    """The experiment file breaks a rule; the message names file, key, value and rule."""


class SecretError(ExperimentError, OSError):
    """The signing secret cannot be read or made."""


class TokenError(ExperimentError, ValueError):
    """A token must be refused; `reason` is the word it is counted under."""

    reason = "malformed"


class ForgedTokenError(TokenError):
    """The token was not signed by us, or was changed after we signed it."""

    reason = "forged"


class ExpiredTokenError(TokenError):
    """The token was signed by us, longer ago than tokens live."""

    reason = "expired"


class SwappedTokenError(TokenError):
    """The token was signed by us, for another visitor than the one who shows it."""

    reason = "swapped"


class EventLogError(ExperimentError, OSError):
    """The event log cannot be read or written; nothing of what was being recorded is stored."""


class RejectedEventError(EventLogError, ValueError):
    """An event breaks a rule of its table; nothing recorded together with it is stored."""


class UnknownRunError(EventLogError, LookupError):
    """The event log holds no such run."""
