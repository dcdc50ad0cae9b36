"""The one page of all HTML files, as Jinja templates: strings, so that they travel with the package."""

SHELL = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ page.title }}</title>
<style>
:root { --paper: #fff; --ink: #1b1d22; --soft: #5b606b; --line: #d5d8de;
  --accent: #0b57a4; --bad: #a3122a; --good: #17643a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161a; --ink: #e8eaee; --soft: #a5abb6;
  --line: #3a3f49; --accent: #7db8f5; --bad: #ff8a95; --good: #7fd6a2; } }
@media print { :root { --paper: #fff; --ink: #000; --soft: #333; --line: #999;
  --accent: #000; --bad: #000; --good: #000; } section, figure { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 1.5rem 1rem 3rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.35rem; line-height: 1.35; margin: .25rem 0 1rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
p { margin: .5rem 0; }
.eyebrow { color: var(--soft); margin: 0; }
.code { border: 2px solid currentColor; border-radius: .3rem; padding: .05rem .5rem; font-weight: 700; }
.code-good { color: var(--good); } .code-bad { color: var(--bad); }
.notice { border-left: .3rem solid var(--accent); padding-left: .75rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td { white-space: nowrap; }
.words { text-align: left; white-space: normal; }
#reproduction .words, .wrapping .words { overflow-wrap: anywhere; }
.wrapping td { white-space: normal; }
.failed { color: var(--bad); font-weight: 700; }
figure { margin: 1rem 0; overflow-x: auto; }
figcaption { color: var(--soft); font-size: .9rem; }
svg { width: 100%; min-width: 30rem; height: auto; }
@media print { svg { min-width: 0; } .scroll, figure { overflow: visible; } }
.whisker { stroke: var(--accent); stroke-width: 3; fill: none; }
.dot { fill: var(--accent); }
.boundary { stroke: var(--bad); stroke-width: 2; fill: none; }
.truth { fill: none; stroke: var(--ink); stroke-width: 2; }
{{ style }}</style>
</head>
<body>
<main{% if page.is_wrapping %} class="wrapping"{% endif %}>
<p class="eyebrow">{{ page.eyebrow }}</p>
<h1><span class="code{% if page.tone %} code-{{ page.tone }}{% endif %}">{{ page.code }}</span>
{{ page.sentence }}</h1>
{% for notice in page.notices %}
<p class="notice"><strong>Note.</strong> {{ notice }}</p>
{% endfor %}
{% for section in page.sections %}
<section id="{{ section.key }}" aria-labelledby="{{ section.key }}-title">
<h2 id="{{ section.key }}-title">{{ section.title }}</h2>
{% for figure in page.figures.get(section.key, ()) %}
{{ figure }}
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
"""`page` is a `Page`, `style` what figures need."""

FIGURES = """\
{% macro whisker_plot(figure) %}
<figure tabindex="0">
<svg viewBox="0 0 {{ figure.width }} {{ figure.height }}" role="img"
 aria-labelledby="figure-{{ figure.key }}-title figure-{{ figure.key }}-description">
<title id="figure-{{ figure.key }}-title">{{ figure.title }}</title>
<desc id="figure-{{ figure.key }}-description">{{ figure.description }}</desc>
{% for x, label in figure.ticks %}
<path class="axis" d="M{{ x }} 24V{{ figure.height - 26 }}"/>
<text x="{{ x }}" y="{{ figure.height - 8 }}" text-anchor="middle">{{ label }}</text>
{% endfor %}
{% for x, label, anchor in figure.marks %}
<path class="mark" d="M{{ x }} 18V{{ figure.height - 26 }}"/>
<text x="{{ x }}" y="13" text-anchor="{{ anchor }}">{{ label }}</text>
{% endfor %}
{% for whisker in figure.whiskers %}
<text x="0" y="{{ whisker.y + 4 }}">{{ whisker.label|truncate(17, true, "...", 0) }}</text>
<path class="whisker" d="M{{ whisker.x_low }} {{ whisker.y - 7 }}v14v-7H{{ whisker.x_high }}v-7v14"/>
<circle class="dot" cx="{{ whisker.x }}" cy="{{ whisker.y }}" r="6"/>
{% if whisker.x_truth is not none %}
<path class="truth" d="M{{ whisker.x_truth }} {{ whisker.y - 10 }}l7 10l-7 10l-7 -10z"/>
{% endif %}
{% endfor %}
</svg>
<figcaption>{{ figure.title }}. Dot: estimate; bar: interval
{%- if figure.has_truth %}; diamond: truth{% endif %}. {{ figure.description }}</figcaption>
</figure>
{% endmacro %}

{% macro boundary_plot(figure) %}
<figure tabindex="0">
<svg viewBox="0 0 {{ figure.width }} {{ figure.height }}" role="img"
 aria-labelledby="figure-boundary-title figure-boundary-description">
<title id="figure-boundary-title">{{ figure.title }}</title>
<desc id="figure-boundary-description">{{ figure.description }}</desc>
{% for y, label in figure.y_ticks %}
<path class="axis" d="M{{ figure.x_low }} {{ y }}H{{ figure.x_high }}"/>
<text x="{{ figure.x_low - 8 }}" y="{{ y + 4 }}" text-anchor="end">{{ label }}</text>
{% endfor %}
{% for x, label in figure.x_ticks %}
<text x="{{ x }}" y="{{ figure.height - 10 }}" text-anchor="middle">{{ label }}</text>
{% endfor %}
{% for path in figure.boundaries %}
<path class="boundary" d="{{ path }}"/>
{% endfor %}
{% for x, y, is_crossed in figure.statistics %}
<circle class="{{ "dot" if is_crossed else "truth" }}" cx="{{ x }}" cy="{{ y }}" r="6"/>
{% endfor %}
</svg>
<figcaption>{{ figure.title }}, by information. Line: boundary; circle: statistic, filled where it crossed.
{{ figure.description }}</figcaption>
</figure>
{% endmacro %}

{% macro daily_plot(figure) %}
<figure tabindex="0">
<svg viewBox="0 0 {{ figure.width }} {{ figure.height }}" role="img"
 aria-labelledby="figure-{{ figure.key }}-title figure-{{ figure.key }}-description">
<title id="figure-{{ figure.key }}-title">{{ figure.title }}</title>
<desc id="figure-{{ figure.key }}-description">{{ figure.description }}</desc>
{% for y, label in figure.y_ticks %}
<path class="axis" d="M{{ figure.x_low }} {{ y }}H{{ figure.x_high }}"/>
<text x="{{ figure.x_low - 8 }}" y="{{ y + 4 }}" text-anchor="end">{{ label }}</text>
{% endfor %}
{% for x, label in figure.x_ticks %}
<text x="{{ x }}" y="{{ figure.height - 10 }}" text-anchor="middle">{{ label }}</text>
{% endfor %}
<path class="mark" d="M{{ figure.x_low }} {{ figure.y_zero }}H{{ figure.x_high }}"/>
{% if figure.slope %}
<path class="boundary" d="{{ figure.slope }}"/>
{% endif %}
{% for day in figure.days %}
<path class="whisker" d="M{{ day.x - 6 }} {{ day.y_low }}h12h-6V{{ day.y_high }}h-6h12"/>
<circle class="dot" cx="{{ day.x }}" cy="{{ day.y }}" r="5"/>
{% endfor %}
</svg>
<figcaption>{{ figure.title }}. Dot: estimate; bar: interval
{%- if figure.slope %}; line: slope{% endif %}; dashes: no effect. {{ figure.description }}</figcaption>
</figure>
{% endmacro %}
"""
"""One macro for each kind of figure: whisker_plot, boundary_plot, daily_plot."""
