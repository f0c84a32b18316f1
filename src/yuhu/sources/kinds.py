"""What a file is, told from its first bytes: packed, a table or database that passes as it stands, something that no importer reads, or text."""

HEAD = 65_536
"""Bytes that are looked at."""

SMALL = 1 << 20
"""Bytes of a file that is read at once and held, rather than once for each look at it."""

_PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    *((bytes([number]) + b"\x2a\x4d\x18", "zstd") for number in range(0x50, 0x60)),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
)
"""Skippable frames open zstd files too: parallel packers write one before each frame."""

_WHOLE = (b"PAR1", b"ARROW1\x00\x00", b"SQLite format 3\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""Parquet, Arrow, SQLite and the old Office files: an importer reads them as they stand, or nobody does."""

_IMAGE, _SOUND, _FILM = "an image", "a sound file", "a video or audio file"
_FOREIGN = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", _IMAGE),
    (b"MM\x00*", _IMAGE),
    (b"8BPS\x00\x01", _IMAGE),
    (b"%PDF", "a PDF document"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"FLV\x01", _FILM),
    (b"\x00\x00\x01\xba", _FILM),
    (b"\x00\x00\x01\xb3", _FILM),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _FILM),
    (b"OggS\x00", _FILM),
    *((b"ID3" + bytes([version]), _SOUND) for version in (2, 3, 4)),
    (b"fLaC\x00", _SOUND),
    (b"fLaC\x80", _SOUND),
    (b"#!AMR", _SOUND),
    (b"MThd\x00\x00\x00\x06", _SOUND),
    *((bytes([0xFF, second]), _SOUND) for second in (0xF1, 0xF2, 0xF3, 0xF9, 0xFA, 0xFB)),
    (b"\x7fELF", "a program"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"BZh", "a bzip2 archive"),
)
_TEXT_CONTROLS = b"\x00\t\n\x0b\x0c\r\x1b"
_CONTROLS = bytes(set(range(32)) - set(_TEXT_CONTROLS)) + b"\x7f"
_FEWEST_CONTROLS = 3
_CONTROL_SHARE = 0.01
"""Danmaku in protobuf hold 5 to 10 in 100 bytes, texts that people export fewer than 1 in 1,000."""

_TS_PACKET = 188


def packing(head: bytes) -> str | None:
    """How a file is packed: gzip, zstd, zip (office files too), or None."""
    return next((name for magic, name in _PACKED if head.startswith(magic)), None)


def passes_whole(head: bytes) -> bool:
    """Whether the file is a database or table of which no byte may be touched."""
    return head.startswith(_WHOLE)


def foreign(head: bytes) -> str | None:
    """What the file is, where no importer reads it: images, sound, video, PDF, archives that are not unpacked; else None."""
    named = next((name for magic, name in _FOREIGN if head.startswith(magic)), None)
    if named and not (named == "a bzip2 archive" and head[4:10] != b"1AY&SY"):
        return named
    if head[4:8] == b"ftyp":
        return _FILM
    if head.startswith(b"RIFF") and head[8:12] in {b"WAVE", b"AVI ", b"WEBP"}:
        return _IMAGE if head[8:12] == b"WEBP" else _FILM
    if head.startswith(b"BM") and len(head) > 30 and head[6:10] == b"\x00\x00\x00\x00" and head[15:18] == b"\x00\x00\x00":
        return _IMAGE
    if head[257:262] == b"ustar":
        return "a tar archive"
    packets = head[: 4 * _TS_PACKET : _TS_PACKET]
    return _FILM if packets == b"GGGG" and looks_binary(head) else None


def looks_binary(sample: bytes) -> bool:
    """Whether bytes that are no UTF-8 are no text in any other encoding either, told by control characters.

    Zero bytes do not count: a crash or a full disk leaves runs of them in texts.
    """
    rest = sample.replace(b"\x00", b"")
    controls = len(rest) - len(rest.translate(None, _CONTROLS))
    return controls >= _FEWEST_CONTROLS and controls > _CONTROL_SHARE * len(rest)
