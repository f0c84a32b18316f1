"""One request to a server that speaks chat completions, through the official client, and what its reply is worth."""

import asyncio
import email.utils
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Self

from yuhu.coding.llm.settings import LlmSettings
from yuhu.core.errors import YuhuError
from yuhu.core.version import __version__
from yuhu.texts.hostile import visible

LARGEST_REPLY = 4 * 2**20
LONGEST_WAIT_S = 600.0

NO_COMPLETION = "the reply is no chat completion"
TOO_LARGE = "the reply is too large"
TIMED_OUT = "no reply in time"
BROKEN = "the connection broke"

_RAW = "x-stainless-raw-response"  # the client looks for it when the reply comes; it says nothing of this machine
_HEADERS = ("host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent", "authorization", _RAW)
_FILTERED = re.compile(
    r"(^|\.)(content[_ -]?(filter(ed)?|policy([_ -]?violation)?|management)|data[_ -]?inspection([_ -]?failed)?|moderation([_ -]?blocked)?|"
    r"responsible[_ -]?ai[_ -]?policy[_ -]?violation|\w*sensitive[_ -]?content[_ -]?detected)($|\.)",
    re.IGNORECASE,
)
"""Codes and types of errors by which servers say that a filter stepped in."""

_FILTER_PHRASES = re.compile(
    r"content exists risk\.?$|(input|output) (text )?data may contain inappropriate content|"
    r"the response was filtered due to the prompt triggering|系统检测到输入或生成内容可能包含不安全或敏感内容",
    re.IGNORECASE,
)
"""How messages begin where the code does not say it; the rest of a message may be the input again, and is never looked at."""

