"""Responses as series over media time: what all measures of moments work on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.evidence import Evidence
from yuhu.measures.decisions import shares_of, steps
from yuhu.stats.arrays import Floats
from yuhu.texts.rules import FLAGS

Cell = tuple[str, str]
"""A decision and the value whose moments are looked for."""

KEYS = ["text_key", "lang"]


@dataclass(frozen=True, eq=False)
class MediaTime:
    """One video on its media clock, T steps long.

    Parameters
    ----------
    video_id, work_id, platform : str
        Which.
    case : str
        Its series, or its work where it is in none: what counts as one case for claims about strategies.
    duration_ms, step_ms : int
        Length and width of a step; the last step may be shorter.
    messages : (T,) float
        Messages that are counted, in every step, those masked by their place included.
    codable : (T,) float
        Those among them that the machine coded.
    coded : mapping of Cell to (T,) float
        Those that it gave the value; empty without a machine.
    masked : (T,) bool
        Steps that no analysis counts: the first and the last of the video.
    left_out : int
        Messages that rules of cleaning left out.
    is_cut : bool
        Whether an export of its danmaku is known not to be whole.
    """

    video_id: str
    work_id: str
    platform: str
    case: str
    duration_ms: int
    step_ms: int
    messages: Floats
    codable: Floats
    coded: Mapping[Cell, Floats]
    masked: npt.NDArray[np.bool_]
    left_out: int
    is_cut: bool

    @property
    def steps(self) -> int:
        """T."""
        return int(self.messages.size)

    @cached_property
    def n(self) -> int:
        """Messages outside masked steps."""
        return int(self.messages[~self.masked].sum())

    def series(self, cell: Cell | None) -> Floats:
        """(T,) messages, or those with a value."""
        return self.messages if cell is None else self.coded[cell]


def cells_of(evidence: Evidence) -> list[Cell]:
    """Decisions and values whose moments are looked for, in the order of the codebook; none without a machine.

    Raises
    ------
    YuhuError
        YH210 the specification names a code or value that the machine does not decide.
    """
    if evidence.codings is None:
        return []
    book, known = evidence.book, {code: shares_of(evidence.book.variables[code]) for code in evidence.served}
    if not evidence.moments.codes:
        return [(code, ids[0]) for code, ids in known.items() if ids and book.variables[code].level != "nominal"]
    found = []
    for name in evidence.moments.codes:
        code, _, value = name.partition("=")
        ids = known.get(code, [])
        if not ids or (value and value not in ids):
            raise YuhuError(
                "YH210",
                f"the machine does not decide `{name}`",
                facts={
                    "coder": evidence.coder,
                    "known": ", ".join((known.get(code) and [f"{code}={one}" for one in ids]) or sorted(known)),
                },
                fix="mend `codes` in moments.yaml",
            )
        found.append((code, value or ids[0]))
    return list(dict.fromkeys(found))


def media_times(evidence: Evidence) -> Sequence[MediaTime]:
    """Every video with messages on its media clock, in the order of their ids.

    Notes
    -----
    Special danmaku (positioned, of the uploader's pool) are never counted. O(messages + codings), once for all measures.
    """
    return evidence.once("media_times", lambda: list(_made(evidence)))


def timed(evidence: Evidence) -> pl.LazyFrame:
    """Messages with a media time that moments count: ``response_id, text_key, lang, video_id, at_ms, ...`` as in the table of responses."""
    rows = evidence.responses.filter(
        pl.col("at_ms").is_not_null()
        & (pl.col("at_ms") >= 0)
        & pl.col("video_id").is_not_null()
        & ~pl.col("is_special").fill_null(value=False)
    )
    gone = _flagged(evidence)
    return rows if gone is None else rows.join(gone, on="response_id", how="anti")


def _flagged(evidence: Evidence) -> pl.LazyFrame | None:
    rules = list(evidence.moments.mask.leave_out)
    strange = [rule for rule in rules if rule not in FLAGS]
    if strange:
        raise YuhuError(
            "YH210",
            f"`{strange[0]}` is no rule of cleaning",
            facts={"known": ", ".join(FLAGS)},
            fix="mend `mask.leave_out` in moments.yaml",
        )
    if evidence.flags is None or not rules:
        return None
    return evidence.flags.filter(pl.col("rule").is_in(rules)).select("response_id").unique()


def _made(evidence: Evidence) -> Iterable[MediaTime]:
    spec, step = evidence.moments, evidence.moments.step_ms
    rows = timed(evidence).select("video_id", *KEYS, step=(pl.col("at_ms") // step).cast(pl.Int64)).collect()
    if not rows.height:
        return
    cells = cells_of(evidence)
    messages = _counts(rows.lazy())
    codable, coded = _coded(evidence, rows, cells)
    lines = {"messages": _by_video(messages), "codable": _by_video(codable)}
    hits = {cell: _by_video(coded.filter(pl.col("cell") == at)) for at, cell in enumerate(cells)}
    left = _left_out(evidence)
    for row in _facts(evidence, messages).iter_rows(named=True):
        video, size = row["video_id"], row["steps"]
        at = np.arange(size) * step
        yield MediaTime(
            video,
            row["work_id"] or video,
            row["platform"] or "",
            row["series"] or row["work_id"] or video,
            row["duration_ms"],
            step,
            _line(lines["messages"].get(video), size),
            _line(lines["codable"].get(video), size),
            {cell: _line(found.get(video), size) for cell, found in hits.items()},
            (at < spec.mask.first_ms) | (at >= row["duration_ms"] - spec.mask.last_ms),
            left.get(video, 0),
            evidence.shown is not None and video in evidence.shown.cut,
        )


def _coded(evidence: Evidence, rows: pl.DataFrame, cells: Sequence[Cell]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Messages that the machine coded, and those that it gave a value (``cell``: which of `cells`), by video and step."""
    if evidence.codings is None or evidence.abstained is None:
        nothing = rows.clear().select("video_id", "step", times=pl.lit(0, pl.Int64))
        return nothing, nothing.with_columns(cell=pl.lit(0, pl.UInt32))
    held = rows.lazy().join(evidence.abstained, on=KEYS, how="anti")
    wanted = pl.DataFrame(cells, schema={"code": pl.String, "value_id": pl.String}, orient="row").with_row_index("cell")
    given = (
        evidence.codings.join(steps(evidence.book, wanted["code"].unique()).lazy(), on=["code", "value"])
        .join(wanted.lazy(), on=["code", "value_id"])
        .select(*KEYS, "cell")
    )
    return _counts(held), _counts(held.join(given, on=KEYS), "cell")


def _counts(rows: pl.LazyFrame, *by: str) -> pl.DataFrame:
    """Messages by video, step and other columns."""
    return rows.group_by("video_id", "step", *by).agg(times=pl.len().cast(pl.Int64)).collect()


def _facts(evidence: Evidence, messages: pl.DataFrame) -> pl.DataFrame:
    """What is known of each video with messages; a video without a duration lasts to its last message."""
    step = evidence.moments.step_ms
    last = messages.group_by("video_id").agg(last=pl.col("step").max()).sort("video_id")
    schema = {"video_id": pl.String, "work_id": pl.String, "platform": pl.String, "series": pl.String, "duration_ms": pl.Int64}
    videos = pl.DataFrame(schema=schema) if evidence.shown is None else evidence.shown.videos.select(*schema)
    return (
        last.join(videos, on="video_id", how="left", maintain_order="left")
        .with_columns(duration_ms=pl.max_horizontal(pl.col("duration_ms").fill_null(0), (pl.col("last") + 1) * step).cast(pl.Int64))
        .with_columns(steps=((pl.col("duration_ms") + step - 1) // step).cast(pl.Int64))
    )


def _left_out(evidence: Evidence) -> dict[str, int]:
    gone = _flagged(evidence)
    if gone is None:
        return {}
    rows = evidence.responses.filter(
        pl.col("at_ms").is_not_null() & pl.col("video_id").is_not_null() & ~pl.col("is_special").fill_null(value=False)
    )
    return dict(rows.join(gone, on="response_id", how="semi").group_by("video_id").agg(pl.len().cast(pl.Int64)).collect().iter_rows())


def _by_video(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(part["video_id"][0]): part for part in rows.partition_by("video_id")}


def _line(rows: pl.DataFrame | None, size: int) -> Floats:
    """(size,) counts by step."""
    found = np.zeros(size)
    if rows is not None:
        found[rows["step"].to_numpy()] = rows["times"].to_numpy()
    return found
