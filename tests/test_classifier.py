"""The classifier: learns from people, holds out what it codes, says how sure it is, and can be kept."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from coding_studies import codings_of, study_of
from yuhu.cli.app import invoke
from yuhu.coding.classifier import make_classifier
from yuhu.coding.classifier.calibration import best_threshold, calibration_error, logistic, platt
from yuhu.coding.classifier.card import quality
from yuhu.coding.classifier.features import count_ngrams, readable
from yuhu.coding.classifier.fitting import fit
from yuhu.coding.classifier.keeping import write_kept
from yuhu.coding.classifier.model import folds_of
from yuhu.coding.classifier.outcomes import chosen_values, value_probabilities
from yuhu.coding.classifier.targets import Decision, read_labels
from yuhu.coding.classifier.weighting import weighted
from yuhu.core.codebook import built_in_codebook, load_codebook
from yuhu.core.contracts import CoderSetup, Trained
from yuhu.core.errors import YuhuError
from yuhu.core.ids import text_key
from yuhu.study.codings import append_codings
from yuhu.study.machine import read_machine
from yuhu.study.store import open_study
from yuhu.testing import check_coder
from yuhu.verbs.code import code

BOOK = built_in_codebook()
MODULES = sorted(BOOK.default_modules)
SAD = ("哭了", "泪目", "心疼她", "好难过", "她太可怜了")
PLAIN = ("打卡", "来了", "前排", "好看", "第一")
FILLERS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


def rows_of(items, code, value_of, *, lang="zh"):
    """Labels of texts for one decision; ``value_of`` gives a value or shares by value."""
    found = []
    for at, text in enumerate(items):
        said = value_of(at)
        for value, weight in (said if isinstance(said, dict) else {said: 1.0}).items():
            found.append(
                {
                    "text_key": text_key(text),
                    "lang": lang,
                    "text": text,
                    "parent": None,
                    "transcript": None,
                    "code": code,
                    "value": value,
                    "weight": weight,
                }
            )
    return pl.DataFrame(found)


def messages(n, *, every=2, words=SAD, seed=0):
    """Messages of which every n-th holds one of some words, with filler that tells nothing."""
    rng = np.random.default_rng(seed)
    filler = ["".join(rng.choice(list(FILLERS), 4)) for _ in range(n)]
    return [f"{filler[at]}{(words if at % every == 0 else PLAIN)[at % len(words)]}{at}" for at in range(n)]


def anger_labels(n=300, *, every=3, seed=0):
    return rows_of(messages(n, every=every, seed=seed), "anger", lambda at: "1" if at % every == 0 else "0")


def made(frame, seed=0, book=BOOK, modules=MODULES, **options):
    return make_classifier(CoderSetup(book, modules, options, labels=lambda: frame, seed=seed))


def batch(texts, *, lang="zh", keys=None):
    languages = [lang] * len(texts) if isinstance(lang, str) else lang
    table = pa.table(
        {
            "text_key": pa.array(keys if keys is not None else [text_key(text) for text in texts], pa.int64()),
            "lang": pa.array(languages, pa.string()),
            "text": pa.array(list(texts), pa.string()),
        }
    )
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema)


def values(outcome, decision):
    return {row["text_key"]: row["value"] for row in outcome.codings.to_pylist() if row["code"] == decision}


def probabilities(outcome, decision, value):
    rows = outcome.scores.to_pylist()
    return {row["text_key"]: row["probability"] for row in rows if (row["code"], row["value_id"]) == (decision, value)}


@pytest.fixture(scope="module")
def anger():
    return made(anger_labels())


def ordinal_labels(n=400):
    texts = messages(n, every=2)
    strong = [f"{text}爱她" if at % 4 == 0 else text for at, text in enumerate(texts)]
    return rows_of(strong, "affective_empathy", lambda at: "2" if at % 4 == 0 else "1" if at % 2 == 0 else "0")


@pytest.fixture(scope="module")
def empathy():
    texts = messages(400, every=2)
    kind = rows_of(texts, "kind", lambda at: "expressing" if at % 2 == 0 else "ritual")
    valence = rows_of(texts[::2], "affective_empathy.valence", lambda at: "pain" if at % 3 else "joy")
    return made(pl.concat([ordinal_labels(), kind, valence]))


# --- features


def test_tokens_are_words_where_words_are_spaced_and_characters_where_not():
    single = count_ngrams(["哭"])
    assert len(single.bucket) == 1
    assert single.words.tolist() == [0.0]
    two = count_ngrams(["哭了"])
    assert len(two.bucket) == 3, "two characters and the pair"
    word = count_ngrams(["cry"])
    assert word.words.tolist() == [1.0]
    assert len(word.bucket) == 1 + 4 + 3 + 2 + 1, "the word; its character n-grams of 2 to 5 with both ends marked"
    assert count_ngrams(["cry 哭"]).words.tolist() == [0.75]


def test_counts_do_not_depend_on_the_batch():
    texts = ["哭了哭了", "i'm crying so hard", "", "😭😭", "\x00", "naïve ﬃ"]
    whole = count_ngrams(texts)
    for at, text in enumerate(texts):
        alone = count_ngrams([text])
        assert alone.bucket.tolist() == whole.bucket[whole.row == at].tolist()
        assert alone.count.tolist() == whole.count[whole.row == at].tolist()
    assert count_ngrams([]).n == 0


@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_text_can_be_counted(texts):
    found = count_ngrams(texts)
    assert found.n == len(texts)
    assert (np.diff((found.row << 22) + found.bucket) > 0).all(), "sorted, each once"
    assert (found.count >= 1).all()


def test_traditional_and_simplified_are_one_form():
    frame = pl.DataFrame({"text": ["淚目", "泪目", "淚目"], "lang": ["zh", "zh", "ja"]})
    assert readable(frame["text"], frame["lang"]).to_list() == ["泪目", "泪目", "淚目"]


# --- the contract


def test_it_holds_to_the_contract(anger, empathy):
    texts = [*[(text, "zh") for text in (*SAD, *PLAIN)], ("", "zh"), ("\x00😭‍🔥", "und"), ("she cried", "en"), ("x" * 5000, "zh")]
    for coder in (anger, empathy):
        check_coder(coder, BOOK, texts)
        assert isinstance(coder, Trained)


def test_it_learns(anger):
    seen = anger_labels()
    coded = values(anger.code(batch(seen["text"].to_list())), "anger")
    right = [(coded.get(key) == "1") == (value == "1") for key, value in zip(seen["text_key"], seen["value"], strict=True)]
    assert np.mean(right) > 0.97
    fresh = messages(200, every=2, seed=9)
    found = probabilities(anger.code(batch(fresh)), "anger", "1")
    there = [found.get(text_key(text), 0) for text in fresh]
    assert min(there[::2]) > max(there[1::2]), "every message with such a word before every one without"


def test_languages_with_too_few_labels_are_abstained_from(anger):
    outcome = anger.code(batch(["哭了", "she cried", "😭"], lang=["zh", "en", None]))
    assert [row["text_key"] for row in outcome.abstained.to_pylist()] == [text_key("she cried"), text_key("😭")]
    every = made(anger_labels(), languages="all")
    assert every.code(batch(["she cried"], lang="en")).abstained.num_rows == 0
    assert every.parameters()["languages"] == "all"


def test_batches_may_be_empty_or_of_any_size(anger):
    assert anger.code(batch([])).codings.num_rows == 0
    texts = messages(50)
    whole = anger.code(batch(texts)).scores.to_pylist()
    alone = [row for text in texts for row in anger.code(batch([text])).scores.to_pylist()]
    assert whole == alone


# --- cross-fitting


def test_folds_follow_from_the_key_and_the_seed():
    keys = np.arange(-5000, 5000, dtype=np.int64)
    first = folds_of(keys, 1, 5)
    assert np.bincount(first).min() > 1800
    assert (folds_of(keys[::-1], 1, 5) == first[::-1]).all()
    assert (folds_of(keys, 2, 5) != first).mean() > 0.7


def test_no_text_is_coded_by_a_model_that_saw_its_label():
    """Each text has a word of its own, and its label is a coin: whoever saw the label knows it, whoever did not can only guess."""
    rng = np.random.default_rng(3)
    texts = [f"w{at}q{at * 7919 % 9973} 啊啊" for at in range(400)]
    coin = rng.integers(0, 2, 400)
    coder = made(rows_of(texts, "anger", lambda at: str(coin[at])))
    model = coder.kept.model
    frame = pl.DataFrame({"text_key": [text_key(text) for text in texts], "lang": "zh", "text": texts})
    own = folds_of(frame["text_key"].to_numpy(), 0, 5)
    held_out = np.concatenate([part.probabilities for part in model.answers(frame)])[:, 0]
    assert abs(within(own, held_out, coin)) < 0.15
    first = model.folds[0]
    counts = count_ngrams(texts)
    languages = model.vocabulary.languages_of(["zh"] * 400)
    features = weighted(model.vocabulary.matrix(counts), counts.words, languages, first.rarities, model.vocabulary.buckets)
    scores = features @ first.weights[:, 0]
    assert np.corrcoef(scores[own != 0], coin[own != 0])[0, 1] > 0.9, "to a model that saw them, the words of a text tell its label"
    assert abs(np.corrcoef(scores[own == 0], coin[own == 0])[0, 1]) < 0.3


def within(fold, found, coin):
    """Correlation inside folds: over all of them, a fold with many of a label is coded by models that saw few of it."""
    centred = [np.concatenate([part[fold == at] - part[fold == at].mean() for at in range(5)]) for part in (found, coin.astype(float))]
    return np.corrcoef(*centred)[0, 1]


def test_a_label_changes_nothing_of_what_its_own_text_gets():
    """Turning all labels of one fold leaves every outcome of that fold as it was, choices and calibration included."""
    frame = anger_labels(200)
    fold = folds_of(frame["text_key"].to_numpy(), 0, 5)
    turned = frame.with_columns(value=pl.when(pl.Series(fold == 2)).then(pl.lit("0")).otherwise("value"))
    texts = frame.filter(pl.Series(fold == 2))["text"].to_list()
    for threshold in ("half", "f1"):
        before = made(frame, threshold=threshold).code(batch(texts))
        after = made(turned, threshold=threshold).code(batch(texts))
        assert before.codings.equals(after.codings)
        assert before.scores.equals(after.scores)
    elsewhere = frame.filter(pl.Series(fold == 1))["text"].to_list()
    assert not made(frame).code(batch(elsewhere)).scores.equals(made(turned).code(batch(elsewhere)).scores)


def test_a_language_with_labels_enough_has_a_model_of_its_own():
    """A code that nearly all English messages have and few Chinese ones: one threshold for both would find none of the Chinese."""
    zh = anger_labels(400, every=12)
    said = [f"{'so' if at % 20 else 'not'} angry number {at} {'xyz'[at % 3]}" for at in range(300)]
    en = rows_of(said, "anger", lambda at: "1" if at % 20 else "0", lang="en")
    few = rows_of([f"奇怪 {at}" for at in range(20)], "anger", lambda at: str(at % 2), lang="und")
    coder = made(pl.concat([zh, en, few]), threshold="f1")
    assert [(slot.question, slot.language) for slot in coder.kept.model.slots] == [(0, None), (0, "en"), (0, "zh")]
    rows = {row["language"]: row for row in json.loads(coder.kept.cards["card.json"])["out_of_fold"]}
    assert rows["zh"]["f1"] > 0.9
    assert rows["en"]["f1"] > 0.9
    assert [slot.language for slot in made(zh).kept.model.slots] == [None], "with one language alone there is one model"


def test_copies_of_a_text_in_two_languages_are_held_out_together():
    frame = anger_labels(200)
    both = pl.concat([frame, frame.with_columns(lang=pl.lit("und"))])
    coder = made(both)
    assert sum(json.loads(coder.kept.cards["card.json"])["texts_by_fold"]) == 400
    outcome = coder.code(batch([frame["text"][0]] * 2, lang=["zh", "und"]))
    assert {row["lang"] for row in outcome.scores.to_pylist()} == {"zh", "und"}


# --- decisions


def test_steps_never_rise(empathy):
    outcome = empathy.code(batch(messages(300, seed=5)))
    first, second = (probabilities(outcome, "affective_empathy", value) for value in ("1", "2"))
    assert second
    assert all(first[key] >= probability for key, probability in second.items())
    assert {"1", "2"} >= set(values(outcome, "affective_empathy").values())


def test_steps_that_cross_are_made_monotone():
    decision = Decision("x", "ordinal", ("0", "1", "2"), "0", ("1", "2"))
    crossed = np.array([[0.3, 0.8], [0.9, 0.6], [0.9, 0.2]])
    shares = value_probabilities(decision, crossed)
    assert np.allclose(shares, [[0.7, 0.0, 0.3], [0.1, 0.3, 0.6], [0.1, 0.7, 0.2]])
    assert chosen_values(decision, crossed, np.full((3, 2), 0.5), shares).tolist() == [0, 2, 1]


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=5))
def test_shares_of_values_sum_to_one(rows):
    given_rows = np.array(rows)
    for decision in (
        Decision("x", "interval", ("-2", "-1", "0", "1", "2"), "0", ("-1", "0", "1", "2")),
        Decision("x", "nominal", ("a", "b", "c", "d", "e"), None, ("a", "b", "d", "e")),
    ):
        shares = value_probabilities(decision, given_rows)
        assert np.allclose(shares.sum(axis=1), 1)
        assert (shares >= 0).all()


def test_a_decision_without_zero_is_always_made_and_an_attribute_only_of_what_is_there(empathy):
    texts = messages(200, seed=4)
    outcome = empathy.code(batch(texts))
    assert set(values(outcome, "kind").values()) == {"expressing", "ritual"}
    assert len(values(outcome, "kind")) == 200
    moved = values(outcome, "affective_empathy")
    assert set(values(outcome, "affective_empathy.valence")) == set(moved)
    assert len(moved) < 200
    pain = probabilities(outcome, "affective_empathy.valence", "pain")
    first = probabilities(outcome, "affective_empathy", "1")
    assert all(first[key] >= probability - 1e-6 for key, probability in pain.items())


def test_an_attribute_waits_for_what_it_is_of():
    texts = messages(300)
    valence = rows_of(texts, "affective_empathy.valence", lambda at: "pain" if at % 2 else "joy")
    with pytest.raises(YuhuError) as caught:
        made(valence)
    assert caught.value.code == "YH509"


def test_values_with_few_labels_are_not_predicted():
    texts = messages(300)
    few = made(rows_of(texts, "affective_empathy", lambda at: "2" if at < 9 else "1" if at % 2 else "0"))
    assert few.kept.model.questions == [("affective_empathy", "1")]
    enough = made(rows_of(texts, "affective_empathy", lambda at: "2" if at < 10 else "1" if at % 2 else "0"))
    assert enough.kept.model.questions == [("affective_empathy", "1"), ("affective_empathy", "2")]


@pytest.mark.parametrize(("n", "there"), [(99, 40), (300, 9), (300, 0), (300, 300), (0, 0)])
def test_too_few_labels_are_refused(n, there):
    frame = rows_of(messages(n), "anger", lambda at: "1" if at < there else "0") if n else anger_labels().clear()
    with pytest.raises(YuhuError) as caught:
        made(frame)
    assert caught.value.code == "YH509"
    assert caught.value.facts["found"] == f"{n} texts"
    assert "100 texts" in caught.value.facts["expected"]


def test_rare_codes_keep_their_share():
    texts = messages(1000, every=20, seed=2)
    coder = made(rows_of(texts, "anger", lambda at: "1" if at % 20 == 0 else "0"))
    fresh = messages(2000, every=20, seed=8)
    found = probabilities(coder.code(batch(fresh)), "anger", "1")
    assert sum(found.values()) / 2000 == pytest.approx(0.05, abs=0.02)
    assert 80 <= len(values(coder.code(batch(fresh)), "anger")) <= 120


def test_a_fold_whose_training_texts_all_say_the_same_gives_the_share():
    features = sparse.csr_matrix(np.eye(4, dtype=np.float32))
    weights, intercept = fit(features, np.array([1.0, 1.0, 1.0, np.nan]), 1.0)
    assert not weights.any()
    assert intercept == pytest.approx(np.log(4))


def test_coders_who_differ_count_in_parts():
    texts = messages(300)
    frame = rows_of(texts, "anger", lambda at: {"1": 0.5, "0": 0.5} if at % 2 else "0")
    labels = read_labels(frame, [BOOK.variables["anger"]])
    assert np.nansum(labels.shares["anger"][:, 1]) == 75
    assert labels.shares["anger"].sum(axis=1).tolist() == [1.0] * 300
    coder = made(frame)
    found = probabilities(coder.code(batch(texts)), "anger", "1")
    assert np.mean([found.get(text_key(text), 0) for text in texts[1::2]]) == pytest.approx(0.5, abs=0.05)


# --- calibration


def test_platt_finds_slope_and_intercept():
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, 20_000)
    yes = (rng.random(20_000) < logistic(0.7 * scores - 1.2)).astype(float)
    slope, offset = platt(scores, yes)
    assert slope == pytest.approx(0.7, abs=0.03)
    assert offset == pytest.approx(-1.2, abs=0.05)
    assert calibration_error(logistic(slope * scores + offset), yes) < 0.01
    assert calibration_error(logistic(scores), yes) > 0.05


@pytest.mark.parametrize("scores", [np.zeros(10), np.arange(10.0)[::-1]])
def test_scores_that_tell_nothing_give_the_share(scores):
    yes = np.array([0.0] * 6 + [1.0] * 4)
    slope, offset = platt(scores, yes)
    assert slope == 0
    assert logistic(np.array([offset]))[0] == pytest.approx(5 / 12)


def test_separable_scores_have_a_finite_answer():
    slope, offset = platt(np.array([-1.0, -1.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert logistic(np.array([slope + offset]))[0] == pytest.approx(0.75)


def test_probabilities_are_calibrated_on_texts_that_were_not_seen():
    """A word raises the chance of a code from 0.2 to 0.7; labels are drawn with that chance."""
    rng = np.random.default_rng(11)
    texts = messages(1500, every=2, seed=11)
    chance = np.where(np.arange(1500) % 2 == 0, 0.7, 0.2)
    drawn = rng.random(1500) < chance
    coder = made(rows_of(texts, "anger", lambda at: str(int(drawn[at]))))
    row = next(row for row in json.loads(coder.kept.cards["card.json"])["out_of_fold"] if row["language"] == "all")
    assert row["calibration_error"] < 0.08
    assert row["brier"] == pytest.approx(np.mean(chance * (1 - chance)), abs=0.02)
    found = probabilities(coder.code(batch(texts)), "anger", "1")
    odds = np.array([np.log(found[text_key(text)] / (1 - found[text_key(text)])) for text in texts])
    slope, offset = platt(odds, drawn.astype(float))
    assert slope == pytest.approx(1, abs=0.1), "neither too sure nor too unsure"
    assert offset == pytest.approx(0, abs=0.1)


def test_the_threshold_of_the_largest_f1():
    assert best_threshold(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 1.0])) == pytest.approx(0.15)
    assert best_threshold(np.array([0.2, 0.2, 0.4]), np.array([0.0, 0.0, 1.0])) == pytest.approx(0.3)
    assert best_threshold(np.array([0.2, 0.4]), np.zeros(2)) == 0.5


def test_quality_is_undefined_where_nothing_is_called():
    row = quality(np.array([0.1, 0.2]), np.array([0.0, 1.0]), np.zeros(2, bool))
    assert (row["precision"], row["recall"], row["f1"], row["brier"]) == (None, 0.0, 0.0, 0.325)


# --- kept and read again


def test_the_same_labels_and_seed_give_the_same_bytes(tmp_path, anger):
    anger.save(tmp_path / "one")
    made(anger_labels().sample(fraction=1, shuffle=True, seed=1)).save(tmp_path / "two")
    made(anger_labels(), seed=1).save(tmp_path / "three")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["card.json", "card.md", "model.bin", "model.json"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "one" / "model.bin").read_bytes() != (tmp_path / "three" / "model.bin").read_bytes()


def test_parameters_need_no_training_and_tell_labels_apart():
    coder = made(anger_labels())
    assert coder.parameters()["cross_fitted"] is True
    assert "kept" not in vars(coder)
    assert coder.parameters() == made(anger_labels()).parameters()
    for other in (made(anger_labels(seed=1)), made(anger_labels(), seed=1), made(anger_labels(), folds="4")):
        assert other.parameters() != coder.parameters()


def test_a_saved_model_codes_the_same_and_says_that_it_is_not_cross_fitted(tmp_path, empathy):
    empathy.save(tmp_path / "m")
    loaded = made(anger_labels().clear(), model=str(tmp_path / "m"))
    check_coder(loaded, BOOK, [(text, "zh") for text in SAD])
    texts = batch(messages(100, seed=6))
    assert loaded.code(texts).codings.equals(empathy.code(texts).codings)
    assert loaded.code(texts).scores.equals(empathy.code(texts).scores)
    assert loaded.parameters()["cross_fitted"] is False
    assert loaded.parameters()["trained"] == dict(empathy.parameters())
    assert list(loaded.serves) == list(empathy.serves)
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "m").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_the_card_tells_what_was_learned_and_how_well(tmp_path, anger):
    card = json.loads(anger.kept.cards["card.json"])
    assert card["parameters"]["labels"] == anger.parameters()["labels"]
    assert card["codebook_hash"] == BOOK.content_hash
    assert {(row["value"], row["texts"]) for row in card["labels"]} == {("0", 200.0), ("1", 100.0)}
    row = card["out_of_fold"][0]
    assert (row["n"], row["yes"]) == (300, 100.0)
    assert row["f1"] > 0.95
    text = anger.kept.cards["card.md"].decode()
    assert "| anger | 1 | all | 300 |" in text
    assert "Limits" in text


@pytest.fixture(scope="module")
def saved(tmp_path_factory, anger):
    folder = tmp_path_factory.mktemp("saved") / "m"
    anger.save(folder)
    return folder


def refused(folder):
    with pytest.raises(YuhuError) as caught:
        made(anger_labels().clear(), model=str(folder))
    assert caught.value.code == "YH508"
    return caught.value


def test_a_folder_without_a_model_is_refused(tmp_path):
    assert "cannot be read" in str(refused(tmp_path / "nowhere"))
    (tmp_path / "model.json").write_text("{", "utf-8")
    assert "no JSON" in str(refused(tmp_path))


@settings(max_examples=120)
@given(st.data())
def test_changed_files_are_refused(tmp_path_factory, saved, data):
    folder = tmp_path_factory.mktemp("changed") / "m"
    shutil.copytree(saved, folder)
    name = data.draw(st.sampled_from(["model.bin", "card.json", "card.md"]))
    content = bytearray((folder / name).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    (folder / name).write_bytes(bytes(content[: data.draw(st.sampled_from([len(content), at]))]))
    refused(folder)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**70) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.data())
def test_a_description_that_fits_nothing_is_refused(tmp_path_factory, saved, data):
    folder = tmp_path_factory.mktemp("described") / "m"
    shutil.copytree(saved, folder)
    document = json.loads((folder / "model.json").read_text("utf-8"))
    part = data.draw(st.sampled_from([name for name in document if name not in {"parameters", "languages", "seed", "code_hashes"}]))
    inner = data.draw(st.sampled_from([None, "id", "level", "values", "zero", "asked", "within"])) if part == "decisions" else None
    holder, key = (document["decisions"][0], inner) if inner else (document, part)
    before = holder[key]
    holder[key] = data.draw(JSON)
    if holder[key] == before or (part == "languages_seen" and isinstance(holder[key], list) and len(holder[key]) == 1):
        return
    (folder / "model.json").write_text(json.dumps(document), "utf-8")
    refused(folder)


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        ("weights", lambda array: array * np.nan, "not finite"),
        ("slopes", lambda array: array - 1e9, "out of range"),
        ("thresholds", lambda array: array + 2, "out of range"),
    ],
)
def test_numbers_that_no_training_gives_are_refused(tmp_path, anger, name, change, what):
    folds = tuple(replace(fold, **{name: change(getattr(fold, name))}) for fold in anger.kept.model.folds)
    broken = replace(anger.kept, model=replace(anger.kept.model, folds=folds))
    write_kept(broken, tmp_path / "m")
    assert what in str(refused(tmp_path / "m"))


def test_a_model_made_under_other_rules_is_refused(saved):
    other = load_codebook(BOOK.source_text.replace("id: anger", "id: anger\n    was: wrath", 1))
    assert made(anger_labels().clear(), book=other, model=str(saved)).serves == ["anger"], "an earlier name changes no rule"
    document = BOOK.source_text
    at = document.index("id: anger")
    definition = document.index("definition:", at)
    line = document.index("en:", definition)
    changed = load_codebook(document[: line + 4] + document[line + 4 :].replace('"', '"Really: ', 1) if '"' in document[line : line + 8] else
                            document[: line + 4] + "Really. " + document[line + 4 :])  # fmt: skip
    with pytest.raises(YuhuError, match="other rules for `anger`"):
        made(anger_labels().clear(), book=changed, model=str(saved))


# --- options


@pytest.mark.parametrize(
    ("options", "what"),
    [({"folds": "2"}, "out of range"), ({"threshold": "0.5"}, "no such value"), ({"colour": "red"}, "no option"),
     ({"languages": "zh"}, "no such value"), ({"model": "x", "folds": "4"}, "does nothing"), ({"least_value": "1"}, "out of range")],
)  # fmt: skip
def test_options_are_checked(options, what):
    with pytest.raises(YuhuError, match=what) as caught:
        made(anger_labels(), **options)
    assert caught.value.code == "YH508"


# --- from the command line


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """A study in which two people coded 150 messages for hostility: those with one word have it."""
    study = study_of(tmp_path_factory.mktemp("study"), 300)
    rows = study.scan("responses").select("response_id", "text").sort("response_id").collect().head(150)
    said = [(unit, "1" if int(text.rsplit(" ", 1)[1]) % 3 == 0 else "0") for unit, text in rows.iter_rows()]
    append_codings(study.path, codings_of(study, [(unit, who, value) for unit, value in said for who in ("anna", "bo")]))
    return study.path


def test_end_to_end(coded, capsys):
    assert invoke(["code", str(coded), "--with", "classifier"]) == 0
    assert "classifier: 1 decisions per text" in capsys.readouterr().out
    assert invoke(["code", str(coded), "--with", "classifier", "--json"]) == 0
    study = open_study(coded)
    run = next(run for run in study.manifest.runs if run.coder == "classifier")
    told = json.loads(capsys.readouterr().out)
    assert told["run"] == run.run
    found = read_machine(study, run)
    assert found.scores.select("code").unique().collect()["code"].to_list() == ["anger"]
    assert (coded / "machine" / "classifier" / run.run / "model" / "card.md").is_file()
    again = code(study, coder="classifier")
    assert again.finished_at == run.finished_at
    model = coded / "machine" / "classifier" / run.run / "model"
    assert invoke(["code", str(coded), "--with", "classifier", "--as", "kept", "--set", f"model={model}"]) == 0


@pytest.mark.parametrize(
    ("settings", "code"),
    [(["--set", "folds=2"], "YH508"), (["--set", "model=/nowhere"], "YH508"), (["--set", "least_texts=5000"], "YH509")],
)
def test_errors_of_the_command(coded, capsys, settings, code):
    assert invoke(["code", str(coded), "--with", "classifier", *settings]) == 1
    assert f"[{code}]" in capsys.readouterr().err
    assert invoke(["code", str(coded), "--with", "classifier", "--json", *settings]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_a_study_without_codings(tmp_path, capsys):
    study = study_of(tmp_path, 20)
    assert invoke(["code", str(study.path), "--with", "classifier"]) == 1
    told = capsys.readouterr().err
    assert "[YH509]" in told
    assert "found: 0 texts" in told


def test_the_start_of_the_program_does_not_load_scikit_learn():
    out = subprocess.run(
        [sys.executable, "-c", "import sys, yuhu.verbs.code, yuhu.cli.app; print('sklearn' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert out.stdout.strip() == "False"
