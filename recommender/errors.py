"""What can go wrong with a model, as one family.

ModelError
├── ArtefactNotFoundError    no artefact lies at this path
├── CorruptArtefactError     the artefact is not what its manifest says
├── InvalidRequestError      a request to the endpoint breaks a rule (HTTP 400)
├── ModelSettingsError       a setting, name or kind of model is not allowed
├── TrainingDataError        these ratings cannot train a model
└── UnknownModelError        the endpoint serves no such model or version (HTTP 404)
"""


class ModelError(Exception):
    """Any failure of this package that a caller may want to handle."""


class ArtefactNotFoundError(ModelError, FileNotFoundError):
    """No artefact lies at this path."""


class CorruptArtefactError(ModelError, ValueError):
    """The artefact is damaged, tampered with, or not one of ours."""


class InvalidRequestError(ModelError, ValueError):
    """A request to the endpoint breaks a rule; the message goes back to the caller."""


class ModelSettingsError(ModelError, ValueError):
    """A setting, name or kind of model is not allowed."""


class TrainingDataError(ModelError, ValueError):
    """These ratings cannot train a model."""


class UnknownModelError(ModelError, LookupError):
    """The endpoint serves no such model or version."""
