"""Machine coders against people's codes in public sets: `python bench/brighter.py DATA`, DATA being the folder that holds brighter/ and the others.

Settings of the peer are chosen on dev; test is looked at once, for the table. English test labels are those of track b (intensity above 0): track a leaves
them out.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_union
from threadpoolctl import threadpool_limits

from yuhu.coding.classifier import make_classifier
from yuhu.coding.classifier.features import count_ngrams, readable
from yuhu.coding.classifier.weighting import Vocabulary, rarity, weighted
from yuhu.coding.lexicon import LexiconCoder
from yuhu.core.codebook import Codebook, built_in_codebook, load_codebook
from yuhu.core.contracts import CoderSetup
from yuhu.core.ids import text_keys

LANGUAGES = {"zh": "chn", "en": "eng"}
DRAWS = 2_000
_HEAD = """\
schema: 1
id: brighter
version: "1.0.0"
label: {zh: "情绪", en: "emotions"}
description: {zh: "BRIGHTER 的情绪", en: "emotions of BRIGHTER"}
modules:
  - {id: core, label: {zh: "核心", en: "core"}, default: true}
codes:
"""
_CODE = """\
  - id: {id}
    module: core
    unit: response
    level: binary
    label: {{zh: "{id}", en: "{id}"}}
    values: [{{id: 0, label: {{zh: "无", en: "no"}}}}, {{id: 1, label: {{zh: "有", en: "yes"}}}}]
    definition: {{zh: "{id}", en: "{id}"}}
    include: []
    exclude: []
    examples: []
    near_misses: []
    no_terms: {{zh: "无", en: "none"}}
"""


def read(data: Path, lang: str, part: str) -> tuple[pl.DataFrame, list[str]]:
    """Texts with keys, and one column of 0 and 1 for each emotion."""
    track = "b" if (lang, part) == ("en", "test") else "a"
    frame = pl.read_csv(data / "brighter" / f"track_{track}_{part}_{LANGUAGES[lang]}.csv", infer_schema_length=None)
    emotions = [name for name in frame.columns if name not in {"id", "text"}]
    return (
        frame.select(
            pl.Series("text_key", text_keys(frame["text"].to_list()), dtype=pl.Int64),
            "text",
            *((pl.col(name) > 0).cast(pl.Int8) for name in emotions),
            lang=pl.lit(lang),
        ).unique("text_key", keep="first", maintain_order=True),
        emotions,
    )


def book_of(emotions: list[str]) -> Codebook:
    """A codebook with one binary code for each emotion."""
    return load_codebook(_HEAD + "".join(_CODE.format(id=name) for name in emotions))


def labels_of(frame: pl.DataFrame, emotions: list[str]) -> pl.DataFrame:
    """What a study would hand to a coder that learns."""
    long = frame.unpivot(emotions, index=["text_key", "lang", "text"], variable_name="code", value_name="value")
    return long.with_columns(pl.col("value").cast(pl.String), weight=pl.lit(1.0))


def coded(coder, frame: pl.DataFrame, emotions: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """What a coder stores, and the probabilities, of each text and emotion."""
    columns = [
        pa.array(frame[name].to_list(), kind) for name, kind in (("text_key", pa.int64()), ("lang", pa.string()), ("text", pa.string()))
    ]
    outcome = coder.code(pa.RecordBatch.from_arrays(columns, names=["text_key", "lang", "text"]))
    place = {key: at for at, key in enumerate(frame["text_key"].to_list())}
    said, sure = np.zeros((frame.height, len(emotions))), np.zeros((frame.height, len(emotions)))
    for row in outcome.codings.to_pylist():
        said[place[row["text_key"]], emotions.index(row["code"])] = 1
    for row in outcome.scores.to_pylist():
        sure[place[row["text_key"]], emotions.index(row["code"])] = row["probability"]
    return said, sure


def f1s(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """F1 of each emotion; 0 where nobody said it and it is never said."""
    hits = (truth * said).sum(axis=-2)
    return 2 * hits / np.maximum(truth.sum(axis=-2) + said.sum(axis=-2), 1)


def interval(truth: np.ndarray, said: np.ndarray, other: np.ndarray | None = None) -> tuple[float, float]:
    """95 % percentile interval of macro F1, or of its difference from that of another coder, over texts drawn with replacement."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(DRAWS):
        rows = rng.integers(0, len(truth), len(truth))
        value = f1s(truth[rows], said[rows]).mean()
        found.append(value - (f1s(truth[rows], other[rows]).mean() if other is not None else 0))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def peer(train: pl.DataFrame, dev: pl.DataFrame, test: pl.DataFrame, emotions: list[str], lang: str) -> tuple[np.ndarray, str]:
    """TF-IDF and logistic regression, with n-grams, strength and class weights chosen on dev."""
    chars = {
        f"characters {low}-{high}": TfidfVectorizer(analyzer="char", ngram_range=(low, high), sublinear_tf=True)
        for low, high in ((1, 2), (1, 3), (2, 4))
    }
    words = {
        f"words 1-2 and characters {low}-{high}": make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(low, high), sublinear_tf=True),
        )
        for low, high in ((2, 5), (3, 5), (1, 4))
    }
    best, chosen, result = -1.0, "", np.zeros((test.height, len(emotions)))
    for name, vectors in (chars if lang == "zh" else words).items():
        features = vectors.fit_transform(train["text"].to_list())
        dev_features, test_features = vectors.transform(dev["text"].to_list()), vectors.transform(test["text"].to_list())
        for strength, weight in itertools.product((0.1, 0.3, 1, 3, 10, 30), ("balanced", None)):
            models = [
                LogisticRegression(C=strength, class_weight=weight, solver="liblinear").fit(features, train[emotion].to_numpy())
                for emotion in emotions
            ]
            score = f1s(dev[emotions].to_numpy(), np.column_stack([model.predict(dev_features) for model in models])).mean()
            if score > best:
                best, chosen = score, f"{name}, C={strength}, class_weight={weight}"
                result = np.column_stack([model.predict(test_features) for model in models])
    return result, chosen


