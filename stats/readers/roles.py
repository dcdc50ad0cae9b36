"""The columns of tables that hold no arms: named by the caller, else found by usual names, and said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stats.errors import InvalidOutcomesError
from stats.readers.choosing import did_you_mean, usual_column


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can be.

    Args:
        option: the command line's name for it, without dashes.
        meaning: for messages.
        names: usual names, the most usual first.
        is_needed: whether a table without such a column is refused.
    """

    option: str
    meaning: str
    names: tuple[str, ...]
    is_needed: bool = True


def choose_roles(
    roles: Sequence[Role], wanted: Mapping[str, str | None], available: Sequence[str], *, source: str
) -> dict[str, str]:
    """Return option -> column: the one the caller named, else the first usual name there is.

    Raises:
        InvalidOutcomesError: a named column is missing (the message guesses which was meant), or one that is
            needed has none of the usual names.
    """
    listed, found = ", ".join(available), {}
    for role in roles:
        column = wanted.get(role.option)
        if column is not None and column not in available:
            raise InvalidOutcomesError(
                f"{source} has no column {column!r} (--{role.option}); it has {listed}"
                f"{did_you_mean(column, available)}"
            )
    taken = {column for column in wanted.values() if column is not None}
    for role in roles:
        column = wanted.get(role.option) or usual_column(
            role.names, [name for name in available if name not in taken]
        )
        if column is not None:
            found[role.option] = column
            taken.add(column)
        elif role.is_needed:
            raise InvalidOutcomesError(
                f"{source} has no column of a usual name for {role.meaning}; name it by --{role.option}: it "
                f"has {listed}"
            )
    return found


def columns_note(chosen: Mapping[str, str], wanted: Mapping[str, str | None]) -> str:
    """Say which columns were chosen, and which of them were found rather than named."""
    listed = ", ".join(
        f"{option} = {column!r}{'' if wanted.get(option) else ' (by its name)'}"
        for option, column in chosen.items()
    )
    return f"columns: {listed}"
