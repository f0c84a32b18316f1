"""Have a model that takes images code the segments of a study's videos, from key frames and spoken lines."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.coding.contexts import LINES
from yuhu.coding.llm.reading import Outcome, Outcomes
from yuhu.coding.llm.segments import Segment, SegmentCoder, frames_in, spread
from yuhu.coding.llm.server import require_client
from yuhu.coding.llm.settings import LlmSettings, settings_from
from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODING, PEOPLE, WITHDRAWN, polars_schema
from yuhu.study.assignments import read_people
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.layers import WATCHED, add_coverage, read_coverage
from yuhu.study.lock import WriteLock
from yuhu.study.store import Study
from yuhu.study.transaction import reopened
from yuhu.verbs.code import CACHE, Confirm, announce, coder_label
from yuhu.verbs.init import now

KIND = "llm"
_SPEECH = (LINES, "transcript")
_PLACE = ("video_id", "start_ms", "end_ms")


@dataclass(frozen=True)
class SegmentRun:
    """What became of a run: segments that were coded, codings and failed decisions that stand now, rows that were written, and parameters."""

    coder: str
    segments: int
    without_frames: int
    codings: int
    failed: int
    written: int
    parameters: Mapping[str, object]


def code_segments(study: Study, *, name: str, options: Mapping[str, str], confirm: Confirm | None = None) -> SegmentRun:
    """Code the segments of videos (shots, scenes, chapters) that have key frames.

    Parameters
    ----------
    study : Study
        The study, with segments imported.
    name : str
        What the coder is called: its rows stand among those of people, with the kind ``llm``.
    options : mapping of str
        Settings of the coder ``llm``; ``images`` is needed.
    confirm : callable, optional
        Gets the `Forecast` before anything is sent; False stops. Without it nobody is asked: naming the server is the consent, and frames and lines go.

    Returns
    -------
    SegmentRun
        A second call writes nothing where nothing changed.

    Raises
    ------
    YuhuError
        YH203 another writer; YH207 there are no such segments, or none has a frame; YH508 an option, or a name that is a person's; YH510 not confirmed; YH511 the server cannot be used; YH512 a cap was reached.

    Notes
    -----
    Each segment that was coded counts as watched for each code without a failed decision, so that a gap is a decision. What an earlier run of this name
    said of a segment and this one does not say is withdrawn, and so is what it watched and this one failed to decide. Nothing else can change the study
    while this runs.
    """
    settings = _settings(name, options)
    with WriteLock(study.path):
        return _coded(reopened(study), name, settings, confirm)


def _coded(study: Study, name: str, settings: LlmSettings, confirm: Confirm | None) -> SegmentRun:
    _refuse_people(study, name)
    book = study.codebook()
    found = _segments(study, settings)
    shown = [one for one in found if one.frames]
    if not shown:
        raise YuhuError(
            "YH207", "no segment of the videos has a key frame", facts={"segments": len(found)}, fix="frames within the segments' times"
        )
    worker = SegmentCoder(book, sorted(study.modules(book)), settings, study.path / CACHE / name)
    announce(worker.forecast(shown), confirm)
    outcomes = worker.code(shown)
    rows = [row for one, decided in zip(shown, outcomes, strict=True) for row in _rows(one, decided, book, name)]
    written = _written(study, name, worker, shown, pl.DataFrame(rows, schema=_schema()))
    failed = sum(row["status"] == "failed" for row in rows)
    return SegmentRun(name, len(shown), len(found) - len(shown), len(rows) - failed, failed, written, worker.parameters())


def _settings(name: str, options: Mapping[str, str]) -> LlmSettings:
    coder_label(name)
    settings = settings_from(options)
    if not settings.images:
        raise YuhuError("YH508", "segments are coded from key frames", fix="--set images=FOLDER")
    if not settings.replay:
        require_client()
        settings.key()
    return settings


def _refuse_people(study: Study, name: str) -> None:
    """A coder is known by its name alone: rows of a model under a person's name would count as newer decisions of that person."""
    is_person = pl.col("coder_kind").is_in(PEOPLE)
    held = [read_codings(study.path).filter(is_person)["coder"], read_coverage(study.path).filter(is_person)["coder"]]
    people = {*read_people(study.path), *(one for coders in held for one in coders)}
    if name in people:
        raise YuhuError("YH508", f"`{name}` is the name of a person who codes", facts={"people": len(people)}, fix=f"--as {name}-model")


