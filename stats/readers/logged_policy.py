"""Impressions with propensities from anyone's table, summed over visitors by SQL where they lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stats.errors import InvalidOutcomesError
from stats.off_policy_sums import TERMS, OffPolicySums
from stats.other_designs import LoggedPolicy
from stats.readers.checks import check_visitor_types
from stats.readers.choosing import ColumnNames
from stats.readers.logged_queries import check_logged, logged_query
from stats.readers.opening import open_table
from stats.readers.queries import Table
from stats.readers.roles import Role, choose_roles, columns_note
from stats.readers.source import Resources, Row, Source

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
        chosen = _with_both_predictions(chosen, wanted, source)
        by_name = {column.name: column for column in source.columns}
        columns_of = {role: by_name[name] for role, name in chosen.items()}
        check_logged(source, columns_of)
        check_visitor_types(Table(source, ColumnNames(visitor=chosen.get("visitor"))))
        rows = source.rows(logged_query(source, columns_of))
        logged = _logged(rows, source, has_predictions="predicted" in chosen)
    unit = (
        "an impression of another visitor" if is_row_a_visitor else "an impression, summed over each visitor"
    )
    return LoggedReading(logged, source.name, (columns_note(chosen, wanted), f"rows: each {unit}"))


def _with_both_predictions(
    chosen: Mapping[str, str], wanted: Mapping[str, str | None], source: Source
) -> dict[str, str]:
    """Return the columns that are read: predictions only where there are both."""
    roles = ("predicted", "predicted-target")
    given = [role for role in roles if role in chosen]
    if len(given) == len(roles):
        return dict(chosen)
    for role in given:
        if wanted.get(role):
            absent = next(other for other in roles if other != role)
            raise InvalidOutcomesError(
                f"{source.name} has no column of a usual name for --{absent}, and --{role} alone "
                f"({chosen[role]!r}) is not enough for a doubly robust estimate; name both, or neither"
            )
    return {role: name for role, name in chosen.items() if role not in roles}


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
        n_rewarded=int(people["n_rewarded"]),
        rewards=(float(people["least"]), float(people["most"])),
    )
    return LoggedPolicy(sums, n_bots=sum(int(row["n"]) for row in rows if int(row["is_bot"])))
