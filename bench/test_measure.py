"""`yuhu measure` by measure on a whole study: YUHU_BENCH_STUDY_ROWS danmaku (10 million) of YUHU_BENCH_VIDEOS videos (1,000), coded by a machine made up here.

The tables are written as partitions, not through `yuhu add`. Texts, codes and times are synthetic: they show cost and nothing else. Run it alone:
`python -m pytest bench/test_measure.py -o addopts= -p no:cacheprovider -s`. YUHU_BENCH_ONLY names measures, YUHU_BENCH_KEEP a folder in which the study
stays for the next time: making and cleaning it takes minutes.
"""

import datetime as dt
import os
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import yuhu
from yuhu.core.codebook import built_in_codebook
from yuhu.core.moments import MomentsSpec
from yuhu.core.registry import registered
from yuhu.core.schema import ABSTAINED, MACHINE_CODING, conform, frame_schema, polars_schema
from yuhu.measures.decisions import shares_of
from yuhu.study.manifest import SourceEntry
from yuhu.study.transaction import Transaction
from yuhu.verbs.evidence import prepare

ROWS = int(os.environ.get("YUHU_BENCH_STUDY_ROWS", "10000000"))
VIDEOS = int(os.environ.get("YUHU_BENCH_VIDEOS", "1000"))
WITH_VIEWS = int(os.environ.get("YUHU_BENCH_WITH_VIEWS", "5"))
PARTS, SECONDS, DAYS = 10, 600, 14
MOST_S = 60
ONLY = tuple(filter(None, os.environ.get("YUHU_BENCH_ONLY", "").split(",")))
KEEP = os.environ.get("YUHU_BENCH_KEEP", "")
START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
STRATEGIES = ("homecoming", "loss", "symbol")
CODED, CODES = 0.04, 18


def _entry(source, rows):
    return SourceEntry(
        source=source, file=f"{source}.parquet", sha256=source, bytes=0, identity=source, importer="bench.v1", what="danmaku", seen=rows, kept=rows,
        rejected=0, rows={"responses": rows}, first_rejects=[], videos=[], video_from="file", platform="bilibili", sort_order="unknown", exported_at="",
        is_truncated=False, truncation=[], notes=[], added_at="2024-06-01T00:00:00Z",
    )  # fmt: skip


