"""The files of a folder, in an order that is the same everywhere, without what is hidden and without what lies outside."""

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HIDDEN = "hidden"
LINKS_OUT = "links that leave the folder"
LINKS_TWICE = "links to what is read anyway"
LINKS_DEAD = "links that lead nowhere"
LEFT_OUT = "the study itself"
SPECIAL = "neither files nor folders"


@dataclass(frozen=True)
class Found:
    """A file or folder in a folder, with the folders between; or a folder that cannot be read, and why."""

    path: Path
    folders: tuple[str, ...]
    is_folder: bool = False
    error: OSError | None = None


@dataclass
class Folder:
    """Walks a folder.

    Parameters
    ----------
    root : Path
        The folder.
    without : sequence of Path
        Folders in it that are left out.
    passed_over : Counter of str
        Takes the count of what was passed over, by reason.
    """

    root: Path
    without: Sequence[Path]
    passed_over: Counter[str]
    _real: Path = field(init=False)
    _left_out: set[tuple[int, int]] = field(init=False)
    _walked: set[tuple[int, int]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._real = self.root.resolve()
        self._left_out = {(about.st_dev, about.st_ino) for about in (path.stat() for path in self.without if path.is_dir())}

    def files(self) -> Iterator[Found]:
        """Its files, folder by folder, by the bytes of their names.

        Notes
        -----
        Memory of the names of one path of folders. A file that is linked to from inside is read once, under its own name, unless only the link can be
        seen (data sets are kept so: links into a hidden store). No folder is walked twice, so that loops end.
        """
        waiting = [self._inside(self.root, ())]
        while waiting:
            found = next(waiting[-1], None)
            if found is None:
                waiting.pop()
            elif found.error is None and found.is_folder:
                waiting.append(self._inside(found.path, (*found.folders, found.path.name)))
            else:
                yield found

    def _inside(self, folder: Path, folders: tuple[str, ...]) -> Iterator[Found]:
        """The files and folders of one folder."""
        try:
            about = folder.stat()
            with os.scandir(folder) as entries:
                names = sorted(os.fsencode(entry.name) for entry in entries)
        except OSError as error:
            yield Found(folder, folders, error=error)
            return
        here = (about.st_dev, about.st_ino)
        if here in self._left_out and folders:
            self.passed_over[LEFT_OUT] += 1
            return
        if here in self._walked:
            self.passed_over[LINKS_TWICE] += 1
            return
        self._walked.add(here)
        for name in map(os.fsdecode, names):
            if name.startswith("."):
                self.passed_over[HIDDEN] += 1
                continue
            mode = self._mode(folder / name)
            if mode is None:
                continue
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
                yield Found(folder / name, folders, stat.S_ISDIR(mode))
            else:
                self.passed_over[SPECIAL] += 1

    def _mode(self, path: Path) -> int | None:
        """What a path is, links followed; None for a link that is passed over."""
        try:
            mode = path.lstat().st_mode
        except OSError:
            self.passed_over[LINKS_DEAD] += 1
            return None
        if not stat.S_ISLNK(mode):
            return mode
        try:
            target = path.resolve(strict=True)
            mode = target.stat().st_mode
        except (OSError, RuntimeError):
            self.passed_over[LINKS_DEAD] += 1
            return None
        if not target.is_relative_to(self._real):
            self.passed_over[LINKS_OUT] += 1
            return None
        if not any(part.startswith(".") for part in target.relative_to(self._real).parts):
            self.passed_over[LINKS_TWICE] += 1
            return None
        return mode
