"""Behaviour: who visits, what they look at, what they click. Pure, and without a stateful draw."""

from simulator.behaviour.appeal import needs_guide
from simulator.behaviour.browsing import DETOUR_KINDS, NO_DETOUR, Detour, DetourKind, Detours
from simulator.behaviour.choice import NOTHING, click_probabilities
from simulator.behaviour.click_models import ClickModel, PageDraws, ShippedClickModel
from simulator.behaviour.decisions import Look, Looks, Watch, Watches
from simulator.behaviour.draws import gumbel, normal, uniform
from simulator.behaviour.errors import (
    BehaviourError,
    CalibrationError,
    PopulationError,
    TruthError,
    UnknownFilmError,
)
from simulator.behaviour.film_guide import FilmGuide, ListedFilm, film_guide
from simulator.behaviour.fitting import TRUTH_FAMILIES, fit_truth
from simulator.behaviour.identity import SignIn
from simulator.behaviour.lone_visitor import alone
from simulator.behaviour.mind import Mind
from simulator.behaviour.moments import Moment, Moments, Past, Pasts
from simulator.behaviour.persona import Persona
from simulator.behaviour.population import Crowd, Population
from simulator.behaviour.population_file import (
    DEFAULT_POPULATION_TOML,
    load_population,
    parse_population,
    render_population,
)
from simulator.behaviour.returning import NO_VISIT, next_visits_ms, return_gaps
from simulator.behaviour.taste_tables import Taste
from simulator.behaviour.traffic_tables import Arrivals, Identity, Instrumentation
from simulator.behaviour.truth import FilmFacts, RatingColumns, Truth, UserTaste
from simulator.behaviour.visit_tables import Choice, ChoiceModel, Dynamics, Session, Watching
from simulator.behaviour.visitors import NO_USER, Visitor, Visitors, draw_visitors, people, visitor_id

__all__ = [
    "DEFAULT_POPULATION_TOML",
    "DETOUR_KINDS",
    "NOTHING",
    "NO_DETOUR",
    "NO_USER",
    "NO_VISIT",
    "TRUTH_FAMILIES",
    "Arrivals",
    "BehaviourError",
    "CalibrationError",
    "Choice",
    "ChoiceModel",
    "ClickModel",
    "Crowd",
    "Detour",
    "DetourKind",
    "Detours",
    "Dynamics",
    "FilmFacts",
    "FilmGuide",
    "Identity",
    "Instrumentation",
    "ListedFilm",
    "Look",
    "Looks",
    "Mind",
    "Moment",
    "Moments",
    "PageDraws",
    "Past",
    "Pasts",
    "Persona",
    "Population",
    "PopulationError",
    "RatingColumns",
    "Session",
    "ShippedClickModel",
    "SignIn",
    "Taste",
    "Truth",
    "TruthError",
    "UnknownFilmError",
    "UserTaste",
    "Visitor",
    "Visitors",
    "Watch",
    "Watches",
    "Watching",
    "alone",
    "click_probabilities",
    "draw_visitors",
    "film_guide",
    "fit_truth",
    "gumbel",
    "load_population",
    "needs_guide",
    "next_visits_ms",
    "normal",
    "parse_population",
    "people",
    "render_population",
    "return_gaps",
    "uniform",
    "visitor_id",
]
