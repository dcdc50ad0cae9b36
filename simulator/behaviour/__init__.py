"""Behaviour: who visits, what they look at, what they click. Pure, and without a stateful draw."""

from simulator.behaviour.choice import NOTHING, click_probabilities
from simulator.behaviour.draws import gumbel, normal, uniform
from simulator.behaviour.errors import (
    BehaviourError,
    CalibrationError,
    PopulationError,
    TruthError,
    UnknownFilmError,
)
from simulator.behaviour.fitting import TRUTH_FAMILIES, fit_truth
from simulator.behaviour.mind import Look, Looks, Mind, Watch, Watches
from simulator.behaviour.persona import Persona
from simulator.behaviour.population import Crowd, Population
from simulator.behaviour.population_file import (
    DEFAULT_POPULATION_TOML,
    load_population,
    parse_population,
    render_population,
)
from simulator.behaviour.taste_tables import Taste
from simulator.behaviour.traffic_tables import Arrivals, Identity
from simulator.behaviour.truth import FilmFacts, RatingColumns, Truth
from simulator.behaviour.visit_tables import Choice, Session, Watching
from simulator.behaviour.visitors import NO_USER, Visitor, Visitors, draw_visitors, people, visitor_id

__all__ = [
    "DEFAULT_POPULATION_TOML",
    "NOTHING",
    "NO_USER",
    "TRUTH_FAMILIES",
    "Arrivals",
    "BehaviourError",
    "CalibrationError",
    "Choice",
    "Crowd",
    "FilmFacts",
    "Identity",
    "Look",
    "Looks",
    "Mind",
    "Persona",
    "Population",
    "PopulationError",
    "RatingColumns",
    "Session",
    "Taste",
    "Truth",
    "TruthError",
    "UnknownFilmError",
    "Visitor",
    "Visitors",
    "Watch",
    "Watches",
    "Watching",
    "click_probabilities",
    "draw_visitors",
    "fit_truth",
    "gumbel",
    "load_population",
    "normal",
    "parse_population",
    "people",
    "render_population",
    "uniform",
    "visitor_id",
]
