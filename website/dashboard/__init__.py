"""The experiment dashboard: one board a run, panels made from it, drawn on a page and given as JSON.

- `board`: the report and the traffic of a run at one moment; `boards` keeps them for a second
- `values`, `traffic_values`: what the panels say; made by `judging` (verdict, health, progress), `scoring`
  (scorecard, truth), `following` (lift, exposures, peeking), `guarding` (guardrails, segments), `watching`
  (funnel, swarm, feed, tables); `panels` lists them in their order
- `charts`, `drawings`: pure geometry of the charts
- in the reader's language: `wording`, numbers as they are printed; `titles`, names; `sentences` (with
  `patterns`), what `stats` says
- `page`: the page and its refreshed parts; `api`, `openapi`: the same as JSON, and its description
"""
