"""Impressions with propensities from anyone's table, summed over visitors by SQL where they lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stats.errors import InvalidOutcomesError
from stats.off_policy_sums import TERMS, OffPolicySums
from stats.other_designs import LoggedPolicy
from stats.readers.opening import open_table
from stats.readers.roles import Role, choose_roles, columns_note
from stats.readers.source import Column, Resources, Row, Source

_REAL: Final = "DOUBLE PRECISION"
_ROLES: Final = (
    Role(
        "visitor",
        "the visitor",
        ("visitor_id", "visitor", "user_id", "user", "uid", "customer_id"),
        is_needed=False,
    ),
    Role("reward", "the reward", ("reward", "clicked", "is_clicked", "click", "is_click", "converted")),
    Role(
        "propensity",
        "the propensity",
        ("propensity", "propensity_score", "pscore", "logging_chance", "action_prob", "action_probability"),
    ),
    Role(
        "target-chance",
        "the target policy's chance",
        (
            *("target_chance", "target_propensity", "target_probability", "target_prob", "new_propensity"),
            *("evaluation_chance", "evaluation_policy_pscore"),
        ),
    ),
    Role("predicted", "the reward predicted", ("predicted", "predicted_reward", "q_hat"), is_needed=False),
    Role(
        "predicted-target",
        "the reward predicted of the target policy",
        ("predicted_target", "predicted_target_reward", "v_hat"),
        is_needed=False,
    ),
    Role("bot", "bots", ("is_bot", "bot"), is_needed=False),
)
_RANGES: Final = {
    "propensity": "above 0 and at most 1; log it when the film is shown, never rebuild it",
    "target-chance": "from 0 to 1",
}


@dataclass(frozen=True, slots=True)
class LoggedReading:
    """Logged impressions, with the choices that reading them took.

    Args:
        notes: what was sniffed, one line each, for the person who asked.
    """

    logged: LoggedPolicy
    source: str
    notes: tuple[str, ...]


def read_logged(
    location: str,
    *,
    columns: Mapping[str, str | None] | None = None,
    is_row_a_visitor: bool = False,
    table: str | None = None,
    resources: Resources | None = None,
) -> LoggedReading:
    """Return impressions with propensities, one row each, as sums over visitors.

    Args:
        location: as of `read_table`.
        columns: visitor, reward, propensity, target-chance, predicted, predicted-target, bot -> column; those
            not named are found by usual names.
        is_row_a_visitor: every row is of another visitor, so that no column need tell.
        table: of SQLite and PostgreSQL, which table or view; None for the only one.
        resources: memory and disk that reading files may use.

    Raises:
        UnreadableOutcomesError: nothing can be read there.
        InvalidOutcomesError: what was read contradicts itself; the message names the value and the way out.
    """
    wanted = dict(columns or {})
    with open_table(location, table, resources or Resources()) as source:
        chosen = choose_roles(_ROLES, wanted, [column.name for column in source.columns], source=source.name)
        if is_row_a_visitor:
            chosen.pop("visitor", None)
        elif "visitor" not in chosen:
            raise InvalidOutcomesError(
                f"{source.name} has no column of a usual name for the visitor; name it by --visitor, or say "
                "--rows visitor where every row is another visitor"
            )
        _require_both_predictions(chosen, source)
        by_name = {column.name: column for column in source.columns}
        columns_of = {role: by_name[name] for role, name in chosen.items()}
        _check(source, columns_of)
        rows = source.rows(_query(source, columns_of))
        logged = _logged(rows, source, has_predictions="predicted" in chosen)
    unit = (
        "an impression of another visitor" if is_row_a_visitor else "an impression, summed over each visitor"
    )
    return LoggedReading(logged, source.name, (columns_note(chosen, wanted), f"rows: each {unit}"))


def _require_both_predictions(chosen: Mapping[str, str], source: Source) -> None:
    given = [role for role in ("predicted", "predicted-target") if role in chosen]
    if len(given) == 1:
        absent = "predicted-target" if given == ["predicted"] else "predicted"
        raise InvalidOutcomesError(
            f"{source.name} has a column for --{given[0]} ({chosen[given[0]]!r}) and none for --{absent}; a "
            "doubly robust estimate needs both: name the other, or leave that one out of the table"
        )


def _check(source: Source, columns: Mapping[str, Column]) -> None:
    """Look at every row once."""
    numbers = {role: column for role, column in columns.items() if role != "visitor"}
    terms = ["count(*) AS n_rows"]
    for index, column in enumerate(numbers.values()):
        number = source.dialect.number(column)
        terms += [
            f"count({column.sql}) AS present_{index}",
            f"count({number}) AS readable_{index}",
            f"min({number}) AS low_{index}",
            f"max({number}) AS high_{index}",
        ]
    facts = source.rows(f"SELECT {', '.join(terms)} FROM {source.relation}")[0]  # noqa: S608 - names are quoted
    n_rows = int(facts["n_rows"])
    if not n_rows:
        raise InvalidOutcomesError(f"{source.name} has no row; an estimate needs impressions")
    for index, (role, column) in enumerate(numbers.items()):
        where = f"column {column.name!r} (--{role}) of {source.name}"
        if facts[f"readable_{index}"] < facts[f"present_{index}"]:
            raise InvalidOutcomesError(
                f"{where} holds {_unreadable(source, column)!r}; it must hold numbers: correct the rows, or "
                "name another column"
            )
        if facts[f"present_{index}"] < n_rows and role != "bot":
            raise InvalidOutcomesError(
                f"{where} has no value in {n_rows - facts[f'present_{index}']:,} of {n_rows:,} rows; leave out "
                "impressions of which it is not known"
            )
        _check_range(role, float(facts[f"low_{index}"] or 0), float(facts[f"high_{index}"] or 0), where)
    if columns["reward"] and float(facts["low_0"]) == float(facts["high_0"]) == 0:
        raise InvalidOutcomesError(
            f"column {columns['reward'].name!r} (--reward) of {source.name} holds 0 alone; where nothing was "
            "earned, no policy is told from another: is it the right column?"
        )


def _check_range(role: str, low: float, high: float, where: str) -> None:
    if role not in _RANGES:
        return
    is_low = low <= 0 if role == "propensity" else low < 0
    if is_low or high > 1:
        raise InvalidOutcomesError(
            f"{where} holds {low if is_low else high:g}; a chance must be {_RANGES[role]}"
        )


def _unreadable(source: Source, column: Column) -> str:
    query = (
        f"SELECT CAST({column.sql} AS {source.dialect.text}) AS example FROM {source.relation} "  # noqa: S608 - names are quoted
        f"WHERE {column.sql} IS NOT NULL AND ({source.dialect.number(column)}) IS NULL LIMIT 1"
    )
    return str(source.rows(query)[0]["example"])


def _query(source: Source, columns: Mapping[str, Column]) -> str:
    """Ask for the sums over visitors, bots apart.

    Columns: is_bot, n (visitors), n_blank, weight_squares, largest_weight, n_never, least, most, the sum of
    each term, and of each product of two.
    """
    values = {
        role: f"CAST({source.dialect.number(column)} AS {_REAL})"
        for role, column in columns.items()
        if role not in ("visitor", "bot")
    }
    weight = f"{values['target-chance']} / {values['propensity']}"
    reward = values["reward"]
    rows = {
        "impressions": "1.0",
        "rewards": reward,
        "weights": weight,
        "weighted_rewards": f"{weight} * {reward}",
    }
    if "predicted" in values:
        rows["corrected"] = f"{values['predicted-target']} + {weight} * ({reward} - {values['predicted']})"
    visitor = columns["visitor"].sql if "visitor" in columns else "'row'"
    bot = source.dialect.number(columns["bot"]) if "bot" in columns else "0"
    single = ", ".join(f"CAST({sql} AS {_REAL}) AS {name}" for name, sql in rows.items())
    parts = f"SELECT {visitor} AS visitor, {bot} AS bot, {single} FROM {source.relation}"  # noqa: S608 - names are quoted
    sums = ", ".join(f"sum({name}) AS {name}" for name in rows)
    extremes = (
        "sum(weights * weights) AS weight_squares, max(weights) AS largest_weight, "
        "sum(CASE WHEN weights = 0 THEN 1 ELSE 0 END) AS n_never, min(rewards) AS least, max(rewards) AS most"
    )
    grouped = (
        f"SELECT visitor, max(bot) AS bot, {sums}, {extremes} FROM parts GROUP BY visitor"  # noqa: S608 - names are quoted
        if "visitor" in columns
        else "SELECT visitor, bot, " + ", ".join(rows) + ", weights * weights AS weight_squares, weights AS "
        "largest_weight, CASE WHEN weights = 0 THEN 1 ELSE 0 END AS n_never, rewards AS least, rewards AS most "
        "FROM parts"
    )
    products = ", ".join(
        f"sum({a} * {b}) AS {a}_x_{b}" for a in rows for b in rows if TERMS.index(a) <= TERMS.index(b)
    )
    return f"""
