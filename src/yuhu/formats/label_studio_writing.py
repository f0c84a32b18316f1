"""Label Studio: tasks with the codings that there are, and the labeling configuration that goes with them.

People's codings become annotations, those of programs predictions. What Label Studio has no field for stands below the key ``yuhu``, which a reader of
ours takes back and Label Studio passes over.
"""

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yuhu.core.schema import PEOPLE
from yuhu.formats.book_drafts import Decision
from yuhu.formats.exchange import Exchange, Losses, Writing, Written, checked, file_stem, with_unit_columns
from yuhu.formats.label_studio_config import TEXT, VIDEO, control_of, response_config, span_config
from yuhu.formats.label_studio_frames import frames_of
from yuhu.formats.refi_extras import KEPT
from yuhu.formats.values import plain_number
from yuhu.formats.xml_trees import Ink

OURS = "yuhu"

Row = Mapping[str, Any]


def write_tasks(exchange: Exchange, how: Writing) -> Written:
    """Tasks and configuration: one task for each response, one for each span or (``how.timeline``) for each video.

    Returns
    -------
    Written
        ``NAME.tasks.json`` and ``NAME.config.xml`` for responses, ``NAME.spans.json`` and ``NAME.spans.xml`` for spans, where there are any. Import the
        configuration first, then the tasks.

    Raises
    ------
    YuhuError
        YH503 a coding is not understood.
    """
    return _Tasks(exchange, how).written()


