"""How long work tells what it does, without knowing where it is shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Report = Callable[[str, int, int], None]


def _silent(title: str, done: int, total: int) -> None:
    """Say nothing."""


Say = Callable[[str], None]


def _unheard(message: str) -> None:
    """Say nothing."""


_say: ContextVar[Say] = ContextVar("say", default=_unheard)
_report: ContextVar[Report] = ContextVar("report", default=_silent)


def step(title: str, done: int, total: int) -> None:
    """Say that `done` of `total` steps are done; `total` 0 means unknown."""
    _report.get()(title, done, total)


def say(message: str) -> None:
    """Say one sentence that a person should read before the work goes on."""
    _say.get()(message)


@contextmanager
def heard_by(hear: Say) -> Iterator[None]:
    """Have sentences shown by a function inside the block."""
    token = _say.set(hear)
    try:
        yield
    finally:
        _say.reset(token)


@contextmanager
def shown_by(report: Report) -> Iterator[None]:
    """Have progress shown by a function inside the block."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)
