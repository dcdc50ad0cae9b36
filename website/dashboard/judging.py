"""The first three panels: what may be decided, whether to believe it, and how far the run is."""

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from website.dashboard.board import Board
from website.dashboard.sentences import in_language
from website.dashboard.titles import title_of
from website.dashboard.values import ArmProgress, Check, HealthPanel, ProgressPanel, State, VerdictPanel
from website.dashboard.wording import ABSENT, duration, exact_percent, instant, p_text, percent, whole
from website.words import decimals, gettext, localised, marked

if TYPE_CHECKING:
    from stats import Design, Health, Report, TrustCheck

_ALTERNATIVES = {
    "two-sided": marked("two-sided"),
    "greater": marked("alternative: greater"),
    "less": marked("alternative: less"),
}
_RECENT_S = 30.0  # what `Pulse.n_recent` counts
_STALE_S = 60.0
_WORDS = {
    "ship": marked("Ship"),
    "keep-control": marked("Keep"),
    "inconclusive": marked("Inconclusive"),
    "invalid": marked("Invalid"),
}


def make_verdict(board: Board) -> VerdictPanel | None:
    """The decision so far; None without a report."""
    report = board.report
    if report is None:
        return None
    code = report.verdict.code
    is_running = code == "inconclusive" and report.run.is_running
    word = gettext(_WORDS[code])
    if is_running:
        word = gettext("Running, or killed") if _is_stale(board) else gettext("Running")
    return VerdictPanel(
        code="running" if is_running else code,
        word=word,
        sentence=in_language(report.verdict.sentence),
        rests_on=_rests_on(report),
        valid_when=_valid_when(board, report),
        is_final=code in ("ship", "keep-control"),
        notices=tuple(in_language(notice) for notice in report.notices),
    )


