"""What a run may take: a request goes only if, at its worst, it stays below the caps."""

import asyncio
from dataclasses import dataclass

from yuhu.coding.llm.settings import LlmSettings

UNBOUNDED_OUT = 8_000
"""Tokens that an answer is reckoned to take at most where ``max_tokens`` sets no bound."""

DOUBT = 1.3
"""By how much the estimate of tokens may be too low."""


class CapReachedError(Exception):
    """The next request could go over a cap."""


@dataclass
class Usage:
    """What a run took so far; ``estimated`` requests are those whose tokens the server did not count."""

    requests: int = 0
    cached: int = 0
    estimated: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


class Budget:
    """Keeps a run below its caps, however many requests are under way.

    Parameters
    ----------
    settings : LlmSettings
        With prices and caps.
    used : Usage
        What was used before.
    """

    def __init__(self, settings: LlmSettings, used: Usage) -> None:
        self._settings = settings
        self._reserved: dict[int, tuple[int, int]] = {}
        self._tickets = 0
        self._freed = asyncio.Condition()
        self.used = used

    async def reserve(self, tokens_in: int) -> int:
        """Set aside what a request takes at its worst, waiting for others to end where that helps; a ticket to `settle`.

        Raises
        ------
        CapReachedError
            It could go over a cap, whatever the others take.
        """
        worst = self.worst(tokens_in)
        async with self._freed:
            while not self._fits(worst, [*self._reserved.values()]):
                if not self._reserved or not self._fits(worst, []):
                    raise CapReachedError
                await self._freed.wait()
            self._tickets += 1
            self._reserved[self._tickets] = worst
            return self._tickets

    def worst(self, tokens_in: int) -> tuple[int, int]:
        """Tokens in and out that a request takes at its worst."""
        return int(tokens_in * DOUBT), self._settings.max_tokens or UNBOUNDED_OUT

    async def settle(self, ticket: int) -> None:
        """Free what was set aside: the request is over."""
        async with self._freed:
            self._reserved.pop(ticket, None)
            self._freed.notify_all()

    def _fits(self, worst: tuple[int, int], others: list[tuple[int, int]]) -> bool:
        tokens_in = self.used.tokens_in + sum(one[0] for one in [worst, *others])
        tokens_out = self.used.tokens_out + sum(one[1] for one in [worst, *others])
        settings = self._settings
        if settings.cap_tokens is not None and tokens_in + tokens_out > settings.cap_tokens:
            return False
        cost = settings.cost(tokens_in, tokens_out)
        return settings.cap is None or cost is None or cost <= settings.cap
