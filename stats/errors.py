"""What can go wrong in this package, one family.

StatsError
├── InvalidDesignError        (ValueError)   a design, plan or option breaks a rule
├── InvalidOutcomesError      (ValueError)   the numbers contradict each other, or the design
├── NotEnoughDataError        (ValueError)   an estimate cannot be made; the message says what is missing
├── UnknownRunError           (LookupError)  the event log holds no such run
└── UnreadableOutcomesError   (OSError)      the file is missing, is no event log, or lacks a table
"""


class StatsError(Exception):
    """Any error this package raises on purpose."""


class InvalidDesignError(StatsError, ValueError):
    """A design, a plan or an option breaks a rule."""


class InvalidOutcomesError(StatsError, ValueError):
    """Outcomes contradict each other or the design, for instance more successes than visitors."""


class NotEnoughDataError(StatsError, ValueError):
    """An estimate cannot be made from these data; the message says in words what is missing."""


class UnknownRunError(StatsError, LookupError):
    """The event log holds no such run."""


class UnreadableOutcomesError(StatsError, OSError):
    """Outcomes cannot be read: no such file, not an event log, or a table is missing."""
