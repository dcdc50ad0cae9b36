"""The panels in their order: what each is called, how it is made, and why it may have nothing to show."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from website.dashboard import traffic_values, values
from website.dashboard.board import Board
from website.dashboard.following import make_exposures, make_lift, make_peeking
from website.dashboard.guarding import make_guardrails, make_segments
from website.dashboard.judging import make_health, make_progress, make_verdict
from website.dashboard.scoring import make_scorecard, make_truth
from website.dashboard.watching import make_feed, make_funnel, make_swarm, make_tables


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Args:
        kind: the class of its value.
        make: its value, or None where there is nothing to show.
        missing: why there may be nothing to show, where the run itself does not say.
    """

    name: str
    title: str
    kind: type
    make: Callable[[Board], object | None]
    missing: str


@dataclass(frozen=True, slots=True)
class FilledPanel:
    """A panel of one run: its value, or the reason why there is none."""

    panel: Panel
    value: object | None
    missing: str


_NO_VISITOR = "Nobody has met the experiment yet."
_ALL = (
    Panel("verdict", "Verdict", values.VerdictPanel, make_verdict, _NO_VISITOR),
    Panel("health", "Can it be trusted?", values.HealthPanel, make_health, _NO_VISITOR),
    Panel("progress", "How far is it?", values.ProgressPanel, make_progress, _NO_VISITOR),
    Panel("scorecard", "Scorecard", values.ScorecardPanel, make_scorecard, _NO_VISITOR),
    Panel(
        *("lift", "Lift over time", traffic_values.LiftPanel, make_lift),
        "No lift yet: both arms need visitors, and control at least one click.",
    ),
    Panel(
        *("guardrails", "Guardrails", values.GuardrailsPanel, make_guardrails),
        "The experiment file of this run names no guardrail ([[guardrails]]).",
    ),
    Panel("exposures", "Exposures over time", traffic_values.ExposuresPanel, make_exposures, _NO_VISITOR),
    Panel("funnel", "Funnel", traffic_values.FunnelPanel, make_funnel, _NO_VISITOR),
    Panel("segments", "Segments", values.SegmentsPanel, make_segments, _NO_VISITOR),
    Panel(
        *("swarm", "The swarm", traffic_values.SwarmPanel, make_swarm),
        "No simulated visit: the simulator's ledger has no line for this run.",
    ),
    Panel("feed", "What happens now", traffic_values.FeedPanel, make_feed, "Nothing has happened yet."),
    Panel("tables", "Raw tables", traffic_values.TablesPanel, make_tables, _NO_VISITOR),
    Panel(
        *("peeking", "What if I had peeked?", traffic_values.PeekingPanel, make_peeking),
        "No look would have had a test yet: both arms need visitors and clicks.",
    ),
    Panel(
        *("truth", "The truth", values.TruthPanel, make_truth),
        "Nobody knows the truth of this traffic: only simulated runs have one.",
    ),
)

PANELS = MappingProxyType({panel.name: panel for panel in _ALL})
"""Name -> panel, in the order of the page."""


def fill(panel: Panel, board: Board) -> FilledPanel:
    """A panel with what a run has to show in it."""
    value = panel.make(board)
    missing = "" if value is not None else board.reason or panel.missing
    return FilledPanel(panel, value, missing)
