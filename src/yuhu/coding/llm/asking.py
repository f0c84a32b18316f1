"""One question to a model, from the cache or from the server: tries, waits, caps, and what is kept."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from yuhu.coding.llm import evidence, reading
from yuhu.coding.llm.answer_schema import response_format
from yuhu.coding.llm.asked import Group
from yuhu.coding.llm.budget import Budget, Usage
from yuhu.coding.llm.cache import Answer, Answers
from yuhu.coding.llm.pace import Breaker, Clock, Pace, backoff_s
from yuhu.coding.llm.prompt import Frame, Message, Prompts, enclosed, example_lang, prompt_lang
from yuhu.coding.llm.reading import CUT_OFF, NO_JSON, REFUSED, all_failed, read_answer
from yuhu.coding.llm.server import Reply, RequestFailed
from yuhu.coding.llm.settings import LlmSettings
from yuhu.coding.llm.tokens import IMAGE, OVERHEAD, answer_tokens, tokens
from yuhu.core.ids import text_key

NOT_CACHED = "the answer is not in the cache"

_KEY = "request.v1"
_MALFORMED_TRIES = 2


class Asks(Protocol):
    """What answers messages: a server, or nothing in a replay."""

    async def ask(self, messages: list[dict[str, Any]], response_format: dict[str, Any] | None, sampling: dict[str, Any]) -> Reply:
        """The reply to some messages."""
        ...


@dataclass(frozen=True)
class Request:
    """One request, and its key in the cache, which does not depend on where the server is."""

    group: Group
    message: Message
    instruction: str
    material: str
    sampling: dict[str, Any]
    schema: dict[str, Any] | None
    key: bytes

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation: the codebook from the system, the message as data from the user."""
        said: Any = self.material
        if self.message.frames:
            images = [{"type": "image_url", "image_url": {"url": _as_url(frame)}} for frame in self.message.frames]
            said = [{"type": "text", "text": self.material}, *images]
        return [{"role": "system", "content": self.instruction}, {"role": "user", "content": said}]


class Requests:
    """Makes requests, each the same for the same message, questions and run.

    Parameters
    ----------
    settings : LlmSettings
        Model and sampling.
    prompts : Prompts
        Instructions.
    """

    def __init__(self, settings: LlmSettings, prompts: Prompts) -> None:
        self._settings = settings
        self._prompts = prompts
        self._measured: dict[str, tuple[str, int]] = {}
        self._schemas: dict[tuple[str, ...], dict[str, Any] | None] = {}

    def make(self, message: Message, group: Group, run: int) -> Request:
        """The request for a message, some questions and a run (0 is the first; each further one has the next wording)."""
        settings = self._settings
        lang = prompt_lang(message, settings.prompt_language)
        instruction = self._prompts.instruction(group, lang, example_lang(message, lang), run)
        material = enclosed(message, lang)
        sampling = settings.sampling()
        if settings.seed is not None:
            sampling["seed"] = settings.seed + run
        codes = tuple(one.code for one in group)
        if codes not in self._schemas:
            self._schemas[codes] = response_format(group, settings.structured)
        parts = [
            _KEY, reading.VERSION, evidence.VERSION, settings.model, sampling, settings.extra_body, settings.structured, settings.evidence,
            self._digest(instruction)[0], codes, material, message.lang, run, [frame.sha256 for frame in message.frames],
        ]  # fmt: skip
        key = hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).digest()
        return Request(group, message, instruction, material, sampling, self._schemas[codes], key)

    def tokens_in(self, request: Request) -> int:
        """Tokens that a request sends, estimated."""
        return self._digest(request.instruction)[1] + tokens(request.material) + OVERHEAD + IMAGE * len(request.message.frames)

    def _digest(self, instruction: str) -> tuple[str, int]:
        if instruction not in self._measured:
            self._measured[instruction] = (hashlib.sha256(instruction.encode()).hexdigest(), tokens(instruction))
        return self._measured[instruction]


