"""JSON lines of a collector (MediaCrawler, Douyin comments) to a study, beside two readers that only make a Parquet file of seven columns."""

import json
import shutil

import duckdb
import numpy as np
import polars as pl
import pytest

import yuhu
from corpus import ROWS, responses


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    texts = responses(max(ROWS // 4, 1000))["text"].to_list()
    rng = np.random.default_rng(5)
    picks, who = rng.integers(0, len(texts), ROWS), rng.integers(0, ROWS // 8 + 1, ROWS)
    path = tmp_path_factory.mktemp("ndjson") / "detail_comments_2023-09-10.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for at in range(ROWS):
            record = {
                "comment_id": str(7_273_000_000_000_000_000 + at), "create_time": 1693400000 + at % 900_000, "ip_location": "北京", "aweme_id": str(7_270_000_000_000_000_000 + at % 50),
                "content": texts[picks[at]], "user_id": str(10**10 + int(who[at])), "sec_uid": f"MS4wLjABAAAA{who[at]:x}", "short_user_id": "0", "user_unique_id": "", "user_signature": "",
                "nickname": f"n{who[at]}", "avatar": "https://p3.example/aweme/100x100/x.jpeg", "sub_comment_count": "0", "like_count": int(picks[at] % 90), "last_modify_ts": 1694300000000,
                "parent_comment_id": "0", "pictures": "",
            }  # fmt: skip
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    print(f"\n{path.stat().st_size / 1e6:,.0f} MB in {ROWS:,} lines")
    return path


@pytest.mark.benchmark(group="JSON lines")
@pytest.mark.parametrize("keep_raw", [True, False], ids=["with the raw copy", "without"])
def test_ours_to_a_study(benchmark, lines, tmp_path, keep_raw):
    def fresh():
        shutil.rmtree(tmp_path / "s", ignore_errors=True)
        return (yuhu.init(tmp_path / "s"), [lines]), {"keep_raw": keep_raw}

    [done] = benchmark.pedantic(yuhu.add, setup=fresh, rounds=2)
    assert done.entry.kept == ROWS


COLUMNS = ("comment_id", "create_time", "ip_location", "aweme_id", "content", "user_id", "like_count")


@pytest.mark.benchmark(group="JSON lines")
def test_duckdb(benchmark, lines, tmp_path):
    out = tmp_path / "d.parquet"
    query = f"copy (select {', '.join(COLUMNS)} from read_json('{lines}', format='newline_delimited')) to '{out}' (format parquet, compression zstd)"
    benchmark.pedantic(lambda: duckdb.sql(query), rounds=2)
    assert pl.scan_parquet(out).select(pl.len()).collect().item() == ROWS


@pytest.mark.benchmark(group="JSON lines")
def test_polars(benchmark, lines, tmp_path):
    out = tmp_path / "p.parquet"
    benchmark.pedantic(lambda: pl.read_ndjson(lines).select(COLUMNS).write_parquet(out, compression="zstd"), rounds=2)
    assert pl.scan_parquet(out).select(pl.len()).collect().item() == ROWS