def _segments(study: Study, settings: LlmSettings) -> list[Segment]:
    """The segments of the kind that was asked for (all but speech if none), each with its frames and lines, in the order of videos and times."""
    known = study.scan("segments").filter(pl.col("start_ms").is_not_null() & (pl.col("end_ms") > pl.col("start_ms"))).collect()
    chosen = pl.col("kind") == settings.segments if settings.segments else ~pl.col("kind").is_in(_SPEECH)
    spans = known.filter(chosen & pl.col("video_id").is_not_null()).select(_PLACE).unique().sort(_PLACE)
    if not spans.height:
        kinds = ", ".join(sorted(known["kind"].unique())) or "none"
        raise YuhuError(
            "YH207", "the study has no segments to code", facts={"kinds": kinds}, fix="yuhu add shots, scenes or chapters first"
        )
    frames = frames_in(Path(settings.images), sorted(study.videos()["video_id"]))
    lines = known.filter((pl.col("kind") == LINES) & pl.col("text").is_not_null()).sort("start_ms", "end_ms", "text")
    out = []
    for video, start, end in spans.iter_rows():
        said = lines.filter((pl.col("video_id") == video) & (pl.col("start_ms") < end) & (pl.col("end_ms") > start))["text"]
        inside = [one for one in frames.get(video, []) if start <= one.at_ms < end]
        out.append(Segment(video, start, end, "\n".join(said), study.settings.language, spread(inside, settings.frames)))
    return out


def _rows(segment: Segment, outcomes: Outcomes, book: Codebook, name: str) -> list[dict[str, Any]]:
    """The codings of a segment: what is there, and what failed; what is not there is a gap."""
    place = {"unit_kind": "span", "video_id": segment.video_id, "start_ms": segment.start_ms, "end_ms": segment.end_ms}
    held = {**place, "coder": name, "coder_kind": KIND, "codebook_hash": book.content_hash}
    out = []
    for code, one in outcomes.items():
        variable = book.variables[code]
        if one.why or one.value != variable.zero:
            decided = (
                {"status": "failed", "value": None, "note": one.why} if one.why else {"status": "coded", "value": one.value, "note": None}
            )
            out.append({**held, "code": code, "code_hash": variable.code_hash, "evidence": _evidence(one, segment), **decided})
    return out


def _evidence(one: Outcome, segment: Segment) -> str | None:
    """Where the evidence is: characters of the lines spoken in the segment, or the media time of a frame."""
    if one.frame:
        return json.dumps({"frame_ms": segment.frames[one.frame - 1].at_ms})
    return json.dumps([one.start, one.end]) if one.start >= 0 else None


def _written(study: Study, name: str, worker: SegmentCoder, segments: list[Segment], rows: pl.DataFrame) -> int:
    """Append what is new, withdraw what no longer holds, and mark what was watched; the number of rows."""
    at = dt.datetime.fromisoformat(now())
    same = [*_PLACE, "code"]
    told = [*same, "status", "value", "evidence", "note", "code_hash", "codebook_hash"]
    spans = pl.DataFrame([(one.video_id, one.start_ms, one.end_ms) for one in segments], schema=list(_PLACE), orient="row")
    before = read_codings(study.path).filter(
        (pl.col("unit_kind") == "span") & (pl.col("coder") == name) & (pl.col("coder_kind") == KIND) & pl.col("code").is_in(worker.serves)
    )
    before = before.join(spans, on=list(_PLACE), how="semi")
    fresh = rows.join(before, on=told, how="anti", nulls_equal=True)
    stale = before.join(rows, on=same, how="anti").with_columns(
        status=pl.lit(WITHDRAWN), value=pl.lit(None, pl.String), evidence=pl.lit(None, pl.String), note=pl.lit(None, pl.String)
    )
    added = pl.concat([fresh, stale.select(fresh.columns)]).with_columns(at=pl.lit(at).cast(polars_schema(CODING)["at"]))
    if added.height:
        append_codings(study.path, added)
    doubtful = {(*place, code.split(".")[0]) for *place, code in rows.filter(pl.col("status") == "failed").select(same).iter_rows()}
    mine = read_coverage(study.path).filter((pl.col("coder") == name) & (pl.col("coder_kind") == KIND))
    marked = set(mine.select(*_PLACE, "code").iter_rows())
    seen = [(*place, code) for place in spans.iter_rows() for code in worker.codes if (*place, code) not in doubtful | marked]
    for stretches, status in ((seen, WATCHED), (sorted(marked & doubtful), WITHDRAWN)):
        add_coverage(
            study.path, [(name, video, code, start, end) for video, start, end, code in stretches], now(), kind=KIND, status=status
        )
    return added.height


def _schema() -> dict[str, pl.DataType]:
    schema = polars_schema(CODING)
    names = ("unit_kind", *_PLACE, "coder", "coder_kind", "codebook_hash", "code", "code_hash", "evidence", "status", "value", "note")
    return {name: schema[name] for name in names}
