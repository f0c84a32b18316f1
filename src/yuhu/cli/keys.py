"""Keys from a person: one at a time from a terminal, one line each from a pipe."""

import os
import select
import sys
import termios
import tty
import unicodedata
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TextIO

ENTER = "\n"
QUIT = "q"

_BACKSPACE = ("\x7f", "\x08")
_END = "\x04"
_ESCAPE = "\x1b"
_ESCAPE_S = 0.02
_LOOK_S = 1.0
_LONGEST_LINE = 65_536


class Keys(Protocol):
    """Where keys come from."""

    is_live: bool
    """Whether a person sees each screen before the next key."""

    def read(self) -> str | None:
        """The next key, a line end for Enter; None once there are no more."""

    def line(self, ask: str) -> str:
        """A line of text."""


class LineKeys:
    """Keys from a pipe or a file: one line is one answer; an empty line is Enter.

    Parameters
    ----------
    stream : text stream
        Where lines come from.
    echo : callable
        Shows what was read.
    """

    is_live = False

    def __init__(self, stream: TextIO, echo: Callable[[str], None]) -> None:
        self._stream = stream
        self._echo = echo

    def read(self) -> str | None:
        """The next line without spaces around it."""
        line = self._stream.readline(_LONGEST_LINE)
        if not line:
            return None
        self._echo(f"> {line.strip()}")
        return line.strip() or ENTER

    def line(self, ask: str) -> str:
        """The next line."""
        line = self._stream.readline(_LONGEST_LINE).strip()
        self._echo(ask + line)
        return line


class TerminalKeys:
    """Single keys from a terminal, without Enter. While the block runs, the terminal does not echo.

    Parameters
    ----------
    descriptor : int
        File descriptor of the terminal.
    """

    is_live = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before = termios.tcgetattr(descriptor)

    def __enter__(self) -> Self:
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def read(self) -> str | None:
        """The next key: full-width forms and capitals as plain keys; arrows and the like as an empty text."""
        raw = self._character()
        if raw is None or raw == _END:
            return None
        if raw == _ESCAPE:
            self._swallow()
            return ""
        if raw in _BACKSPACE:
            return "b"
        if raw in "\r\n":
            return ENTER
        return unicodedata.normalize("NFKC", raw).lower() if raw.isprintable() else ""

    def line(self, ask: str) -> str:
        """A line, typed and mended as the terminal allows; Ctrl-D alone is an empty one."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
        try:
            sys.stdout.write(f"\r\x1b[2K{ask}")
            sys.stdout.flush()
            self._wait()
            return os.read(self._descriptor, _LONGEST_LINE).decode("utf-8", "replace").strip()
        finally:
            tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def _swallow(self) -> None:
        """The rest of what an arrow or a function key sends; nothing after Escape alone."""
        if not select.select([self._descriptor], [], [], _ESCAPE_S)[0]:
            return
        if self._character() in ("[", "O"):
            while select.select([self._descriptor], [], [], _ESCAPE_S)[0]:
                if "\x40" <= (self._character() or "~") <= "\x7e":
                    return

    def _wait(self) -> None:
        """Wait for input so that Ctrl-C ends the waiting: Polars has signals start a broken `read` again, which would swallow it."""
        while not select.select([self._descriptor], [], [], _LOOK_S)[0]:
            pass

    def _character(self) -> str | None:
        self._wait()
        first = os.read(self._descriptor, 1)
        if not first:
            return None
        more = 3 if first[0] >= 0xF0 else 2 if first[0] >= 0xE0 else 1 if first[0] >= 0xC0 else 0
        rest = b"".join(os.read(self._descriptor, 1) for _ in range(more))
        return (first + rest).decode("utf-8", "replace")
