"""Interleaved slates from every kind of table, beside the same counted by hand."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stats import InvalidOutcomesError, TeamBalance, analyse_team_draft, read_interleaved
from stats.other_designs import TeamDraft

Put = Callable[[Mapping[str, Sequence[Any]]], str]

N_VISITORS, N_SLOTS = 80, 6


def slates() -> dict[str, list[Any]]:
    """Six films a visitor, three of each team; the treatment's are clicked more often."""
    rng = np.random.default_rng(20_261_142)
    teams = ["control", "treatment"] * (N_SLOTS // 2) * N_VISITORS
    chances = np.where(np.array(teams) == "control", 0.1, 0.25)
    return {
        "visitor_id": [f"v{index // N_SLOTS}" for index in range(N_SLOTS * N_VISITORS)],
        "team": teams,
        "clicked": (rng.random(len(teams)) < chances).astype(int).tolist(),
    }


def by_hand(rows: Mapping[str, Sequence[Any]]) -> dict[tuple[int, int], int]:
    """How many visitors have so many clicks on the control's and on the treatment's films."""
    clicks: dict[str, list[int]] = {visitor: [0, 0] for visitor in rows["visitor_id"]}
    for visitor, team, clicked in zip(rows["visitor_id"], rows["team"], rows["clicked"], strict=True):
        clicks[visitor][team == "treatment"] += clicked
    pairs = [(control, treatment) for control, treatment in clicks.values()]
    return {pair: pairs.count(pair) for pair in set(pairs)}


def pairs_of(draft: TeamDraft) -> dict[tuple[int, int], int]:
    entries = zip(draft.control_clicks, draft.treatment_clicks, draft.n_visitors, strict=True)
    return {(control, treatment): n for control, treatment, n in entries}


def csv(folder: Path, *lines: str) -> str:
    path = folder / "drafts.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_every_kind_of_table_gives_the_counts_made_by_hand(put: Put) -> None:
    rows = slates()
    reading = read_interleaved(put(rows))
    assert pairs_of(reading.draft) == by_hand(rows)
    assert (reading.draft.control, reading.draft.treatment) == ("control", "treatment")
    assert reading.draft.balance == TeamBalance(240, 240, None)
    assert "team = 'team' (by its name)" in reading.notes[0]
    assert reading.notes[1] == "rows: each an impression, summed over each visitor"


def test_clicks_alone_and_counts_of_clicks_tell_the_same_preference(put: Put) -> None:
    """The rows that were clicked; and one row a visitor and team with the sum."""
    rows = slates()
    whole = pairs_of(read_interleaved(put(rows)).draft)
    told = [index for index, clicked in enumerate(rows["clicked"]) if clicked]
    clicks = {name: [rows[name][index] for index in told] for name in ("visitor_id", "team")}
    from_clicks = read_interleaved(put(clicks), rows="click")
    assert from_clicks.notes[1] == "rows: each a click, summed over each visitor"
    assert from_clicks.draft.balance is None
    assert pairs_of(from_clicks.draft) == {pair: n for pair, n in whole.items() if pair != (0, 0)}

    sums = np.array(rows["clicked"]).reshape(N_VISITORS, N_SLOTS // 2, 2).sum(axis=1)
    counts = {
        "who": [f"v{index // 2}" for index in range(2 * N_VISITORS)],
        "ranker": ["control", "treatment"] * N_VISITORS,
        "n": sums.ravel().tolist(),
    }
    from_counts = read_interleaved(put(counts), columns={"visitor": "who", "clicks": "n"})
    assert pairs_of(from_counts.draft) == whole
    assert "ranker" in from_counts.notes[0]


def test_bots_are_counted_and_left_out_and_names_may_be_ones_own(tmp_path: Path) -> None:
    location = csv(
        tmp_path,
        "visitor,model,clicks,is_bot",
        *(f"{person},{team},{n},0" for person in "abc" for team, n in (("old", 0), ("new", 2))),
        "x,new,50,1",
        "x,old,0,0",
    )
    draft = read_interleaved(location, control="old", treatment="new").draft
    assert pairs_of(draft) == {(0, 2): 3}
    assert draft.n_bots == 1


def test_an_unfair_draft_is_found_in_rows_and_in_counts_of_impressions(tmp_path: Path) -> None:
    """By hand: each of 40 visitors sees one film of the control and two of the treatment."""
    teams = ("control", "treatment", "treatment")
    rows = [
        f"v{v},{team},{int(v % 4 == 0 and place == 1)}" for v in range(40) for place, team in enumerate(teams)
    ]
    balance = read_interleaved(csv(tmp_path, "visitor_id,team,clicked", *rows)).draft.balance
    assert balance == TeamBalance(40, 80, None)
    assert not balance.is_ok
    rows = [f"v{v},{team},{v % 2},{n}" for v in range(40) for team, n in (("control", 5), ("treatment", 5))]
    reading = read_interleaved(csv(tmp_path, "visitor_id,team,clicks,impressions", *rows))
    assert reading.draft.balance == TeamBalance(200, 200, None)
    assert reading.notes[1].startswith("rows: each a count of clicks and impressions")


def test_a_billion_clicks_of_a_visitor_keep_their_size(tmp_path: Path) -> None:
    rows = (f"v{v},{team},{10**9 if team == 'b' else v}" for v in range(3) for team in "ab")
    draft = read_interleaved(csv(tmp_path, "visitor,team,clicks", *rows), control="a").draft
    found = analyse_team_draft(draft.control_clicks, draft.treatment_clicks, n_visitors=draft.n_visitors)
    assert found.margin == pytest.approx(10**9 - 1)
    assert (found.n_treatment, found.sign_p_value) == (3, pytest.approx(1 / 8))


HEADER = "visitor,team,clicked"
ROWS = [f"v{v},{team},{int(team == 'treatment')}" for v in range(12) for team in ("control", "treatment")]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([HEADER], ("no row", "two teams")),
        ([HEADER, *ROWS, "v1,both,1"], ("3 teams", "'both'", "neither drafted")),
        ([HEADER, *(row for row in ROWS if "treat" not in row)], ("one team, 'control'", "--team")),
        ([HEADER, *ROWS, "v1,,1"], ("1 of 25 rows", "no team in 'team'", "--team")),
        ([HEADER, *ROWS, ",control,1"], ("without visitor id", "--visitor")),
        ([HEADER, *ROWS, "v1,control,2"], ("'clicked'", "holds 2", "--clicks")),
        ([HEADER, *ROWS, "v1,control,"], ("'clicked'", "no value in 1 of 25 rows")),
        ([HEADER, *ROWS, "v1,control,often"], ("'clicked'", "'often'", "0 or 1")),
        ([HEADER, *(row[:-1] + "0" for row in ROWS)], ("no click at all", "right column")),
        (["visitor,team,liked", *ROWS], ("usual name for clicks", "--rows click")),
        (["visitor,colour,clicked", *ROWS], ("the team", "--team", "colour")),
        (["person,team,clicked", *ROWS], ("the visitor", "--visitor")),
        ([HEADER.replace("clicked", "clicks"), *ROWS, "v1,control,-3"], ("-3", "negative")),
        (
            ["visitor,team,clicks,impressions", *(f"{row},1" for row in ROWS), "w,control,3,2"],
            ("1 visitor of", "more clicks than there are impressions"),
        ),
        ([HEADER, *(f"v{n},{'ab'[n % 2]},1" for n in range(20))], ("--rows click", "A/B test")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, lines: list[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidOutcomesError) as caught:
        read_interleaved(csv(tmp_path, *lines))
    assert all(word in str(caught.value) for word in words), caught.value
    assert "\n" not in str(caught.value)


def test_a_team_that_is_neither_variant_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidOutcomesError, match="team 'treatment', which is neither 'control' nor 'new'"):
        read_interleaved(csv(tmp_path, HEADER, *ROWS), control="control", treatment="new")
    with pytest.raises(InvalidOutcomesError, match=r"no column 'tema' \(--team\).*did you mean 'team'"):
        read_interleaved(csv(tmp_path, HEADER, *ROWS), columns={"team": "tema"})


def test_visitor_ids_of_two_types_are_refused(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    path = tmp_path / "drafts.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE drafts (visitor, team, clicked)")
        rows = [(1, "control", 0), ("1", "treatment", 1)]
        connection.executemany("INSERT INTO drafts VALUES (?, ?, ?)", rows)
    with pytest.raises(InvalidOutcomesError, match="mixes types integer and text"):
        read_interleaved(str(path))
