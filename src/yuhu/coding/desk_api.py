"""The desk for programs: one request in, one reply out, both plain data. The web workbench and scripts speak through it."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yuhu.coding.desk import Desk
from yuhu.coding.pace import seconds_a_unit
from yuhu.coding.sheets import Sheet
from yuhu.core.errors import YuhuError
from yuhu.study.assignments import assignments_mark
from yuhu.study.manifest import FILE as MANIFEST
from yuhu.study.protocol_log import requeues_mark
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.settings import LANGUAGES
from yuhu.study.store import CODEBOOK, Study, open_study

MOST_AHEAD = 20
MOST_AFTER = 500

_LOCKS = 64
_WATCHED = (MANIFEST, CODEBOOK, SETTINGS)

Reply = dict[str, Any]


@dataclass(frozen=True)
class _Key:
    """What one key of a request may hold."""

    what: str
    fits: Callable[[Any], bool]
    schema: Mapping[str, Any]


def _is_answers(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_evidence(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, list) and len(one) == 2 and all(map(_is_count, one)) for one in value.values())


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _is_after(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and len(value) <= MOST_AFTER and all(map(_is_text, value)))


_ID = {"type": "string", "minLength": 8, "maxLength": 64}
_AHEAD = {"type": "integer", "minimum": 0, "maximum": MOST_AHEAD}
_ANSWERS = {"type": "object", "additionalProperties": {"type": "string"}}
_SPAN = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
_EVIDENCE = {"type": "object", "additionalProperties": _SPAN}
_AFTER = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": MOST_AFTER}]}
_TEXT = _Key("a text", _is_text, {"type": "string"})
_KEYS: Mapping[str, _Key] = {
    "do": _TEXT,
    "coder": _TEXT,
    "key": _TEXT,
    "after": _Key(f"a text, or up to {MOST_AFTER} of them", _is_after, _AFTER),
    "note": _TEXT,
    "id": _Key("8 to 64 characters", lambda value: _is_text(value) and value.isprintable() and 8 <= len(value) <= 64, _ID),
    "ahead": _Key(f"a whole number from 0 to {MOST_AHEAD}", lambda value: _is_count(value) and 0 <= value <= MOST_AHEAD, _AHEAD),
    "answers": _Key("an object of texts", _is_answers, _ANSWERS),
    "evidence": _Key("an object of [start, end]", _is_evidence, _EVIDENCE),
    "partial": _Key("true or false", lambda value: isinstance(value, bool), {"type": "boolean"}),
}

_NEEDED: Mapping[str, Sequence[str]] = {
    "next": (),
    "sheet": ("key",),
    "save": ("key", "answers"),
    "abstain": ("key",),
    "skip": ("key",),
    "undo": (),
    "same": ("key",),
    "progress": (),
    "questions": (),
}
_ALLOWED: Mapping[str, Sequence[str]] = {
    "next": ("after", "ahead"),
    "save": ("note", "evidence", "partial", "id"),
    "abstain": ("note", "id"),
    "undo": ("key", "id"),
}


@dataclass
class _Seat:
    """A coder's desk, and the state of the study that it was opened in."""

    desk: Desk
    mark: tuple[object, ...]
    sets: Mapping[str, str]


