import signal
import sqlite3
import threading
from contextlib import closing

import pytest

from stats.readers.interrupting import interruptible

_ENDLESS = """
WITH RECURSIVE number(i) AS (SELECT press_ctrl_c() UNION ALL SELECT i + 1 FROM number)
SELECT count(*) FROM number
"""


def test_ctrl_c_ends_a_query_that_would_never_end() -> None:
    """The query itself presses it, so that it is surely running."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:

        def press_ctrl_c() -> int:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return 0

        connection.create_function("press_ctrl_c", 0, press_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            interruptible(lambda: connection.execute(_ENDLESS).fetchall(), connection.interrupt)


def test_answers_and_errors_pass_through() -> None:
    assert interruptible(lambda: 7, lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0, lambda: None)
