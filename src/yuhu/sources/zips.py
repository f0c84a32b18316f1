"""Zip archives: their members in order, unpacked in pieces and never under a name of their own."""

import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from yuhu.core.errors import YuhuError
from yuhu.sources.encodings import legacy_of
from yuhu.sources.folders import HIDDEN
from yuhu.sources.unpacking import MOST_MEMBERS, PIECE, bomb, damaged, pieces_of, unreadable
from yuhu.texts.hostile import visible

_LARGEST_DIRECTORY = 8 << 20
"""Bytes of a zip's directory; 10,000 long names need half of it, and the directory is held in memory."""

_END, _END64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED, _UTF8 = 0x1 | 0x40 | 0x2000, 0x800
_STORED, _DEFLATED = 0, 8
_METHODS = {6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd", 99: "AES"}
_UNIX = 3


@dataclass(frozen=True)
class Member:
    """A file in a zip: the names that may be shown, and where its bytes are."""

    called: str
    folder: str
    info: zipfile.ZipInfo

    @property
    def is_encrypted(self) -> bool:
        """Whether it needs a password."""
        return bool(self.info.flag_bits & _ENCRYPTED)


@dataclass(frozen=True)
class Directory:
    """What a zip says that it holds; `is_document` for office files and projects, which are one file each."""

    members: list[Member]
    is_document: bool
    passed_over: Counter[str]


def open_zip(path: Path, name: str) -> zipfile.ZipFile:
    """A zip whose directory is small enough to be read.

    Raises
    ------
    YuhuError
        YH106 damaged; YH109 too many members; YH110 unreadable.
    """
    try:
        with path.open("rb") as file:
            size = _directory_size(file)
        if size > _LARGEST_DIRECTORY:
            raise _crowded(name, {"bytes of its directory": size})
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError) as error:
        raise damaged(name, str(error) or type(error).__name__) from error
    except OSError as error:
        raise unreadable(name, error) from error
    if len(archive.infolist()) > MOST_MEMBERS:
        archive.close()
        raise _crowded(name, {"members": len(archive.infolist())})
    return archive


def _crowded(name: str, facts: dict[str, object]) -> YuhuError:
    return bomb(name, f"holds more than {MOST_MEMBERS:,} files", facts, "unpack it, and add the folder")


def _directory_size(file: BinaryIO) -> int:
    """The largest size of the central directory that any end record of the file declares.

    A file may hold several that look like one, and readers differ in which they take.
    """
    size = file.seek(0, 2)
    file.seek(max(size - (1 << 16) - _END.size - _LOCATOR.size - _END64.size, 0))
    tail = file.read()
    short = [_END.unpack_from(tail, at)[5] for at in _places(tail, b"PK\x05\x06", _END.size)]
    long = [_END64.unpack_from(tail, at)[8] for at in _places(tail, b"PK\x06\x06", _END64.size)]
    return max((declared for declared in short + long if declared <= size), default=0)


def _places(tail: bytes, mark: bytes, room: int) -> Iterator[int]:
    at = tail.find(mark)
    while 0 <= at <= len(tail) - room:
        yield at
        at = tail.find(mark, at + 1)


def directory_of(archive: zipfile.ZipFile) -> Directory:
    """The members that may be files to import, in the archive's order; hidden ones and links are counted."""
    infos = archive.infolist()
    names = _names(infos)
    is_document = bool(names) and (
        "[Content_Types].xml" in names or names[0] == "mimetype" or any(name.endswith(".qde") and "/" not in name for name in names)
    )
    members: list[Member] = []
    passed_over: Counter[str] = Counter()
    for info, name in zip(infos, names, strict=True):
        parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {"/", "..", "."}]
        if info.is_dir() or name.endswith(("/", "\\")):
            continue
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            passed_over[HIDDEN] += 1
        elif info.create_system == _UNIX and stat.S_ISLNK(info.external_attr >> 16):
            passed_over["links in an archive"] += 1
        else:
            called = visible(parts[-1]) if parts else ""
            folder = "".join(f"{visible(part)}/" for part in parts[:-1])
            members.append(Member(called or f"member {len(members) + 1}", folder, info))
    return Directory(members, is_document, passed_over)


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Names as they were meant: Windows programs write the system's own encoding and do not say so, macOS UTF-8 likewise."""
    raw = [None if info.flag_bits & _UTF8 else info.orig_filename.encode("cp437", "replace") for info in infos]
    foreign = b"\n".join(name for name in raw if name and not _is_utf8(name))
    legacy = legacy_of(foreign) if foreign else None
    return [
        info.orig_filename
        if name is None
        else name.decode()
        if _is_utf8(name)
        else name.decode(legacy, "replace")
        if legacy
        else info.orig_filename
        for info, name in zip(infos, raw, strict=True)
    ]


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def encrypted(name: str) -> YuhuError:
    """The error for what needs a password."""
    return bomb(name, "is encrypted", {}, "unpack it with its password, and add what comes out")


def member_pieces(archive: zipfile.ZipFile, member: Member) -> Iterator[bytes]:
    """What a member holds, checked against the size and the checksum that the archive declares.

    The standard library stops at the declared size and calls the rest a bad checksum; a member that goes on is told apart here.

    Raises
    ------
    YuhuError
        YH106 damaged; YH109 encrypted, or larger than declared; YH110 packed by a method that is not read.
    """
    info, name = member.info, member.called
    if member.is_encrypted:
        raise encrypted(name)
    if info.compress_type not in {_STORED, _DEFLATED}:
        method = _METHODS.get(info.compress_type, str(info.compress_type))
        fix = "unpack it with another program, and add the folder"
        raise YuhuError("YH110", f"`{name}` is packed by a method that is not read", facts={"method": method}, fix=fix)
    file = archive.fp
    if file is None:
        raise damaged(name, "the archive was closed")
    file.seek(info.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise damaged(name, "its place in the archive holds something else")
    file.seek(sum(_LOCAL.unpack(header)[-2:]), 1)
    packed = pieces_of(file, name, info.compress_size)
    size, crc = 0, 0
    for piece in packed if info.compress_type == _STORED else _inflated(packed, name):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        if size > info.file_size:
            raise bomb(
                name, "is larger than its archive says", {"declared": info.file_size, "found": f"{size} and more"}, "do not unpack it"
            )
        yield piece
    if size < info.file_size:
        raise damaged(name, f"{size} of {info.file_size} bytes")
    if crc != info.CRC:
        raise damaged(name, "the checksum does not fit")


def _inflated(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    stream = zlib.decompressobj(-15)
    data = next(pieces, b"")
    try:
        while True:
            out = stream.decompress(data, PIECE)
            if out:
                yield out
            if stream.eof:
                return
            data = stream.unconsumed_tail or next(pieces, b"")
            if not data and not out:
                raise damaged(name, "its data end in the middle")
    except zlib.error as error:
        raise damaged(name, str(error).removeprefix("Error ")) from error
