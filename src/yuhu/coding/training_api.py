"""Training for programs: one keyed unit after another, and what is right after each answer. The web workbench speaks through it."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yuhu.coding.training import Drill, Training
from yuhu.core.errors import YuhuError
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.store import CODEBOOK, open_study

_WATCHED = (CODEBOOK, SETTINGS)

Reply = dict[str, Any]


@dataclass
class _Seat:
    """A coder's training, and the state of the study that it was opened in."""

    training: Training
    mark: tuple[int, ...]


class TrainingApi:
    """Training of all coders of a study behind one door; threads may share it.

    Parameters
    ----------
    folder : Path
        The study's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder
        self._seats: dict[tuple[str, str], _Seat] = {}
        self._lock = threading.Lock()

    def next(self, coder: str, lang: str, *, code: str = "") -> Reply:
        """The next keyed unit of a coder, of one code or of all.

        Returns
        -------
        dict
            ``drill`` (key, text, lang, question; null once all are answered), ``progress``, ``results`` (code, label, n, right), ``codes`` that can be trained.

        Raises
        ------
        YuhuError
            YH303 no such code; YH505 the coder is not known, or the codebook has no example that they read.
        """
        with self._lock:
            return self._next(self._seat(coder, code), lang)

    def answer(self, coder: str, lang: str, key: str, answers: Mapping[str, str], *, code: str = "", note: str = "") -> Reply:
        """Store an answer; what is right, and the unit after it. The same answer sent again is stored once, and answered as before.

        Raises
        ------
        YuhuError
            YH503 an answer is not valid; YH505 no keyed unit has this key.
        """
        with self._lock:
            training = self._seat(coder, code)
            drill = next((one for one in training.drills if _key(coder, one) == key), None)
            if drill is None:
                raise YuhuError("YH505", "no keyed unit has this key", facts={"key": key[:60]}, fix="use the key of a unit that was given")
            told = training.told(drill.unit_id) or training.save(drill.unit_id, answers, note=note)
            feedback = {"is_right": told.is_right, "expected": dict(told.expected), "why": told.why[lang], "instead": told.instead}
            return {"feedback": feedback, **self._next(training, lang)}

    def _seat(self, coder: str, code: str) -> Training:
        mark = tuple((self._path / name).stat().st_mtime_ns for name in _WATCHED)
        seat = self._seats.get((coder, code))
        if seat is None or seat.mark != mark:
            training = Training(open_study(self._path), coder, codes=[code] if code else ())
            seat = self._seats[coder, code] = _Seat(training, mark)
        return seat.training

    def _next(self, training: Training, lang: str) -> Reply:
        drill = training.next()
        coder = training.person.coder
        labels = {one.id: one.label[lang] for one in training.codes}
        results = [{"code": one, "label": labels[one], "n": n, "right": right} for one, n, right in training.results().iter_rows()]
        return {
            "drill": _plain(coder, drill, lang) if drill else None,
            "progress": training.progress().as_dict(),
            "results": results,
            "codes": [{"id": one, "label": label} for one, label in labels.items()],
        }


def _key(coder: str, drill: Drill) -> str:
    """A name that does not tell whether the unit is an example or a near miss."""
    return hashlib.blake2b(f"{coder}\x1f{drill.unit_id}".encode(), digest_size=9).hexdigest()


def _plain(coder: str, drill: Drill, lang: str) -> Reply:
    """A keyed unit as a coder sees it: with its question, but without the examples, which are the keyed units."""
    question = {**drill.question.as_dict(lang), "examples": [], "near_misses": [], "opens_if": None}
    return {"key": _key(coder, drill), "text": drill.example.text, "lang": drill.example.lang, "question": question}