WITH parts AS ({parts}), per_visitor AS ({grouped})
SELECT CASE WHEN bot > 0 THEN 1 ELSE 0 END AS is_bot, count(*) AS n,
       sum(CASE WHEN visitor IS NULL OR CAST(visitor AS {source.dialect.text}) = '' THEN 1 ELSE 0 END) AS n_blank,
       sum(weight_squares) AS weight_squares, max(largest_weight) AS largest_weight, sum(n_never) AS n_never,
       min(least) AS least, max(most) AS most, {sums}, {products}
FROM per_visitor GROUP BY 1"""  # noqa: S608 - names are quoted


def _logged(rows: Sequence[Row], source: Source, *, has_predictions: bool) -> LoggedPolicy:
    if any(int(row["n_blank"]) for row in rows):
        raise InvalidOutcomesError(
            f"{source.name} has rows without visitor id; a visitor must be known to count once: leave those "
            "rows out, or name another column by --visitor"
        )
    people = next((row for row in rows if not int(row["is_bot"])), None)
    if people is None:
        raise InvalidOutcomesError(f"all visitors of {source.name} are bots; an estimate needs people")
    terms = TERMS if has_predictions else TERMS[:-1]
    products = {
        (a, b): float(people[f"{a}_x_{b}" if TERMS.index(a) <= TERMS.index(b) else f"{b}_x_{a}"])
        for a in terms
        for b in terms
    }
    sums = OffPolicySums(
        n_visitors=int(people["n"]),
        totals={name: float(people[name]) for name in terms},
        products=products,
        weight_squares=float(people["weight_squares"]),
        largest_weight=float(people["largest_weight"]),
        n_never=int(people["n_never"]),
        rewards=(float(people["least"]), float(people["most"])),
    )
    return LoggedPolicy(sums, n_bots=sum(int(row["n"]) for row in rows if int(row["is_bot"])))
