"""Texts against 2,000 terms in 30 codes: our lexicon coder beside bare Polars and Aho-Corasick libraries, on the same distinct normal forms."""

from functools import cache

import polars as pl
import pyarrow as pa
import pytest

from corpus import codebook_yaml, responses, terms
from yuhu.coding.lexicon import LexiconCoder
from yuhu.core.codebook import load_codebook
from yuhu.texts.normal import normal_form

ROUNDS = 3


@cache
def coder() -> LexiconCoder:
    return LexiconCoder(load_codebook(codebook_yaml()), ["core"])


@cache
def distinct() -> pl.DataFrame:
    return (
        responses()
        .select("text", "lang")
        .unique(maintain_order=True)
        .with_row_index("row")
        .with_columns(normal=normal_form(pl.col("text")))
    )


@pytest.mark.benchmark(group="terms on distinct normal forms")
def test_bare_polars(benchmark):
    patterns = coder()._patterns
    texts = distinct()
    benchmark.pedantic(lambda: texts.select(pl.col("normal").str.extract_many(patterns, overlapping=True)), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.benchmark(group="terms on distinct normal forms")
def test_ours_with_spans_negation_and_word_boundaries(benchmark):
    texts = distinct().select("row", "lang", "normal")
    benchmark.pedantic(lambda: coder().hits(texts), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.benchmark(group="terms on distinct normal forms")
def test_ahocorasick_rs(benchmark):
    import ahocorasick_rs

    automaton = ahocorasick_rs.AhoCorasick(coder()._patterns)
    texts = distinct()["normal"].to_list()
    benchmark.pedantic(lambda: [automaton.find_matches_as_indexes(text, overlapping=True) for text in texts], rounds=1)


@pytest.mark.benchmark(group="normal form of distinct texts")
def test_normal_form(benchmark):
    texts = distinct().select("text")
    benchmark.pedantic(lambda: texts.select(normal_form(pl.col("text"))), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.benchmark(group="whole coder, texts to codings with evidence in characters")
def test_ours_whole(benchmark):
    texts = distinct().select(text_key=pl.col("row").cast(pl.Int64), lang="lang", text="text")
    table = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(
        pa.schema([("text_key", pa.int64()), ("lang", pa.string()), ("text", pa.string())])
    )
    batch = table.combine_chunks().to_batches()[0]
    benchmark.pedantic(lambda: coder().code(batch), rounds=ROUNDS, warmup_rounds=1)


def test_both_find_the_same():
    rows = distinct().head(20_000)
    lookup = terms()
    bare = rows.select("row", term=pl.col("normal").str.extract_many(list(lookup), overlapping=True)).explode("term").drop_nulls()
    ours = coder().hits(rows.select("row", "lang", "normal")).select("row").unique().height
    assert ours == pytest.approx(bare["row"].n_unique(), rel=0.05)  # traditional forms add a few, negation takes a few away
