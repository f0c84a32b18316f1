"""Identifiers. Platform ids are strings: they exceed 2^53."""

import hashlib
import struct
from collections.abc import Iterable
from typing import NewType

VideoId = NewType("VideoId", str)
WorkId = NewType("WorkId", str)
ResponseId = NewType("ResponseId", str)
CodeId = NewType("CodeId", str)
SourceId = NewType("SourceId", str)

NO_VIDEO = "-"


def video_id(platform: str, native: str) -> VideoId:
    """The id of a work on one platform: ``platform:native``."""
    return VideoId(f"{platform}:{native}")


def response_id(platform: str, video: str | None, fork: str, native: str) -> ResponseId:
    """The id of a response with a unique native id: ``platform:video:fork:native``; ``-`` where there is no video."""
    return ResponseId(f"{platform}:{video or NO_VIDEO}:{fork}:{native}")


def text_key(text: str) -> int:
    """Signed 64-bit key of an exact text (BLAKE2b), stable over machines and versions."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little", signed=True)


def text_keys(texts: Iterable[str]) -> list[int]:
    """`text_key` of each text; O(total characters)."""
    begun = hashlib.blake2b(digest_size=8)
    digests = []
    for text in texts:
        one = begun.copy()
        one.update(text.encode("utf-8", "surrogatepass"))
        digests.append(one.digest())
    return list(struct.unpack(f"<{len(digests)}q", b"".join(digests)))


def content_hash(content: bytes) -> str:
    """SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
