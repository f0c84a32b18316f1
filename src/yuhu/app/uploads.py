"""Files that people drop on a page, kept apart until they are added or given up: whole exports, with the names of people in them."""

import os
import secrets
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from yuhu.core.errors import YuhuError
from yuhu.study.files import disk_errors
from yuhu.study.transaction import INCOMING
from yuhu.texts.hostile import visible

MOST_UPLOAD = 16 << 30
_LONGEST_NAME = 120
_FREE = 256 << 20


@dataclass(frozen=True)
class Upload:
    """A file that came whole.

    Parameters
    ----------
    id : str
        A random name.
    name : str
        What the person calls it, without folders and control characters.
    path : Path
        Where it lies.
    bytes : int
        How large it is.
    """

    id: str
    name: str
    path: Path
    bytes: int

    def as_dict(self) -> dict[str, str | int]:
        """For machines, without its place on disk."""
        return {"id": self.id, "name": self.name, "bytes": self.bytes}


class Uploads:
    """The files of one workbench. They lie in a private folder of the study that goes with the process, or with the next change after a crash.

    Parameters
    ----------
    study : Path
        The study's folder.
    """

    def __init__(self, study: Path) -> None:
        self._room = study / f"{INCOMING}{os.getpid()}-uploads-{secrets.token_hex(4)}"
        self._held: dict[str, Upload] = {}
        self._lock = threading.Lock()

    async def take(self, name: str, body: AsyncIterator[bytes]) -> Upload:
        """Write what comes, and keep it once it is whole.

        Raises
        ------
        YuhuError
            YH705 more than 16 GiB; YH209 the disk refused, or would be full.
        """
        called = safe_name(name)
        one = secrets.token_hex(8)
        folder = self._room / one
        path = folder / called
        size = 0
        try:
            with disk_errors(self._room):
                folder.mkdir(mode=0o700, parents=True)
                self._room.chmod(0o700)
                with path.open("xb") as file:
                    async for part in body:
                        size += len(part)
                        _check(size, len(part), folder)
                        await run_in_threadpool(file.write, part)  # a slow disk must not keep those waiting who code
        except BaseException:  # a connection that was lost, too: half a file is no file
            shutil.rmtree(folder, ignore_errors=True)
            raise
        upload = Upload(one, called, path, size)
        with self._lock:
            self._held[one] = upload
        return upload

    def held(self) -> list[Upload]:
        """The files, the earliest first."""
        with self._lock:
            return list(self._held.values())

    def of(self, ids: list[str]) -> list[Upload]:
        """Files by their ids.

        Raises
        ------
        YuhuError
            YH704 one is not there.
        """
        with self._lock:
            missing = [one for one in ids if one not in self._held]
            if missing:
                raise YuhuError("YH704", "a file is no longer here", facts={"found": missing[0][:40]}, fix="drop it on the page again")
            return [self._held[one] for one in ids]

    def drop(self, ids: list[str]) -> None:
        """Remove files for good."""
        with self._lock:
            gone = [found for one in ids if (found := self._held.pop(one, None)) is not None]
        for upload in gone:
            shutil.rmtree(upload.path.parent, ignore_errors=True)

    def close(self) -> None:
        """Remove all."""
        with self._lock:
            self._held.clear()
        shutil.rmtree(self._room, ignore_errors=True)


def safe_name(name: str) -> str:
    """A name as a file's name: its last part, without what could climb out of a folder or hide its ending."""
    last = visible(name.replace("\\", "/").rpartition("/")[2], _LONGEST_NAME * 4).replace("\0", "").strip().lstrip(".")
    stem, dot, ending = last.rpartition(".")
    kept = ending[:16] if dot else ""
    short = (stem or last).encode("utf-8", "replace")[: _LONGEST_NAME - len(kept.encode())].decode("utf-8", "ignore")
    return f"{short}.{kept}" if dot and stem else short or "file"


def _check(size: int, part: int, folder: Path) -> None:
    if size > MOST_UPLOAD:
        raise YuhuError("YH705", "the file is too large", facts={"at most": f"{MOST_UPLOAD >> 30} GiB"}, fix="yuhu add, in a terminal")
    if size % (64 << 20) < part and shutil.disk_usage(folder).free < _FREE:
        raise YuhuError(
            "YH209", "the disk is almost full", facts={"free": shutil.disk_usage(folder).free}, fix="make room, then drop it again"
        )