@dataclass
class _Tasks:
    exchange: Exchange
    how: Writing
    losses: Losses = field(default_factory=Losses)

    def written(self) -> Written:
        rows: list[Row] = list(checked(self.exchange.codings).iter_rows(named=True))
        spans = [row for row in rows if row["unit_kind"] == "span"]
        responses = self._responses([row for row in rows if row["unit_kind"] != "span"])
        book, how, ink = self.exchange.book, self.how, Ink(self.losses)
        stem = file_stem(how.name)
        files: dict[str, bytes] = {}
        if responses:
            files[f"{stem}.tasks.json"] = _json(responses)
            files[f"{stem}.config.xml"] = response_config(book, how.lang, how.context, ink)
        videos = self._timelines(spans) if how.timeline else self._spans(spans)
        if videos:
            files[f"{stem}.spans.json"] = _json(videos)
            files[f"{stem}.spans.xml"] = span_config(book, how.lang, timeline=how.timeline, fps=how.fps, ink=ink)
        self._count(rows)
        return Written(files, self.losses.listed())

    def _responses(self, rows: list[Row]) -> list[dict[str, Any]]:
        by_unit: dict[str | None, dict[str, list[Row]]] = {}
        for row in rows:
            by_unit.setdefault(row["unit_id"], {}).setdefault(row["unit_kind"], []).append(row)
        tasks: list[dict[str, Any]] = []
        for unit in with_unit_columns(self.exchange.units).unique("unit_id", keep="first", maintain_order=True).iter_rows(named=True):
            if unit["unit_id"] is None:
                self.losses.add("units without an id")
                continue
            data = {name: held for name, held in unit.items() if held is None or _is_scalar(held)}
            self.losses.add("values of context", "JSON has no such values", count=len(unit) - len(data))
            for kind, held in sorted((by_unit.pop(unit["unit_id"], None) or {"response": []}).items()):
                implied = {"unit_kind": kind, "unit_id": unit["unit_id"]}
                tasks.append(self._task(len(tasks) + 1, {**data, "unit_kind": kind}, held, implied))
        for unit_id, kinds in by_unit.items():
            self.losses.add("codings", "their unit has no text here", count=sum(map(len, kinds.values())), first=str(unit_id))
        return tasks

    def _spans(self, rows: list[Row]) -> list[dict[str, Any]]:
        media = dict(self.exchange.videos.select("video_id", "media").iter_rows())
        by_span: dict[tuple[Any, Any, Any], list[Row]] = {}
        for row in rows:
            by_span.setdefault((row["video_id"], row["start_ms"], row["end_ms"]), []).append(row)
        tasks: list[dict[str, Any]] = []
        for (video, start, end), held in by_span.items():
            implied = {"unit_kind": "span", "video_id": video, "start_ms": start, "end_ms": end}
            data = {VIDEO: media.get(video) or video, TEXT: f"{_clock(start)} \u2013 {_clock(end)}", **implied}
            tasks.append(self._task(len(tasks) + 1, data, held, implied))
        return tasks

    def _timelines(self, rows: list[Row]) -> list[dict[str, Any]]:
        videos = {video: (media, fps) for video, media, fps in self.exchange.videos.select("video_id", "media", "fps").iter_rows()}
        by_video: dict[str, list[Row]] = {video: [] for video in videos if video is not None}
        for row in rows:
            if row["video_id"] is None or row["start_ms"] is None or row["end_ms"] is None:
                self.losses.add("codings", "a timeline needs a video, a start and an end")
            else:
                by_video.setdefault(row["video_id"], []).append(row)
        tasks: list[dict[str, Any]] = []
        for video, held in by_video.items():
            media, fps = videos.get(video, (None, None))
            data = {VIDEO: media or video, "video_id": video, "fps": fps or self.how.fps, "unit_kind": "span"}
            tasks.append(self._task(len(tasks) + 1, data, held, {"unit_kind": "span", "video_id": video}, fps=fps or self.how.fps))
        return tasks

    def _task(
        self, number: int, data: dict[str, Any], rows: list[Row], implied: Mapping[str, object], fps: float | None = None
    ) -> dict[str, Any]:
        by_coder: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            by_coder.setdefault((row["coder"], row["coder_kind"]), []).append(row)
        annotations, predictions = [], []
        for (coder, kind), held in sorted(by_coder.items()):
            at = max((row["at"] for row in held if row["at"] is not None), default=None)
            coded = [row for row in held if row["status"] == "coded"]
            rest = [_beside(row, implied, at, keep=("code", "status", "at")) for row in held if row["status"] != "coded"]
            made: dict[str, Any] = {"result": [self._item(f"{number}-{n}", row, implied, at, fps) for n, row in enumerate(coded, start=1)]}
            made[OURS] = {"coder": coder, "coder_kind": kind, **({"not_coded": rest} if rest else {})}
            made |= {"created_at": _iso(at)} if at is not None else {}
            if kind in PEOPLE:
                email = {"completed_by": {"email": coder}} if "@" in coder and " " not in coder else {}
                skipped = not coded and all(row["status"] == "abstained" for row in held)
                annotations.append({"was_cancelled": skipped, "ground_truth": False, **email, **made})
            else:
                predictions.append({"model_version": coder, **made})
        return {"id": number, "data": data, "annotations": annotations, "predictions": predictions}

    def _item(self, key: str, row: Row, implied: Mapping[str, object], at: dt.datetime | None, fps: float | None) -> dict[str, Any]:
        decision = self.exchange.book.decisions.get(row["code"], Decision(row["code"], row["code"], "", (), {}))
        control = control_of(decision)
        item: dict[str, Any] = {"id": key, "from_name": row["code"], "to_name": TEXT, "type": control, "origin": "manual"}
        if fps is not None:
            first, last = frames_of(row["start_ms"], row["end_ms"], fps)
            item |= {"to_name": VIDEO, "type": "timelinelabels"}
            item["value"] = {"ranges": [{"start": first, "end": last}], "timelinelabels": [row["value"]]}
        elif control == "number" and (number := _number(row["value"])) is not None:
            item["value"] = {"number": number}
        elif control in {"choices", "number"}:
            item |= {"type": "choices", "value": {"choices": [row["value"]]}}
        else:
            item["value"] = {"text": [row["value"]]}
        beside = _beside(row, implied, at)
        return {**item, "meta": {OURS: beside}} if beside else item

    def _count(self, rows: list[Row]) -> None:
        decisions = self.exchange.book.decisions
        for row in rows:
            values = {value.id for value in decisions[row["code"]].values} if row["code"] in decisions else set()
            if row["status"] == "coded" and (row["code"] not in decisions or (values and row["value"] not in values)):
                why = "they are in the tasks, but Label Studio shows only what its configuration offers"
                self.losses.add("values that no control offers", why, first=f"{row['code']} = {row['value']}")
        rest = sum(bool(draft.examples or draft.near_misses or draft.words) for draft in self.exchange.book.codes)
        self.losses.add("examples and terms of codes", "the configuration holds definitions and values", count=rest)


def _beside(row: Row, implied: Mapping[str, object], at: dt.datetime | None, keep: Iterable[str] = ()) -> dict[str, Any]:
    """The columns of a coding that do not follow from where it stands."""
    found = {name: row[name] for name in KEPT if row[name] != implied.get(name)}
    found |= {name: row[name] for name in keep}
    if row["at"] != at or "at" in found:
        found["at"] = _iso(row["at"]) if row["at"] is not None else None
    return found


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_scalar(held: object) -> bool:
    return isinstance(held, str | int | bool) or (isinstance(held, float) and math.isfinite(held))


def _clock(ms: int | None) -> str:
    return "?" if ms is None else f"{ms // 3_600_000}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _number(text: str) -> float | None:
    """The number that is read back as this text; None if there is none."""
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_number = isinstance(held, int | float) and not isinstance(held, bool)
    return held if is_number and math.isfinite(held) and plain_number(held) == text else None


def _json(tasks: list[dict[str, Any]]) -> bytes:
    """The tasks as JSON, one in each line; lone halves of characters as escapes, which JSON knows."""
    lines = ",\n".join(json.dumps(task, ensure_ascii=False, allow_nan=False) for task in tasks)
    return f"[\n{lines}\n]\n".encode("utf-8", "backslashreplace")
