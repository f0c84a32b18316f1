"""Every version of a study's codebook that codings were made under, kept by content hash in ``codebooks/``."""

import re
from pathlib import Path

from yuhu.core.codebook import Codebook, load_codebook
from yuhu.core.errors import YuhuError
from yuhu.study.files import disk_errors, write_atomic

FOLDER = "codebooks"

_NAME = re.compile(r"[0-9a-f]{64}")


def keep_codebook(folder: Path, book: Codebook) -> Path:
    """Keep a version of a codebook; a version that is there stays as it is.

    Call it before codings are written under a codebook, so that they can always be read with the rules that they were made by.

    Returns
    -------
    Path
        ``codebooks/<content hash>.yaml``.

    Raises
    ------
    YuhuError
        YH209 the disk refused.
    """
    path = folder / FOLDER / f"{book.content_hash}.yaml"
    if _read(path) is None:
        with disk_errors(path):
            path.parent.mkdir(exist_ok=True)
        write_atomic(path, book.source_text.encode())
    return path


def kept_codebooks(folder: Path) -> dict[str, Codebook | None]:
    """The versions that a study keeps, by content hash; None for a file that does not hold what its name says.

    Returns
    -------
    dict
        In the order of the hashes.
    """
    paths = sorted(path for path in (folder / FOLDER).glob("*.yaml") if _NAME.fullmatch(path.stem))
    return {path.stem: _read(path) for path in paths}


def _read(path: Path) -> Codebook | None:
    try:
        book = load_codebook(path.read_text("utf-8"), name=path.name)
    except (OSError, UnicodeDecodeError, YuhuError):
        return None
    return book if book.content_hash == path.stem else None
