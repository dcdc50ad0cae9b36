"""Which table, which column, which variant is the control: named by the caller, else by usual names."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from stats.errors import InvalidOutcomesError
from stats.outcomes import HOLDOUT

_USUAL_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "visitor": (
        *("visitor_id", "visitor", "user_id", "user", "uid", "unit_id", "unit", "customer_id", "customer"),
        *("device_id", "client_id", "anonymous_id"),
    ),
    "variant": (
        *("variant", "variant_id", "variation", "variation_id", "arm", "group", "ab_group", "test_group"),
        *("experiment_group", "bucket", "treatment_group"),
    ),
    "clicks": ("n_clicks", "clicks", "num_clicks", "click_count"),
    "impressions": (
        "n_impressions",
        "impressions",
        "num_impressions",
        "impression_count",
        "n_views",
        "views",
    ),
    "clicked": (
        *("clicked", "is_clicked", "has_clicked", "click", "is_click", "converted", "is_converted"),
        *("conversion", "success"),
    ),
    "bot": ("is_bot", "bot"),
}
MOST_TREATMENTS: Final = 10
_USUAL_CONTROLS = ("control", "baseline", "default", "old", "original", "a", "off", "false", "0")


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The columns of a table that an analysis reads; None where there is none, or none was named yet.

    Args:
        visitor: who was randomised.
        variant: the visitor's variant.
        clicks: a number of clicks, summed over a visitor's rows.
        impressions: a number of viewed impressions, summed likewise.
        clicked: 0 or 1, true or false: whether the visitor, or this impression, was clicked.
        bot: true or 1 for visitors to leave out.
    """

    visitor: str | None = None
    variant: str | None = None
    clicks: str | None = None
    impressions: str | None = None
    clicked: str | None = None
    bot: str | None = None

    def named(self) -> dict[str, str]:
        """Return role -> column, of those that have one."""
        return {
            role.name: column
            for role in fields(self)
            if isinstance(column := getattr(self, role.name), str)  # slots have no __dict__
        }


def choose_columns(wanted: ColumnNames, available: Sequence[str], *, source: str) -> ColumnNames:
    """Return the column of each role: the one the caller named, else the first usual name there is.

    Raises:
        InvalidOutcomesError: a named column is missing (the message guesses which was meant), or there is no
            variant, or nothing that tells of clicks.
    """
    listed = ", ".join(available)
    for role, column in wanted.named().items():
        if column not in available:
            raise InvalidOutcomesError(
                f"{source} has no column {column!r} (--{role}); it has {listed}"
                f"{did_you_mean(column, available)}"
            )
    taken = set(wanted.named().values())
    found = replace(
        wanted,
        **{
            role: usual_column(names, [column for column in available if column not in taken])
            for role, names in _USUAL_COLUMNS.items()
            if getattr(wanted, role) is None
        },
    )
    if found.variant is None:
        raise InvalidOutcomesError(
            f"{source} has no column of a usual name for the variant; name it by --variant: it has {listed}"
        )
    if found.clicks is None and found.clicked is None:
        raise InvalidOutcomesError(
            f"{source} has no column of a usual name for clicks; name one by --clicks or --clicked: "
            f"it has {listed}"
        )
    return found


def choose_arms(
    variants: Iterable[str], *, control: str | None, treatment: str | None, source: str
) -> tuple[str, ...]:
    """Return the name of the control and those of the treatments, among the variants seen.

    Args:
        variants: every variant seen, the holdout too.
        control: its name; None to find it by usual names, as "control", "baseline" or "a".
        treatment: its name; None for every other variant, in the order seen.
        source: where the variants were seen, for messages.

    Raises:
        InvalidOutcomesError: a named variant was not seen, fewer than two or more than eleven were, or the
            choice is not clear.
    """
    seen = [variant for variant in dict.fromkeys(variants) if variant != HOLDOUT]
    listed = ", ".join(repr(variant) for variant in sorted(seen)) or "none"
    for option, name in (("control", control), ("treatment", treatment)):
        if name is not None and name not in seen:
            raise InvalidOutcomesError(
                f"--{option} {name!r} has no visitor in {source}; its variants are {listed}"
                f"{did_you_mean(name, sorted(seen))}"
            )
    if len(seen) < 2:  # noqa: PLR2004 - control and treatment
        raise InvalidOutcomesError(
            f"{source} has visitors of {'one variant' if seen else 'no variant'} ({listed}); "
            "a comparison needs a control and a treatment, each with visitors"
        )
    chosen = control or _usual_control([name for name in seen if name != treatment], listed, source)
    others = [name for name in seen if name != chosen]
    if treatment == chosen:
        raise InvalidOutcomesError(
            f"--control and --treatment are both {chosen!r}; a comparison needs two variants of {listed}"
        )
    if treatment is None and len(others) > MOST_TREATMENTS:
        raise InvalidOutcomesError(
            f"{source} has {len(seen)} variants; a report compares at most {MOST_TREATMENTS} with a control: "
            "is the right column the variant? Else name one by --treatment, and the others are left out"
        )
    return (chosen, treatment) if treatment else (chosen, *others)


def choose_table(wanted: str | None, available: Sequence[str], *, source: str) -> str:
    """Return the table to read: the one named, else the only one.

    Raises:
        InvalidOutcomesError: no such table, or none named and there is not exactly one.
    """
    listed = ", ".join(available) or "none"
    if wanted is None and len(available) == 1:
        return available[0]
    if wanted is None:
        raise InvalidOutcomesError(
            f"{source} holds {len(available)} tables and views; name one by --table: {listed} (of traffic "
            "beside arms: FILE#TABLE)"
        )
    if wanted not in available:
        raise InvalidOutcomesError(
            f"{source} has no table or view {wanted!r} (--table); it has {listed}"
            f"{did_you_mean(wanted, available)}"
        )
    return wanted


def did_you_mean(name: str, available: Iterable[str]) -> str:
    """Return a guess to end a message with, empty where nothing comes near."""
    by_folded = {candidate.casefold(): candidate for candidate in available}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[near[0]]!r}?" if near else ""


def usual_column(names: Sequence[str], available: Sequence[str]) -> str | None:
    """Return the first usual name there is, whatever its case and signs between letters."""
    by_plain_name = {_plain(column): column for column in reversed(available)}
    return next((by_plain_name[_plain(name)] for name in names if _plain(name) in by_plain_name), None)


def _plain(column: str) -> str:
    return "".join(letter for letter in column.casefold() if letter.isalnum())


def _usual_control(seen: Sequence[str], listed: str, source: str) -> str:
    if len(seen) == 1:
        return seen[0]
    by_folded = {name.casefold(): name for name in seen}
    for usual in _USUAL_CONTROLS:
        if usual in by_folded:
            return by_folded[usual]
    raise InvalidOutcomesError(
        f"none of the variants of {source} ({listed}) has a usual name for a control; name it by --control"
    )
