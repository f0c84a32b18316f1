"""Run the workbench: a socket on loopback, uvicorn, and a stop at Ctrl-C that lets requests finish."""

import errno
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from yuhu.app.guards import LOOPBACK
from yuhu.core.errors import YuhuError

_DRAIN_S = 5
_TRIES = 20


def open_socket(host: str, port: int, *, is_fixed: bool) -> socket.socket:
    """A listening socket; where the port is taken and nobody asked for it by number, one of the next.

    Raises
    ------
    YuhuError
        YH707 the address or port cannot be had.
    """
    if host not in LOOPBACK:
        names = {"found": host[:100], "known": ", ".join(LOOPBACK)}
        raise YuhuError("YH707", "the workbench listens on this machine alone", facts=names, fix="--host 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for offset in range(1 if is_fixed else _TRIES):
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port + offset))
            listening.listen(128)
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


def serve_app(app: FastAPI, listening: socket.socket, *, started: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Parameters
    ----------
    app : FastAPI
        The application.
    listening : socket
        Bound and listening.
    started : callable
        Called once requests are answered.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
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