_GATEWAY_TIMED_OUT = frozenset((408, 504, 524))
_QUOTA = re.compile(r"insufficient.?(quota|balance)|exceeded your current quota|arrearage|billing", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """What a model wrote, and what it took; ``finish`` is ``stop``, ``length`` or ``refused``. Tokens are None where the server counts none."""

    content: str
    finish: str
    tokens_in: int | None = None
    tokens_out: int | None = None


class RequestFailed(Exception):  # noqa: N818 - it never leaves this room
    """A request without a reply.

    Parameters
    ----------
    why : str
        In fixed words: they are stored. What the server said is only in `said`.
    may_retry : bool
        Whether the same request may go through later.
    wait_s : float, optional
        How long the server asks to wait.
    is_final : bool
        Whether no other request will go through either.
    may_be_counted : bool
        Whether the server may have worked on it, and counts its tokens.
    said : str
        The server's own words, made safe.
    """

    def __init__(
        self,
        why: str,
        *,
        may_retry: bool = True,
        wait_s: float | None = None,
        is_final: bool = False,
        may_be_counted: bool = False,
        said: str = "",
    ) -> None:
        super().__init__(why)
        self.why, self.may_retry, self.wait_s, self.is_final, self.said = why, may_retry, wait_s, is_final, said
        self.may_be_counted = may_be_counted


def require_client() -> None:
    """Check that the client is installed, without loading it.

    Raises
    ------
    YuhuError
        YH508 it is not.
    """
    if find_spec("openai") is None:
        raise YuhuError("YH508", "the extra llm is not installed", fix="pip install 'yuhu[llm]'")


class ModelServer:
    """A server for the time of a run; use it as an asynchronous context manager.

    Redirects are not followed. Headers that tell of this machine or of accounts set elsewhere in the environment are taken off.

    Parameters
    ----------
    settings : LlmSettings
        Where it is, and how to ask.
    """

    def __init__(self, settings: LlmSettings) -> None:
        require_client()
        self._settings = settings
        self._key = settings.key()

    async def __aenter__(self) -> Self:
        import openai

        self._openai = openai
        client = openai.DefaultAsyncHttpxClient(
            follow_redirects=False,
            trust_env=not self._settings.is_local,  # a proxy of the environment would carry off what is to stay on this machine
            event_hooks={"request": [self._plain_headers]},
        )
        self._client = openai.AsyncOpenAI(
            api_key=self._key or "none",
            base_url=self._settings.server,
            timeout=self._settings.timeout_s,
            max_retries=0,
            http_client=client,
        )
        return self

    async def __aexit__(self, *unused: object) -> None:
        await self._client.close()

    async def _plain_headers(self, request: Any) -> None:
        for name in [name for name in request.headers if name.lower() not in _HEADERS]:
            del request.headers[name]
        request.headers["user-agent"] = f"yuhu/{__version__}"
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"
        elif "authorization" in request.headers:
            del request.headers["authorization"]

    async def ask(self, messages: list[dict[str, Any]], response_format: Mapping[str, Any] | None, sampling: Mapping[str, Any]) -> Reply:
        """The reply to some messages.

        Raises
        ------
        RequestFailed
            There is none.
        """
        beside = {**self._settings.body(), **({} if response_format is None else {"response_format": response_format})}
        # The schema goes beside the typed arguments: the client would walk through all of it for each request.
        body = {"model": self._settings.model, "messages": messages, "stream": False, **sampling, "extra_body": beside or None}
        openai = self._openai
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                raw = await self._bytes(body)
        except (TimeoutError, openai.APITimeoutError):
            raise RequestFailed(TIMED_OUT, may_be_counted=True) from None
        except openai.APIStatusError as error:
            return self._refused_by(error.status_code, error.body, error.response.headers, error.message)
        except openai.APIConnectionError as error:
            raise RequestFailed(BROKEN, may_be_counted=True, said=self._safe(str(error.__cause__ or error))) from None
        return read_reply(raw)

    async def _bytes(self, body: dict[str, Any]) -> bytes:
        async with self._client.chat.completions.with_streaming_response.create(**body) as reply:
            raw = await self._limited(reply.iter_bytes())
        if raw is None:
            raise RequestFailed(TOO_LARGE, may_retry=False, may_be_counted=True)
        return raw

    async def _limited(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """All chunks; None where they are too many."""
        held = bytearray()
        try:
            async for chunk in chunks:
                held += chunk
                if len(held) > LARGEST_REPLY:
                    return None
        except Exception as error:  # noqa: BLE001 - the transport's own errors, whichever library the client stands on
            raise RequestFailed(BROKEN, may_be_counted=True, said=self._safe(repr(error))) from None
        return bytes(held)

    def _refused_by(self, status: int, body: object, headers: Mapping[str, str], message: str) -> Reply:
        """A refusal as a reply, where the status stands for one; else the failure that it is."""
        told = f"{status} {json.dumps(body, default=str)[:4000]}"
        said = self._safe(message)
        if status in {400, 403, 422, 451} and _is_filtered(body):
            return Reply("", "refused", 0, 0)
        why = f"the server answered {status}"
        if 300 <= status < 400:
            raise RequestFailed(
                why, is_final=True, said=f"it redirects to {visible(headers.get('location', '?'), 120)}, which is not followed"
            )
        if status in {401, 402, 403, 404} or (status == 429 and _QUOTA.search(told)):
            raise RequestFailed(why, is_final=True, said=said)
        if status in {408, 409, 425, 429} or status >= 500:
            wait = wait_asked(headers)
            too_long = wait is not None and wait > LONGEST_WAIT_S
            asks = f"it asks to wait for {wait:g} s" if wait and too_long else said
            raise RequestFailed(why, wait_s=wait, is_final=too_long, may_be_counted=status in _GATEWAY_TIMED_OUT, said=asks)
        raise RequestFailed(why, may_retry=False, said=said)

    def _safe(self, message: str) -> str:
        """Words of a server for a person's eyes: one line, cut, without the key."""
        return visible(message.replace(self._key, "...") if self._key else message, 200)


def _is_filtered(body: object) -> bool:
    """Whether an error is a filter's: by its code or type, or by a message that begins with words of one."""
    whole: dict[str, Any] = body if isinstance(body, dict) else {"message": body}
    error = whole.get("error")
    held: dict[str, Any] = error if isinstance(error, dict) else whole
    inner = held.get("innererror")
    told = (held.get("code"), held.get("type"), inner.get("code") if isinstance(inner, dict) else None)
    said = held.get("message")
    return any(isinstance(one, str) and _FILTERED.search(one) for one in told) or (
        isinstance(said, str) and _FILTER_PHRASES.match(said.strip()) is not None
    )


def wait_asked(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds that a server asks to wait (``Retry-After`` in seconds or as a date); None where it does not ask."""
    for name, per_second in (("retry-after-ms", 1000), ("retry-after", 1)):
        asked = headers.get(name, "").strip()
        if re.match(r"^\d+(\.\d+)?$", asked):
            return float(asked) / per_second
    try:
        until = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, until.timestamp() - (time.time() if now is None else now))


def read_reply(raw: bytes) -> Reply:
    """A body as a reply.

    Raises
    ------
    RequestFailed
        It is no chat completion.
    """
    try:
        found = json.loads(raw)
        choice = found["choices"][0]
        message = choice["message"]
        finish, content, refusal = choice.get("finish_reason"), message.get("content"), message.get("refusal")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise RequestFailed(NO_COMPLETION, may_be_counted=True) from None
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    usage = found.get("usage")
    counts = [_count(usage.get(name)) if isinstance(usage, dict) else None for name in ("prompt_tokens", "completion_tokens")]
    if refusal or finish == "content_filter":
        return Reply("", "refused", *counts)
    return Reply(content if isinstance(content, str) else "", "length" if finish == "length" else "stop", *counts)


def _count(found: object) -> int | None:
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**9 else None
