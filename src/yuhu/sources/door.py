"""The door in front of the importers: what a person names becomes plain files in UTF-8, one after another.

A person names files, folders, archives (.gz, .zst, .zip) or ``-`` for the standard input. What something is, is told from its bytes, never from its ending.
"""

import stat
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

from yuhu.core.errors import YuhuError
from yuhu.sources.encodings import named as codec_named
from yuhu.sources.entry import Entry, fingerprint
from yuhu.sources.folders import Folder
from yuhu.sources.kinds import HEAD, SMALL, foreign, packing, passes_whole
from yuhu.sources.transcoding import as_utf8
from yuhu.sources.unpacking import (
    DEEPEST,
    CutOffError,
    Gauge,
    bomb,
    cut_to_lines,
    damaged,
    pieces_at,
    pieces_of,
    spill,
    unpacked,
    unpacked_name,
    unreadable,
)
from yuhu.sources.zips import Directory, directory_of, encrypted, member_pieces, open_zip
from yuhu.texts.hostile import visible

__all__ = ["Entry", "entries", "fingerprint"]

STDIN = "-"
_ABORTING = "YH209"
"""A full disk is no fault of the entry at hand: it ends everything."""


def entries(
    named: Sequence[Path | str],
    *,
    room: Path,
    encoding: str | None = None,
    stdin_name: str = "stdin",
    without: Sequence[Path] = (),
    passed_over: Counter[str] | None = None,
) -> Iterator[Entry]:
    """The files that a person named, found in folders and archives, as UTF-8.

    Parameters
    ----------
    named : sequence of path or str
        Files, folders, archives, or ``-`` for the standard input.
    room : Path
        A private folder (mode 700) for copies; the caller makes and removes it. It is empty between two entries that needed no copy, and in the end.
    encoding : str, optional
        The encoding of all texts; None finds it for each file.
    stdin_name : str
        What the standard input is called.
    without : sequence of Path
        Folders that are not walked where they lie in a folder that is: the study itself. The room never is.
    passed_over : Counter of str, optional
        Takes the count of hidden files, links and the like that were passed over, by reason.

    Returns
    -------
    iterator of Entry
        In the order named; folders by the bytes of the names, archives as they are. One at a time: a copy is gone once the next is asked for.

    Raises
    ------
    YuhuError
        YH105 at once, the encoding is not known; YH209 the disk refused a copy. Everything else is the ``error`` of an entry.

    Notes
    -----
    Linear time; memory of a few MiB; on disk, at most one member of an archive twice.
    """
    codec = None if encoding is None else codec_named(encoding)
    return _Door(room, codec, stdin_name, (room, *without), Counter() if passed_over is None else passed_over).through(named)


