"""What is kept between requests: made once for each state, whoever asks meanwhile; never a failure; not without end."""

import threading

import pytest

from yuhu.app.memory import Memory


def test_made_once_for_each_key():
    memory, made = Memory(), []

    def make():
        made.append(1)
        return len(made)

    assert [memory.once("a", make), memory.once("a", make), memory.once("b", make)] == [1, 1, 2]


def test_who_asks_meanwhile_waits():
    memory, made, begun, go = Memory(), [], threading.Event(), threading.Event()

    def make():
        made.append(1)
        begun.set()
        assert go.wait(10)
        return "found"

    found = []
    threads = [threading.Thread(target=lambda: found.append(memory.once("a", make))) for _ in range(8)]
    threads[0].start()
    assert begun.wait(10)
    for one in threads[1:]:
        one.start()
    go.set()
    for one in threads:
        one.join(10)
    assert (found, len(made)) == (["found"] * 8, 1)


def test_a_failure_is_not_kept():
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.once("a", lambda: 1 / 0)
    assert memory.once("a", lambda: 2) == 2


def test_what_was_asked_for_longest_ago_goes_first():
    memory = Memory(most=2)
    for key in "ab":
        memory.once(key, lambda: "old")
    memory.once("a", lambda: "new")
    memory.once("c", lambda: "old")
    assert [memory.once(key, lambda: "new") for key in "ac"] == ["old", "old"]
    assert memory.once("b", lambda: "new") == "new"


def test_what_may_be_kept_is_kept_for_a_while():
    now = [0.0]
    memory = Memory(clock=lambda: now[0])
    ask = lambda made: memory.for_a_while("a", 60, lambda: made, keeps=bool)  # noqa: E731
    assert [ask(0), ask(1), ask(2)] == [0, 1, 1]
    now[0] = 60
    assert [ask(0), ask(3), ask(4)] == [0, 3, 3]
