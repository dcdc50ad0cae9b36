"""Everything that can be wrong with a population, its truth, or its calibration."""


class BehaviourError(Exception):
    """Base of all errors of the behaviour package."""


class PopulationError(BehaviourError, ValueError):
    """A population file breaks a rule; the message names key, value, rule and way out."""


class TruthError(BehaviourError, ValueError):
    """The truth cannot be fitted on these films and ratings."""


class UnknownFilmError(BehaviourError, LookupError):
    """A slate shows a film of which the truth knows nothing."""


class CalibrationError(BehaviourError, ValueError):
    """No outside option gives the control the baseline."""
