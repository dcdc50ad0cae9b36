"""Panels for whoever watches: the funnel, the swarm at work, the feed of events, and the raw tables."""

from urllib.parse import quote

from experiment import RAW_TABLES, FunnelCount
from website.dashboard.board import Board
from website.dashboard.traffic_values import (
    FailureLine,
    FeedLine,
    FeedPanel,
    FunnelPanel,
    FunnelStep,
    LatencyLine,
    SwarmMoment,
    SwarmPanel,
    TableLine,
    TablesPanel,
)
from website.words import gettext, marked

_STEPS = (
    ("n_exposed", marked("Exposed"), marked("met the recommended row")),
    ("n_viewed", marked("Impression"), marked("and had at least one of its films in view")),
    ("n_clicked", marked("Click"), marked("and clicked one of them")),
    ("n_played", marked("Play"), marked("and played a film")),
    ("n_finished", marked("Finish"), marked("and watched one to its end")),
)


def make_funnel(board: Board) -> FunnelPanel | None:
    """How far visitors came, all shares of those exposed; None before the first visitor."""
    order = board.report.design.variants if board.report else ()
    counts = sorted(
        board.traffic.funnel,
        key=lambda count: order.index(count.variant) if count.variant in order else len(order),
    )
    if not counts:
        return None
    return FunnelPanel(
        variants=tuple(count.variant for count in counts),
        steps=tuple(_step(name, title, meaning, counts) for name, title, meaning in _STEPS),
    )


def make_swarm(board: Board) -> SwarmPanel | None:
    """The simulator's ledger; None for traffic that has none, such as people's."""
    traffic = board.traffic
    pulse = traffic.pulse
    if not pulse.n_visits and not traffic.latencies:
        return None
    width_s = traffic.swarm_width_ms / 1_000
    latencies = {moment.started_at: moment for moment in traffic.latency_moments}
    visits = {moment.started_at: moment for moment in traffic.visits}
    # The moment that is not over yet would look like a slump.
    over = [
        at
        for at in sorted({*latencies, *visits})
        if not board.is_running or at + traffic.swarm_width_ms <= board.now_ms
    ]
    moments = []
    for at in over:
        visit, latency = visits.get(at), latencies.get(at)
        n_failed = visit.n_failed if visit else 0
        n_ended = visit.n_done + n_failed if visit else 0
        p50_ms, p95_ms = (latency.p50_ms, latency.p95_ms) if latency else (None, None)
        moments.append(SwarmMoment(at, n_ended / width_s, n_failed, p50_ms, p95_ms))
    spent_s = len(traffic.visits) * width_s
    return SwarmPanel(
        n_done=pulse.n_done,
        n_failed=pulse.n_failed,
        n_retries=pulse.n_retries,
        n_open=pulse.n_open,
        visits_per_s=(pulse.n_done + pulse.n_failed) / spent_s if spent_s else None,
        width_ms=traffic.swarm_width_ms,
        moments=tuple(moments),
        latencies=tuple(
            LatencyLine(line.variant, line.n, line.p50_ms, line.p95_ms, line.p99_ms, line.max_ms)
            for line in traffic.latencies
        ),
        failures=tuple(FailureLine(failure.error, failure.n) for failure in traffic.failures),
    )


def make_feed(board: Board) -> FeedPanel | None:
    """What happened last; None before anything did."""
    if not board.traffic.feed:
        return None
    lines = []
    for event in board.traffic.feed:
        film = board.films.get(event.movie_id) if event.movie_id is not None else None
        title = film.title if film else None
        lines.append(
            FeedLine(
                event.recorded_at,
                event.kind,
                event.visitor_id,
                event.variant,
                event.movie_id,
                title,
                event.text,
            )
        )
    return FeedPanel(tuple(lines))


def make_tables(board: Board) -> TablesPanel | None:
    """Where the rows behind all panels can be had; None where there are none."""
    if not board.traffic.pulse.n_exposed and not board.traffic.pulse.n_visits:
        return None
    base = f"/api/experiment/{quote(board.run_id, safe='')}/tables"
    return TablesPanel(
        tuple(
            TableLine(name, gettext(holds), board.columns[name], f"{base}/{name}.csv", f"{base}/{name}.json")
            for name, holds in RAW_TABLES.items()
        )
    )


def _step(name: str, title: str, meaning: str, counts: list[FunnelCount]) -> FunnelStep:
    reached = tuple(int(getattr(count, name)) for count in counts)
    return FunnelStep(
        name=gettext(title),
        meaning=gettext(meaning),
        counts=reached,
        shares=tuple(
            n / count.n_exposed if count.n_exposed else None for n, count in zip(reached, counts, strict=True)
        ),
    )