def row(name: str, truth: np.ndarray, said: np.ndarray) -> None:
    low, high = interval(truth, said)
    print(
        f"| {name} | {f1s(truth, said).mean():.3f} | {low:.3f} to {high:.3f} | {' '.join(f'{one:.2f}' for one in f1s(truth, said))} |",
        flush=True,
    )


def trained(frame: pl.DataFrame, emotions: list[str], **options: str):
    return make_classifier(CoderSetup(book_of(emotions), ["core"], options, labels=lambda: labels_of(frame, emotions)))


def emotions_by_classifier(data: Path) -> None:
    """Trained on train, tested on test; zh on en; both together."""
    parts = {(lang, part): read(data, lang, part) for lang in LANGUAGES for part in ("train", "dev", "test")}
    both = [name for name in parts["en", "train"][1] if name in parts["zh", "train"][1]]
    together = pl.concat([parts[lang, "train"][0].select("text_key", "lang", "text", *both) for lang in LANGUAGES])
    joint = trained(together, both, threshold="f1")
    single = trained(together, both, threshold="f1", least_texts="4000")  # more than either language has: no model of its own
    print("| coder, test set | macro F1 | 95 % interval | by emotion |\n| --- | --- | --- | --- |")
    for lang in LANGUAGES:
        train, emotions = parts[lang, "train"]
        dev, test = parts[lang, "dev"][0], parts[lang, "test"][0]
        if lang == "en":
            dev = dev.drop_nulls(emotions)
        truth = test[emotions].to_numpy()
        coder = trained(train, emotions, threshold="f1")
        said, sure = coded(coder, test, emotions)
        other, chosen = peer(train, dev, test, emotions, lang)
        row(f"ours, threshold f1, {lang}", truth, said)
        row(f"ours, threshold half, {lang}", truth, (sure >= 0.5).astype(float))
        row(f"peer, {lang} ({chosen})", truth, other)
        low, high = interval(truth, said, other)
        print(f"| difference, {lang} | {f1s(truth, said).mean() - f1s(truth, other).mean():+.3f} | {low:+.3f} to {high:+.3f} | |")
        print(
            f"| Brier, mean probability less share, {lang} | {((sure - truth) ** 2).mean():.3f} | {np.abs(sure.mean(axis=0) - truth.mean(axis=0)).max():.3f} at most | |"
        )
        row(
            f"ours, {lang} alone, on the {len(both)} emotions of both",
            test[both].to_numpy(),
            said[:, [emotions.index(one) for one in both]],
        )
        row(f"ours, zh and en together, on {lang}", test[both].to_numpy(), coded(joint, test, both)[0])
        row(f"the same without models of their own, on {lang}", test[both].to_numpy(), coded(single, test, both)[0])
        if lang == "en":
            chinese = trained(parts["zh", "train"][0].select("text_key", "lang", "text", *both), both, threshold="f1", languages="all")
            row("ours, trained on zh, on en", test[both].to_numpy(), coded(chinese, test, both)[0])
            row("everything called, en", test[both].to_numpy(), np.ones((test.height, len(both))))


