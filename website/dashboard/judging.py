"""The first three panels: what may be decided, whether to believe it, and how far the run is."""

import math
from typing import TYPE_CHECKING

from website.dashboard.board import Board
from website.dashboard.values import ArmProgress, Check, HealthPanel, ProgressPanel, State, VerdictPanel
from website.dashboard.wording import ABSENT, duration, exact_percent, instant, p_text, percent, whole

if TYPE_CHECKING:
    from stats import Design, Health, Report, TrustCheck

_RECENT_S = 30.0  # what `Pulse.n_recent` counts
_STALE_S = 60.0
_WORDS = {"ship": "Ship", "keep-control": "Keep", "inconclusive": "Inconclusive", "invalid": "Invalid"}


def make_verdict(board: Board) -> VerdictPanel | None:
    """The decision so far; None without a report."""
    report = board.report
    if report is None:
        return None
    code = report.verdict.code
    is_running = code == "inconclusive" and report.run.is_running
    word = _WORDS[code]
    if is_running:
        word = "Running, or killed" if _is_stale(board) else "Running"
    return VerdictPanel(
        code="running" if is_running else code,
        word=word,
        sentence=report.verdict.sentence,
        rests_on=_rests_on(report),
        valid_when=_valid_when(board, report),
        is_final=code in ("ship", "keep-control"),
        notices=report.notices,
    )


def make_health(board: Board) -> HealthPanel | None:
    """Every trust check; None without a report."""
    report = board.report
    if report is None:
        return None
    return HealthPanel(
        is_ok=report.health.is_ok,
        failures=report.health.failures,
        checks=(
            _sample_ratio(report.health),
            _crossovers(report.health),
            *_fallbacks(report.health),
            *_failed_attempts(report),
            *(_trust(check) for check in report.health.checks),
            _bots(report),
            Check("Held out", "note", whole(report.health.n_holdout), "Visitors kept out by the design."),
            _freshness(board),
        ),
        newest_event_at=board.traffic.feed[0].recorded_at if board.traffic.feed else None,
    )


def make_progress(board: Board) -> ProgressPanel | None:
    """How far the run is, and how long it will take at its present pace; None without a report."""
    report = board.report
    if report is None:
        return None
    design, planned = report.design, report.design.planned
    arms = [result.arm for result in report.primary.arms]
    n = sum(arm.n for arm in arms)
    pace = visitors_per_s(board)
    to_go = max(0, planned.n_total - n)
    return ProgressPanel(
        n=n,
        n_planned=planned.n_total,
        share=min(1.0, n / planned.n_total),
        arms=tuple(ArmProgress(arm.variant, arm.n, _planned(design, arm.variant)) for arm in arms),
        is_running=report.run.is_running,
        visitors_per_s=pace,
        seconds_left=0.0 if not to_go else to_go / pace if pace else None,
        next_look_at=report.monitoring.next_look if report.monitoring else None,
        baseline=design.baseline,
        mde=design.mde,
        alpha=design.alpha,
        power=design.power,
        alternative=design.alternative,
        sequential=design.sequential,
    )


def _planned(design: "Design", variant: str) -> int:
    """The visitors planned for one variant, by its weight."""
    planned = design.planned
    if variant == design.control:
        return planned.n_control
    if variant == design.treatment:
        return planned.n_treatment
    return math.ceil(planned.n_control * design.weights[variant] / design.weights[design.control] - 1e-9)


def visitors_per_s(board: Board) -> float | None:
    """The pace of the last half minute; None where nobody came in it, or the run is over."""
    pulse = board.traffic.pulse
    if not board.is_running or not pulse.n_recent or pulse.first_at is None:
        return None
    return pulse.n_recent / min(_RECENT_S, max(1.0, (board.now_ms - pulse.first_at) / 1_000))


def _rests_on(report: "Report") -> str:
    design = report.design
    if report.verdict.code == "invalid":
        return "Rests on the health checks below, which come before any estimate."
    n = sum(result.arm.n for result in report.primary.arms)
    metric = design.primary_metric.replace("_ctr", " CTR")
    rule = {
        "none": "one test at that size",
        "always-valid": "a test that holds whenever one looks",
    }.get(design.sequential, f"{design.n_looks} planned looks ({design.sequential})")
    side = "two-sided" if design.alternative == "two-sided" else f"alternative: {design.alternative}"
    return (
        f"Rests on {n:,} of {design.planned.n_total:,} planned visitors and {rule}: {metric}, {side}, "
        f"alpha {exact_percent(design.alpha)}."
    )


