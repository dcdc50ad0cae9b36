"""Interleaved traffic from anyone's table: whose films each visitor clicked, counted by SQL where it lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from stats.errors import InvalidOutcomesError
from stats.interleaving import TeamBalance, team_balance
from stats.other_designs import TeamDraft
from stats.readers.checks import check_measure, check_visitor_types, merged_facts
from stats.readers.choosing import ColumnNames, choose_arms, did_you_mean
from stats.readers.opening import open_table
from stats.readers.queries import Table, rows_query
from stats.readers.roles import Role, choose_roles, columns_note
from stats.readers.source import Column, Resources, Row, literal
from stats.wording import counted

RowOfDraft = Literal["impression", "click"]

_TWO: Final = 2
_FEW: Final = 10
_UNITS: Final = {
    "impression": "an impression",
    "click": "a click",
    "count": "a count of clicks",
    "counts": "a count of clicks and impressions",
}
_ROLES: Final = (
    Role("visitor", "the visitor", ("visitor_id", "visitor", "user_id", "user", "uid", "customer_id")),
    Role(
        "team",
        "the team, the variant that drafted a film",
        ("team", "drafted_by", "credited_to", "variant", "variation", "arm", "model", "ranker"),
    ),
    Role("clicks", "a number of clicks", ("n_clicks", "clicks", "click_count"), is_needed=False),
    Role("clicked", "a click", ("clicked", "is_clicked", "click", "is_click"), is_needed=False),
    Role("impressions", "viewed impressions", ("n_impressions", "impressions", "views"), is_needed=False),
    Role("bot", "bots", ("is_bot", "bot"), is_needed=False),
)


@dataclass(frozen=True, slots=True)
class InterleavedReading:
    """An interleaved draft, with the choices that reading it took.

    Args:
        notes: what was sniffed, one line each, for the person who asked.
    """

    draft: TeamDraft
    source: str
    notes: tuple[str, ...]


def read_interleaved(
    location: str,
    *,
    columns: Mapping[str, str | None] | None = None,
    rows: RowOfDraft | None = None,
    table: str | None = None,
    control: str | None = None,
    treatment: str | None = None,
    resources: Resources | None = None,
) -> InterleavedReading:
    """Return whose films visitors clicked, of a table with one row an impression, a click, or a count.

    Args:
        location: as of `read_table`.
        columns: visitor, team, clicks, clicked, impressions, bot -> column; those not named are found by
            usual names.
        rows: what one row is: an impression, or a click, which no column need count; None to find out.
        table: of SQLite and PostgreSQL, which table or view; None for the only one.
        control: the control's team; None to find it by usual names.
        treatment: the treatment's; None for the other one.
        resources: memory and disk that reading files may use.

    Raises:
        UnreadableOutcomesError: nothing can be read there.
        InvalidOutcomesError: what was read contradicts itself; the message names the value and the way out.
    """
    wanted = dict(columns or {})
    with open_table(location, table, resources or Resources()) as source:
        chosen = choose_roles(_ROLES, wanted, [column.name for column in source.columns], source=source.name)
        chosen = _used(chosen, wanted, rows, source.name)
        named = {role: name for role, name in chosen.items() if role != "team"}
        read = Table(source, ColumnNames(variant=chosen["team"], **named))
        facts = source.rows(rows_query(read))
        teams = _check(read, facts, control, treatment)
        groups = source.rows(_query(read, teams))
        _check_visitors(groups, read)
        unit = rows or _unit(read, facts, groups)
        if unit != "click":
            _require_both_teams(groups, read)
    notes = (
        columns_note(chosen, wanted),
        f"rows: each {_UNITS[unit]}, summed over each visitor",
        f"teams: control = {teams[0]!r}, treatment = {teams[1]!r}",
    )
    is_counted = unit in ("impression", "counts")
    return InterleavedReading(_draft(groups, teams, is_counted=is_counted), source.name, notes)


def _used(
    chosen: Mapping[str, str], wanted: Mapping[str, str | None], rows: RowOfDraft | None, source: str
) -> dict[str, str]:
    """Return the columns that are read: of those that tell of clicks one, or none where rows are clicks."""
    if rows == "click":
        return {role: name for role, name in chosen.items() if role in ("visitor", "team", "bot")}
    told = [role for role in ("clicks", "clicked") if role in chosen]
    if not told:
        raise InvalidOutcomesError(
            f"{source} has no column of a usual name for clicks; name one by --clicks or --clicked, "
            "or say --rows click where every row is one"
        )
    kept = next((role for role in told if wanted.get(role)), told[0])
    left_out = {*told, *(["impressions"] if rows == "impression" else [])} - {kept}
    return {role: name for role, name in chosen.items() if role not in left_out}


def _unit(read: Table, facts: Sequence[Row], groups: Sequence[Row]) -> str:
    """Return what one row is: an impression where some are clicked, none twice, and visitors have several."""
    if read.names.impressions is not None:
        return "counts"
    clicks = merged_facts(facts, read.click_role)
    n_rows, n_visitors = (sum(int(row[name]) for row in groups) for name in ("n_rows", "n"))
    is_impression = clicks["low"] == 0 and clicks["high"] <= 1 and n_rows >= _TWO * n_visitors
    return "impression" if is_impression else "count"


def _check(read: Table, facts: Sequence[Row], control: str | None, treatment: str | None) -> tuple[str, str]:
    """Look at every row once; return the names of both teams."""
    name, column = read.source.name, read.names.variant
    n_rows = sum(int(row["n_rows"]) for row in facts)
    n_blank = sum(int(row["n_rows"]) for row in facts if not (row["variant"] or "").strip())
    if not n_rows:
        raise InvalidOutcomesError(f"{name} has no row; a preference needs clicks on films of two teams")
    if n_blank:
        raise InvalidOutcomesError(
            f"{n_blank:,} of {n_rows:,} rows of {name} have no team in {column!r}; leave out films that "
            "neither team drafted, or name another column by --team"
        )
    teams = sorted(row["variant"] for row in facts)
    _check_teams(teams, control, treatment, name)
    for role in read.measures:
        check_measure(read, role, merged_facts(facts, role), n_rows)
    check_visitor_types(read)
    first, second = choose_arms(teams, control=control, treatment=treatment, source=name)
    return first, second


def _check_teams(teams: Sequence[str], control: str | None, treatment: str | None, name: str) -> None:
    """There are two, and where the caller says which, no other."""
    listed = ", ".join(map(repr, teams))
    if len(teams) == 1:
        raise InvalidOutcomesError(
            f"all films of {name} are of one team, {listed}; a preference needs those of both: is the right "
            "column --team?"
        )
    if control is not None and treatment is not None:
        for team in teams:
            if team not in (control, treatment):
                raise InvalidOutcomesError(
                    f"{name} has films of team {team!r}, which is neither {control!r} nor {treatment!r}; "
                    f"leave out films that neither drafted{did_you_mean(team, (control, treatment))}"
                )
    if len(teams) > _TWO:
        raise InvalidOutcomesError(
            f"{name} has {len(teams)} teams ({listed}); a draft has two: leave out films that neither "
            "drafted, or name another column by --team"
        )


def _check_visitors(rows: Sequence[Row], read: Table) -> None:
    n_blank = sum(int(row["n_blank"]) for row in rows)
    if n_blank:
        raise InvalidOutcomesError(
            f"{read.source.name} has rows without visitor id in {read.names.visitor!r}; a visitor must be "
            "known to count once: leave those rows out, or name another column by --visitor"
        )
    n_over = sum(int(row["n_over"]) for row in rows)
    if n_over and read.names.impressions is not None:
        raise InvalidOutcomesError(
            f"{counted(n_over, 'visitor')} of {read.source.name} made more clicks than there are "
            f"impressions in {read.names.impressions!r}; each click needs its impression: correct the rows"
        )
    if not any(int(row["control_clicks"]) + int(row["treatment_clicks"]) for row in rows):
        raise InvalidOutcomesError(
            f"{read.source.name} has no click at all; a preference needs visitors who clicked: is the right "
            "column --clicks or --clicked?"
        )


def _require_both_teams(groups: Sequence[Row], read: Table) -> None:
    """Refuse a table of arms: there nobody has films of both."""
    n_visitors, n_of_both = (sum(int(row[name]) for row in groups) for name in ("n", "n_of_both"))
    if n_visitors >= _FEW and not n_of_both:
        raise InvalidOutcomesError(
            f"no visitor of {read.source.name} has rows of both teams in {read.names.variant!r}; arms of an "
            "A/B test are analyzed without --interleaving, and rows that each are a click need --rows click"
        )


def _query(read: Table, teams: tuple[str, str]) -> str:
    """Ask for the visitors by their clicks on either team's films.

    Columns: is_bot, control_clicks, treatment_clicks, n, n_blank, n_over, n_of_both, n_rows, and for the
    impressions of the teams control_seen, treatment_seen, lead_squares: rows count where no column does.
    """
    dialect, names = read.source.dialect, read.names
    whole = dialect.whole
    is_told = read.click_role in read.measures
    clicks = f"CAST({read.number(read.click_role)} AS {whole})" if is_told else "1"
    seen = f"CAST({read.number('impressions')} AS {whole})" if names.impressions is not None else "1"
    bot = f"max({read.number('bot')})" if names.bot is not None else "0"
    visitor = Column(names.visitor or "", "other").sql
    sums = ", ".join(
        f"CAST(sum(CASE WHEN {read.variant} = {literal(team)} THEN {value} ELSE 0 END) AS {whole}) AS {name}"
        for side, team in zip(("control", "treatment"), teams, strict=True)
        for value, name in ((clicks, f"{side}_clicks"), (seen, f"{side}_seen"))
    )
    return f"""
