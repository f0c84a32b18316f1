"""What a person sets of the language-model coder, checked before anything is asked."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from yuhu.coding.options import flag, no_more_options, number, whole
from yuhu.core.errors import YuhuError

OPTIONS = (
    "server", "model", "key_env", "codes", "codes_per_call", "repeats", "context", "prompt_language", "structured", "evidence",
    "temperature", "max_tokens", "seed", "extra_body", "concurrency", "requests_per_minute", "timeout_s", "tries", "price_in", "price_out",
    "currency", "cap", "cap_tokens", "replay", "ask_again", "images", "segments", "frames",
)  # fmt: skip

CODER = "llm.v1"
NO_SERVER = "none (answers from the cache)"
STRUCTURED = ("json_schema", "json_object", "prompt")
PROMPT_LANGUAGES = ("text", "zh", "en")
_OURS = ("messages", "model", "response_format", "stream", "stream_options", "n", "tools", "functions")
_SECRET = re.compile(r"api.?key|secret|password|authori[sz]ation|bearer|credential", re.IGNORECASE)
_LOOPBACK = re.compile(r"^(localhost|127(\.\d{1,3}){3}|::1)$")
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


@dataclass(frozen=True)
class LlmSettings:
    """The settings of a run; docs/machine-coders.md says what each is for."""

    server: str
    model: str
    key_env: str = ""
    codes: tuple[str, ...] = ()
    codes_per_call: int = 5
    repeats: int = 1
    context: bool = False
    prompt_language: str = "text"
    structured: str = "json_schema"
    evidence: bool = True
    temperature: float | None = 0.0
    max_tokens: int | None = 2000
    seed: int | None = None
    extra_body: str = "{}"
    concurrency: int = 8
    requests_per_minute: float | None = None
    timeout_s: float = 120.0
    tries: int = 5
    price_in: float | None = None
    price_out: float | None = None
    currency: str = "USD"
    cap: float | None = None
    cap_tokens: int | None = None
    replay: bool = False
    ask_again: bool = False
    images: str = ""
    segments: str = ""
    frames: int = 4

    @property
    def host(self) -> str:
        """Host and port of the server: what may be written down of its address."""
        return urlsplit(self.server).netloc.lower() if self.server else NO_SERVER

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return bool(_LOOPBACK.match(urlsplit(self.server).hostname or ""))

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is."""
        return self.server.startswith("https://")

    @property
    def goal(self) -> str:
        """Where texts go, for a person to read before they go."""
        where = f"{self.host}, a server on this machine" if self.is_local else self.host
        unsafe = "" if self.is_encrypted or self.is_local else ", over a connection that is not encrypted"
        return f"{where} (model {self.model}){unsafe}"

    def sampling(self) -> dict[str, Any]:
        """What is sent beside the messages, and changes the answer."""
        chosen = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed}
        return {name: value for name, value in chosen.items() if value is not None}

    def body(self) -> dict[str, Any]:
        """The object of ``extra_body``."""
        found: dict[str, Any] = json.loads(self.extra_body)
        return found

    def key(self) -> str:
        """The server's key out of the environment, read where it is used and kept nowhere; empty where none is named.

        Raises
        ------
        YuhuError
            YH508 the variable is not set.
        """
        if not self.key_env:
            return ""
        found = os.environ.get(self.key_env, "").strip()
        if not found or not found.isascii() or not found.isprintable():
            raise YuhuError(
                "YH508",
                f"the environment variable {self.key_env} holds no key",
                facts={"expected": "the server's key, in printable ASCII"},
                fix=f"export {self.key_env}=... in the shell that runs yuhu",
            )
        return found

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        """Cost of some tokens in `currency`; None where no prices were given."""
        if self.price_in is None or self.price_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1_000_000


