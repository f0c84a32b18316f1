"""Packed streams (gzip, zstd) in pieces, and the limits that no archive may pass."""

import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyarrow as pa

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.json_records import is_lines
from yuhu.study.files import disk_errors

PIECE = 1 << 20
"""Bytes that are held at a time."""

_ZSTD_PIECE = 1 << 16
"""Smaller: what was read of a piece is lost where the stream breaks in it."""

MOST_UNPACKED = 64 << 30
"""Bytes that one archive may unpack to: more than any platform's export that we know, less than a disk."""

MOST_RATIO = 200
"""Texts pack to between a fifth and a thirtieth; gzip cannot pass 1,032, which is where bombs stand."""

RATIO_FROM = 64 << 20
"""Bytes below which the ratio does not matter: so little harms nobody, and small files of equal rows pack very well."""

MOST_MEMBERS = 10_000
"""Files in one zip: an export has a few for each video; more are found faster in a folder."""

DEEPEST = 2
"""Packings inside one another: a zip of .gz files is common, anything deeper is a trap or a mistake."""

_ENDINGS = (".gz", ".gzip", ".zst", ".zstd")
_MEND = "download or export it again"


class CutOffError(Exception):
    """A packed stream ends in the middle; what came before is good."""


@dataclass
class Gauge:
    """Watches what comes out of an archive.

    Parameters
    ----------
    name : str
        The archive, as the person knows it.
    packed : int
        Its bytes.
    """

    name: str
    packed: int
    unpacked: int = 0
    is_over: bool = False
    notes: list[str] = field(default_factory=list)

    def watched(self, pieces: Iterable[bytes], name: str, packed: int) -> Iterator[bytes]:
        """The pieces of a member of `packed` bytes.

        Raises
        ------
        YuhuError
            YH109 the member or the archive grows past a limit.
        """
        size = 0
        for piece in pieces:
            size += len(piece)
            self.unpacked += len(piece)
            if self.unpacked > MOST_UNPACKED:
                self.is_over = True
                most = f"{MOST_UNPACKED / 2**30:g} GiB"
                raise bomb(self.name, f"unpacks to more than {most}", {"packed bytes": self.packed}, "unpack it, and add the folder")
            if _is_bomb(self.unpacked, self.packed):
                self.is_over = True
                raise _swollen(self.name, self.packed, self.unpacked)
            if _is_bomb(size, packed):
                raise _swollen(name, packed, size)
            yield piece


def _is_bomb(size: int, packed: int) -> bool:
    return size > RATIO_FROM and size > MOST_RATIO * packed


def _swollen(name: str, packed: int, size: int) -> YuhuError:
    facts: dict[str, object] = {"packed bytes": packed, "unpacked so far": size}
    fix = "find out where it comes from; if you trust it, unpack it yourself and add what is in it"
    return bomb(name, f"unpacks to more than {MOST_RATIO} times its size", facts, fix)


def bomb(name: str, what: str, facts: dict[str, object], fix: str) -> YuhuError:
    """The error for an archive that is dangerous to unpack."""
    return YuhuError("YH109", f"`{name}` {what}", facts=facts, fix=fix)


def damaged(name: str, reason: str) -> YuhuError:
    """The error for an archive that breaks the rules of its format."""
    return YuhuError("YH106", f"`{name}` is damaged or cut off", facts={"found": reason}, fix=f"{_MEND}; nothing of it was added")


def unreadable(name: str, error: OSError) -> YuhuError:
    """The error for a file that the system does not give out."""
    return YuhuError(
        "YH110", f"`{name}` cannot be read", facts={"reason": error.strerror or error}, fix="check the path and its permissions"
    )


def spill(pieces: Iterable[bytes], target: Path, name: str) -> int:
    """Write pieces to a new private file; its bytes.

    Raises
    ------
    YuhuError
        YH209 the disk refused; and whatever the pieces raise.
    """
    size = 0
    with disk_errors(target.parent / name.replace("/", "_")):
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
                size += len(piece)
    return size


