"""One HTML file of sentences, tables and line plots: no script, nothing fetched, printable, dark or light."""

from collections.abc import Sequence
from dataclasses import dataclass

from stats.render.blocks import Section, Table
from stats.render.line_figure import STYLE, LineFigure, svg_element

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ page.title }}</title>
<style>
:root { --paper: #fff; --ink: #1b1d22; --soft: #5b606b; --line: #d5d8de; --accent: #0b57a4;
  --bad: #a3122a; --good: #17643a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e8eaee; --soft: #a5abb6;
  --line: #3a3f49; --accent: #7db8f5; --bad: #ff8a95; --good: #7fd6a2; } }
@media print { :root { --paper: #fff; --ink: #000; --soft: #333; --line: #999; --accent: #000;
  --bad: #000; --good: #000; } section, figure { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 1.5rem 1rem 3rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; line-height: 1.35; margin: .25rem 0 1rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.eyebrow { color: var(--soft); margin: 0; }
.code { border: 2px solid currentColor; border-radius: .3rem; padding: .05rem .5rem; font-weight: 700; }
.code-good { color: var(--good); } .code-bad, .failed { color: var(--bad); }
.failed { font-weight: 700; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
.words { text-align: left; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
figcaption { color: var(--soft); font-size: .9rem; }
svg { width: 100%; height: auto; }
{{ style }}</style>
</head>
<body>
<main>
<p class="eyebrow">{{ page.eyebrow }}</p>
<h1><span class="code code-{{ "good" if page.is_good else "bad" }}">{{ page.code }}</span>
{{ page.sentence }}</h1>
{% for section in page.sections %}
<section id="{{ section.key }}" aria-labelledby="{{ section.key }}-title">
<h2 id="{{ section.key }}-title">{{ section.title }}</h2>
{% for figure in figures if figure[0] == section.key %}
<figure>
{{ figure[1] }}
<figcaption>{{ figure[2] }}</figcaption>
</figure>
{% endfor %}
{% for block in section.blocks %}
{% if block is table %}
<div class="scroll" tabindex="0" role="region" aria-label="{{ section.title }}, table {{ loop.index }}">
<table>
<thead><tr>
{% for header in block.headers %}
<th scope="col"{% if loop.index <= block.n_left %} class="words"{% endif %}>{{ header }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for row in block.rows %}
<tr>
{% for cell in row %}
{% set class = "words" if loop.index <= block.n_left else "" %}
<td class="{{ class }}{{ " failed" if cell == "FAILED" else "" }}">{{ cell }}</td>
{% endfor %}
</tr>
{% endfor %}
</tbody>
</table></div>
{% else %}
<p>{{ block }}</p>
{% endif %}
{% endfor %}
</section>
{% endfor %}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class PlainPage:
    """What a page says.

    Args:
        code: the verdict in a word; `is_good` gives it its colour.
        figures: the key of the section a figure stands in, and the figure.
    """

    title: str
    eyebrow: str
    code: str
    is_good: bool
    sentence: str
    sections: Sequence[Section]
    figures: Sequence[tuple[str, LineFigure]] = ()


def render_page(page: PlainPage) -> str:
    """Return a complete HTML document; every value in it is escaped."""
    # Jinja is loaded only by those who ask for HTML.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["table"] = lambda block: isinstance(block, Table)
    figures = [
        (key, Markup(svg_element(figure)), f"{figure.title}. {figure.description}")  # noqa: S704 - escapes itself
        for key, figure in page.figures
    ]
    style = Markup(STYLE)  # noqa: S704 - a constant of ours
    return environment.from_string(_TEMPLATE).render(page=page, figures=figures, style=style)
