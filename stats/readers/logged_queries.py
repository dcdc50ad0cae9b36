"""The questions put to a table of impressions with propensities, in SQL that all three databases understand.

Names of columns are quoted as identifiers; that is why the lint rule against SQL made of strings (S608) is
switched off line by line.
"""

from collections.abc import Mapping
from typing import Final

from stats.errors import InvalidOutcomesError
from stats.off_policy_sums import TERMS
from stats.readers.source import Column, Row, Source

_REAL: Final = "DOUBLE PRECISION"
_RANGES: Final = {
    "propensity": "above 0 and at most 1; log it when the film is shown, never rebuild it",
    "target-chance": "from 0 to 1",
}


def check_logged(source: Source, columns: Mapping[str, Column]) -> None:
    """Look at every row once.

    Args:
        source: the table.
        columns: role -> column, as of `read_logged`.

    Raises:
        InvalidOutcomesError: no row, a value that is absent or no number, a chance out of range, or no reward
            at all.
    """
    numbers = {role: column for role, column in columns.items() if role != "visitor"}
    facts = source.rows(_facts_query(source, numbers))[0]
    n_rows = int(facts["n_rows"])
    if not n_rows:
        raise InvalidOutcomesError(f"{source.name} has no row; an estimate needs impressions")
    for index, (role, column) in enumerate(numbers.items()):
        found = {name: facts[f"{name}_{index}"] for name in ("present", "readable", "low", "high")}
        _check_number(source, role, column, found, n_rows)


def _facts_query(source: Source, numbers: Mapping[str, Column]) -> str:
    terms = ["count(*) AS n_rows"]
    for index, column in enumerate(numbers.values()):
        number = source.dialect.number(column)
        terms += [
            f"count({column.sql}) AS present_{index}",
            f"count({number}) AS readable_{index}",
            f"min({number}) AS low_{index}",
            f"max({number}) AS high_{index}",
        ]
    return f"SELECT {', '.join(terms)} FROM {source.relation}"  # noqa: S608 - see above


def _check_number(source: Source, role: str, column: Column, found: Row, n_rows: int) -> None:
    where = f"column {column.name!r} (--{role}) of {source.name}"
    if found["readable"] < found["present"]:
        raise InvalidOutcomesError(
            f"{where} holds {_unreadable(source, column)!r}; it must hold numbers: correct the rows, or "
            "name another column"
        )
    if found["present"] < n_rows and role != "bot":
        raise InvalidOutcomesError(
            f"{where} has no value in {n_rows - found['present']:,} of {n_rows:,} rows; leave out "
            "impressions of which it is not known"
        )
    low, high = float(found["low"] or 0), float(found["high"] or 0)
    is_low = low <= 0 if role == "propensity" else low < 0
    if role in _RANGES and (is_low or high > 1):
        raise InvalidOutcomesError(
            f"{where} holds {low if is_low else high:g}; a chance must be {_RANGES[role]}"
        )
    if role == "reward" and low == high == 0:
        raise InvalidOutcomesError(
            f"{where} holds 0 alone; where nothing was earned, no policy is told from another: is it the "
            "right column?"
        )


def _unreadable(source: Source, column: Column) -> str:
    query = (
        f"SELECT CAST({column.sql} AS {source.dialect.text}) AS example FROM {source.relation} "  # noqa: S608 - see above
        f"WHERE {column.sql} IS NOT NULL AND ({source.dialect.number(column)}) IS NULL LIMIT 1"
    )
    return str(source.rows(query)[0]["example"])


def logged_query(source: Source, columns: Mapping[str, Column]) -> str:
    """Ask for the sums over visitors, bots apart.

    Columns: is_bot, n (visitors), n_blank, weight_squares, largest_weight, n_never, n_rewarded, least,
    most, the sum of
    each term that `TERMS` names, and of each product of two, as A_x_B.
    """
    terms = _terms(source, columns)
    sums = ", ".join(f"sum({name}) AS {name}" for name in terms)
    products = ", ".join(
        f"sum({a} * {b}) AS {a}_x_{b}" for a in terms for b in terms if TERMS.index(a) <= TERMS.index(b)
    )
    text = source.dialect.text
    return f"""
WITH parts AS ({_parts(source, columns, terms)}),
     per_visitor AS ({_per_visitor(terms, is_grouped="visitor" in columns)})
SELECT CASE WHEN bot > 0 THEN 1 ELSE 0 END AS is_bot, count(*) AS n,
       sum(CASE WHEN visitor IS NULL OR CAST(visitor AS {text}) = '' THEN 1 ELSE 0 END) AS n_blank,
       sum(weight_squares) AS weight_squares, max(largest_weight) AS largest_weight, sum(n_never) AS n_never,
       sum(n_rewarded) AS n_rewarded,
       min(least) AS least, max(most) AS most, {sums}, {products}
FROM per_visitor GROUP BY 1"""  # noqa: S608 - see above


def _terms(source: Source, columns: Mapping[str, Column]) -> dict[str, str]:
    """Return each term of an impression as SQL."""
    values = {
        role: f"CAST({source.dialect.number(column)} AS {_REAL})"
        for role, column in columns.items()
        if role not in ("visitor", "bot")
    }
    weight, reward = f"{values['target-chance']} / {values['propensity']}", values["reward"]
    found = {
        "impressions": "1",
        "rewards": reward,
        "weights": weight,
        "weighted_rewards": f"{weight} * {reward}",
    }
    if "predicted" in values:
        found["corrected"] = f"{values['predicted-target']} + {weight} * ({reward} - {values['predicted']})"
    return found


def _parts(source: Source, columns: Mapping[str, Column], terms: Mapping[str, str]) -> str:
    """Return the SELECT of one row an impression."""
    visitor = columns["visitor"].sql if "visitor" in columns else "'row'"
    bot = source.dialect.number(columns["bot"]) if "bot" in columns else "0"
    listed = ", ".join(f"CAST({sql} AS {_REAL}) AS {name}" for name, sql in terms.items())
    return f"SELECT {visitor} AS visitor, {bot} AS bot, {listed} FROM {source.relation}"  # noqa: S608 - see above


def _per_visitor(terms: Mapping[str, str], *, is_grouped: bool) -> str:
    """Return the SELECT of one row a visitor; where no column names the visitor, every row is one."""
    sums = {name: ("sum", name) for name in terms} | {
        "bot": ("max", "bot"),
        "weight_squares": ("sum", "weights * weights"),
        "largest_weight": ("max", "weights"),
        "n_never": ("sum", "CASE WHEN weights = 0 THEN 1 ELSE 0 END"),
        "n_rewarded": ("sum", "CASE WHEN weights > 0 AND rewards <> 0 THEN 1 ELSE 0 END"),
        "least": ("min", "rewards"),
        "most": ("max", "rewards"),
    }
    listed = ", ".join(
        f"{f'{aggregate}({sql})' if is_grouped else sql} AS {name}" for name, (aggregate, sql) in sums.items()
    )
    group = " GROUP BY visitor" if is_grouped else ""
    return f"SELECT visitor, {listed} FROM parts{group}"  # noqa: S608 - see above
