"""The engines that make visits: real browsers, the same by HTTP alone, and all at once as arrays.

The first two go through the site's pages and have one signature; the vector engine needs no site.
"""

from simulator.engines.browser import (
    BrowserDisplay,
    BrowserNotFoundError,
    BrowserPaths,
    Grid,
    GridError,
    ask_grid,
    find_browser,
    run_browser_visits,
)
from simulator.engines.http import run_http_visits
from simulator.engines.http_latency import LatencyLog, PageLatency
from simulator.engines.vector import VectorRun, run_vector_visits
from simulator.engines.vector_parts import PART_SIZE, LakeRun
from simulator.engines.vector_workers import BACKENDS, Workers, handing_out, run_vector_parts

__all__ = [
    "BACKENDS",
    "PART_SIZE",
    "BrowserDisplay",
    "BrowserNotFoundError",
    "BrowserPaths",
    "Grid",
    "GridError",
    "LakeRun",
    "LatencyLog",
    "PageLatency",
    "VectorRun",
    "Workers",
    "ask_grid",
    "find_browser",
    "handing_out",
    "run_browser_visits",
    "run_http_visits",
    "run_vector_parts",
    "run_vector_visits",
]
