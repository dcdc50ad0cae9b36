"""A report on impressions in one Parquet file: `funflix analyze`, DuckDB's group-by alone, tea-tasting.

Writes a file of impressions (seeded, in chunks), about ten a visitor in visits of five, in the order of time,
so that a visitor's rows lie far apart. Then each contestant runs in a process of its own, in turns; *work* is
without the start of Python and imports, *process* with them; CPU is of the whole process, memory its peak.
The group-by alone sums clicks over (visitor, variant) and then over variants: no checks, no statistics. It
would not see a visitor in two variants. gbstats needs an older NumPy than pyarrow does: give `--peer-python`
an environment of its own, made by `pip install gbstats duckdb`; and one by `pip install tea-tasting polars`.

    python benchmarks/report_parquet.py [--impressions 10000000] [--ids text|number] [--memory-mb MB]
        [--peer-python PYTHON ...]
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

_CHUNK = 1_000_000
_PER_VISIT = 5
_PER_VISITOR = 10
_MEASURED = """
import json, resource, sys, time
{imports}
start = time.perf_counter()
{work}
work_s = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_SELF)
# ru_maxrss of a child may be its parent's; the kernel's own mark starts anew with each program.
peak_kb = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
print(json.dumps([work_s, used.ru_utime + used.ru_stime, peak_kb / 1024]), file=sys.stderr)
"""
_GROUP_BY = """
duckdb.connect(config={"memory_limit": sys.argv[2] + "MiB", "temp_directory": sys.argv[3]}).execute(
    "SELECT variant, count(*), sum(n), sum(c), sum(n * n), sum(c * c), sum(n * c) FROM ("
    "SELECT visitor_id, variant, count(*) AS n, sum(CAST(clicked AS INTEGER)) AS c "
    f"FROM '{sys.argv[1]}' GROUP BY visitor_id, variant) GROUP BY variant").fetchall()
"""
_FUNFLIX_IMPORTS = """
import duckdb, stats, funflix.commands.analyze
from funflix.command_line import cli
"""
_FUNFLIX = """
cli.main(["analyze", sys.argv[1], "--spill-folder", sys.argv[3], *sys.argv[4:]],
         standalone_mode=False)
"""
_TEA_TASTING = """
experiment = tea_tasting.Experiment(
    visitor_ctr=tea_tasting.Mean("clicked"), impression_ctr=tea_tasting.RatioOfMeans("clicks", "impressions"))
{table}
print(experiment.analyze(table, control="control"))
"""
_DUCKDB_TABLE = """
connection = duckdb.connect(config={"memory_limit": sys.argv[2] + "MiB", "temp_directory": sys.argv[3]})
table = connection.sql(
    "SELECT variant, count(*) AS impressions, CAST(sum(CAST(clicked AS INTEGER)) AS BIGINT) AS clicks, "
    f"max(CAST(clicked AS INTEGER)) AS clicked FROM '{sys.argv[1]}' GROUP BY visitor_id, variant")
"""
_ARROW_TABLE = """
rows = pq.read_table(sys.argv[1], columns=["visitor_id", "variant", "clicked"])
rows = rows.set_column(2, "clicked", pc.cast(rows["clicked"], "int64"))
table = rows.group_by(["visitor_id", "variant"]).aggregate(
    [("clicked", "sum"), ("clicked", "count"), ("clicked", "max")])
table = table.rename_columns(["visitor_id", "variant", "clicks", "impressions", "clicked"])
"""
_POLARS_TABLE = """
table = (
    pl.scan_parquet(sys.argv[1])
    .group_by("visitor_id", pl.col("variant").cast(pl.String))
    .agg(pl.len().cast(pl.Int64).alias("impressions"), pl.col("clicked").cast(pl.Int64).sum().alias("clicks"),
         pl.col("clicked").cast(pl.Int64).max().alias("clicked_once"))
    .rename({"clicked_once": "clicked"})
    .collect(engine="streaming"))
"""
_GBSTATS = """
rows = duckdb.connect(config={"memory_limit": sys.argv[2] + "MiB", "temp_directory": sys.argv[3]}).execute(
    "SELECT variant, count(*), sum(n), sum(c), sum(n * n), sum(c * c), sum(n * c), sum(least(c, 1)) FROM ("
    "SELECT visitor_id, variant, count(*) AS n, sum(CAST(clicked AS INTEGER)) AS c "
    f"FROM '{sys.argv[1]}' GROUP BY visitor_id, variant) GROUP BY variant ORDER BY variant").fetchall()
rates = [ProportionStatistic(n=n, sum=clicked) for _, n, *_, clicked in rows]
ratios = [
    RatioStatistic(n=n, m_statistic=SampleMeanStatistic(n=n, sum=c, sum_squares=cc),
                   d_statistic=SampleMeanStatistic(n=n, sum=i, sum_squares=ii), m_d_sum_of_products=ic)
    for _, n, i, c, ii, cc, ic, _ in rows]
for pair in (rates, ratios):
    print(TwoSidedTTest(*pair).compute_result())
"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to the numbers: what it imports, then what it does, and the Python that has it."""

    name: str
    imports: str
    work: str
    python: str = sys.executable


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    work_s: float
    process_s: float
    cpu_s: float
    peak_mb: float


