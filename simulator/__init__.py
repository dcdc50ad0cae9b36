"""The simulator: visitors whose true tastes are known, who visit the site as anybody does, by its pages.

- `behaviour`: who visits and what they decide; pure
- `visit`: the visit script, one for all engines; `jobs`: what an engine is given and gives back
- `engines`: real browsers, and the same visits by HTTP alone
- `instruments`: what comes between a visit and its record
- `slates`, `prospects`, `calibration`: what each arm would show, how likely clicks on it are, the outside
  option that gives the control its baseline, and the true CTR of every arm
"""

from simulator.calibration import Calibration, calibrate
from simulator.errors import MissingExtraError, SimulatorError, VisitError
from simulator.instruments import (
    BOT_USER_AGENT,
    BROWSER_USER_AGENT,
    PERFECT_INSTRUMENTS,
    EventLabel,
    InstrumentedPages,
    VisitInstruments,
    instruments_for,
)
from simulator.jobs import VisitEngine, VisitJob, VisitResult, make_visit
from simulator.prospects import Prospects, SlateRows, find_prospects
from simulator.slates import UserSlates, ask_home_slates
from simulator.true_ctrs import ArmTruth, TrueCtrs
from simulator.visit import (
    VIEWED_AFTER_S,
    Brain,
    ShownFilm,
    ShownSlate,
    VisitorPages,
    VisitRecord,
    run_visit,
    step_cookie,
)

__all__ = [
    "BOT_USER_AGENT",
    "BROWSER_USER_AGENT",
    "PERFECT_INSTRUMENTS",
    "VIEWED_AFTER_S",
    "ArmTruth",
    "Brain",
    "Calibration",
    "EventLabel",
    "InstrumentedPages",
    "MissingExtraError",
    "Prospects",
    "ShownFilm",
    "ShownSlate",
    "SimulatorError",
    "SlateRows",
    "TrueCtrs",
    "UserSlates",
    "VisitEngine",
    "VisitError",
    "VisitInstruments",
    "VisitJob",
    "VisitRecord",
    "VisitResult",
    "VisitorPages",
    "ask_home_slates",
    "calibrate",
    "find_prospects",
    "instruments_for",
    "make_visit",
    "run_visit",
    "step_cookie",
]
