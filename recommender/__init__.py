"""recommender: models, training, offline evaluation, artefacts, and the endpoint that serves them.

Train with `ensure_artefact` (or `train_model` and `save_artefact`), serve with `create_endpoint_app`. Nothing
but the command line imports this package: the site reaches models over HTTP only.
"""

from recommender.artefact import ensure_artefact, load_artefact, save_artefact
from recommender.endpoint import create_endpoint_app
from recommender.errors import (
    ArtefactNotFoundError,
    CorruptArtefactError,
    InvalidRequestError,
    ModelError,
    ModelSettingsError,
    TrainingDataError,
    UnknownModelError,
)
from recommender.evaluation import OfflineMetrics
from recommender.kinds import MODEL_KINDS, kind_for_catalogue
from recommender.listed import FilmLists
from recommender.model import ROUTER_NAME, Manifest, TrainedModel
from recommender.slates import LONGEST_SLATE, NOBODY, SlateMaker, Slates
from recommender.training import list_model, model_version, train_model

__all__ = [
    "LONGEST_SLATE",
    "MODEL_KINDS",
    "NOBODY",
    "ROUTER_NAME",
    "ArtefactNotFoundError",
    "CorruptArtefactError",
    "FilmLists",
    "InvalidRequestError",
    "Manifest",
    "ModelError",
    "ModelSettingsError",
    "OfflineMetrics",
    "SlateMaker",
    "Slates",
    "TrainedModel",
    "TrainingDataError",
    "UnknownModelError",
    "create_endpoint_app",
    "ensure_artefact",
    "kind_for_catalogue",
    "list_model",
    "load_artefact",
    "model_version",
    "save_artefact",
    "train_model",
]
