"""One writer at a time. The lock is the kernel's: it goes when its process goes, however that ends."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from yuhu.core.errors import RetryableError
from yuhu.study.files import disk_errors

FILE = ".lock"


class WriteLock:
    """Held while a study is changed.

    Raises
    ------
    RetryableError
        YH203 another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._handle: int | None = None

    def __enter__(self) -> Self:
        with disk_errors(self._path):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 64).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            raise RetryableError(
                "YH203",
                "the study is being written by another process",
                facts={"process": holder, "study": self._path.parent},
                fix="wait until it ends, then run the command again",
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None