def make_health(board: Board) -> HealthPanel | None:
    """Every trust check; None without a report."""
    report = board.report
    if report is None:
        return None
    return HealthPanel(
        is_ok=report.health.is_ok,
        failures=tuple(in_language(failure) for failure in report.health.failures),
        checks=(
            _sample_ratio(report.health),
            _crossovers(report.health),
            *_fallbacks(report.health),
            *_failed_attempts(report),
            *(_trust(check) for check in report.health.checks),
            _bots(report),
            Check(
                gettext("Held out"),
                "note",
                whole(report.health.n_holdout),
                gettext("Visitors kept out by the design."),
            ),
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
        return gettext("Rests on the health checks below, which come before any estimate.")
    n = sum(result.arm.n for result in report.primary.arms)
    if design.sequential == "none":
        rule = gettext("one test at that size")
    elif design.sequential == "always-valid":
        rule = gettext("a test that holds whenever one looks")
    else:
        rule = gettext("%(n)s planned looks (%(method)s)", n=design.n_looks, method=design.sequential)
    return gettext(
        "Rests on %(n)s of %(planned)s planned visitors and %(rule)s: %(metric)s, %(side)s, alpha %(alpha)s.",
        n=whole(n),
        planned=whole(design.planned.n_total),
        rule=rule,
        metric=title_of(design.primary_metric, begins=False),
        side=alternative_text(design.alternative),
        alpha=exact_percent(design.alpha),
    )


def alternative_text(alternative: str) -> str:
    """The direction of a test: `alternative: greater`."""
    return gettext(_ALTERNATIVES.get(alternative, alternative))


def _valid_when(board: Board, report: "Report") -> str:
    if report.verdict.code == "invalid":
        return gettext("No number of visitors will mend it; find the cause first.")
    if report.verdict.code in ("ship", "keep-control"):
        return gettext("Valid now.")
    n = sum(result.arm.n for result in report.primary.arms)
    following = report.monitoring.next_look if report.monitoring else None
    due = following or report.design.planned.n_total
    if n >= due:
        return gettext("The planned size is reached, and yet no test can be made; see the sentence above.")
    if not report.run.is_running:
        return gettext(
            "The run has ended %(n)s visitors short: resume it, or plan a longer one.", n=whole(due - n)
        )
    pace = visitors_per_s(board)
    what = marked("Valid at %(due)s visitors: %(to_go)s.")
    if following:
        what = marked("The next look is at %(due)s visitors: %(to_go)s.")
    to_go = whole(due - n)
    if pace:
        to_go = gettext(
            "%(to_go)s to go, about %(duration)s at %(pace)s visitors/s",
            to_go=to_go,
            duration=duration((due - n) / pace),
            pace=decimals(pace, 1),
        )
    else:
        to_go = gettext("%(to_go)s to go", to_go=to_go)
    return gettext(what, due=whole(due), to_go=to_go)


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
        return Check(
            gettext("Sample ratio"),
            "unknown",
            gettext("too few visitors"),
            in_language(health.srm_missing) or gettext("No visitor yet."),
        )
    state: State = "ok" if health.srm.is_ok else "bad"
    found = gettext("as intended") if health.srm.is_ok else gettext("broken")
    return Check(
        gettext("Sample ratio"),
        state,
        f"{found} ({p_text(health.srm.p_value)})",
        gettext(
            "The arms must have the sizes the split intends; p under %(alarm)s is an alarm.", alarm=_alarm()
        ),
    )


def _alarm() -> str:
    from stats import SRM_ALARM

    return localised(f"{SRM_ALARM:g}")


def _crossovers(health: "Health") -> Check:
    return Check(
        gettext("Crossovers"),
        "bad" if health.crossovers and not health.are_crossovers_meant else "ok",
        whole(health.crossovers),
        gettext("Visitors who met more than one variant; there must be none."),
    )


def _fallbacks(health: "Health") -> tuple[Check, ...]:
    from stats import MAX_FALLBACK_SHARE

    meaning = gettext(
        "Slates not made by the arm's model; over %(limit)s is an alarm.",
        limit=exact_percent(MAX_FALLBACK_SHARE),
    )
    found = []
    for variant, share in health.fallback_share.items():
        state: State = "ok"
        if share is None:
            state = "unknown"
        elif share > 0:
            state = "bad" if share > MAX_FALLBACK_SHARE else "note"
        shown = gettext("no slate yet") if share is None else percent(share)
        found.append(Check(gettext("Fallbacks, %(variant)s", variant=variant), state, shown, meaning))
    return tuple(found)


def _failed_attempts(report: "Report") -> tuple[Check, ...]:
    sizes = {result.arm.variant: result.arm.n for result in report.primary.arms}
    meaning = gettext(
        "Visits that broke off, mostly made good by a later attempt; should be alike in both arms."
    )
    found = []
    for variant, n in report.health.failed_attempts.items():
        shown = whole(n)
        if n and sizes.get(variant):
            shown = gettext("%(n)s (%(share)s of visitors)", n=shown, share=percent(n / sizes[variant]))
        name = gettext("Failed attempts, %(variant)s", variant=variant)
        found.append(Check(name, "note" if n else "ok", shown, meaning))
    return tuple(found)


def _trust(check: "TrustCheck") -> Check:
    states: dict[str, State] = {"ok": "ok", "failed": "bad", "unknown": "unknown"}
    words = in_language(check.name)
    name = words if isinstance(words, Markup) else words[:1].upper() + words[1:]
    return Check(
        name,
        states[check.state],
        in_language(check.found),
        gettext("Must be alike in all arms; p under %(alarm)s is an alarm.", alarm=_alarm()),
    )


def _bots(report: "Report") -> Check:
    n_bots = report.health.n_bots
    n = sum(result.arm.n for result in report.primary.arms)
    state: State = "warn" if n_bots > n else "note"
    return Check(
        gettext("Bots left out"),
        state,
        whole(n_bots),
        gettext("Flagged by their user agent, whatever the arm."),
    )


def _freshness(board: Board) -> Check:
    newest = _newest_ms(board)
    name, meaning = gettext("Newest event"), gettext("When anything was recorded last.")
    if newest is None:
        return Check(name, "unknown", ABSENT, meaning)
    age = duration((board.now_ms - newest) / 1_000)
    if not board.is_running:
        return Check(name, "ok", gettext("%(at)s, the run is over", at=instant(newest)), meaning)
    return Check(name, "warn" if _is_stale(board) else "ok", gettext("%(age)s ago", age=age), meaning)