def _responses(rng, part, rows):
    """Danmaku: more in large videos, around three peaks, most in the first days; a seventh of the texts are distinct."""
    video = np.minimum((VIDEOS * rng.random(rows) ** 2).astype(np.int64), VIDEOS - 1)
    peaked = rng.random(rows) < 0.3
    at = np.where(peaked, 100 + 200 * rng.integers(0, 3, rows) + rng.exponential(6, rows), rng.uniform(0, SECONDS, rows))
    sent = np.minimum(rng.exponential(2 * 86_400, rows), DAYS * 86_400)
    key = (rng.pareto(1.1, rows) * ROWS / 280).astype(np.int64) % max(1, ROWS // 7)
    frame = pl.DataFrame({"video": video, "at": at, "sent": sent, "key": key, "author": rng.integers(0, ROWS // 5, rows)})
    return frame.select(
        response_id=pl.format("bilibili:{}:{}-{}", "video", pl.lit(part), pl.int_range(pl.len())),
        video_id=pl.format("bilibili:{}", "video"),
        platform=pl.lit("bilibili"),
        kind=pl.lit("danmaku"),
        text=pl.format("text {}", "key"),
        text_key="key",
        at_ms=(pl.col("at").clip(0, SECONDS - 1) * 1000).cast(pl.Int64),
        sent_at=(pl.lit(START) + pl.duration(seconds=pl.col("sent").cast(pl.Int64))).cast(pl.Datetime("ms", "UTC")),
        sent_at_precision_s=pl.lit(1, dtype=pl.Int32),
        author_key=pl.format("u{}", "author"),
        lang=pl.lit("zh"),
        is_special=pl.lit(value=False),
        source=pl.lit(f"part{part}"),
    )


def _videos():
    names = [f"bilibili:{at}" for at in range(VIDEOS)]
    return pl.DataFrame({"video_id": names, "native_id": [name[9:] for name in names]}).with_columns(
        work_id="video_id",
        platform=pl.lit("bilibili"),
        title="video_id",
        offset_ms=pl.lit(0),
        duration_ms=pl.lit(SECONDS * 1000),
        published_at=pl.lit(START),
        source=pl.lit("part0"),
    )


def _metrics():
    hours = np.arange(1, DAYS * 24 + 1)
    total = 1e6 * (1 - np.exp(-hours / 48))
    one = pl.DataFrame({"hour": hours, "value": total})
    names = pl.DataFrame({"subject": [f"bilibili:{at}" for at in range(WITH_VIEWS)]})
    return names.join(one, how="cross").select(
        "subject",
        at=(pl.lit(START) + pl.duration(hours="hour")).cast(pl.Datetime("ms", "UTC")),
        name=pl.lit("views"),
        value="value",
        source=pl.lit("part0"),
    )


def _segments(rng):
    starts = rng.integers(20, SECONDS - 40, (VIDEOS, len(STRATEGIES), 2))
    rows = [
        (f"bilibili:{video}", "code", STRATEGIES[code], int(start) * 1000, int(start) * 1000 + 8000)
        for (video, code, _), start in np.ndenumerate(starts)
    ]
    return pl.DataFrame(rows, schema=["video_id", "kind", "name", "start_ms", "end_ms"], orient="row").with_columns(source=pl.lit("part0"))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study as `add` and `code` would have left it."""
    rng, path = np.random.default_rng(5), Path(KEEP) if KEEP else tmp_path_factory.mktemp("measure") / "s"
    book = built_in_codebook()
    served = [name for name in book.variables if shares_of(book.variables[name]) and book.variables[name].unit == "response"][:CODES]
    if path.exists():
        return yuhu.open(path), book, served, rng
    with Transaction(yuhu.init(path)) as change:
        for part in range(PARTS):
            rows = ROWS // PARTS
            change.stage("responses", [f"part{part}"], conform(_responses(rng, part, rows), frame_schema("responses")))
            change.manifest.sources.append(_entry(f"part{part}", rows))
        for table, frame in (("videos", _videos()), ("metrics", _metrics()), ("segments", _segments(rng))):
            change.stage(table, ["part0"], conform(frame, frame_schema(table)))
        change.commit()
    return yuhu.open(path), book, served, rng


def _coded(evidence, book, served, rng):
    """The evidence with the codings of a machine that gives each code to 4 % of the texts."""
    texts = max(1, ROWS // 7)
    frames = []
    for name in served:
        keys = np.flatnonzero(rng.random(texts) < CODED)
        frames.append(
            pl.DataFrame({"text_key": keys}).with_columns(
                lang=pl.lit("zh"), code=pl.lit(name), value=pl.lit(shares_of(book.variables[name])[0])
            )
        )
    codings = conform(pl.concat(frames), polars_schema(MACHINE_CODING))
    abstained = pl.DataFrame(schema=polars_schema(ABSTAINED))
    return replace(evidence, codings=codings.lazy(), abstained=abstained.lazy(), served=served, coder="bench")


def test_every_measure(study):
    made, book, served, rng = study
    begun = time.perf_counter()
    prepared = prepare(made, moments=MomentsSpec())
    print(f"\n{ROWS:,} responses, {VIDEOS:,} videos; preparing (cleaning) {time.perf_counter() - begun:.1f} s")
    evidence = _coded(prepared.evidence(made), book, served, rng)
    total = 0.0
    chosen = {name: make for name, make in registered("measures").items() if not ONLY or name.partition(".")[0] in ONLY}
    for name, make in chosen.items():
        begun, cpu = time.perf_counter(), time.process_time()
        rows = make().estimate(evidence).height
        took, used = time.perf_counter() - begun, time.process_time() - cpu
        total += took
        print(f"{name:24} {took:7.2f} s ({used:.2f} s of CPU) {rows:>9,} rows", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{'all':24} {total:7.2f} s, peak {peak:.1f} GB")
    assert total < MOST_S