class DeskApi:
    """Desks of all coders of a study behind one door.

    Parameters
    ----------
    study : Study
        The study.
    lang : str
        ``zh`` or ``en``: of the texts of questions.

    Raises
    ------
    YuhuError
        YH601 the language is not known.

    Notes
    -----
    A desk is opened at a coder's first request and kept; it is opened anew once the coder's tasks, the codebook, the settings or the data of the study
    have changed. Threads may share one `DeskApi`: requests of one coder wait for each other. Who a request is from is the caller's
    matter: sign people in before requests get here.
    """

    def __init__(self, study: Study, lang: str = "en") -> None:
        if lang not in LANGUAGES:
            raise YuhuError("YH601", f"language `{lang}` is not known", facts={"known": ", ".join(LANGUAGES)}, fix="--lang zh or --lang en")
        self._path = study.path
        self._lang = lang
        self._seats: dict[str, _Seat] = {}
        self._locks = tuple(threading.Lock() for _ in range(_LOCKS))

    def handle(self, request: object, lang: str | None = None) -> Reply:
        """Answer a request.

        Parameters
        ----------
        request : mapping
            ``do`` (next, sheet, save, abstain, skip, undo, same, progress, questions), ``coder``, and what the request needs; see docs/coding.md.
        lang : str, optional
            Of the texts of questions in this reply; that of the desks if none.

        Returns
        -------
        dict
            ``ok`` true and what was asked for; or ``ok`` false and ``error`` (code, problem, facts, fix). Nothing is raised.
        """
        try:
            asked = {**_understood(request), "lang": lang or self._lang}
            with self._locks[hash(asked["coder"]) % _LOCKS]:
                return {"ok": True, **getattr(self, f"_{asked['do']}")(self._seat(asked["coder"]), asked)}
        except YuhuError as error:
            return {"ok": False, "error": error.as_dict()}
        except Exception as error:  # noqa: BLE001 - a program at the other end of a pipe cannot read a traceback
            facts = {"what": f"{type(error).__name__}: {error}"[:200]}
            return {"ok": False, "error": YuhuError("YH903", "the request failed", facts=facts, fix="report it with the request").as_dict()}

    def _seat(self, coder: str) -> _Seat:
        mark = (
            *assignments_mark(self._path, coder),
            requeues_mark(self._path),
            *((self._path / name).stat().st_mtime_ns for name in _WATCHED),
        )
        seat = self._seats.get(coder)
        if seat is None or seat.mark != mark:
            desk = Desk(open_study(self._path), coder)
            seat = self._seats[coder] = _Seat(desk, mark, {name: _name(desk, name) for name in desk.questions})
        return seat

    def _next(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        after = asked.get("after", [])
        after = [after] if isinstance(after, str) else after
        sheets = [self._plain(seat, one) for one in seat.desk.ahead(after, 1 + asked.get("ahead", 0))]
        ahead = {"ahead": sheets[1:]} if "ahead" in asked else {}
        return {"sheet": sheets[0] if sheets else None, **ahead, **self._progress(seat, asked)}

    def _sheet(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        task = seat.desk.task(asked["key"])
        return {"sheet": self._plain(seat, seat.desk.sheet(task.unit_id, task.purpose, task.occasion, sample=task.sample))}

    def _save(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        task = seat.desk.task(asked["key"])
        is_new = seat.desk.save(
            task.unit_id,
            asked["answers"],
            purpose=task.purpose,
            occasion=task.occasion,
            sample=task.sample,
            note=asked.get("note", ""),
            evidence={name: (span[0], span[1]) for name, span in asked.get("evidence", {}).items()},
            is_partial=asked.get("partial", False),
            once=asked.get("id", ""),
        )
        return {**_repeated(is_new), **self._progress(seat, asked)}

    def _abstain(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        task = seat.desk.task(asked["key"])
        which: dict[str, Any] = {"purpose": task.purpose, "occasion": task.occasion, "sample": task.sample}
        is_new = seat.desk.abstain(task.unit_id, **which, note=asked.get("note", ""), once=asked.get("id", ""))
        return {**_repeated(is_new), **self._progress(seat, asked)}

    def _skip(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        task = seat.desk.task(asked["key"])
        seat.desk.skip(task.unit_id, purpose=task.purpose, occasion=task.occasion, sample=task.sample)
        return self._progress(seat, asked)

    def _undo(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        sheet = seat.desk.undo(asked.get("key", ""), once=asked.get("id", ""))
        return {"sheet": self._plain(seat, sheet) if sheet else None, **self._progress(seat, asked)}

    def _same(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        return {"sheets": [self._plain(seat, one) for one in seat.desk.same(asked["key"])]}

    def _progress(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        pace = {"seconds": seconds_a_unit(seat.desk.done_at)} if asked["do"] == "progress" else {}
        return {"progress": seat.desk.progress().as_dict(), **pace}

    def _questions(self, seat: _Seat, asked: Mapping[str, Any]) -> Reply:
        sets = seat.desk.questions
        return {"questions": {seat.sets[sample]: [one.as_dict(asked["lang"]) for one in sets[sample]] for sample in sets}}

    def _plain(self, seat: _Seat, sheet: Sheet) -> Reply:
        """A sheet with the name of its questions instead of the questions: they are the same for all units of a sample."""
        return {**sheet.as_dict(self._lang, with_questions=False), "questions": seat.sets[sheet.task.sample]}


def _repeated(is_new: bool) -> Reply:
    return {} if is_new else {"repeated": True}


def _understood(request: object) -> Mapping[str, Any]:
    """A request that has all that it needs, and nothing else.

    Raises
    ------
    YuhuError
        YH507 it is not understood.
    """
    if not isinstance(request, dict):
        raise YuhuError("YH507", "a request is an object", facts={"found": type(request).__name__}, fix='{"do": "next", "coder": "anna"}')
    do = request.get("do")
    if not isinstance(do, str) or do not in _NEEDED:
        facts = {"found": str(do)[:60], "known": ", ".join(_NEEDED)}
        raise YuhuError("YH507", "a request says what is to be done", facts=facts, fix='{"do": "next", "coder": "anna"}')
    needed = ("do", "coder", *_NEEDED[do])
    allowed = (*needed, *_ALLOWED.get(do, ()))
    for name in needed:
        if name not in request:
            raise YuhuError("YH507", f"`{do}` needs `{name}`", facts={"found": ", ".join(map(str, request))[:200]}, fix=f"give `{name}`")
    for name, value in request.items():
        if name not in allowed:
            facts = {"found": str(name)[:60], "known": ", ".join(allowed)}
            raise YuhuError("YH507", f"`{do}` has no such key", facts=facts, fix="leave it out")
        if not _KEYS[name].fits(value):
            facts = {"found": repr(value)[:60], "expected": _KEYS[name].what}
            raise YuhuError("YH507", f"`{name}` is of another kind", facts=facts, fix=f"give {_KEYS[name].what}")
    return request


def request_schema() -> dict[str, Any]:
    """JSON Schema of a request whose ``coder`` stands elsewhere: one form for each ``do``, with what it needs and what it may hold."""
    return {"oneOf": [_form(do) for do in _NEEDED]}


def _form(do: str) -> dict[str, Any]:
    held = (*_NEEDED[do], *_ALLOWED.get(do, ()))
    properties = {"do": {"const": do}, **{name: {**_KEYS[name].schema, "description": _KEYS[name].what} for name in held}}
    return {"type": "object", "title": do, "properties": properties, "required": ["do", *_NEEDED[do]], "additionalProperties": False}


def _name(desk: Desk, sample: str) -> str:
    """A name for the questions of a sample that changes when they do."""
    codes = [f"{one.id} {one.code_hash}" for question in desk.questions[sample] for one in question.variables]
    return hashlib.blake2b("\n".join([desk.codebook_hash, *codes]).encode(), digest_size=6).hexdigest()
