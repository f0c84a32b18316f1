"""A text as UTF-8 on disk: as it stands where it is that already, else as a copy."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from yuhu.core.errors import YuhuError
from yuhu.sources.encodings import UTF8, declaration, declared_codec, marked, shown, wide, would_fit
from yuhu.sources.kinds import looks_binary
from yuhu.sources.mending import Mender, survey
from yuhu.sources.unpacking import pieces_of, spill
from yuhu.sources.utf8 import first_bad, is_utf8

_ADVICE_BYTES = 1_000_000
_MARK_EATERS = {"utf-16", "utf-32"}


@dataclass(frozen=True)
class Text:
    """A file that importers can read, and what was done to it; `path` is the file itself where nothing had to be done."""

    path: Path
    notes: tuple[str, ...] = ()


def as_utf8(path: Path, head: bytes, target: Path, name: str, encoding: str | None, content: bytes | None = None) -> Text:
    """The file as UTF-8; a file that is no text comes back as it stands.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 64 KiB.
    target : Path
        Where a copy goes, should one be needed.
    name : str
        The file as the person knows it.
    encoding : str, optional
        The codec that the person named: it wins, and bytes that do not fit are an error.
    content : bytes, optional
        All of a small file.

    Raises
    ------
    YuhuError
        YH105 no encoding fits, or not the one that was named; YH110 unreadable; YH209 the disk refused.

    Notes
    -----
    UTF-8 is read once, at about 1 GB/s; everything else twice or three times, at some 50 MB/s. Memory of a few MiB, whatever the file's size.
    """
    if encoding is not None:
        return _as_told(path, head, target, name, encoding)
    codec = marked(head)
    codec = codec if codec not in {None, UTF8} else wide(head) if b"\x00" in head else None
    if codec is not None:
        return _recoded(path, target, name, codec)
    if first_bad(path, name) is None if content is None else is_utf8(content):
        return _declared_rightly(path, head, target, name)
    if looks_binary(head):
        return Text(path)
    return _mended(path, head, target, name)


def _declared_rightly(path: Path, head: bytes, target: Path, name: str) -> Text:
    """A file that is UTF-8; if its XML declaration says otherwise, a copy that does not say it."""
    said = declaration(head)
    if said is None or declared_codec(head) in {UTF8, "ascii"}:
        return Text(path)
    with path.open("rb") as file:
        spill(_undeclared(pieces_of(file, name)), target, name)
    return Text(target, (f"the XML declaration says {said[0]}, but the text is UTF-8",))


def _undeclared(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a text that is UTF-8 now, with the encoding in its XML declaration blanked out."""
    for at, piece in enumerate(pieces):
        said = declaration(piece) if at == 0 else None
        if said is None:
            yield piece
        else:
            place = said[1]
            yield piece[: place.start] + b" " * (place.stop - place.start) + piece[place.stop :]


def _mended(path: Path, head: bytes, target: Path, name: str) -> Text:
    with path.open("rb") as file:
        found = survey(file, name, declared_codec(head))
    if not found.is_text:
        if any(byte < 9 for byte in head):
            return Text(path)
        raise YuhuError(
            "YH105",
            f"`{name}` is in no encoding that is recognised",
            facts={"first byte that is not UTF-8": first_bad(path, name)},
            fix="say which it is, for example --encoding cp1251; or export it again as UTF-8",
        )
    mender = Mender(found)
    with path.open("rb") as file:
        spill(_undeclared(mender.mended(file, name)), target, name)
    return Text(target, tuple(mender.notes()))


def _recoded(path: Path, target: Path, name: str, codec: str) -> Text:
    """A copy of a text in UTF-16 or UTF-32."""
    broken = 0

    def counted() -> Iterator[bytes]:
        nonlocal broken
        for text in _decoded(path, name, codec, "replace"):
            broken += text.count("\ufffd")
            yield text.encode()

    spill(_undeclared(counted()), target, name)
    notes = [f"read as {shown(codec)}"]
    if broken:
        notes.append(f"{broken:,} places could not be read and became U+FFFD")
    return Text(target, tuple(notes))


def _decoded(path: Path, name: str, codec: str, errors: str) -> Iterator[str]:
    """The text in pieces, without a byte-order mark.

    Raises
    ------
    _MisfitError
        Bytes do not fit, and `errors` is strict.
    """
    decoder = codecs.getincrementaldecoder(codec)(errors)
    at, is_first = 0, True
    with path.open("rb") as file:
        for piece in chain(pieces_of(file, name), [b""]):
            waiting = len(decoder.getstate()[0])
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeError as error:
                raise _MisfitError(max(at - waiting + getattr(error, "start", 0), 0)) from error
            at += len(piece)
            if text:
                yield text.removeprefix("\ufeff") if is_first and codec not in _MARK_EATERS else text
                is_first = False


class _MisfitError(Exception):
    """Bytes at this place are not in the encoding."""


def _as_told(path: Path, head: bytes, target: Path, name: str, codec: str) -> Text:
    """The text in the encoding that the person named; what is no text in any encoding comes back as it stands."""
    mark = marked(head)
    if mark is not None and not codec.startswith(mark[:6]):
        raise _wrong(path, name, codec, 0, mark)
    bad = first_bad(path, name)
    if codec == UTF8:
        if bad is None:
            return _declared_rightly(path, head, target, name)
        if looks_binary(head):
            return Text(path)
        raise _wrong(path, name, codec, bad, None)
    if bad is None and _is_ascii_kept(path, name, codec):
        return _declared_rightly(path, head, target, name)
    if not codec.startswith("utf") and looks_binary(head):
        return Text(path)
    try:
        spill(_undeclared(text.encode("utf-8", "replace") for text in _decoded(path, name, codec, "strict")), target, name)
    except _MisfitError as error:
        target.unlink(missing_ok=True)
        raise _wrong(path, name, codec, error.args[0], None) from error
    notes = [f"read as {shown(codec)}"]
    if bad is None and not codec.startswith("utf"):
        notes.append("its bytes are UTF-8 too: look at some texts, and leave --encoding out if they are garbled")
    return Text(target, tuple(notes))


def _is_ascii_kept(path: Path, name: str, codec: str) -> bool:
    """Whether a file is ASCII, and the encoding holds ASCII as it stands, so that there is nothing to do."""
    plain = bytes(range(128))
    try:
        if plain.decode(codec) != plain.decode():
            return False
    except UnicodeError:
        return False
    with path.open("rb") as file:
        return all(piece.isascii() for piece in pieces_of(file, name))


def _wrong(path: Path, name: str, codec: str, at: int, mark: str | None) -> YuhuError:
    """The error for bytes that are not in the encoding that the person named, with the one that would fit."""
    with path.open("rb") as file:
        found = file.read(_ADVICE_BYTES)
    fits = mark or would_fit(found)
    fix = "leave --encoding out: what fits is found for each file" if fits else "export it again as UTF-8"
    facts = {"first bad byte near": at, "would fit": shown(fits) if fits else "no encoding that we know"}
    return YuhuError("YH105", f"`{name}` is not {shown(codec)} text", facts=facts, fix=fix)
