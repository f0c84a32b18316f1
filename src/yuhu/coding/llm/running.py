"""A run of a model over many messages: forecast, concurrency, caps, and what was used."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from yuhu.coding.llm import cache, evidence, reading
from yuhu.coding.llm.asked import Group, in_groups, is_any_open, serves
from yuhu.coding.llm.asking import Asker, Asks, Request, Requests
from yuhu.coding.llm.budget import Budget, CapReachedError, Usage
from yuhu.coding.llm.cache import Answers
from yuhu.coding.llm.deciding import Shares, closed, merged
from yuhu.coding.llm.pace import Clock, RealClock
from yuhu.coding.llm.prompt import Message, Prompts
from yuhu.coding.llm.reading import Outcome, Outcomes
from yuhu.coding.llm.server import ModelServer
from yuhu.coding.llm.settings import CODER, LlmSettings
from yuhu.coding.llm.thread import run_apart
from yuhu.coding.llm.tokens import answer_tokens
from yuhu.core.contracts import Forecast
from yuhu.core.errors import YuhuError
from yuhu.core.progress import say, step

LONGEST = 20_000
"""Characters of the longest text that is sent."""

TOO_LONG = f"the text is longer than {LONGEST:,} characters"

Decisions = tuple[Outcomes, Shares]
"""What a model decided on a message, and with several runs the share of votes of each value."""


class Runner:
    """Has a model decide on messages.

    Parameters
    ----------
    prompts : Prompts
        The instructions.
    asked : tuple of Question
        What is asked, gates first.
    settings : LlmSettings
        Which server and model, and how.
    folder : Path or None
        Where answers are kept; None keeps none.
    clock : Clock, optional
        Time.
    """

    def __init__(self, prompts: Prompts, asked: Group, settings: LlmSettings, folder: Path | None, clock: Clock | None = None) -> None:
        self.settings = settings
        self.used = Usage()
        self._asked = asked
        self._by_code = {one.code: one for one in asked}
        self._groups = in_groups(asked, settings.codes_per_call)
        self._prompts = prompts
        self._requests = Requests(settings, prompts)
        self._folder = folder
        self._clock = clock or RealClock()

    def parameters(self) -> dict[str, object]:
        """Server (its host alone), model, sampling, the hash of all prompts and how answers are read; never the key."""
        settings = self.settings
        return {
            "coder": CODER,
            "server": settings.host,
            "model": settings.model,
            "prompt": self._prompts.fingerprint(self._groups, settings.repeats),
            "sampling": settings.sampling(),
            "extra_body": settings.body(),
            "structured": settings.structured,
            "evidence": settings.evidence,
            "repeats": settings.repeats,
            "codes_per_call": settings.codes_per_call,
            "codes": list(settings.codes),
            "with_context": settings.context,
            "prompt_language": settings.prompt_language,
            "reading": reading.VERSION,
            "quotes": evidence.VERSION,
        }

    def forecast(self, messages: Sequence[Message]) -> tuple[Forecast, int]:
        """What a run will ask for, answers in the cache apart, as if no gate closed; and how many messages go. ``sends`` is left to the caller.

        O(messages times groups times repeats).
        """
        requests = cached = tokens_in = tokens_out = to_send = 0
        with Answers(self._folder if cache.is_there(self._folder) else None) as answers:
            asker = self._asker(answers, None)
            for message in messages:
                before = requests
                for request, is_known in self._walk(asker, message):
                    if is_known:
                        cached += 1
                    elif not self.settings.replay:
                        requests += 1
                        tokens_in += self._requests.tokens_in(request)
                        tokens_out += answer_tokens(request.group)
                to_send += requests > before
        cost = self.settings.cost(tokens_in, tokens_out)
        return Forecast(len(messages), requests, cached, tokens_in, tokens_out, cost, self.settings.currency, ""), to_send

    def _walk(self, asker: Asker, message: Message) -> Iterator[tuple[Request, bool]]:
        """The requests on a message, and whether the answer is known; those behind gates that known answers close are not made."""
        if not _is_sendable(message):
            return
        for run in range(self.settings.repeats):
            held: Outcomes = {}
            for group in self._groups:
                if is_any_open(group, self._by_code, _values(held)):
                    for request, found in asker.walk(message, group, run):
                        held |= {} if found is None else found.outcomes
                        yield request, found is not None

    def run(self, messages: Sequence[Message]) -> list[Decisions]:
        """The decisions on messages, in their order; what the cache holds is not asked again.

        Raises
        ------
        YuhuError
            YH511 the server cannot be used; YH512 a cap was reached. Answers so far are kept.
        """
        before = self.used.requests
        done: list[Decisions | None] = [None] * len(messages)
        with Answers(self._folder) as answers:
            try:
                run_apart(
                    lambda: self._run_all(messages, done, answers),
                    lambda: step(f"asking {self.settings.model}", sum(one is not None for one in done), len(messages)),
                )
            except BaseExceptionGroup as group:
                raise _first(group) from None
            finally:
                if self.used.requests > before:
                    say(self._spent())
        whole = [one for one in done if one is not None]
        if len(whole) < len(done):
            raise self._capped(len(done) - len(whole))
        return whole

    async def _run_all(self, messages: Sequence[Message], done: list[Decisions | None], answers: Answers) -> None:
        """Fill `done`, in any order; a cap leaves gaps."""
        if self.settings.replay:
            await self._work(messages, done, self._asker(answers, None))
        else:
            async with ModelServer(self.settings) as server:
                await self._work(messages, done, self._asker(answers, server))

    async def _work(self, messages: Sequence[Message], done: list[Decisions | None], asker: Asker) -> None:
        waiting = iter(range(len(messages)))
        is_capped = False

        async def worker() -> None:
            nonlocal is_capped
            for at in waiting:
                if is_capped:
                    return
                try:
                    done[at] = await self._one(messages[at], asker)
                except CapReachedError:
                    is_capped = True

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.settings.concurrency, len(messages))):
                group.create_task(worker())

    def _asker(self, answers: Answers, server: Asks | None) -> Asker:
        return Asker(self.settings, self._requests, answers, server, Budget(self.settings, self.used), self._clock)

    async def _one(self, message: Message, asker: Asker) -> Decisions:
        """The decisions on a message; none on a blank one."""
        if message.is_blank:
            return {}, {}
        if not _is_sendable(message):
            return {name: Outcome(why=TOO_LONG) for name in serves(self._asked)}, {}
        runs = [await self._answered(message, asker, run) for run in range(self.settings.repeats)]
        return (runs[0], {}) if len(runs) == 1 else merged(runs, self._asked)

    async def _answered(self, message: Message, asker: Asker, run: int) -> Outcomes:
        held: Outcomes = {}
        for group in self._groups:
            if is_any_open(group, self._by_code, _values(held)):
                held |= (await asker.answer(message, group, run)).outcomes
        return closed(held, self._asked)

    def _spent(self) -> str:
        """What was used so far, in a sentence."""
        used, settings = self.used, self.settings
        cost = settings.cost(used.tokens_in, used.tokens_out)
        price = "" if cost is None else f", {cost:,.4f} {settings.currency}"
        counted = f"; tokens of {used.estimated:,} requests are estimated" if used.estimated else ""
        return (
            f"{settings.model} at {settings.host}: {used.requests:,} requests, {used.tokens_in:,} tokens in and {used.tokens_out:,} out{price}; "
            f"{used.cached:,} answers came from the cache{counted}"
        )

    def _capped(self, left: int) -> YuhuError:
        settings, used = self.settings, self.used
        cost = settings.cost(used.tokens_in, used.tokens_out)
        spent = f"{used.tokens_in + used.tokens_out:,} tokens" + ("" if cost is None else f", {cost:,.4f} {settings.currency}")
        caps = {"cap": settings.cap, "cap_tokens": settings.cap_tokens}
        return YuhuError(
            "YH512",
            "the cap was reached",
            facts={"used": spent, **{name: cap for name, cap in caps.items() if cap is not None}, "left in this group": f"{left:,}"},
            fix="run it again to go on, with the same cap or a higher one: what was answered is kept and costs nothing again",
        )


def _is_sendable(message: Message) -> bool:
    return not message.is_blank and len(message.text) <= LONGEST


def _values(outcomes: Outcomes) -> dict[str, str]:
    return {name: one.value for name, one in outcomes.items() if not one.why}


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first single error of a group."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
