"""What the routes share: the study as it is on disk now, who may in, and the desk."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from yuhu.app.access import CODERS, EVERYONE, LEAD, READERS, Access, Needs, Visitor, cookie_name
from yuhu.app.jobs import Jobs
from yuhu.app.memory import Memory
from yuhu.app.uploads import Uploads
from yuhu.coding.desk_api import DeskApi
from yuhu.coding.training_api import TrainingApi
from yuhu.core.errors import YuhuError
from yuhu.core.moments import FILE as MOMENTS
from yuhu.reporting.page import Facts
from yuhu.study.agreements import FILE as AGREEMENT
from yuhu.study.coding_file import CodingsClock
from yuhu.study.manifest import FILE as MANIFEST
from yuhu.study.results import FOLDER as RESULTS
from yuhu.study.results import LATEST
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.settings import LANGUAGES
from yuhu.study.store import CODEBOOK, Study, open_study
from yuhu.verbs.report import results_facts

Made = TypeVar("Made")

_WATCHED = (MANIFEST, SETTINGS, CODEBOOK)
_OF_RESULTS = (*_WATCHED, MOMENTS, f"{RESULTS}/{LATEST}")
_OF_AGREEMENT = f"{RESULTS}/{AGREEMENT}"
MOST_LARGE = 4


@dataclass
class Workbench:
    """One study being served.

    Parameters
    ----------
    path : Path
        The study's folder.
    access : Access
        How people get in.
    media : Path, optional
        A folder with files of videos, or one file.
    """

    path: Path
    access: Access
    media: Path | None = None
    memory: Memory = field(default_factory=Memory)
    _large: Memory = field(default_factory=lambda: Memory(MOST_LARGE))
    _desk: DeskApi | None = None
    _training: TrainingApi | None = None
    _uploads: Uploads | None = None
    _jobs: Jobs | None = None
    _study: Study | None = None
    _mark: tuple[int, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.cookie = cookie_name(self.path)
        self.is_closing = threading.Event()
        self._codings = CodingsClock(self.path)

    def visitor(self, request: Request) -> Visitor | None:
        """Who asks; None if nobody is signed in."""
        return self.access.visitor(request.cookies.get(self.cookie, ""))

    def note(self, visitor: Visitor, what: str, facts: Mapping[str, object] | None = None) -> None:
        """Write into the team's log what someone did (`yuhu.study.team_log.EVENTS`); nothing where there are no accounts."""
        self.access.note(visitor.name, what, facts)

    def study(self) -> Study:
        """The study; opened anew once its manifest, settings or codebook have changed on disk.

        Raises
        ------
        YuhuError
            As `yuhu.study.store.open_study`.
        """
        with self._lock:
            mark = tuple(_mark(self.path / name) for name in _WATCHED)
            if self._study is None or mark != self._mark:
                self._study, self._mark = open_study(self.path), mark
            return self._study

    def once(self, name: tuple[object, ...], make: Callable[[Study], Made], *, of_codings: bool = False, is_large: bool = False) -> Made:
        """What is worked out from the study, once for each state that it is in.

        Parameters
        ----------
        name : tuple
            What it is, with all that it depends on besides the study.
        make : callable
            Makes it.
        of_codings : bool
            Whether it changes with each coding.
        is_large : bool
            Whether it takes much memory: few of these are kept.
        """
        coded = (*self._codings.now(), _mark(self.path / _OF_AGREEMENT)) if of_codings else ()
        memory = self._large if is_large else self.memory
        return memory.once((*name, *self.marks(), *coded), lambda: make(self.study()))

    def marks(self) -> tuple[int, ...]:
        """When each file was written that results rest on, but for what people code."""
        return tuple(_mark(self.path / one) for one in _OF_RESULTS)

    def facts(self) -> Facts:
        """The latest results with their codebook and settings.

        Raises
        ------
        YuhuError
            YH402, YH602 there are no results that are current.
        """
        return self.once(("facts",), results_facts)

    def desk(self) -> DeskApi:
        """The desks of all coders."""
        with self._lock:
            if self._desk is None:
                self._desk = DeskApi(open_study(self.path))
            return self._desk

    def training(self) -> TrainingApi:
        """The training of all coders."""
        with self._lock:
            if self._training is None:
                self._training = TrainingApi(self.path)
            return self._training

    def uploads(self) -> Uploads:
        """Files that were dropped on a page."""
        with self._lock:
            if self._uploads is None:
                self._uploads = Uploads(self.path)
            return self._uploads

    def jobs(self) -> Jobs:
        """Long work."""
        with self._lock:
            if self._jobs is None:
                self._jobs = Jobs(self.path)
            return self._jobs

    def close(self) -> None:
        """Stop what runs, and remove what was dropped and not added."""
        self.is_closing.set()
        if self._jobs is not None:
            self._jobs.close()
        if self._uploads is not None:
            self._uploads.close()


def known_language(lang: str) -> str:
    """The language, if pages can be shown in it.

    Raises
    ------
    YuhuError
        YH601 the language is not known.
    """
    if lang not in LANGUAGES:
        raise YuhuError("YH601", f"language `{lang[:20]}` is not known", facts={"known": ", ".join(LANGUAGES)}, fix="lang=zh or lang=en")
    return lang


def _mark(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _workbench(request: Request) -> Workbench:
    found: Workbench = request.app.state.workbench
    return found


Bench = Annotated[Workbench, Depends(_workbench)]
Lang = Annotated[str, Depends(known_language)]
Anyone = Annotated[Visitor, Depends(Needs(EVERYONE))]
Reader = Annotated[Visitor, Depends(Needs(READERS))]
Coder = Annotated[Visitor, Depends(Needs(CODERS))]
Lead = Annotated[Visitor, Depends(Needs(LEAD))]


def _own(coder: str, visitor: Coder) -> str:
    """The coder of the address, if the visitor may code under this name.

    Raises
    ------
    YuhuError
        YH703 it is another person's name.
    """
    if not visitor.may_code_as(coder):
        raise YuhuError("YH703", "this is another coder's desk", facts={"found": coder[:100], "yours": visitor.name}, fix="open your own")
    return coder


Own = Annotated[str, Depends(_own)]
"""The path parameter ``coder``: a name under which the visitor may code."""
