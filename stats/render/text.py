"""The report as plain text for a terminal of 80 columns. It says everything in words; no colour is needed."""

import textwrap
from collections.abc import Callable

from stats.armless_report import ArmlessReport
from stats.render.blocks import Section, Table
from stats.render.sections import sections
from stats.results import Report

_INDENT = "  "
_GAP = "  "
_MIN_WIDTH = 40


def render_text(report: Report | ArmlessReport, *, width: int = 80, ascii_only: bool = False) -> str:
    """Return the report, the verdict sentence first, no line longer than `width`.

    Args:
        report: what to print.
        width: columns, at least 40.
        ascii_only: escape what of the names of variants and runs is not ASCII; all else is ASCII anyway.
    """
    width = max(width, _MIN_WIDTH)
    shown = _escaped if ascii_only else str
    lines = textwrap.wrap(shown(report.verdict.sentence), width)
    for notice in report.notices:
        lines += ["", *textwrap.wrap(shown(f"NOTE: {notice}"), width, subsequent_indent=_INDENT)]
    for section in sections(report):
        lines += ["", *section_lines(section, width, shown)]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def section_lines(section: Section, width: int, shown: Callable[[str], str] = str) -> list[str]:
    """Print a section, its title first, no line longer than `width`."""
    lines = textwrap.wrap(shown(section.title).upper(), width)
    for index, block in enumerate(section.blocks):
        if isinstance(block, Table):
            lines += [""] if index else []
            lines += table_lines(block, width, shown)
        else:
            lines += textwrap.wrap(shown(block), width, initial_indent=_INDENT, subsequent_indent=_INDENT)
    return lines


def table_lines(table: Table, width: int, shown: Callable[[str], str] = str) -> list[str]:
    """Align the columns; where the last one would pass the width, its words go on below it."""
    rows = [[shown(cell) for cell in row] for row in (table.headers, *table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.headers))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(widths[column]) if column < table.n_left else cell.rjust(widths[column])
            for column, cell in enumerate(row)
        ]
        before = _INDENT + _GAP.join([*cells[:-1], ""])
        last = cells[-1].rstrip()
        if len(before) + len(last) <= width:
            lines.append(before + last)
        else:
            lines += _overflow(before, last.strip(), width)
    return lines


def _overflow(before: str, last: str, width: int) -> list[str]:
    room = width - len(before)
    if room < _MIN_WIDTH // 2:
        return [
            *textwrap.wrap(before, width, subsequent_indent=_INDENT),
            *textwrap.wrap(last, width, initial_indent=_INDENT * 2, subsequent_indent=_INDENT * 2),
        ]
    pieces = textwrap.wrap(last, room)
    return [before + pieces[0], *(" " * len(before) + piece for piece in pieces[1:])]
