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
from website.reporting import NO_REPORT, UNKNOWN_RUN
from website.words import gettext, marked


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


_NO_VISITOR = marked("Nobody has met the experiment yet.")
_ALL = (
    Panel("verdict", marked("Verdict"), values.VerdictPanel, make_verdict, _NO_VISITOR),
    Panel("health", marked("Can it be trusted?"), values.HealthPanel, make_health, _NO_VISITOR),
    Panel("progress", marked("How far is it?"), values.ProgressPanel, make_progress, _NO_VISITOR),
    Panel("scorecard", marked("Scorecard"), values.ScorecardPanel, make_scorecard, _NO_VISITOR),
    Panel(
        *("lift", marked("Lift over time"), traffic_values.LiftPanel, make_lift),
        marked("No lift yet: both arms need visitors, and control at least one click."),
    ),
    Panel(
        *("guardrails", marked("Guardrails"), values.GuardrailsPanel, make_guardrails),
        marked("The experiment file of this run names no guardrail ([[guardrails]])."),
    ),
    Panel(
        "exposures", marked("Exposures over time"), traffic_values.ExposuresPanel, make_exposures, _NO_VISITOR
    ),
    Panel("funnel", marked("Funnel"), traffic_values.FunnelPanel, make_funnel, _NO_VISITOR),
    Panel("segments", marked("Segments"), values.SegmentsPanel, make_segments, _NO_VISITOR),
    Panel(
        *("swarm", marked("The swarm"), traffic_values.SwarmPanel, make_swarm),
        marked("No simulated visit: the simulator's ledger has no line for this run."),
    ),
    Panel(
        "feed",
        marked("What happens now"),
        traffic_values.FeedPanel,
        make_feed,
        marked("Nothing has happened yet."),
    ),
    Panel("tables", marked("Raw tables"), traffic_values.TablesPanel, make_tables, _NO_VISITOR),
    Panel(
        *("peeking", marked("What if I had peeked?"), traffic_values.PeekingPanel, make_peeking),
        "No look would have had a test yet: both arms need visitors and clicks.",
    ),
    Panel(
        *("truth", marked("The truth"), values.TruthPanel, make_truth),
        marked("Nobody knows the truth of this traffic: only simulated runs have one."),
    ),
)

PANELS = MappingProxyType({panel.name: panel for panel in _ALL})
"""Name -> panel, in the order of the page."""


def fill(panel: Panel, board: Board) -> FilledPanel:
    """A panel with what a run has to show in it."""
    value = panel.make(board)
    missing = "" if value is not None else _reason(board) or gettext(panel.missing)
    return FilledPanel(panel, value, missing)


def _reason(board: Board) -> str:
    """Why there is no report, in the reader's language; what libraries say of an error stays as it is."""
    if board.is_unknown_run:
        return gettext(UNKNOWN_RUN, run=repr(board.run_id))
    before_cause = NO_REPORT.partition("%")[0]
    if board.reason.startswith(before_cause):
        return gettext(NO_REPORT, cause=board.reason.removeprefix(before_cause))
    return gettext(board.reason) if board.reason else ""
