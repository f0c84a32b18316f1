"""Zip packages in memory: read within bounds and without ever unpacking to a disk, written with the same bytes each time."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from yuhu.core.errors import YuhuError

MAGIC = b"PK\x03\x04"

MOST_MEMBERS = 20_000
MOST_DIRECTORY = 8 << 20
"""Bytes of the list of members, which the reader of zips holds in memory as objects."""

MOST_BYTES = 1 << 30
"""Bytes that may be unpacked from one package; media in it are never unpacked."""

MOST_RATIO = 200
RATIO_FROM = 16 << 20
"""Texts pack to between a fifth and a thirtieth; below this size the ratio does not matter."""

_PIECE = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_END, _END64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DRIVE = re.compile(r"[a-zA-Z]:")
_MEND = "export it again"


class Package:
    """A zip package.

    Parameters
    ----------
    content : bytes
        The zip.
    name : str
        What messages call it.

    Raises
    ------
    YuhuError
        YH106 damaged; YH109 encrypted, too many members, or a member whose name leads out of the package.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name, self._left = name, MOST_BYTES
        self._check_directory(content)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OverflowError) as error:
            raise self._damaged(str(error) or type(error).__name__) from error
        infos = self._archive.infolist()
        for info in infos:
            self._check_member(info)
        twice = [member for member, count in Counter(info.filename for info in infos).items() if count > 1]
        if twice:
            raise self._damaged(f"`{twice[0][:60]}` stands in it twice")
        self._infos = {info.filename: info for info in infos if not info.is_dir()}

    @property
    def members(self) -> list[str]:
        """Names of the files in it."""
        return list(self._infos)

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The files at the root and in ``sources``, however that is written, by their name in small letters."""
        parts = [(member, *member.replace("\\", "/").rpartition("/")) for member in reversed(self._infos)]
        return {base.lower(): member for member, folder, _, base in parts if folder.lower() in {"", "sources"}}

    def read(self, member: str, *, most: int) -> bytes:
        """A member, if it is no larger than `most` bytes.

        Raises
        ------
        YuhuError
            YH106 damaged; YH109 larger than that, or than anything that packs so well; YH110 packed by a method that is not read.
        """
        info = self._infos[member]
        if info.compress_type not in _METHODS:
            facts = {"method": info.compress_type}
            fix = "pack it again with deflate"
            raise YuhuError("YH110", f"`{self.name}` is packed by a method that is not read", facts=facts, fix=fix)
        out = bytearray()
        try:
            with self._archive.open(info) as file:
                while piece := file.read(_PIECE):
                    out += piece
                    self._watch(member, len(out), info.compress_size, most, len(piece))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error, ValueError, OSError) as error:
            raise self._damaged(str(error)[:200] or type(error).__name__) from error
        return bytes(out)

    def _watch(self, member: str, size: int, packed: int, most: int, new: int) -> None:
        self._left -= new
        is_bomb = size > RATIO_FROM and size > MOST_RATIO * packed
        if size > most or self._left < 0 or is_bomb:
            facts = {"member": member[:80], "packed bytes": packed, "unpacked so far": size}
            fix = "find out where it comes from; no export of codings is so large"
            raise YuhuError("YH109", f"`{self.name}` unpacks to more than can be right", facts=facts, fix=fix)

    def _check_directory(self, content: bytes) -> None:
        """Refuse a list of members that would fill the memory; a file may hold several end records, and readers differ in which they take."""
        tail = content[-(_END.size + _END64.size + 20 + (1 << 16)) :]
        short = [_END.unpack_from(tail, at)[5] for at in _places(tail, b"PK\x05\x06", _END.size)]
        long = [_END64.unpack_from(tail, at)[8] for at in _places(tail, b"PK\x06\x06", _END64.size)]
        declared = max((size for size in short + long if size <= len(content)), default=0)
        if declared > MOST_DIRECTORY:
            raise self._dangerous("lists too many members", {"bytes of its directory": declared})

    def _check_member(self, info: zipfile.ZipInfo) -> None:
        parts = info.filename.replace("\\", "/").split("/")
        if ".." in parts or info.filename.startswith(("/", "\\")) or _DRIVE.match(info.filename):
            raise self._dangerous("has a member whose name leads out of it", {"member": info.filename[:80]})
        if info.create_system == 3 and stat.S_ISLNK(info.external_attr >> 16):
            raise self._dangerous("has a link in it", {"member": info.filename[:80]})
        if info.flag_bits & _ENCRYPTED:
            raise self._dangerous("is encrypted", {"member": info.filename[:80]}, "save it without a password")
        if len(self._archive.filelist) > MOST_MEMBERS:
            raise self._dangerous("lists too many members", {"members": len(self._archive.filelist), "at most": MOST_MEMBERS})

    def _dangerous(self, what: str, facts: Mapping[str, object], fix: str = "find out where it comes from") -> YuhuError:
        return YuhuError("YH109", f"`{self.name}` {what}", facts=facts, fix=fix)

    def _damaged(self, reason: str) -> YuhuError:
        return YuhuError("YH106", f"`{self.name}` is damaged or cut off", facts={"found": reason}, fix=_MEND)


def _places(tail: bytes, mark: bytes, room: int) -> list[int]:
    found, at = [], tail.find(mark)
    while 0 <= at <= len(tail) - room:
        found.append(at)
        at = tail.find(mark, at + 1)
    return found


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip of members in their order; times and rights are fixed, so that equal members give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            archive.writestr(info, content)
    return out.getvalue()
