"""Label Studio exports read as codings: choices, ratings and numbers; labels on texts and timelines; skipped tasks; predictions apart from people."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.contracts import Reject
from yuhu.core.schema import CODER_KINDS, STATUSES
from yuhu.formats.book_drafts import BookDraft
from yuhu.formats.exchange import VIDEO_DRAFT, Exchange, Losses, Reading, codings_frame, fits, rejected, units_frame
from yuhu.formats.label_studio_answers import OURS, Answer, Sheet, sheets_of
from yuhu.formats.label_studio_frames import frames_of, span_of, utf16_to_points
from yuhu.formats.refi_extras import KEPT
from yuhu.formats.refi_variables import read_stamp
from yuhu.formats.values import fitting, plain_number

_OWN_DATA = ("unit_id", "video_id", "text", "unit_kind", "video", "start_ms", "end_ms", "fps", "id")
_MOST_OPTIONS = 100
"""Options of a control of several choices for which a choice that was not made is a 0; with more they are labels that people typed."""

_ENDS = ("start_ms", "end_ms")
_LISTS = ("choices", "labels", "hypertextlabels", "timelinelabels", "taxonomy")

Row = dict[str, Any]


def read_tasks(content: bytes, reading: Reading) -> Exchange:
    """Codings of a Label Studio export, JSON or JSON-MIN.

    A control is a code; where it is not, but its label is (``reading.book``), the label is. A control with several choices in one answer becomes a code
    for each choice, ``1`` where it was chosen and ``0`` where the control was answered without it. A skipped task is ``abstained`` for every code.

    Raises
    ------
    YuhuError
        YH106 not JSON, or no export of Label Studio; YH102 JSON-MIN that does not tell answers from data.
    """
    return _Read(content, reading).exchange()


@dataclass
class _Read:
    content: bytes
    reading: Reading
    losses: Losses = field(default_factory=Losses)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    blank: int = 0

    def __post_init__(self) -> None:
        book = self.reading.book
        known = list(book.decisions) if book is not None else []
        self.sheets = sheets_of(self.content, self.reading.name, self.reading.coder, known, self.losses)
        answered = [answer for sheet in self.sheets for answer in sheet.answers]
        self.controls = dict.fromkeys(answer.control for answer in answered)
        self.several: dict[str, dict[str, str]] = {}
        for answer in answered:
            if len(_said(answer) or ()) > 1 and answer.control not in known:
                self.several[answer.control] = {}
        for answer in answered:
            if answer.control in self.several:
                for said in _said(answer) or ():
                    self.several[answer.control].setdefault(said, f"{answer.control}.{_slug(said)}")
        for control in self.several:
            self.notes.append(f"`{control}` takes several choices: each is a code of its own")

    def exchange(self) -> Exchange:
        for sheet in self.sheets:
            self._sheet(sheet)
        units = {sheet.unit: sheet for sheet in reversed(self.sheets) if not _is_video(sheet)}
        frame = units_frame([_unit_row(unit, sheet) for unit, sheet in reversed(units.items())], self._context(units))
        videos = {
            str(sheet.data.get("video_id") or sheet.unit): sheet.data for sheet in self.sheets if _is_video(sheet) or "video" in sheet.data
        }
        rows = [(video, _string(data.get("video")), None, _number(data.get("fps"))) for video, data in videos.items()]
        return Exchange(
            codings=codings_frame(self.rows), units=frame, videos=pl.DataFrame(rows, schema=VIDEO_DRAFT, orient="row"),
            losses=self.losses.listed(), rejects=tuple(self.rejects), notes=tuple(dict.fromkeys(self.notes)),
            seen=len(self.rows) + len(self.rejects) + self.blank, blank=self.blank,
        )  # fmt: skip

    def _context(self, units: Mapping[str, Sheet]) -> dict[str, pl.DataType]:
        """Data of tasks that are texts, numbers or truth values throughout, as columns of context."""
        typed: dict[type, pl.DataType] = {str: pl.String(), int: pl.Int64(), float: pl.Float64(), bool: pl.Boolean()}
        kinds: dict[str, set[type]] = {}
        for sheet in units.values():
            for name, held in sheet.data.items():
                is_huge = type(held) is int and abs(held) >= 1 << 63
                if name not in _OWN_DATA:
                    kinds.setdefault(name, set()).add(object if is_huge else type(held))
        found: dict[str, pl.DataType] = {}
        for name, held_types in kinds.items():
            left = held_types - {type(None)}
            if not left:
                found[name] = pl.String()
            elif len(left) == 1 and (only := next(iter(left))) in typed:
                found[name] = typed[only]
            else:
                self.losses.add("data of tasks", "it is not one kind of value", first=name[:60])
        return found

    def _sheet(self, sheet: Sheet) -> None:
        for held in sheet.ours.get("not_coded") or () if isinstance(sheet.ours.get("not_coded"), list) else ():
            status, code = (held.get("status"), held.get("code")) if isinstance(held, dict) else (None, None)
            if status in STATUSES[1:] and isinstance(code, str):
                self._add(sheet, _implied(sheet), code, None, status, held)
            else:
                self.rejects.append(rejected(sheet.place, "it is no coding", held))
        if sheet.is_skipped and not sheet.ours:
            book = self.reading.book
            codes = [one.id for one in book.decisions.values() if _unit_of(book, one.id) != "span"] if book else list(self.controls)
            if not codes:
                self.rejects.append(rejected(sheet.place, "it was skipped, and no code is known", sheet.unit))
            for code in codes:
                self._add(sheet, _implied(sheet), code, None, "abstained", {})
            return
        for answer in sheet.answers:
            self._answer(sheet, answer)

    def _answer(self, sheet: Sheet, answer: Answer) -> None:
        said = _said(answer)
        if answer.kind == "textarea" and self.reading.book is None and not sheet.ours:
            said = None
        if said is None or not said:
            self._unsaid(answer, is_empty=said is not None)
            return
        place, why = self._place(sheet, answer)
        if place is None:
            self.rejects.append(rejected(answer.place, why, answer.value))
            return
        ours = {name: held for name, held in answer.ours.items() if not (answer.kind == "timelinelabels" and name in _ENDS)}
        chosen = self.several.get(answer.control)
        if chosen is not None:
            for option in chosen if len(chosen) <= _MOST_OPTIONS else dict.fromkeys(said):
                self._add(sheet, place, chosen[option], "1" if option in said else "0", "coded", ours)
            return
        if len(said) > 1:
            self.rejects.append(rejected(answer.place, f"several values of one decision: {', '.join(said)[:60]}", answer.value))
            return
        code, value = self._meant(answer.control, said[0])
        if value is None:
            self.rejects.append(rejected(answer.place, code, answer.value))
        else:
            self._add(sheet, place, code, value, "coded", ours)

    def _unsaid(self, answer: Answer, *, is_empty: bool) -> None:
        if is_empty:
            self.blank += 1
        else:
            self.losses.add(f"results of type {answer.kind or 'unknown'}"[:60], "they are no codings", first=answer.place)

    def _meant(self, control: str, said: str) -> tuple[str, str | None]:
        """Code and value; or why there is none, and None."""
        book = self.reading.book
        if book is None:
            return control, said
        if control in book.decisions:
            value = fitting(book, control, said)
            return (control, value) if value is not None else (f"`{said[:40]}` is no value of `{control}`", None)
        if said in book.decisions:
            value = fitting(book, said, "1")
            return (said, value) if value is not None else (f"`{said}` has values, and none is said", None)
        return f"neither `{control[:40]}` nor `{said[:40]}` is a code", None

    def _place(self, sheet: Sheet, answer: Answer) -> tuple[Row | None, str]:
        """What the answer is about: the unit, words of it, or a span."""
        region = answer.region if answer.region is not None else answer.value
        implied = _implied(sheet)
        ranges = region.get("ranges")
        if isinstance(ranges, list):
            return self._frames(sheet, answer, ranges, implied)
        start, end = _number(region.get("start")), _number(region.get("end"))
        if answer.kind == "timeserieslabels":
            return None, "the unit of a time series is not known"
        if start is None or end is None:
            return (implied, "") if "globalOffsets" not in region else self._words(sheet, region, implied)
        if "text" in region or ("text" in sheet.data and "channel" not in region):
            return self._words(sheet, region, implied)
        video = str(sheet.data.get("video_id") or self.reading.video or sheet.unit)
        span = {"unit_kind": "span", "video_id": video, "start_ms": round(start * 1000), "end_ms": round(end * 1000)}
        return (span, "") if 0 <= start <= end else (None, "its times are not in order")

    def _frames(self, sheet: Sheet, answer: Answer, ranges: list[Any], implied: Row) -> tuple[Row | None, str]:
        held = ranges[0] if len(ranges) == 1 and isinstance(ranges[0], dict) else {}
        first, last = _number(held.get("start")), _number(held.get("end"))
        if first is None or last is None or not 0 <= first <= last:
            return None, "it is not one range of frames"
        fps = _number(sheet.data.get("fps")) or self.reading.fps
        start, end = span_of(max(first, 1), last, fps)
        own = [answer.ours.get(name) for name in _ENDS]
        if isinstance(own[0], int) and isinstance(own[1], int) and frames_of(own[0], own[1], fps) == (first, last):
            start, end = own[0], own[1]
        video = str(implied.get("video_id") or sheet.data.get("video_id") or self.reading.video or sheet.unit)
        return {"unit_kind": "span", "video_id": video, "start_ms": start, "end_ms": end}, ""

    def _words(self, sheet: Sheet, region: Mapping[str, Any], implied: Row) -> tuple[Row | None, str]:
        """The words of a region as evidence; offsets are UTF-16 units, and said words win where they differ."""
        offsets = region.get("globalOffsets")
        held = offsets if isinstance(offsets, dict) else region
        start, end = _number(held.get("start")), _number(held.get("end"))
        text, said = _string(sheet.data.get("text")), _string(region.get("text"))
        points = utf16_to_points(text, int(start), int(end)) if text is not None and start is not None and end is not None else None
        words = text[slice(*points)] if text is not None and points else None
        if said is not None and words != said:
            self.notes.append("offsets that do not fit the words beside them: the words are kept")
            words = said
        return ({**implied, "evidence": words}, "") if words is not None else (None, "its offsets are not in the text")

    def _add(self, sheet: Sheet, place: Row, code: str, value: str | None, status: str, ours: Mapping[str, Any]) -> None:
        kind = sheet.ours.get("coder_kind")
        default = "classifier" if sheet.is_prediction else "human"
        row = {**place, "code": code, "value": value, "status": status, "coder": sheet.coder, "at": self._at(sheet.at)}
        row["coder_kind"] = kind if kind in CODER_KINDS else default
        row |= {name: held for name, held in ours.items() if name in KEPT and fits(name, held)}
        if "at" in ours:
            row["at"] = self._at(ours["at"])
        self.rows.append(row)

    def _at(self, held: object) -> dt.datetime | None:
        return read_stamp(held) if isinstance(held, str) else None


def _implied(sheet: Sheet) -> Row:
    kind = sheet.data.get("unit_kind")
    if kind == "span":
        span = {name: sheet.data.get(name) for name in _ENDS}
        video = sheet.data.get("video_id")
        return {
            "unit_kind": "span",
            "video_id": video if isinstance(video, str) else None,
            **{n: v for n, v in span.items() if fits(n, v)},
        }
    return {"unit_kind": "text" if kind == "text" else "response", "unit_id": sheet.unit}


def _is_video(sheet: Sheet) -> bool:
    return sheet.data.get("unit_kind") == "span" or ("video" in sheet.data and "text" not in sheet.data)


def _unit_row(unit: str, sheet: Sheet) -> Row:
    video, text = sheet.data.get("video_id"), sheet.data.get("text")
    if not isinstance(text, str):
        texts = [held for name, held in sheet.data.items() if isinstance(held, str) and name not in _OWN_DATA]
        text = texts[0] if len(texts) == 1 else None
    return {**sheet.data, "unit_id": unit, "video_id": video if isinstance(video, str) else None, "text": text}


def _said(answer: Answer) -> list[str] | None:
    """The labels or values of an answer; None for results that are no codings."""
    value, kind = answer.value, answer.kind
    if kind in _LISTS:
        held = value.get(kind, value.get("labels"))
        paths = held if isinstance(held, list) else [held] if isinstance(held, str) else []
        return [" / ".join(map(str, one)) if isinstance(one, list) else str(one) for one in paths]
    if kind in {"rating", "number"}:
        number = value.get(kind)
        return [plain_number(number)] if isinstance(number, int | float) and not isinstance(number, bool) else []
    if kind == "textarea" and answer.region is None and OURS not in value:
        texts = value.get("text")
        return [str(one) for one in texts] if isinstance(texts, list) else [texts] if isinstance(texts, str) else []
    return None


def _slug(text: str) -> str:
    return "_".join("".join(sign if sign.isalnum() else " " for sign in text.lower()).split()) or "choice"


def _unit_of(book: BookDraft, code: str) -> str:
    draft = book.draft(code)
    return draft.unit if draft else ""


def _number(held: object) -> float | None:
    if isinstance(held, int | float) and not isinstance(held, bool) and abs(held) < 1e15:
        return held
    return None


def _string(held: object) -> str | None:
    return held if isinstance(held, str) else None
