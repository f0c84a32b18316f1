"""A study to watch: one video with a peak in its danmaku, lines, a segment that two people marked, and a comment that names a moment."""

import datetime as dt
import wave
from pathlib import Path

import numpy as np
import polars as pl

import yuhu
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.study.codings import append_codings
from yuhu.study.store import Study, open_study

VIDEO, OTHER = "bilibili:BV1", "bilibili:BV2"
HOSTILE = "<img src=x onerror=alert(1)>\u202eevil"
PEAK_S, PEAK_LONG_S = 80, 12
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def watched_study(folder: Path, *, seconds: int = 300, is_measured: bool = True) -> Study:
    """Danmaku at four a second and sixteen in the peak, where they are sad; `OTHER` has comments alone."""
    study = yuhu.init(folder / "s")
    rng = np.random.default_rng(7)
    rows = ["id,text,at,who", f'first,"{HOSTILE}",1001,p0']
    for second in range(seconds):
        is_peak = PEAK_S <= second < PEAK_S + PEAK_LONG_S
        for nth in range(rng.poisson(16 if is_peak else 4)):
            text = "看哭了，她想回家" if is_peak and nth % 4 == 0 else f"弹幕 {nth}"
            rows.append(f"{second}-{nth},{text},{second * 1000 + nth * 40},p{rng.integers(200)}")
    danmaku = folder / "danmaku.csv"
    danmaku.write_text("\n".join(rows) + "\n", "utf-8")
    of_video = {"platform": "bilibili", "video": "BV1", "work": "ep1"}
    yuhu.add(study, [danmaku], mapping={"id": "id", "text": "text", "at": "at_ms", "who": "author"}, kind="danmaku", **of_video)
    lines = folder / "lines.srt"
    lines.write_text("1\n00:00:10,000 --> 00:00:13,000\n带我回家\n\n2\n00:01:20,000 --> 00:01:24,000\n家在东边\n", "utf-8")
    yuhu.add(study, [lines], **of_video)
    for video, text in (("BV1", "1:25 的时候哭了"), ("BV2", "没有时间")):
        comments = folder / f"comments{video}.csv"
        comments.write_text(f"id,text,time\nc1,{text},2023-09-01 12:00:00\n", "utf-8")
        mapping = {"id": "id", "text": "text", "time": "sent_at"}
        yuhu.add(study, [comments], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video=video, kind="comment")
    study = open_study(study.path)
    append_codings(study.path, _spans(study))
    (study.path / "moments.yaml").write_text("peaks: {draws: 199}\n", "utf-8")
    if is_measured:
        yuhu.code(study)
        yuhu.measure(open_study(study.path))
    return open_study(study.path)


def _spans(study: Study) -> pl.DataFrame:
    book = study.codebook()
    span = {
        "unit_kind": "span", "video_id": VIDEO, "code": "homecoming", "value": "1", "status": "coded", "coder_kind": "human", "at": AT,
        "code_hash": book.variables["homecoming"].code_hash, "codebook_hash": book.content_hash,
    }  # fmt: skip
    rows = [{**span, "coder": coder, "start_ms": 80_000 + 500 * nth, "end_ms": 88_000} for nth, coder in enumerate(("anna", "bo"))]
    return conform(pl.DataFrame(rows), polars_schema(CODING))


def sound(path: Path, seconds: int = 12) -> Path:
    """A file that every browser plays: silence."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        out.writeframes(b"\0\0" * 8000 * seconds)
    return path