class _Door:
    def __init__(self, room: Path, codec: str | None, stdin_name: str, without: Sequence[Path], passed_over: Counter[str]) -> None:
        self._room = room
        self._codec = codec
        self._stdin_name = stdin_name
        self._without = without
        self._passed_over = passed_over
        self._copies = 0
        self._stdin_read = False

    def through(self, named: Sequence[Path | str]) -> Iterator[Entry]:
        for one in named:
            if str(one) == STDIN:
                yield from self._standard_input()
            else:
                yield from self._named(Path(one))

    def _named(self, path: Path) -> Iterator[Entry]:
        entry = Entry(path, visible(path.name) or visible(str(path)), source=path, before=fingerprint(path))
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            yield replace(entry, error=_missing(entry.called, error))
            return
        if stat.S_ISDIR(mode):
            yield from self._folder(path)
        elif stat.S_ISFIFO(mode):
            entry = replace(entry, source=None, before=None)
            yield from self._copied(entry, pieces_at(path, entry.called), entry, ())
        elif stat.S_ISREG(mode):
            yield from self._opened(entry, ())
        else:
            fix = "name a file, a folder, or - for the standard input"
            yield replace(entry, error=YuhuError("YH110", f"`{entry.called}` is neither a file nor a folder", fix=fix))

    def _standard_input(self) -> Iterator[Entry]:
        stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
        entry = Entry(Path(STDIN), visible(self._stdin_name))
        if stream is None or self._stdin_read:
            reason = "it was read before" if self._stdin_read else "there is none"
            yield replace(entry, error=YuhuError("YH110", "the standard input cannot be read", facts={"reason": reason}, fix="name - once"))
            return
        self._stdin_read = True
        yield from self._copied(entry, pieces_of(stream, entry.called), entry, ())

    def _folder(self, path: Path) -> Iterator[Entry]:
        base = visible(path.name or path.resolve().name)
        n = 0
        passed_before = self._passed_over.total()
        for found in Folder(path, self._without, self._passed_over).files():
            n += 1
            container = "".join(f"{part}/" for part in (base, *map(visible, found.folders)))
            entry = Entry(found.path, visible(found.path.name) or f"file {n}", container, was_named=False, source=found.path)
            if found.error is None:
                yield from self._opened(replace(entry, before=fingerprint(found.path)), ())
            else:
                was_named = not found.folders
                yield replace(entry, called=container, container="", was_named=was_named, error=unreadable(container, found.error))
        if not n:
            facts = {"passed over": self._passed_over.total() - passed_before}
            error = YuhuError("YH110", f"`{base}/` holds no files", facts=facts, fix="name a folder that holds exports")
            yield Entry(path, f"{base}/", error=error, source=path)

    def _opened(self, entry: Entry, packings: tuple[str, ...]) -> Iterator[Entry]:
        """The entries that a plain file gives: itself, or what is packed in it."""
        try:
            with entry.path.open("rb") as file:
                start = file.read(SMALL + 1)
        except OSError as error:
            yield replace(entry, error=unreadable(entry.called, error))
            return
        head, content = start[:HEAD], start if len(start) <= SMALL else None
        how, what = packing(head), foreign(head)
        if how == "zip":
            yield from self._zip(entry, packings)
        elif how is not None:
            yield from self._stream(entry, how, packings)
        elif what is not None:
            yield replace(entry, error=_foreign(entry.called, what))
        elif passes_whole(head):
            yield entry
        else:
            yield from self._text(entry, head, content)

    def _text(self, entry: Entry, head: bytes, content: bytes | None) -> Iterator[Entry]:
        target = self._fresh()
        try:
            try:
                text = as_utf8(entry.path, head, target, entry.called, self._codec, content)
                done = replace(entry, path=text.path, called=unpacked_name(entry.called), notes=(*entry.notes, *text.notes))
                done = replace(done, content=content) if text.path == entry.path else done
            except (YuhuError, OSError) as error:
                done = replace(entry, error=_error_of(entry.called, error))
            if done.path == target and entry.path.parent == self._room:
                entry.path.unlink(missing_ok=True)
            yield done
        finally:
            target.unlink(missing_ok=True)

    def _stream(self, entry: Entry, how: str, packings: tuple[str, ...]) -> Iterator[Entry]:
        """What a gzip or zstd file holds."""
        if len(packings) == DEEPEST:
            yield replace(entry, error=_too_deep(entry.called, (*packings, how)))
            return
        inside = replace(entry, called=unpacked_name(entry.called))
        gauge = Gauge(entry.called, _size(entry.path))
        pieces = gauge.watched(unpacked(how, entry.path, gauge), entry.called, gauge.packed)
        yield from self._copied(inside, pieces, entry, (*packings, how), gauge.notes)

    def _zip(self, entry: Entry, packings: tuple[str, ...]) -> Iterator[Entry]:
        try:
            archive = open_zip(entry.path, entry.called)
        except YuhuError as error:
            yield replace(entry, error=error)
            return
        with archive:
            directory = directory_of(archive)
            if not directory.is_document:
                yield from self._members(entry, archive, directory, (*packings, "zip"))
        if directory.is_document:
            yield entry

    def _members(self, entry: Entry, archive: ZipFile, directory: Directory, packings: tuple[str, ...]) -> Iterator[Entry]:
        self._passed_over.update(directory.passed_over)
        members = directory.members
        if len(packings) > DEEPEST or "zip" in packings[:-1]:
            yield replace(entry, error=_too_deep(entry.called, packings))
        elif not members:
            fix = "export it again"
            facts = {"passed over": directory.passed_over.total()}
            yield replace(entry, error=YuhuError("YH101", f"`{entry.called}` holds no files", facts=facts, fix=fix))
        elif all(member.is_encrypted for member in members):
            yield replace(entry, error=encrypted(entry.called))
        else:
            gauge = Gauge(entry.called, _size(entry.path))
            for member in members:
                inside = replace(
                    entry,
                    called=member.called,
                    container=f"{entry.container}{entry.called}/{member.folder}",
                    was_named=entry.was_named and len(members) == 1,
                )
                pieces = gauge.watched(member_pieces(archive, member), member.called, member.info.compress_size)
                yield from self._copied(inside, pieces, inside, packings)
                if gauge.is_over:
                    return

    def _copied(
        self, inside: Entry, pieces: Iterator[bytes], outside: Entry, packings: tuple[str, ...], said: Sequence[str] = ()
    ) -> Iterator[Entry]:
        """The entries of a copy that is made of pieces; `outside` stands for it where that fails."""
        target = self._fresh()
        try:
            failed = None
            try:
                start = next(pieces, b"")
                what = foreign(start)
                if what is None:
                    spill(chain([start], pieces), target, inside.called)
                else:  # a platform's export holds gigabytes of videos: they are not unpacked to be refused
                    failed = _foreign(inside.called, what)
            except CutOffError:
                lost = cut_to_lines(target)
                if lost is None:
                    failed = damaged(outside.called, "it ends in the middle")
                else:
                    inside = replace(
                        inside, cut_off=f"the archive ends in the middle: whole lines were kept, {lost:,} bytes after them were not"
                    )
            except (YuhuError, OSError) as error:
                failed = _error_of(outside.called, error)
            if failed is not None:
                target.unlink(missing_ok=True)
                yield replace(outside, error=failed)
                return
            if packings and packings[-1] != "zip" and outside.path.parent == self._room:
                outside.path.unlink(missing_ok=True)
            yield from self._opened(replace(inside, path=target, notes=(*inside.notes, *said)), packings)
        finally:
            target.unlink(missing_ok=True)

    def _fresh(self) -> Path:
        self._copies += 1
        return self._room / f"{self._copies:06d}"


def _size(path: Path) -> int:
    return (fingerprint(path) or (0, 0))[0]


def _error_of(name: str, error: YuhuError | OSError) -> YuhuError:
    if isinstance(error, OSError):
        return unreadable(name, error)
    if error.code == _ABORTING:
        raise error
    return error


def _missing(name: str, error: OSError | ValueError) -> YuhuError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return YuhuError("YH110", f"`{name}` is not a file", facts={"reason": reason}, fix="check the path and its permissions")


def _foreign(name: str, what: str) -> YuhuError:
    fix = "unpack it, and add the folder" if what.endswith("archive") else "add the export itself"
    return YuhuError("YH104", f"`{name}` is {what}", facts={"expected": "an export: text, a table or an archive of them"}, fix=fix)


def _too_deep(name: str, packings: Sequence[str]) -> YuhuError:
    facts: dict[str, object] = {"packed as": " in ".join(reversed(packings)), "deepest": f"{DEEPEST}, and no zip in a zip"}
    return bomb(name, "is packed too deeply", facts, "unpack the outer archive, and add the folder")
