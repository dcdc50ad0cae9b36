"""The simulator: visitors whose true tastes are known, who visit the site as anybody does, by its pages.

- `behaviour`: who visits and what they decide; pure
- `visit`: the visit script, one for all engines; `jobs`: what an engine is given and gives back
- `engines`: real browsers, and the same visits by HTTP alone
- `instruments`: what comes between a visit and its record
- `slates`, `prospects`, `calibration`: what each arm would show, how likely clicks on it are, the outside
  option that gives the control its baseline, and the true CTR of every arm
- `references`, `agreement`: what chance, popularity and perfect knowledge would achieve, and how well model
  scores agree with the truth; `sweeping`: how all this moves with the population's guesses
"""

from simulator.agreement import Agreement, score_agreement
from simulator.calibration import Calibration, calibrate, true_visitor_ctr
from simulator.errors import ClusterError, MissingExtraError, SimulatorError, VisitError, WorkerLostError
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
from simulator.references import REFERENCE_ARMS, RankedByTruth, rank_by_truth, reference_slates
from simulator.slates import UserSlates, ask_home_slates
from simulator.sweeping import SweepRow, Variation, sweep_truth, usual_variations, vary
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
    "REFERENCE_ARMS",
    "VIEWED_AFTER_S",
    "Agreement",
    "ArmTruth",
    "Brain",
    "Calibration",
    "ClusterError",
    "EventLabel",
    "InstrumentedPages",
    "MissingExtraError",
    "Prospects",
    "RankedByTruth",
    "ShownFilm",
    "ShownSlate",
    "SimulatorError",
    "SlateRows",
    "SweepRow",
    "TrueCtrs",
    "UserSlates",
    "Variation",
    "VisitEngine",
    "VisitError",
    "VisitInstruments",
    "VisitJob",
    "VisitRecord",
    "VisitResult",
    "VisitorPages",
    "WorkerLostError",
    "ask_home_slates",
    "calibrate",
    "find_prospects",
    "instruments_for",
    "make_visit",
    "rank_by_truth",
    "reference_slates",
    "run_visit",
    "score_agreement",
    "step_cookie",
    "sweep_truth",
    "true_visitor_ctr",
    "usual_variations",
    "vary",
]