def _valid_when(board: Board, report: "Report") -> str:
    if report.verdict.code == "invalid":
        return "No number of visitors will mend it; find the cause first."
    if report.verdict.code in ("ship", "keep-control"):
        return "Valid now."
    n = sum(result.arm.n for result in report.primary.arms)
    following = report.monitoring.next_look if report.monitoring else None
    due = following or report.design.planned.n_total
    if n >= due:
        return "The planned size is reached, and yet no test can be made; see the sentence above."
    if not report.run.is_running:
        return f"The run has ended {due - n:,} visitors short: resume it, or plan a longer one."
    pace = visitors_per_s(board)
    left = f", about {duration((due - n) / pace)} at {pace:,.1f} visitors/s" if pace else ""
    what = "The next look is" if following else "Valid"
    return f"{what} at {due:,} visitors: {due - n:,} to go{left}."


def _is_stale(board: Board) -> bool:
    newest = _newest_ms(board)
    return (
        board.report is not None
        and board.report.run.kind == "simulated"
        and (newest is None or board.now_ms - newest > _STALE_S * 1_000)
    )


def _newest_ms(board: Board) -> int | None:
    return board.traffic.feed[0].recorded_at if board.traffic.feed else None


def _sample_ratio(health: "Health") -> Check:
    if health.srm is None:
        return Check("Sample ratio", "unknown", "too few visitors", health.srm_missing or "No visitor yet.")
    state: State = "ok" if health.srm.is_ok else "bad"
    found = "as intended" if health.srm.is_ok else "broken"
    return Check(
        "Sample ratio",
        state,
        f"{found} ({p_text(health.srm.p_value)})",
        "The arms must have the sizes the split intends; p under 0.001 is an alarm.",
    )


def _crossovers(health: "Health") -> Check:
    return Check(
        "Crossovers",
        "bad" if health.crossovers and not health.are_crossovers_meant else "ok",
        whole(health.crossovers),
        "Visitors who met more than one variant; there must be none.",
    )


def _fallbacks(health: "Health") -> tuple[Check, ...]:
    from stats import MAX_FALLBACK_SHARE

    meaning = f"Slates not made by the arm's model; over {exact_percent(MAX_FALLBACK_SHARE)} is an alarm."
    found = []
    for variant, share in health.fallback_share.items():
        state: State = "ok"
        if share is None:
            state = "unknown"
        elif share > 0:
            state = "bad" if share > MAX_FALLBACK_SHARE else "note"
        shown = "no slate yet" if share is None else percent(share)
        found.append(Check(f"Fallbacks, {variant}", state, shown, meaning))
    return tuple(found)


def _failed_attempts(report: "Report") -> tuple[Check, ...]:
    sizes = {result.arm.variant: result.arm.n for result in report.primary.arms}
    meaning = "Visits that broke off, mostly made good by a later attempt; should be alike in both arms."
    found = []
    for variant, n in report.health.failed_attempts.items():
        share = f" ({percent(n / sizes[variant])} of visitors)" if n and sizes.get(variant) else ""
        found.append(
            Check(f"Failed attempts, {variant}", "note" if n else "ok", f"{whole(n)}{share}", meaning)
        )
    return tuple(found)


def _trust(check: "TrustCheck") -> Check:
    states: dict[str, State] = {"ok": "ok", "failed": "bad", "unknown": "unknown"}
    name = check.name[:1].upper() + check.name[1:]
    return Check(
        name, states[check.state], check.found, "Must be alike in all arms; p under 0.001 is an alarm."
    )


def _bots(report: "Report") -> Check:
    n_bots = report.health.n_bots
    n = sum(result.arm.n for result in report.primary.arms)
    state: State = "warn" if n_bots > n else "note"
    return Check("Bots left out", state, whole(n_bots), "Flagged by their user agent, whatever the arm.")


def _freshness(board: Board) -> Check:
    newest = _newest_ms(board)
    meaning = "When anything was recorded last."
    if newest is None:
        return Check("Newest event", "unknown", ABSENT, meaning)
    age = duration((board.now_ms - newest) / 1_000)
    if not board.is_running:
        return Check("Newest event", "ok", f"{instant(newest)}, the run is over", meaning)
    return Check("Newest event", "warn" if _is_stale(board) else "ok", f"{age} ago", meaning)
