"""Code and group by video x 5 s x code, from Parquet: our partitions and grouping beside the bare Polars plan."""

import polars as pl
import pytest

from corpus import codebook_yaml, responses, terms
from yuhu.coding.lexicon import LexiconCoder
from yuhu.core.codebook import load_codebook
from yuhu.verbs.code import _batches

PARTS = 10


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    frame = responses().with_columns(text_key=pl.col("text").hash().reinterpret(signed=True))
    size = -(-frame.height // PARTS)
    for at in range(PARTS):
        frame.slice(at * size, size).write_parquet(folder / f"{at}.parquet")
    return sorted(folder.glob("*.parquet"))


@pytest.mark.benchmark(group="code and group by video x 5 s x code")
def test_bare_polars_plan(benchmark, paths):
    lookup = pl.DataFrame({"term": list(terms()), "code": list(terms().values())})

    def plan():
        rows = pl.scan_parquet(paths).select("video_id", "at_ms", "text").collect()
        unique = rows.select(pl.col("text").unique())
        hits = (
            unique.with_columns(term=pl.col("text").str.extract_many(list(terms()), overlapping=True))
            .filter(pl.col("term").list.len() > 0)
            .explode("term")
            .join(lookup, on="term")
            .select("text", "code")
            .unique()
        )
        return (
            rows.lazy()
            .with_columns(step=pl.col("at_ms") // 5000)
            .join(hits.lazy(), on="text")
            .group_by("video_id", "step", "code")
            .len()
            .collect(engine="streaming")
        )

    assert benchmark.pedantic(plan, rounds=3, warmup_rounds=1).height > 0


@pytest.mark.benchmark(group="code and group by video x 5 s x code")
def test_ours(benchmark, paths):
    coder = LexiconCoder(load_codebook(codebook_yaml()), ["core"])

    def plan():
        texts = pl.scan_parquet(paths).select("text_key", "lang", "text").unique(["text_key", "lang"]).collect()
        coded = [pl.from_arrow(coder.code(batch).codings) for batch in _batches(texts)]
        codings = pl.concat(coded).select("text_key", "lang", "code")
        rows = pl.scan_parquet(paths).select("video_id", "text_key", "lang", step=pl.col("at_ms") // 5000)
        return rows.join(codings.lazy(), on=["text_key", "lang"]).group_by("video_id", "step", "code").len().collect(engine="streaming")

    assert benchmark.pedantic(plan, rounds=3, warmup_rounds=1).height > 0
