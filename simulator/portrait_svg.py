"""A portrait of a population as one SVG picture: bars that a screen reader can read out.

Bars have the colour of the CSS variable `--funflix-bar` of whatever page holds it; alone, the picture follows
the reader's choice of a dark or a light screen.
"""

from dataclasses import dataclass
from html import escape

from simulator.portrait import Portrait
from simulator.portrait_forms import sessions_by_period, sessions_heading

_WIDTH = 720
_LABEL = 170
_NUMBER = 70
_ROW = 18
_HEAD = 34
_NAME = 18
_STYLE = (
    "svg{color:#1a1a1a;background:#fff;font:13px system-ui,sans-serif}"
    ".bar{fill:var(--funflix-bar,#2a6f97)}text{fill:currentColor}.head{font-weight:600}"
    "@media(prefers-color-scheme:dark){svg{color:#f2f2f2;background:#141414}"
    ".bar{fill:var(--funflix-bar,#61a5c2)}}"
)


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    text: str
    value: float


@dataclass(frozen=True, slots=True)
class _Chart:
    heading: str
    bars: tuple[_Bar, ...]


def portrait_svg(portrait: Portrait) -> str:
    """One picture of four charts: CTR by persona and position, arrivals by hour, sessions by day."""
    charts = _charts(portrait)
    height = sum(_HEAD + _ROW * len(chart.bars) for chart in charts) + 20
    parts, top = [], 10.0
    for chart in charts:
        parts.append(_drawn(chart, top))
        top += _HEAD + _ROW * len(chart.bars)
    title = f"A population of {portrait.n_visitors:,} visitors"
    summary = (
        f"Expected CTR {portrait.ctr:.2%}. "
        + ". ".join(
            f"{chart.heading}: " + ", ".join(f"{bar.label} {bar.text}" for bar in chart.bars)
            for chart in charts
        )
        + "."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
        f'<title id="title">{escape(title)}</title><desc id="desc">{escape(summary)}</desc>'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _charts(portrait: Portrait) -> tuple[_Chart, ...]:
    personas = tuple(
        _Bar(
            f"{_short(persona.name)} ({persona.share:.0%})",
            "bot" if persona.ctr is None else f"{persona.ctr:.2%}",
            persona.ctr or 0.0,
        )
        for persona in portrait.personas
    )
    positions = tuple(
        _Bar(f"position {place}", f"{ctr:.2%}", ctr)
        for place, ctr in enumerate(portrait.position_ctrs, start=1)
    )
    hours = tuple(
        _Bar(f"{hour:02d}:00", f"{count:,}", count) for hour, count in enumerate(portrait.hourly_arrivals)
    )
    periods = tuple(_Bar(label, f"{count:,}", count) for label, count in sessions_by_period(portrait))
    return (
        _Chart("Expected CTR by persona (share of visitors)", personas),
        _Chart("Clicks per visitor by position", positions),
        _Chart("First visits by hour (UTC)", hours),
        _Chart(sessions_heading(portrait), periods),
    )


def _drawn(chart: _Chart, top: float) -> str:
    most = max((bar.value for bar in chart.bars), default=0.0) or 1.0
    room = _WIDTH - _LABEL - _NUMBER - 20
    parts = [f'<text class="head" x="10" y="{top + 20:g}">{escape(chart.heading)}</text>']
    for row, bar in enumerate(chart.bars):
        y = top + _HEAD + _ROW * row
        parts.append(
            f'<text x="{_LABEL - 8}" y="{y + 10:g}" text-anchor="end">{escape(bar.label)}</text>'
            f'<rect class="bar" x="{_LABEL}" y="{y:g}" width="{room * bar.value / most:.1f}" height="12"/>'
            f'<text x="{_LABEL + room * bar.value / most + 6:.1f}" y="{y + 10:g}">{escape(bar.text)}</text>'
        )
    return f"<g>{''.join(parts)}</g>"


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
