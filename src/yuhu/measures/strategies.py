"""What was shown when: strategies per step of media time, from the segments that coders marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.core.evidence import Evidence, Shown
from yuhu.core.schema import PEOPLE
from yuhu.measures.media_time import MediaTime, media_times
from yuhu.stats.arrays import Floats

SPOKEN = ("line", "transcript")
"""Kinds of segments whose name is a speaker's, never a strategy's."""

SAME_LENGTH_MS = 2_000
"""Uploads of one work whose lengths differ by no more are taken to begin at the same moment where nobody says so."""

_COLUMNS = ("coder", "coder_kind", "video_id", "code", "start_ms", "end_ms")


@dataclass(frozen=True, eq=False)
class Marked:
    """One strategy in one video.

    Parameters
    ----------
    levels : (T,) float
        0 where it is not shown or nobody watched for it; where it is, 1, or the intensity of an ordinal code.
    watched : (T,) bool
        Steps that somebody watched for it.
    """

    levels: Floats
    watched: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Timelines:
    """Strategies of all videos.

    Parameters
    ----------
    codes : sequence of str
        Those named in the specification, or all that are shown anywhere, in the order of the codebook.
    of : mapping of (video_id, code) to Marked
        Only where somebody watched the video for the code.
    unfinished : collection of str
        Codes with segments that count nowhere, because whoever marked them did not say what else he or she had watched.
    """

    codes: Sequence[str]
    of: Mapping[tuple[str, str], Marked]
    unfinished: Sequence[str]

    def videos(self, code: str) -> list[str]:
        """Videos that somebody watched for a code."""
        return [video for video, one in self.of if one == code]


def timelines(evidence: Evidence) -> Timelines:
    """What was shown in every video with messages.

    Notes
    -----
    Whose segments count is decided for each video and code: the coders that ``segment_coders`` names, or else people (imported tiers whose name is a
    timeline code among them), and machines only where no person watched the video for the code. A step is shown if more than half of the coders who watched
    it marked it; two who differ show nothing. Its intensity is the (lower) median of those who marked it. What a coder did not watch is no gap. Uploads of a
    work that nobody watched take the segments of another upload, by ``offset_ms``; where an offset is unknown only if both are as long (2 s).
    O(segments x steps of each). Once for all measures.
    """
    return evidence.once("timelines", lambda: _timelines(evidence))


def _timelines(evidence: Evidence) -> Timelines:
    if evidence.shown is None:
        return Timelines((), {}, ())
    asked = _asked(evidence)
    spans, watched = _rows(evidence, evidence.shown, asked)
    times = {one.video_id: one for one in media_times(evidence)}
    by_cell = {cell: (rows, watched.get(cell, [])) for cell, rows in spans.items()}
    by_cell |= {cell: ([], rows) for cell, rows in watched.items() if cell not in spans}
    chosen = {cell: _counted(evidence, *rows) for cell, rows in by_cell.items()}
    chosen = {cell: found for cell, found in chosen.items() if found[1]}
    of: dict[tuple[str, str], Marked] = {}
    mates, told = _mates(evidence.shown), {code for _, code in chosen}
    for video, time in times.items():
        for code in (one for one in asked if one in told):
            lender, shift = _lender(mates.get(time.work_id, ()), time, code, chosen)
            if lender is not None:
                of[video, code] = _marked(asked[code], *chosen[lender, code], shift, time)
    seen = {code for (_, code), one in of.items() if one.levels.any()}
    named = list(evidence.moments.strategies)
    codes = [code for code in asked if code in seen or code in named]
    unfinished = sorted({code for _, code in spans} - told)
    return Timelines(codes, {cell: one for cell, one in of.items() if cell[1] in codes}, unfinished)


def _asked(evidence: Evidence) -> dict[str, Variable]:
    """Timeline codes that may be strategies."""
    spans = {name: one for name, one in evidence.book.variables.items() if one.unit == "span"}
    strange = [name for name in evidence.moments.strategies if name not in spans]
    if strange:
        raise YuhuError(
            "YH210",
            f"`{strange[0]}` is no timeline code",
            facts={"known": ", ".join(name for name, one in spans.items() if not one.is_attribute)},
            fix="mend `strategies` in moments.yaml",
        )
    named = evidence.moments.strategies
    return {name: one for name, one in spans.items() if (name in named if named else not one.is_attribute)}


Rows = dict[tuple[str, str], list[dict[str, Any]]]


def _rows(evidence: Evidence, shown: Shown, asked: Mapping[str, Variable]) -> tuple[Rows, Rows]:
    """Segments and watched stretches by video and code, imported tiers as those of one more person each."""
    tiers = _tiers(evidence.book, shown, asked)
    spans = pl.concat([shown.spans.select(*_COLUMNS, "value"), tiers.filter(~pl.col("is_zero")).select(*_COLUMNS, "value")])
    whole = tiers.select("coder", "coder_kind", "video_id", "code", start_ms=pl.lit(0, pl.Int64), end_ms=pl.lit(2**62, pl.Int64)).unique()
    watched = pl.concat([shown.watched.select(_COLUMNS), whole.select(_COLUMNS)])
    return _by_cell(spans, asked), _by_cell(watched, asked)


def _by_cell(rows: pl.DataFrame, asked: Mapping[str, Variable]) -> Rows:
    mine = rows.filter(pl.col("code").is_in(list(asked))).sort("video_id", "code", "coder", "start_ms", "end_ms")
    found: Rows = {}
    for row in mine.iter_rows(named=True):
        found.setdefault((row["video_id"], row["code"]), []).append(row)
    return found


def _tiers(book: Codebook, shown: Shown, asked: Mapping[str, Variable]) -> pl.DataFrame:
    """Imported segments that are named as a timeline code is; a text that is one of its values is its value."""
    rows = (
        shown.segments.filter(pl.col("name").is_in(list(asked)) & ~pl.col("kind").is_in(SPOKEN).fill_null(value=False))
        .select("video_id", "source", "start_ms", "end_ms", "text", code="name")
        .collect()
        .filter(pl.col("start_ms").is_not_null() & (pl.col("end_ms") > pl.col("start_ms")))
    )
    values = [(name, value, value == one.zero) for name, one in asked.items() for value in book.variables[name].values]
    known = pl.DataFrame(values, schema={"code": pl.String, "value": pl.String, "is_zero": pl.Boolean}, orient="row")
    return (
        rows.with_columns(value=pl.col("text").str.strip_chars())
        .join(known, on=["code", "value"], how="left", maintain_order="left")
        .with_columns(
            coder=pl.format("tier of {}", pl.col("source").fill_null("")),
            coder_kind=pl.lit(PEOPLE[0]),
            value=pl.when(pl.col("is_zero").is_not_null()).then("value").otherwise(pl.lit("1")),
            is_zero=pl.col("is_zero").fill_null(value=False),
        )
        .sort("video_id", "code", "start_ms", "end_ms", "coder")
    )


Found = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def _counted(evidence: Evidence, spans: list[dict[str, Any]], watched: list[dict[str, Any]]) -> Found:
    """The segments and stretches of those who count."""
    named = evidence.moments.segment_coders
    if named:
        return _of(spans, watched, lambda row: row["coder"] in named)
    people = _of(spans, watched, lambda row: row["coder_kind"] in PEOPLE)
    return people if people[1] else _of(spans, watched, lambda row: row["coder_kind"] not in PEOPLE)


def _of(spans: list[dict[str, Any]], watched: list[dict[str, Any]], counts: Any) -> Found:
    stretches = [row for row in watched if counts(row)]
    watchers = {row["coder"] for row in stretches}
    return [row for row in spans if row["coder"] in watchers], stretches


def _mates(shown: Shown) -> dict[str, list[dict[str, Any]]]:
    """Uploads of each work, in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in shown.videos.select("video_id", "work_id", "offset_ms", "duration_ms").sort("video_id").iter_rows(named=True):
        found.setdefault(row["work_id"] or row["video_id"], []).append(row)
    return found