def pieces_of(file: IO[bytes], name: str, most: int = 1 << 62) -> Iterator[bytes]:
    """A file in pieces, or as many of its next bytes as are asked for.

    Raises
    ------
    YuhuError
        YH110 the system does not give it out.
    """
    while most > 0:
        try:
            piece = file.read(min(PIECE, most))
        except OSError as error:
            raise unreadable(name, error) from error
        if not piece:
            return
        most -= len(piece)
        yield piece


def pieces_at(path: Path, name: str) -> Iterator[bytes]:
    """What comes out of a pipe that has a path.

    Raises
    ------
    YuhuError
        YH110 the system does not give it out.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise unreadable(name, error) from error
    with file:
        yield from pieces_of(file, name)


def unpacked_name(name: str) -> str:
    """The name without an ending that says how it was packed; browsers unpack on download, and keep it."""
    ending = next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")
    return name[: len(name) - len(ending)] or name


def unpacked(how: str, path: Path, gauge: Gauge) -> Iterator[bytes]:
    """What a packed file holds, in pieces; `how` is gzip or zstd.

    Raises
    ------
    CutOffError
        It ends in the middle.
    YuhuError
        YH106 damaged; YH110 unreadable, or packed with a window that needs too much memory.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise unreadable(gauge.name, error) from error
    with file:
        yield from _gzip_pieces(file, gauge) if how == "gzip" else _zstd_pieces(file, gauge)


def cut_to_lines(path: Path) -> int | None:
    """Cut JSON lines that end in the middle to the lines that are whole; bytes lost, or None where the file is not JSON lines.

    Other formats are refused whole: half a table looks like a table, and its last cell like a text.
    """
    if not path.exists():
        return None
    with path.open("r+b") as file:
        size = at = file.seek(0, 2)
        end = 0
        while at and not end:
            start = max(at - PIECE, 0)
            file.seek(start)
            end = start + found if (found := file.read(at - start).rfind(b"\n") + 1) else 0
            at = start
        file.truncate(end)
    return size - end if end and is_lines(Origin(path)) else None


def _gzip_pieces(file: IO[bytes], gauge: Gauge) -> Iterator[bytes]:
    """What a gzip file holds, all its members; what follows the last one is passed over with a note."""
    source = pieces_of(file, gauge.name)
    data = next(source, b"")
    while data:
        stream = zlib.decompressobj(31)
        try:
            while True:
                out = stream.decompress(data, PIECE)
                if out:
                    yield out
                if stream.eof:
                    break
                data = stream.unconsumed_tail or next(source, b"")
                if not data and not out:
                    raise CutOffError
        except zlib.error as error:
            raise damaged(gauge.name, str(error).removeprefix("Error ")) from error
        data = stream.unused_data
        while len(data := data.lstrip(b"\x00")) < 2 and (more := next(source, b"")):
            data += more
        if data and not data.startswith(b"\x1f\x8b"):
            gauge.notes.append("bytes after the end of the gzip data were passed over")
            return


def _zstd_pieces(file: IO[bytes], gauge: Gauge) -> Iterator[bytes]:
    """What a zstd file holds, all its frames."""
    try:
        with pa.PythonFile(file, "r") as source, pa.CompressedInputStream(source, "zstd") as stream:
            while piece := stream.read(_ZSTD_PIECE):
                yield piece
    except OSError as error:
        reason = str(error)
        if "runcated" in reason:
            raise CutOffError from error
        if error.errno:
            raise unreadable(gauge.name, error) from error
        if "too much memory" in reason:
            fix = "unpack it with zstd -d --long=31, and add what comes out"
            raise YuhuError("YH110", f"`{gauge.name}` needs too much memory to unpack", facts={"reason": reason}, fix=fix) from error
        raise damaged(gauge.name, reason.removeprefix("ZSTD decompress failed: ")) from error