def peers(pythons: Sequence[str]) -> list[Contestant]:
    """Contestants that need packages of their own, each by the first Python that has them."""
    wanted = (
        ("tea-tasting on polars", "import polars as pl, tea_tasting", _TEA_TASTING, _POLARS_TABLE),
        (
            "gbstats on DuckDB",
            (
                "import duckdb\n"
                "from gbstats.frequentist.tests import TwoSidedTTest\n"
                "from gbstats.models.statistics import ProportionStatistic, RatioStatistic\n"
                "from gbstats.models.statistics import SampleMeanStatistic"
            ),
            _GBSTATS,
            "",
        ),
    )
    return [
        Contestant(name, imports, work.replace("{table}", table), python)
        for name, imports, work, table in wanted
        for python in [one for one in pythons if _has(one, imports)][:1]
    ]


def _has(python: str, imports: str) -> bool:
    return subprocess.run([python, "-c", imports], check=False, capture_output=True).returncode == 0


def contestants(n_impressions: int) -> list[Contestant]:
    found = [
        Contestant("DuckDB's group-by alone", "import duckdb", _GROUP_BY),
        Contestant("funflix analyze, whole report", _FUNFLIX_IMPORTS, _FUNFLIX),
    ]
    if importlib.util.find_spec("tea_tasting") is None:
        return found
    found.append(
        Contestant(
            "tea-tasting on DuckDB",
            "import duckdb, tea_tasting",
            _TEA_TASTING.replace("{table}", _DUCKDB_TABLE),
        )
    )
    if n_impressions <= 20_000_000:  # all rows in memory
        found.append(
            Contestant(
                "tea-tasting on pyarrow",
                "import pyarrow.compute as pc, pyarrow.parquet as pq, tea_tasting",
                _TEA_TASTING.replace("{table}", _ARROW_TABLE),
            )
        )
    return found


def write_impressions(path: Path, n_impressions: int, *, has_text_ids: bool) -> None:
    rng = np.random.default_rng(7)
    n_visitors = max(2, n_impressions // _PER_VISITOR)
    schema = pa.schema(
        {
            "visitor_id": pa.string() if has_text_ids else pa.int64(),
            "variant": pa.dictionary(pa.int8(), pa.string()),
            "position": pa.int8(),
            "clicked": pa.bool_(),
        }
    )
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n_impressions, _CHUNK):
            n = min(_CHUNK, n_impressions - start)
            visits = rng.integers(0, n_visitors, -(-n // _PER_VISIT))
            visitors = np.repeat(visits, _PER_VISIT)[:n]
            ids = pa.array(visitors)
            if has_text_ids:
                ids = pa.compute.binary_join_element_wise("v", pa.compute.cast(ids, pa.string()), "")
            variants = pa.DictionaryArray.from_arrays(
                pa.array((visitors * 2_654_435_761 >> 7) % 2, pa.int8()), ["control", "treatment"]
            )
            # Visitors differ in how much they click, so that impressions are not independent.
            clicked = rng.random(n) < 0.02 + 0.1 * ((visitors * 40_503 >> 5) % 2)
            positions = pa.array(np.arange(start, start + n) % _PER_VISIT + 1, pa.int8())
            writer.write_batch(pa.record_batch([ids, variants, positions, pa.array(clicked)], schema=schema))


def run(contestant: Contestant, path: Path, memory_mb: int | None) -> Cost:
    program = _MEASURED.replace("{imports}", contestant.imports).replace("{work}", contestant.work)
    given = [] if memory_mb is None else ["--memory-mb", str(memory_mb)]
    with tempfile.TemporaryDirectory(dir=path.parent) as spill:
        start = time.perf_counter()
        finished = subprocess.run(
            [contestant.python, "-c", program, str(path), str(memory_mb or 1024), spill, *given],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        process_s = time.perf_counter() - start
    work_s, cpu_s, peak_mb = json.loads(finished.stderr.splitlines()[-1])
    return Cost(work_s, process_s, cpu_s, peak_mb)


def best(costs: list[Cost], field: str) -> float:
    """Return the least of several runs: what else the machine does only ever adds."""
    return min(getattr(cost, field) for cost in costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--impressions", type=int, default=10_000_000)
    parser.add_argument("--ids", choices=["text", "number"], default="text")
    parser.add_argument(
        "--memory-mb", type=int, help="of DuckDB in all contestants; default: 1024, ours its own"
    )
    parser.add_argument(
        "--peer-python", action="append", default=[], help="of an environment with polars, or with gbstats"
    )
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "impressions.parquet"
        write_impressions(path, options.impressions, has_text_ids=options.ids == "text")
        entrants = [*contestants(options.impressions), *peers([sys.executable, *options.peer_python])]
        costs: dict[str, list[Cost]] = {entrant.name: [] for entrant in entrants}
        for _ in range(options.rounds):
            for entrant in entrants:
                costs[entrant.name].append(run(entrant, path, options.memory_mb))
        print(
            f"{options.impressions:,} impressions of {options.impressions // _PER_VISITOR:,} visitors with "
            f"{options.ids} ids, {path.stat().st_size / 1e6:.0f} MB of Parquet; best of {options.rounds}"
        )
    floor = costs[entrants[0].name]
    print(f"  {'':<30}{'work':>9}{'':>9}{'process':>9}{'CPU':>9}{'':>9}{'peak':>9}")
    for name, taken in costs.items():
        work_s, cpu_s = best(taken, "work_s"), best(taken, "cpu_s")
        print(
            f"  {name:<30}{work_s:>7.2f} s{work_s / best(floor, 'work_s'):>7.2f} x"
            f"{best(taken, 'process_s'):>7.2f} s{cpu_s:>7.2f} s{cpu_s / best(floor, 'cpu_s'):>7.2f} x"
            f"{best(taken, 'peak_mb'):>6.0f} MB"
        )


if __name__ == "__main__":
    main()
