"""JSON lines of a collector (MediaCrawler, Douyin comments) to a study, beside two readers that only make a Parquet file of seven columns."""

import shutil

import duckdb
import polars as pl
import pytest

import yuhu
from corpus import ROWS
from exports import comment_lines


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    path = comment_lines(tmp_path_factory.mktemp("ndjson"))
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
