"""A trained classifier coding distinct short texts, from text to codings with scores, beside a scikit-learn pipeline with as many questions in the same run."""

import os
from functools import cache

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from yuhu.coding.classifier import make_classifier
from yuhu.coding.lexicon import LexiconCoder
from yuhu.core.codebook import built_in_codebook
from yuhu.core.contracts import CoderSetup
from yuhu.core.ids import text_keys

ROWS = int(os.environ.get("YUHU_BENCH_ROWS", "1000000"))
LABELLED = 500
BOOK = built_in_codebook()
MODULES = sorted(BOOK.default_modules)


@cache
def texts() -> pl.DataFrame:
    """Distinct messages: an example of the codebook, a number, and at times a second example."""
    rng = np.random.default_rng(1)
    examples = sorted({(one.lang, one.text) for code in BOOK.codes for one in (*code.examples, *code.near_misses) if len(one.text) < 40})
    zh = [text for lang, text in examples if lang == "zh"]
    en = [text for lang, text in examples if lang == "en"]
    found = []
    for at, (first, second, kind) in enumerate(
        zip(rng.integers(0, 10**9, ROWS), rng.integers(0, 10**9, ROWS), rng.random(ROWS), strict=True)
    ):
        pool = en if kind < 0.3 else zh
        more = pool[second % len(pool)] if kind * 10 % 1 < 0.2 else ""
        found.append(("en" if kind < 0.3 else "zh", f"{pool[first % len(pool)]}{more} {at}"))
    frame = pl.DataFrame(found, schema=["lang", "text"], orient="row")
    return frame.select(pl.Series("text_key", text_keys(frame["text"].to_list()), dtype=pl.Int64), "lang", "text")


@cache
def labels() -> pl.DataFrame:
    """Labels of the first texts, made by the lexicon: this is about time, not truth."""
    first = texts().head(LABELLED)
    lexicon = LexiconCoder(BOOK, MODULES)
    coded = pl.DataFrame(pl.from_arrow(lexicon.code(batch(first)).codings)).select("text_key", "lang", "code", "value")
    zeros = pl.DataFrame({"code": lexicon.serves}).with_columns(
        zero=pl.col("code").replace_strict({v.id: v.zero for v in BOOK.variables.values()})
    )
    return (
        first.join(zeros, how="cross")
        .join(coded, on=["text_key", "lang", "code"], how="left")
        .with_columns(value=pl.coalesce("value", "zero"), weight=pl.lit(1.0))
        .drop_nulls("value")
    )


@cache
def coder():
    made = make_classifier(CoderSetup(BOOK, MODULES, labels=labels))
    assert made.kept.model.questions
    return made


def batch(frame: pl.DataFrame) -> pa.RecordBatch:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks().to_batches()[0]


@cache
def pipeline():
    """One logistic regression for each question on hashed character n-grams."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = HashingVectorizer(analyzer="char", ngram_range=(1, 4), n_features=2**18)
    features = vectors.transform(texts()["text"].head(LABELLED).to_list())
    wide = labels().with_columns(hit=pl.col("value") != pl.col("zero")).pivot("code", index="text_key", values="hit", maintain_order=True)
    order = texts().head(LABELLED).join(wide, on="text_key", how="left", maintain_order="left")
    models = []
    for question in coder().kept.model.questions:
        hit = order[question[0]].to_numpy().astype(int)
        models.append(LogisticRegression(solver="liblinear").fit(features, hit))
    return vectors, np.vstack([model.coef_ for model in models]).T, np.array([model.intercept_[0] for model in models])


@pytest.mark.benchmark(group="classifier, distinct short texts to codings with scores")
def test_ours(benchmark):
    made, whole = coder(), batch(texts())
    benchmark.extra_info["questions"] = len(made.kept.model.questions)
    outcome = benchmark.pedantic(lambda: made.code(whole), rounds=1)
    assert outcome.codings.num_rows
    print(f"\n{ROWS:,} texts, {len(made.kept.model.questions)} questions, {outcome.scores.num_rows:,} scores")


@pytest.mark.benchmark(group="classifier, distinct short texts to codings with scores")
def test_scikit_learn_pipeline(benchmark):
    vectors, weights, intercepts = pipeline()
    whole = texts()["text"].to_list()

    def run():
        found = []
        for at in range(0, len(whole), 20_000):
            scores = vectors.transform(whole[at : at + 20_000]) @ weights + intercepts
            found.append(1 / (1 + np.exp(-scores)))
        return np.concatenate(found)

    assert benchmark.pedantic(run, rounds=1).shape[0] == ROWS
