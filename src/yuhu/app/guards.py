"""What stands before every route: known hosts, no requests from other sites, no large bodies, and headers that keep a page from fetching or running anything else."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yuhu.app.replies import error_reply
from yuhu.core.errors import YuhuError

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For the workbench's own pages. A reply that needs another policy (a report in its frame) sets its own."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CSRF_HEADER = "x-yuhu"
MOST_BYTES = 2_000_000
"""Of a body."""
UPLOADS = "/api/setup/files"
"""Where a body may be larger: it is counted while it is written to disk, once it is known who sends it."""

_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_DIGITS = 12
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware: refuses what cannot be from the workbench's own page.

    Parameters
    ----------
    app : ASGI application
        What stands behind.
    hosts : iterable of str
        Host names under which the workbench may be called; another one is a name that someone else points here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        error = self._refusal(scope)
        if error is not None:
            await error_reply(error)(scope, receive, _with_headers(send))
            return
        await self._app(scope, receive if _is_upload(scope) else _at_most(receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> YuhuError | None:
        headers = Headers(scope=scope)
        host = _host(f"//{headers.get('host', '')}")
        if host not in self._hosts:
            names = {"found": host[:100], "known": ", ".join(sorted(self._hosts))}
            return YuhuError(
                "YH703",
                "the workbench is not served under this name",
                facts=names,
                fix="open the address that `yuhu serve` printed; a name of your own: --team --host-name NAME",
            )
        if scope["method"] in _SAFE_METHODS:
            return None
        if _is_foreign(headers, host) or CSRF_HEADER not in headers:
            return YuhuError("YH703", "the request does not come from the workbench's own page", fix=f"send the header {CSRF_HEADER}: 1")
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > _DIGITS or int(length) > MOST_BYTES) and not _is_upload(scope):
            facts = {"found": f"{length[:_DIGITS]} bytes", "at most": MOST_BYTES}
            return YuhuError("YH705", "the request is too large", facts=facts, fix="send less at once")
        return None


def _is_upload(scope: Scope) -> bool:
    return (scope["path"], scope["method"]) == (UPLOADS, "POST")


def _is_foreign(headers: Headers, host: str) -> bool:
    """Whether a browser says that another site sent it."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    return origin is not None and _host(origin) != host


def _host(address: str) -> str:
    """The host of an address; empty where it is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _at_most(receive: Receive) -> Receive:
    """Stop reading a body that does not say how long it is once it is too long."""
    read = 0

    async def received() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise HTTPException(413, f"more than {MOST_BYTES} bytes")  # the one kind of error that passes through the reading of a body
        return message

    return received


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sent
