"""How fast a server is asked: at most so many requests a minute, pauses that it asks for, waits between tries, and when to give up."""

import asyncio
import random
import time
from typing import Protocol

from yuhu.core.errors import YuhuError

GIVE_UP_AFTER = 5
"""Requests in a row that failed for good."""

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> float:
        """Seconds since some moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealClock:
    """The machine's own time."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def backoff_s(attempt: int, token: str, asked_s: float | None) -> float:
    """Seconds before the next try: doubled each time, between half and all of it by chance, and never less than the server asks for.

    Parameters
    ----------
    attempt : int
        Tries so far, from 1.
    token : str
        Seeds the chance, so that the same request waits the same.
    asked_s : float or None
        What the server asks for.
    """
    full = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (attempt - 1))
    spread = random.Random(f"{token}:{attempt}").random()  # noqa: S311 - no secret hangs on it
    return max(asked_s or 0.0, full * (0.5 + spread / 2))


class Pace:
    """When the next request may go.

    Parameters
    ----------
    per_minute : float or None
        Requests a minute; None is as many as there are.
    clock : Clock
        Time.
    """

    def __init__(self, per_minute: float | None, clock: Clock) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._next = 0.0
        self._paused_until = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        while True:
            now = self._clock.now()
            start = max(self._next, self._paused_until)
            if start <= now:
                self._next = now + self._gap
                return
            if start == self._next:
                self._next = start + self._gap  # the place in the row is taken now; others come after it
                await self._clock.sleep(start - now)
                if self._paused_until <= self._clock.now():
                    return
            else:
                await self._clock.sleep(start - now)

    def pause(self, seconds: float) -> None:
        """Let nobody ask before some seconds are over."""
        self._paused_until = max(self._paused_until, self._clock.now() + seconds)


class Breaker:
    """Counts requests in a row that failed, and stops the run when a server cannot be used.

    Parameters
    ----------
    host : str
        The server, for the error.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._in_a_row = 0

    def worked(self) -> None:
        """A request went through."""
        self._in_a_row = 0

    def failed(self, why: str, said: str, *, is_final: bool) -> None:
        """A request failed for good.

        Raises
        ------
        YuhuError
            YH511 it is the last one that is tried.
        """
        self._in_a_row += 1
        if is_final or self._in_a_row >= GIVE_UP_AFTER:
            facts = {"server": self._host, "last error": why, **({"it says": said} if said else {})}
            row = "" if is_final else f": {self._in_a_row} requests in a row failed"
            raise YuhuError(
                "YH511",
                f"the server cannot be used{row}",
                facts=facts,
                fix="check server, model, key_env and structured (docs/machine-coders.md) and run it again: what was answered is kept",
            )
