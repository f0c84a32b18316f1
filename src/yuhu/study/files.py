"""Files that are there whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yuhu.core.errors import YuhuError

TEMPORARY = ".tmp"


def write_atomic(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace a file in one step: after a crash at any moment it holds the old or the new content.

    Raises
    ------
    YuhuError
        YH209 the disk refused.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    with disk_errors(path):
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a refused write into a `YuhuError`."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise YuhuError(
                "YH209",
                "the disk is full",
                facts={"file": path.name},
                fix="free some space and run the command again; the study is as before",
            ) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}:
            raise YuhuError(
                "YH209",
                "the folder cannot be written",
                facts={"file": path, "reason": os.strerror(error.errno)},
                fix="check the folder's permissions",
            ) from error
        raise


def whole_file(path: Path, *, largest: int, fix: str) -> bytes:
    """The content of a file that a person named.

    Raises
    ------
    YuhuError
        YH110 it cannot be read, or is larger than `largest` bytes.
    """
    try:
        if path.stat().st_size > largest:
            raise YuhuError("YH110", f"`{path.name}` is larger than {largest >> 30} GiB", fix=fix)
        return path.read_bytes()
    except OSError as error:
        raise YuhuError(
            "YH110", f"`{path.name}` cannot be read", facts={"reason": error.strerror or error}, fix="check the path"
        ) from error