def empathy_by_ridge(data: Path) -> None:
    """Ridge regression on our features, ten folds as the published figures, beside these."""
    frame = pl.read_csv(data / "empathic_reactions" / "messages.csv", infer_schema_length=None)
    published = pl.read_csv(data / "empathic_reactions" / "ridge.tsv", separator="\t").tail(1)
    texts = readable(frame["essay"], pl.Series(["en"] * frame.height))
    counts = count_ngrams(texts.to_list())
    vocabulary = Vocabulary(np.unique(counts.bucket).astype(np.int32), ("en",))
    matrix, language = vocabulary.matrix(counts), sparse.csr_matrix(np.ones((frame.height, 1), np.float32))
    writers, writer = np.unique(frame["response_id"].to_numpy(), return_inverse=True)
    rng = np.random.default_rng(0)
    kinds = {"messages": rng.permutation(frame.height) % 10, "writers": (rng.permutation(len(writers)) % 10)[writer]}
    print("\n| score | folds of | ours: r, mean of folds | standard deviation | published ridge |\n| --- | --- | --- | --- | --- |")
    for name, (what, fold) in itertools.product(("empathy", "distress"), kinds.items()):
        score = frame[name].cast(pl.Float64).to_numpy()
        found = []
        for at in range(10):
            rows = fold != at
            features = weighted(matrix, counts.words, language, rarity(matrix, rows, len(vocabulary.buckets)), vocabulary.buckets)
            inner = fold[rows] % 5
            strengths = (1.0, 3.0, 10.0, 30.0)
            held = [
                np.mean([
                    np.corrcoef(Ridge(alpha).fit(features[rows][inner != part], score[rows][inner != part]).predict(features[rows][inner == part]), score[rows][inner == part])[0, 1]
                    for part in range(2)
                ])
                for alpha in strengths
            ]  # fmt: skip
            model = Ridge(strengths[int(np.argmax(held))]).fit(features[rows], score[rows])
            found.append(np.corrcoef(model.predict(features[~rows]), score[~rows])[0, 1])
        print(f"| {name} | {what} | {np.mean(found):.3f} | {np.std(found, ddof=1):.3f} | {published[name][0]:.3f} |", flush=True)


def codes_by_lexicon(data: Path, part: str = "test") -> None:
    """The built-in lexicon against codes of others that come near its own."""
    book = built_in_codebook()
    coder = LexiconCoder(book, sorted(str(module["id"]) for module in book.modules))
    print(
        "\n| set | people's code | lexicon | n | people | lexicon says | precision | recall |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    for lang in LANGUAGES:
        frame, emotions = read(data, lang, part)
        for names, code in ((["anger"], "anger"), (["anger", "disgust"], "anger"), (["sadness"], "affective_empathy")):
            there = [name for name in names if name in emotions]
            if len(there) == len(names):
                lexicon_row(coder, frame, lang, f"BRIGHTER {lang}", there, code)
    go = pl.read_csv(
        data / "emotions_en" / f"{'dev' if part == 'train' else part}.tsv",
        separator="\t",
        has_header=False,
        quote_char=None,
        infer_schema_length=None,
    )
    labels = go[go.columns[1]].cast(pl.String).str.split(",")
    frame = pl.DataFrame(
        {"text_key": pl.Series(text_keys(go[go.columns[0]].to_list()), dtype=pl.Int64), "text": go[go.columns[0]], "lang": "en"}
    )
    for names, code in (
        (["anger", "annoyance", "disgust"], "anger"), (["gratitude"], "gratitude"), (["pride"], "pride"),
        (["caring"], "empathic_concern"), (["remorse"], "shame_guilt"), (["sadness", "grief"], "affective_empathy"),
    ):  # fmt: skip
        held = frame.with_columns(
            pl.Series(name, labels.list.contains(str(GO_EMOTIONS.index(name)))).cast(pl.Int8) for name in names
        ).unique("text_key", keep="first", maintain_order=True)
        lexicon_row(coder, held, "en", "GoEmotions", names, code)


GO_EMOTIONS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire", "disappointment", "disapproval", "disgust",
    "embarrassment", "excitement", "fear", "gratitude", "grief", "joy", "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse",
    "sadness", "surprise", "neutral",
)  # fmt: skip


def lexicon_row(coder: LexiconCoder, frame: pl.DataFrame, lang: str, name: str, people: list[str], code: str) -> None:
    truth = (frame[people].to_numpy().sum(axis=1) > 0).astype(float)
    columns = [
        pa.array(frame[column].to_list(), kind) for column, kind in (("text_key", pa.int64()), ("lang", pa.string()), ("text", pa.string()))
    ]
    outcome = coder.code(pa.RecordBatch.from_arrays(columns, names=["text_key", "lang", "text"]))
    keys = {row["text_key"] for row in outcome.codings.to_pylist() if row["code"] == code}
    said = frame["text_key"].is_in(list(keys)).to_numpy().astype(float)
    hits = float((truth * said).sum())
    precision = f"{hits / said.sum():.2f}" if said.sum() else "undefined"
    print(
        f"| {name} | {' or '.join(people)} | `{code}` | {len(truth)} | {int(truth.sum())} | {int(said.sum())} | {precision} | {hits / truth.sum():.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    wanted = sys.argv[2:] or ["classifier", "ridge", "lexicon"]
    with threadpool_limits(1):
        if "classifier" in wanted:
            emotions_by_classifier(folder)
        if "ridge" in wanted:
            empathy_by_ridge(folder)
        if "lexicon" in wanted:
            codes_by_lexicon(folder, "train" if "train" in wanted else "test")