WITH per_visitor AS (
    SELECT {visitor} AS visitor, {bot} AS is_bot, count(*) AS n_rows, {sums}
    FROM {read.source.relation} GROUP BY {visitor})
SELECT CASE WHEN is_bot > 0 THEN 1 ELSE 0 END AS is_bot, control_clicks, treatment_clicks, count(*) AS n,
       sum(CASE WHEN visitor IS NULL OR CAST(visitor AS {dialect.text}) = '' THEN 1 ELSE 0 END) AS n_blank,
       sum(CASE WHEN control_clicks > control_seen OR treatment_clicks > treatment_seen THEN 1 ELSE 0 END)
           AS n_over,
       sum(CASE WHEN control_seen > 0 AND treatment_seen > 0 THEN 1 ELSE 0 END) AS n_of_both,
       sum(n_rows) AS n_rows, sum(control_seen) AS control_seen, sum(treatment_seen) AS treatment_seen,
       sum(CAST(treatment_seen - control_seen AS {whole}) * (treatment_seen - control_seen)) AS lead_squares
FROM per_visitor GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""  # noqa: S608 - names are quoted, as in `queries`


def _draft(rows: Sequence[Row], teams: tuple[str, str], *, is_counted: bool) -> TeamDraft:
    people = [row for row in rows if not int(row["is_bot"])]
    return TeamDraft(
        *teams,
        control_clicks=tuple(int(row["control_clicks"]) for row in people),
        treatment_clicks=tuple(int(row["treatment_clicks"]) for row in people),
        n_visitors=tuple(int(row["n"]) for row in people),
        balance=_balance(people) if is_counted else None,
        n_bots=sum(int(row["n"]) for row in rows if int(row["is_bot"])),
    )


def _balance(people: Sequence[Row]) -> TeamBalance:
    return team_balance(
        sum(int(row["control_seen"]) for row in people),
        sum(int(row["treatment_seen"]) for row in people),
        n_visitors=sum(int(row["n"]) for row in people),
        squares=float(sum(int(row["lead_squares"]) for row in people)),
    )
