"""What comes through the door: a plain file and what is known of where it came from, or why there is none."""

from dataclasses import dataclass, field
from pathlib import Path

from yuhu.core.errors import YuhuError

Fingerprint = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """A file for an importer, or why there is none.

    Parameters
    ----------
    path : Path
        A plain file that can be read: the file itself where nothing had to be done to it, else a copy that is gone once the next entry is asked for.
    called : str
        The name that the person knows, without folders and control characters: ``a.csv`` of ``a.csv.gz``.
    container : str
        Where it was found: ``comments.zip/``, ``exports/2023/``; empty for a file that was named itself.
    was_named : bool
        Whether the person named it, so that a file which nobody recognises is a mistake; archives that hold one file count as that file.
    notes : tuple of str
        What was done to it that a person should know.
    cut_off : str
        What is missing, where an archive ended in the middle; for `Facts.truncated`.
    error : YuhuError, optional
        Why it cannot be read: YH101, YH104 to YH106, YH109, YH110.
    source : Path, optional
        The file on disk that it came from, an archive perhaps; None for the standard input.
    before : (int, int), optional
        The fingerprint of `source` before anything of it was read.
    content : bytes, optional
        All of a small text, so that it is read from disk once.
    """

    path: Path
    called: str
    container: str = ""
    was_named: bool = True
    notes: tuple[str, ...] = ()
    cut_off: str = ""
    error: YuhuError | None = None
    source: Path | None = None
    before: Fingerprint | None = None
    content: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def has_changed(self) -> bool:
        """Whether the file on disk is another one than when the door opened it: what was read of it is worth nothing then."""
        return self.source is not None and fingerprint(self.source) != self.before


def fingerprint(path: Path) -> Fingerprint | None:
    """Size and time of the last change in nanoseconds; None where there is no such file.

    A program that appends to a file, or replaces it, changes one of the two. One that writes within the clock's tick and keeps the size goes unseen.
    """
    try:
        about = path.stat()
    except (OSError, ValueError):
        return None
    return about.st_size, about.st_mtime_ns
