"""Run the workbench: a socket on loopback, uvicorn, and a stop at Ctrl-C that lets requests finish."""

import errno
import ipaddress
import socket
from collections.abc import Callable, Sequence

import uvicorn
from fastapi import FastAPI

from yuhu.app.guards import LOOPBACK
from yuhu.core.errors import YuhuError

PROXIES = ("127.0.0.1", "::1")
"""Whose headers are believed, where a proxy was announced: those of one on this machine."""

_DRAIN_S = 5
_TRIES = 20
_BACKLOG = 1024


def host_names(host: str, names: Sequence[str], *, has_accounts: bool) -> tuple[str, ...]:
    """The names under which a workbench answers, loopback first.

    Parameters
    ----------
    host : str
        The address to listen on.
    names : sequence of str
        Names that browsers use.
    has_accounts : bool
        Whether people sign in.

    Raises
    ------
    YuhuError
        YH707 it would be open to others without accounts, or no browser could call it.
    """
    if not has_accounts and (names or not is_loopback(host)):
        facts = {"found": ", ".join((host, *names))[:100], "reason": "whoever sees its address on the way could do everything"}
        raise YuhuError("YH707", "without accounts the workbench is for this machine alone", facts=facts, fix="--team, or --host 127.0.0.1")
    if host in {"0.0.0.0", "::"} and not names:  # noqa: S104
        facts = {"address": host, "reason": "under which name browsers call it is not known"}
        raise YuhuError(
            "YH707", "no browser could call the workbench", facts=facts, fix="--host-name with the name or address that people type"
        )
    return tuple(dict.fromkeys(name.lower() for name in (*LOOPBACK, host, *names)))


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def open_socket(host: str, port: int, *, is_fixed: bool) -> socket.socket:
    """A listening socket; where the port is taken and nobody asked for it by number, one of the next.

    Raises
    ------
    YuhuError
        YH707 the address or port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for offset in range(1 if is_fixed else _TRIES):
        # The protocol is named: asyncio sends without delay only on sockets that name it, else a reply's body waits 40 ms for the head's receipt.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port + offset))
            listening.listen(_BACKLOG)
        except (OSError, OverflowError) as error:
            listening.close()
            if getattr(error, "errno", None) != errno.EADDRINUSE or is_fixed:
                facts = {"address": f"{host}:{port + offset}", "reason": error}
                raise YuhuError(
                    "YH707", "the workbench cannot listen here", facts=facts, fix="--port with another number, or --host 127.0.0.1"
                ) from error
        else:
            return listening
    facts = {"ports": f"{port} to {port + _TRIES - 1}"}
    raise YuhuError("YH707", "the workbench cannot listen here", facts=facts, fix="--port with a free number")


def serve_app(app: FastAPI, listening: socket.socket, *, started: Callable[[], None], is_behind_proxy: bool = False) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Parameters
    ----------
    app : FastAPI
        The application.
    listening : socket
        Bound and listening.
    started : callable
        Called once requests are answered.
    is_behind_proxy : bool
        Take the visitor's address and https from the headers ``X-Forwarded-For`` and ``X-Forwarded-Proto``, where the request comes from this machine.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=is_behind_proxy,
        forwarded_allow_ips=list(PROXIES),
        timeout_graceful_shutdown=_DRAIN_S,
        lifespan="off",
        ws="none",
    )
    _Server(config, started).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._say = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._say()