def settings_from(options: Mapping[str, str]) -> LlmSettings:
    """The settings out of ``--set`` options.

    Raises
    ------
    YuhuError
        YH508 one is unknown, missing or out of range.
    """
    no_more_options(options, CODER, OPTIONS)
    replay = flag(options, "replay", False)
    found = LlmSettings(
        server=_server(options.get("server", ""), is_needed=not replay),
        model=_model(options.get("model", "")),
        key_env=_key_env(options.get("key_env", "")),
        codes=tuple(part.strip() for part in options.get("codes", "").split(",") if part.strip()),
        codes_per_call=whole(options, "codes_per_call", 5, least=1, most=50),
        repeats=whole(options, "repeats", 1, least=1, most=15),
        context=flag(options, "context", False),
        prompt_language=_one_of(options, "prompt_language", PROMPT_LANGUAGES),
        structured=_one_of(options, "structured", STRUCTURED),
        evidence=flag(options, "evidence", True),
        temperature=_maybe(options, "temperature", 0.0, most=2),
        max_tokens=_maybe_whole(options, "max_tokens", 2000, least=16, most=1_000_000),
        seed=_maybe_whole(options, "seed", None, least=0, most=2**31 - 1),
        extra_body=_extra_body(options.get("extra_body", "{}")),
        concurrency=whole(options, "concurrency", 8, least=1, most=512),
        requests_per_minute=_maybe(options, "requests_per_minute", None, least=0.1, most=1e6),
        timeout_s=number(options, "timeout_s", 120.0, least=0.05, most=3600),
        tries=whole(options, "tries", 5, least=1, most=20),
        price_in=_maybe(options, "price_in", None, most=1e6),
        price_out=_maybe(options, "price_out", None, most=1e6),
        currency=_currency(options.get("currency", "USD")),
        cap=_maybe(options, "cap", None, most=1e9),
        cap_tokens=_maybe_whole(options, "cap_tokens", None, least=0, most=10**12),
        replay=replay,
        ask_again=flag(options, "ask_again", False),
        images=options.get("images", ""),
        segments=options.get("segments", ""),
        frames=whole(options, "frames", 4, least=1, most=16),
    )
    _priced(found)
    return found


def _priced(found: LlmSettings) -> None:
    if (found.price_in is None) != (found.price_out is None) or (found.cap is not None and found.price_in is None):
        raise YuhuError(
            "YH508",
            "a cap on cost needs both prices",
            fix="--set price_in=... --set price_out=... per million tokens, or --set cap_tokens=...",
        )


def _server(address: str, *, is_needed: bool) -> str:
    if not address and not is_needed:
        return ""
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_whole = False
    if not address or not is_whole or not address.isprintable():
        problem = "option `server` is no address" if address else "llm.v1 needs a server: nothing is sent anywhere unless one is named"
        raise YuhuError("YH508", problem, fix="--set server=http://localhost:11434/v1 for Ollama; docs/machine-coders.md has more")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise YuhuError(
            "YH508", "option `server` holds more than an address", fix="put the key into an environment variable: --set key_env=NAME"
        )
    return address.rstrip("/")


def _model(name: str) -> str:
    if not name or not name.isprintable() or len(name) > 200:
        raise YuhuError("YH508", "llm.v1 needs the name of a model", fix="--set model=NAME, as the server calls it")
    return name


def _key_env(name: str) -> str:
    if name and not _NAME.match(name):
        # What was written may be the key itself: it is not repeated.
        raise YuhuError("YH508", "option `key_env` is no name of an environment variable", fix="--set key_env=NAME, with the key in $NAME")
    return name


def _currency(name: str) -> str:
    if not re.match(r"^\w{1,10}$", name):
        raise YuhuError("YH508", "option `currency` is no currency", facts={"found": name[:20]}, fix="--set currency=CNY")
    return name


def _one_of(options: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    found = options.get(name, known[0])
    if found not in known:
        raise YuhuError(
            "YH508", f"option `{name}` is not known", facts={"found": found, "known": ", ".join(known)}, fix=f"--set {name}={known[0]}"
        )
    return found


def _maybe(options: Mapping[str, str], name: str, default: float | None, *, least: float = 0.0, most: float) -> float | None:
    """A number, or None where the option is ``none`` or has no default."""
    if options.get(name, "none" if default is None else "") == "none":
        return None
    return number(options, name, 0.0 if default is None else default, least=least, most=most)


def _maybe_whole(options: Mapping[str, str], name: str, default: int | None, *, least: int, most: int) -> int | None:
    if options.get(name, "none" if default is None else "") == "none":
        return None
    return whole(options, name, least if default is None else default, least=least, most=most)


def _extra_body(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise YuhuError("YH508", "option `extra_body` is no JSON object", fix="--set 'extra_body={\"top_p\": 1}'")
    canonical = json.dumps(found, sort_keys=True, ensure_ascii=False)
    wrong = [name for name in found if name in _OURS]
    if wrong:
        raise YuhuError("YH508", f"`{wrong[0]}` in option `extra_body` is set by yuhu itself", fix=f"leave out `{wrong[0]}`")
    if _SECRET.search(canonical):
        raise YuhuError("YH508", "option `extra_body` holds a secret, and would be stored", fix="--set key_env=NAME, with the key in $NAME")
    return canonical