def _lender(
    mates: Sequence[Mapping[str, Any]], time: MediaTime, code: str, chosen: Mapping[tuple[str, str], Found]
) -> tuple[str | None, int]:
    """The video whose timeline stands for this one, and by how many milliseconds it moves; itself first."""
    if (time.video_id, code) in chosen:
        return time.video_id, 0
    own = next((row for row in mates if row["video_id"] == time.video_id), None)
    for row in mates:
        if own is None:
            break
        if (row["video_id"], code) not in chosen:
            continue
        if row["offset_ms"] is not None and own["offset_ms"] is not None:
            return str(row["video_id"]), int(row["offset_ms"] - own["offset_ms"])
        lengths = (row["duration_ms"], own["duration_ms"])
        if None not in lengths and abs(lengths[0] - lengths[1]) <= SAME_LENGTH_MS:
            return str(row["video_id"]), 0
    return None, 0


def _marked(variable: Variable, spans: list[dict[str, Any]], watched: list[dict[str, Any]], shift: int, time: MediaTime) -> Marked:
    coders = sorted({row["coder"] for row in watched})
    place = {coder: at for at, coder in enumerate(coders)}
    looked = np.zeros((len(coders), time.steps), np.bool_)
    levels = np.zeros((len(coders), time.steps))
    for row in watched:
        for first, last in _steps(row, shift, time):
            looked[place[row["coder"]], first:last] = True
    for row in spans:
        height = _height(variable, row["value"])
        for first, last in _steps(row, shift, time):
            own = levels[place[row["coder"]], first:last]
            np.maximum(own, height, out=own)
    levels *= looked
    marks, watchers = (levels > 0).sum(axis=0), looked.sum(axis=0)
    ordered = np.sort(np.where(levels > 0, levels, np.inf), axis=0)
    middle = np.take_along_axis(ordered, np.maximum((marks - 1) // 2, 0)[None, :], axis=0)[0] if coders else np.zeros(time.steps)
    return Marked(np.where(2 * marks > watchers, middle, 0.0), watchers > 0)


def _steps(row: Mapping[str, Any], shift: int, time: MediaTime) -> Iterator[tuple[int, int]]:
    """First step and the one after the last of a stretch, cut at both ends of the video; nothing where it lies outside."""
    start, end = max(row["start_ms"] + shift, 0), min(row["end_ms"] + shift, time.duration_ms)
    if start < end:
        yield start // time.step_ms, min((end - 1) // time.step_ms + 1, time.steps)


def _height(variable: Variable, value: str) -> float:
    """Steps above "not there" of an ordinal code; 1 of any other."""
    if variable.level != "ordinal" or value not in variable.values:
        return 1.0
    zero = variable.values.index(variable.zero) if variable.zero is not None else -1
    return float(max(variable.values.index(value) - zero, 1))
