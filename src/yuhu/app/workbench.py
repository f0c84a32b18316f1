"""What the routes share: the study as it is on disk now, who may in, and the desk."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from yuhu.app.access import CODERS, EVERYONE, LEAD, READERS, Access, Needs, Visitor
from yuhu.coding.desk_api import DeskApi
from yuhu.core.errors import YuhuError
from yuhu.study.manifest import FILE as MANIFEST
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.settings import LANGUAGES
from yuhu.study.store import CODEBOOK, Study, open_study

_WATCHED = (MANIFEST, SETTINGS, CODEBOOK)


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
        A folder with the videos, or one video.
    """

    path: Path
    access: Access
    media: Path | None = None
    desks: dict[str, DeskApi] = field(default_factory=dict)
    _study: Study | None = None
    _mark: tuple[int, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

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

    def desk(self, lang: str) -> DeskApi:
        """The desks of all coders, with questions in a language.

        Raises
        ------
        YuhuError
            YH601 the language is not known.
        """
        with self._lock:
            if lang not in self.desks:
                known_language(lang)
                self.desks[lang] = DeskApi(open_study(self.path), lang)
            return self.desks[lang]


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