def utc_now() -> str:
    """The time, as it is kept beside answers."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


@dataclass
class Asker:
    """Answers questions on messages.

    Parameters
    ----------
    settings : LlmSettings
        The settings.
    requests : Requests
        Makes requests.
    answers : Answers
        The cache.
    server : Asks or None
        None only replays.
    budget : Budget
        Caps.
    clock : Clock
        Time.
    """

    settings: LlmSettings
    requests: Requests
    answers: Answers
    server: Asks | None
    budget: Budget
    clock: Clock
    at: Callable[[], str] = utc_now

    def __post_init__(self) -> None:
        self._pace = Pace(self.settings.requests_per_minute, self.clock)
        self._breaker = Breaker(self.settings.host)

    @property
    def used(self) -> Usage:
        """What was used so far."""
        return self.budget.used

    async def answer(self, message: Message, group: Group, run: int, *, is_part: bool = False) -> Answer:
        """The decisions of a model on some questions; each is made, or says why not.

        Raises
        ------
        YuhuError
            YH511 the server cannot be used.
        CapReachedError
            The request could go over a cap.
        """
        request = self.requests.make(message, group, run)
        found = self.known(request)
        if found is None:
            if self.server is None:
                return Answer(all_failed(group, NOT_CACHED), "missing")
            found = await self._asked(request)
        else:
            self.used.cached += 1
        if _is_divided(found, group, is_part=is_part):
            halves = [await self.answer(message, half, run, is_part=True) for half in _halves(group)]
            return Answer(halves[0].outcomes | halves[1].outcomes, "length")
        return found

    def known(self, request: Request) -> Answer | None:
        """The answer in the cache, unless failed ones are to be asked for again."""
        found = self.answers.find(request.key)
        is_stale = found is not None and found.has_failed and self.settings.ask_again and not self.settings.replay
        return None if is_stale else found

    def walk(self, message: Message, group: Group, run: int, *, is_part: bool = False) -> Iterator[tuple[Request, Answer | None]]:
        """The requests that `answer` would make, each with its answer where the cache has it: nothing is asked."""
        request = self.requests.make(message, group, run)
        found = self.known(request)
        yield request, found
        if found is not None and _is_divided(found, group, is_part=is_part):
            for half in _halves(group):
                yield from self.walk(message, half, run, is_part=True)

    async def _asked(self, request: Request) -> Answer:
        """Ask the server; an answer is kept, a failure of the server is not."""
        tokens_in = self.requests.tokens_in(request)
        taken = [0, 0]
        outcome: tuple[str, reading.Outcomes] = ("malformed", all_failed(request.group, NO_JSON))
        for _ in range(_MALFORMED_TRIES):
            try:
                reply = await self._tried(request, tokens_in)
            except RequestFailed as failure:
                self._breaker.failed(failure.why, failure.said, is_final=failure.is_final)
                return Answer(all_failed(request.group, failure.why), "failed")
            self._breaker.worked()
            for at, n in enumerate((reply.tokens_in, reply.tokens_out)):
                taken[at] += n or 0
            outcome = self._read(reply, request)
            if outcome[0] != "malformed":
                break
        answer = Answer(outcome[1], outcome[0], *taken)
        key, parent = _keys(request.message)
        self.answers.keep(request.key, answer, text_key=key, parent_key=parent, at=self.at())
        return answer

    def _read(self, reply: Reply, request: Request) -> tuple[str, reading.Outcomes]:
        if reply.finish == "refused":
            return "refused", all_failed(request.group, REFUSED)
        if reply.finish == "length":
            return "length", all_failed(request.group, CUT_OFF)
        message = request.message
        found = read_answer(reply.content, request.group, message.text, needs_evidence=self.settings.evidence, n_frames=len(message.frames))
        return ("malformed", all_failed(request.group, NO_JSON)) if found is None else ("stop", found)

    async def _tried(self, request: Request, tokens_in: int) -> Reply:
        """A reply, after as many tries as are allowed; each must fit below the caps by itself."""
        attempt = 0
        while True:
            attempt += 1
            ticket = await self.budget.reserve(tokens_in)
            try:
                return await self._once(request, tokens_in)
            except RequestFailed as failure:
                if failure.is_final or not failure.may_retry or attempt >= self.settings.tries:
                    raise
                wait_s = failure.wait_s
            finally:
                await self.budget.settle(ticket)
            if wait_s:
                self._pace.pause(wait_s)
            await self.clock.sleep(backoff_s(attempt, request.key.hex(), wait_s))

    async def _once(self, request: Request, tokens_in: int) -> Reply:
        """One try, counted: at its worst where it failed and the server may count it all the same."""
        await self._pace.turn()
        key, parent = _keys(request.message)
        with_context = (request.message.parent or request.message.transcript) is not None
        self.answers.note_sent(
            self.settings.host,
            self.settings.model,
            text_key=key,
            parent_key=parent,
            with_context=with_context,
            n_frames=len(request.message.frames),
            at=self.at(),
        )
        try:
            reply = await self._server().ask(request.messages, request.schema, request.sampling)
        except RequestFailed as failure:
            worst = self.budget.worst(tokens_in) if failure.may_be_counted else (0, 0)
            self._count(*worst, is_estimated=failure.may_be_counted)
            raise
        self._count(
            tokens_in if reply.tokens_in is None else reply.tokens_in,
            answer_tokens(request.group) if reply.tokens_out is None else reply.tokens_out,
            is_estimated=reply.tokens_in is None or reply.tokens_out is None,
        )
        return reply

    def _server(self) -> Asks:
        if self.server is None:  # pragma: no cover - `answer` does not come here without one
            raise RuntimeError
        return self.server

    def _count(self, tokens_in: int, tokens_out: int, *, is_estimated: bool) -> None:
        used = self.used
        used.requests += 1
        used.estimated += is_estimated
        used.tokens_in += tokens_in
        used.tokens_out += tokens_out
        self.answers.note_used(
            self.settings.host,
            self.settings.model,
            self.settings.currency,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=self.settings.cost(tokens_in, tokens_out) or 0.0,
            is_estimated=is_estimated,
        )


def _as_url(frame: Frame) -> str:
    """A frame as it stands in a request."""
    kind = "png" if frame.path.suffix.lower() == ".png" else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(frame.path.read_bytes()).decode()}"


def _is_divided(answer: Answer, group: Group, *, is_part: bool) -> bool:
    """Whether an answer was cut off and is asked for in halves."""
    return answer.finish == "length" and len(group) > 1 and not is_part


def _halves(group: Group) -> tuple[Group, Group]:
    middle = len(group) // 2
    return group[:middle], group[middle:]


def _keys(message: Message) -> tuple[int, int | None]:
    return message.key, None if message.parent is None else text_key(message.parent)
