import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import experiment as log
from stats import LabelScore, UnreadableOutcomesError, label_score_in_words, read_label_score

WHO = {"run_id": "r", "persona": "any"}


def seen(visitor: str, *, is_bot: bool, flagged: bool, person: int, attempt: int = 1) -> list[log.Event]:
    """What the site and the simulator say of one visitor."""
    return [
        log.VisitorSeen(run_id="r", visitor_id=visitor, attempt=attempt, is_bot=flagged),
        log.VisitorLabelled(
            **WHO,
            visitor_id=visitor,
            attempt=attempt,
            person_index=person,
            is_bot=is_bot,
            has_ad_block=visitor == "b",
        ),
    ]


def labelled(label: str, slate: str, position: int) -> log.Event:
    return log.EventLabelled(run_id="r", visitor_id="a", label=label, slate_id=slate, position=position)


def clicked(slate: str, position: int) -> log.Event:
    return log.Click(
        run_id="r",
        visitor_id="a",
        click_id=f"{slate}:{position}",
        slate_id=slate,
        surface="home",
        position=position,
        movie_id=1,
        variant="control",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Four visitors of three persons; bots c and d, of whom c is flagged, as is b, who is none."""
    path = tmp_path / "events.db"
    events = [
        log.RunStarted(run_id="r", kind="simulated", experiment="e", experiment_toml="", experiment_hash=""),
        *seen("a", is_bot=False, flagged=True, person=0),
        *seen("a", is_bot=False, flagged=False, person=0, attempt=2),
        *seen("b", is_bot=False, flagged=True, person=0),
        *seen("c", is_bot=True, flagged=True, person=2),
        *seen("d", is_bot=True, flagged=False, person=3),
        labelled("lost-view", "s", 1),
        labelled("lost-view", "s", 2),
        labelled("doubled-click", "s", 2),
        labelled("doubled-click", "t", 1),
        clicked("s", 2),
        clicked("s", 2),
        clicked("t", 1),
        clicked("u", 1),
    ]
    with log.EventLog.open(path) as events_log:
        events_log.record(*events)
    return path


def test_the_record_is_scored_by_each_visitors_latest_attempt(path: Path) -> None:
    score = read_label_score(path, "r")
    assert score == LabelScore(4, 3, 2, 2, 1, 1, 2, 2, 2)
    assert (score.precision, score.recall) == (0.5, 0.5)
    assert read_label_score(path) == score
    assert label_score_in_words(score) == (
        "bot filter: 2 flagged, 1 of 2 bots caught (precision 50%, recall 50%)",
        "duplicate clicks refused: 2 of 2",
        "views never reported: 2, ad blockers at 1 visitors",
        "4 visitors are 3 persons: some come on two devices",
    )


def test_a_click_counted_twice_is_a_duplicate_not_refused(path: Path) -> None:
    """The planted fault: a second row for one place, which the log's own rules would not let in."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            "ALTER TABLE clicks RENAME TO strict_clicks; CREATE TABLE clicks AS SELECT * FROM strict_clicks;"
            "INSERT INTO clicks SELECT * FROM strict_clicks WHERE slate_id = 't'"
        )
    score = read_label_score(path, "r")
    assert score is not None
    assert (score.n_doubled_clicks, score.n_refused_duplicates) == (2, 1)


def test_a_run_without_labels_has_no_score(path: Path) -> None:
    assert read_label_score(path, "another") is None
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE visitor_labels")
    assert read_label_score(path, "r") is None


def test_rates_of_nothing_are_none_and_nothing_is_said_of_nothing() -> None:
    score = LabelScore(5, 5, 0, 0, 0, 0, 0, 0, 0)
    assert (score.precision, score.recall) == (None, None)
    assert label_score_in_words(score) == ()
    only_flagged = LabelScore(5, 5, 0, 1, 0, 0, 0, 0, 0)
    assert label_score_in_words(only_flagged) == ("bot filter: 1 flagged, 0 of 0 bots caught (precision 0%)",)


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableOutcomesError):
        read_label_score(tmp_path / "none.db", "r")
