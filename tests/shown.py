"""Evidence of what videos show, built by hand: messages drawn from rates over media time, segments of coders, lines, gold."""

import numpy as np
import polars as pl

from test_measures import evidence
from yuhu.core.evidence import Frame, Gold, Shown
from yuhu.core.moments import MomentsSpec
from yuhu.core.schema import TABLES, polars_schema
from yuhu.study.layers import SCHEMA as WATCHED

VIDEO = {
    "video_id": pl.String,
    "work_id": pl.String,
    "platform": pl.String,
    "title": pl.String,
    "duration_ms": pl.Int64,
    "offset_ms": pl.Int64,
    "published_at": pl.Datetime("ms", "UTC"),
    "series": pl.String,
    "number": pl.Int64,
}
SPAN = {**{name: WATCHED[name] for name in ("coder", "coder_kind", "video_id", "start_ms", "end_ms", "code")}, "value": pl.String}
AE, ANGER = ("affective_empathy", "1"), ("anger", "1")


def table(name, rows=()):
    schema = polars_schema(TABLES[name])
    return pl.DataFrame([{column: row.get(column) for column in schema} for row in rows], schema=schema).lazy()


def shown(videos, spans=(), watched=None, *, segments=(), exposure=(), **more):
    """`spans`: (video, code, start_s, end_s) and, if need be, value and coder; `watched` like them without values, by default all videos for their codes."""
    long = {one["video_id"]: one["duration_ms"] for one in videos}
    marks = [(*row, *("1", "a")[len(row) - 4 :]) for row in spans]
    seen = watched
    if seen is None:
        seen = {(video, code, 0, long[video] / 1000, coder) for _, code, *_, coder in marks for video in long}
    span_rows = [
        {"coder": who, "coder_kind": kind(who), "video_id": video, "start_ms": int(a * 1000), "end_ms": int(b * 1000), "code": code, "value": value}
        for video, code, a, b, value, who in marks
    ]  # fmt: skip
    watched_rows = [
        {"coder": who, "coder_kind": kind(who), "video_id": video, "code": code, "start_ms": int(a * 1000), "end_ms": int(b * 1000)}
        for video, code, a, b, who in sorted(seen)
    ]
    return Shown(
        pl.DataFrame([{name: one.get(name) for name in VIDEO} for one in videos], schema=VIDEO),
        table("segments", segments),
        table("signals"),
        table("exposure", exposure),
        table("mentions"),
        pl.DataFrame(span_rows, schema=SPAN),
        pl.DataFrame(watched_rows, schema=WATCHED),
        **more,
    )


def kind(coder):
    return "llm" if coder.startswith("llm") else "human"


def video(name, seconds=300, *, work=None, **more):
    return {"video_id": name, "work_id": work or name, "platform": "bilibili", "duration_ms": seconds * 1000, **more}


def drawn(rng, name, rate, share=None, *, wrong=None):
    """Messages of one video from rates per second; `share` of them has the code by people, of which the machine sees what `wrong` says.

    Returns rows with ``text_key``: 1 where the machine gives affective empathy, 2 where it does not; ``truth`` is the people's.
    """
    counts = rng.poisson(rate)
    at = np.repeat(np.arange(rate.size), counts)
    truth = rng.random(at.size) < (0.3 if share is None else share[at])
    missed, invented = (np.zeros(rate.size),) * 2 if wrong is None else wrong
    machine = np.where(truth, rng.random(at.size) >= missed[at], rng.random(at.size) < invented[at])
    return pl.DataFrame(
        {
            "response_id": [f"{name}-{place}" for place in range(at.size)],
            "text_key": np.where(machine, 1, 2),
            "lang": ["zh"] * at.size,
            "video_id": [name] * at.size,
            "work_id": [name] * at.size,
            "platform": ["bilibili"] * at.size,
            "at_ms": at * 1000 + rng.integers(0, 1000, at.size),
            "is_special": [False] * at.size,
            "source": ["s"] * at.size,
            "truth": truth,
        }
    )


def studied(frame, seen, *, gold=None, chance=1.0, spec=None, **more):
    """Evidence of messages and what was shown; `gold` ids were coded by people as their ``truth`` says."""
    units = pl.DataFrame(schema={"response_id": pl.String})
    frames = ()
    if gold is not None:
        units = frame.filter(pl.col("response_id").is_in(gold.implode())).select(
            "response_id",
            code=pl.lit(AE[0]),
            value_id=pl.lit(AE[1]),
            human=pl.col("truth").cast(pl.Float64),
            chance=pl.lit(chance),
            stratum=pl.lit("all"),
            is_complete=pl.lit(True),
            video_id="video_id",
            platform="platform",
            lang="lang",
            region=pl.lit(None, pl.String),
            work_id="work_id",
        )
        frames = (Frame([AE[0]]),)
    held = frame.drop("truth") if "truth" in frame.columns else frame
    settings = {
        "shown": seen,
        "moments": spec or MomentsSpec(),
        "served": (AE[0],),
        "gold": Gold(units, ("p",), ("s",), frames),
        **more,
    }
    return evidence(held, [(1, "zh", AE[0], "1")], **settings)


def places(rng, many, seconds, gap=40):
    """Beginnings of segments, seconds, at least `gap` apart."""
    room = seconds - many * gap - 20
    return (10 + np.sort(rng.integers(0, max(room, 1), many)) + gap * np.arange(many)).tolist()
