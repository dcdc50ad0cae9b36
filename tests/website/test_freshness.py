"""Answers kept for a while, under threads that all want them at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from website.freshness import Fresh

PATIENCE_S = 20.0


class SlowQuestion:
    """Numbers its answers; from the second on (or the first) it takes until it is released."""

    def __init__(self, *, n_quick: int) -> None:
        self.n_asked = 0
        self.n_quick = n_quick
        self.is_asked = threading.Event()
        self.is_released = threading.Event()

    def __call__(self, key: str) -> str:
        """The next answer."""
        self.n_asked += 1
        number = self.n_asked
        if number > self.n_quick:
            self.is_asked.set()
            assert self.is_released.wait(PATIENCE_S)
        return f"{key} {number}"


def test_while_one_thread_asks_the_others_have_the_last_answer() -> None:
    now = [0.0]
    question = SlowQuestion(n_quick=1)
    fresh = Fresh(question, max_age_s=1.0, clock=lambda: now[0])
    assert fresh.get("a") == "a 1"
    now[0] = 5.0
    with ThreadPoolExecutor(2) as threads:
        asking = threads.submit(fresh.get, "a")
        assert question.is_asked.wait(PATIENCE_S)
        try:
            assert threads.submit(fresh.get, "a").result(PATIENCE_S) == "a 1"
        finally:
            question.is_released.set()
        assert asking.result(PATIENCE_S) == "a 2"
    assert (fresh.get("a"), question.n_asked) == ("a 2", 2)


def test_a_slow_question_holds_up_no_other_key() -> None:
    question = SlowQuestion(n_quick=0)
    fresh = Fresh(lambda key: key if key == "b" else question(key))
    with ThreadPoolExecutor(2) as threads:
        asking = threads.submit(fresh.get, "a")
        assert question.is_asked.wait(PATIENCE_S)
        try:
            assert threads.submit(fresh.get, "b").result(PATIENCE_S) == "b"
        finally:
            question.is_released.set()
        assert asking.result(PATIENCE_S) == "a 1"


def test_many_who_want_the_first_answer_ask_once() -> None:
    question = SlowQuestion(n_quick=0)
    fresh = Fresh(question, max_age_s=1e9)
    with ThreadPoolExecutor(8) as threads:
        asking = [threads.submit(fresh.get, "a") for _ in range(8)]
        question.is_released.set()
        assert {one.result(PATIENCE_S) for one in asking} == {"a 1"}


def test_an_error_is_the_askers_and_the_next_asks_again() -> None:
    answers = iter(["good", ValueError("no"), "good again"])
    now = [0.0]

    def ask(_: str) -> str:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    fresh = Fresh(ask, clock=lambda: now[0])
    assert fresh.get() == "good"
    now[0] = 10.0
    with pytest.raises(ValueError, match="no"):
        fresh.get()
    assert fresh.get() == "good again"


def test_the_oldest_answers_go_first() -> None:
    asked = []

    def ask(key: str) -> str:
        asked.append(key)
        return key

    fresh = Fresh(ask, max_age_s=1e9, n_kept=2)
    for key in "abcbca":
        assert fresh.get(key) == key
    assert asked == ["a", "b", "c", "a"]


def test_an_answer_is_asked_for_once_while_it_is_fresh() -> None:
    """With answers good for 1 s, and a slow question rested from for four times as long as it took."""
    now, asked = [0.0], []

    def ask(key: str) -> str:
        asked.append(key)
        now[0] += 2.0 if key == "slow" else 0.0
        return f"{key} at {now[0]}"

    fresh = Fresh(ask, max_age_s=1.0, clock=lambda: now[0])
    assert fresh.get("a") == fresh.get("a") == "a at 0.0"
    now[0] = 1.0
    assert fresh.get("a") == "a at 1.0"
    assert fresh.get("slow") == "slow at 3.0"
    now[0] = 10.9
    assert fresh.get("slow") == "slow at 3.0"
    now[0] = 11.0
    assert fresh.get("slow") == "slow at 13.0"
    assert asked == ["a", "a", "slow", "slow"]
