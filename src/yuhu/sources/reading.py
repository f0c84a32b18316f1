"""Reading files of strangers: heads, encodings, JSON, and rejects that keep no content."""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from yuhu.core.contracts import Head, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.texts.hostile import as_text, clean

__all__ = ["as_text", "clean"]

HEAD_BYTES = 65_536
BATCH = 100_000

csv.field_size_limit(1 << 27)  # a cell of strangers may be long; past this it is an error, not a stall

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"\x7fELF", "a program"),
)


def read_head(path: Path, *, mapped: bool = False, called: str = "", content: bytes | None = None) -> Head:
    """What importers may look at; `content` is all of a small file that was read already.

    Raises
    ------
    YuhuError
        YH101 empty; YH104 a kind of file that no importer reads; YH110 unreadable.
    """
    name = called or path.name
    try:
        if content is None:
            with path.open("rb") as file:
                start = file.read(HEAD_BYTES)
            size = path.stat().st_size
        else:
            start, size = content[:HEAD_BYTES], len(content)
    except OSError as error:
        raise YuhuError(
            "YH110", f"`{name}` cannot be read", facts={"reason": error.strerror or error}, fix="check the path and its permissions"
        ) from error
    if not start.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise YuhuError("YH101", f"`{name}` is empty", facts={"bytes": size}, fix="export it again")
    kind = "a video or audio file" if start[4:8] == b"ftyp" else next((what for magic, what in _MAGIC if start.startswith(magic)), None)
    if kind:
        raise YuhuError(
            "YH104",
            f"`{name}` is {kind}",
            facts={"expected": "a text export (XML, JSON, CSV) or Parquet"},
            fix="add the export itself; unpack an archive first",
        )
    return Head(name, start, size, mapped, path)


@contextmanager
def opened(origin: Origin) -> Iterator[TextIO]:
    """The file as text. It is UTF-8 whatever encoding a person named: the door turned it into that.

    Raises
    ------
    YuhuError
        YH105 the bytes are not UTF-8.
    """
    try:
        with origin.path.open("r", encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as error:
        raise wrong_encoding(origin, error.start) from error


def wrong_encoding(origin: Origin, at: int) -> YuhuError:
    """The error for bytes that do not fit, with the encoding that would."""
    found = origin.path.read_bytes()[:1_000_000]
    fits = next((name for name in ("utf-8", "gb18030", "big5", "shift_jis", "utf-16") if _decodes(found, name)), None)
    fix = f"yuhu add STUDY {origin.name} --encoding {fits}" if fits else "export it again as UTF-8"
    return YuhuError(
        "YH105",
        f"`{origin.name}` is not UTF-8 text",
        facts={"first bad byte near": at, "would fit": fits or "no encoding that we know"},
        fix=fix,
    )


def _decodes(found: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(found, final=False)
    except UnicodeDecodeError:
        return False
    return True


def reject(place: str, why: str, record: object) -> Reject:
    """A reject that keeps place, reason and hash, never content."""
    content = record if isinstance(record, bytes) else str(record).encode("utf-8", "surrogatepass")
    return Reject(place, why, hashlib.sha256(content).hexdigest()[:16])


def no_constant(_: str) -> None:
    """NaN and Infinity in JSON are no numbers."""


def whole(value: object) -> int | None:
    """A count as an integer: 12, "12", "1,234", "1.2万", "3.4k"; None for anything else, negative or absurd."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip().lower().replace(",", "").replace("，", "")
    factor = 1
    for suffix, times in (("万", 10_000), ("亿", 100_000_000), ("w", 10_000), ("k", 1_000), ("m", 1_000_000)):
        if text.endswith(suffix):
            text, factor = text.removesuffix(suffix).strip(), times
            break
    try:
        number = int(text) * factor if factor == 1 else round(float(text) * factor)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**53 else None
