"""How long work tells what it does, without knowing where it is shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Report = Callable[[str, int, int], None]


def _silent(title: str, done: int, total: int) -> None:
    """Say nothing."""


_report: ContextVar[Report] = ContextVar("report", default=_silent)


def step(title: str, done: int, total: int) -> None:
    """Say that `done` of `total` steps are done; `total` 0 means unknown."""
    _report.get()(title, done, total)


@contextmanager
def shown_by(report: Report) -> Iterator[None]:
    """Have progress shown by a function inside the block."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)
