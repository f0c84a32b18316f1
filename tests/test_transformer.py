"""Transformers as coders, on tiny models that are made and trained here. What loads a model runs where the extra `transformer` is installed."""

import importlib.util
import json

import numpy as np
import pyarrow as pa
import pytest

from coding_studies import study_of
from yuhu.cli.app import invoke
from yuhu.coding.classifier.targets import decision_of
from yuhu.coding.transformer import make_transformer
from yuhu.coding.transformer.questions import answered, entailed, mapped
from yuhu.core.codebook import built_in_codebook
from yuhu.core.contracts import CoderSetup
from yuhu.core.errors import YuhuError
from yuhu.core.progress import heard_by
from yuhu.testing import check_coder

BOOK = built_in_codebook()
MODULES = sorted(BOOK.default_modules)
VARIABLES = [variable for code in BOOK.of_modules(frozenset(MODULES)) for variable in code.variables()]
HAS_EXTRA = importlib.util.find_spec("torch") is not None and importlib.util.find_spec("transformers") is not None
needs_extra = pytest.mark.skipif(
    not HAS_EXTRA, reason="the extra `transformer` (torch, 2 GB) is not installed: uv pip install -e '.[transformer]'"
)
LABELS = ("calm", "tears", "rage")
TEXTS = ["哭了", "我哭了啊", "她哭", "好看", "打卡来了", "前排", "气死了", "好气啊", "真气人", "我来了", "哭哭哭", "气"]
MAPPING = {"affective_empathy": {"tears": "1"}, "anger": {"rage": "1", "calm": "0"}}


def truth(text):
    return 1 if "哭" in text else 2 if "气" in text else 0


def save_model(folder, labels, *, pairs=False, problem="single_label_classification"):
    """A BERT of two layers that was trained to tell texts by one character."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    signs = sorted(set("".join(TEXTS)) | set("这条消息表达了：愤怒情感共情。") | set("abcdefghijklmnopqrstuvwxyz"))
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs]), "utf-8")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = BertConfig(
        vocab_size=len(signs) + 5, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64,
        id2label=dict(enumerate(labels)), label2id={label: at for at, label in enumerate(labels)}, problem_type=problem,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    if pairs:
        seconds = ["这条消息表达了：愤怒。", "这条消息表达了：情感共情。"]
        inputs = tokenizer(TEXTS * 2, [second for second in seconds for _ in TEXTS], padding=True, return_tensors="pt")
        answers = [0 if truth(text) == wanted else 2 for wanted in (2, 1) for text in TEXTS]
    else:
        inputs = tokenizer(TEXTS, padding=True, return_tensors="pt")
        answers = [truth(text) for text in TEXTS]
    target = torch.tensor(answers)
    if problem == "multi_label_classification":
        target = torch.nn.functional.one_hot(target, len(labels)).float()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(200):
        optimizer.zero_grad()
        loss = model(**inputs, labels=target).loss
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.2
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("models") / "emotions", LABELS)


@pytest.fixture(scope="module")
def entailment(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("models") / "nli", ("entailment", "neutral", "contradiction"), pairs=True)


def made(folder, **options):
    return make_transformer(CoderSetup(BOOK, MODULES, {"model": str(folder), "device": "cpu", **options}))


def classifying(folder, **options):
    return made(folder, labels=json.dumps(MAPPING), **options)


def batch(texts, lang="zh"):
    columns = [pa.array(range(len(texts)), pa.int64()), pa.array([lang] * len(texts)), pa.array(texts, pa.string())]
    return pa.RecordBatch.from_arrays(columns, names=["text_key", "lang", "text"])


def values(outcome, decision):
    return {row["text_key"]: row["value"] for row in outcome.codings.to_pylist() if row["code"] == decision}


def refused(match, make):
    with pytest.raises(YuhuError, match=match) as caught:
        make()
    assert caught.value.code == "YH508"
    return caught.value


# --- what is asked


def test_a_mapping_is_checked():
    for text, what in [
        ("{", "no JSON object"), ("[]", "cannot be read"), ("{}", "is empty"), ('{"nope": {"tears": "1"}}', "no decision"),
        ('{"anger": {}}', "has no labels"), ('{"anger": {"joy": "1"}}', "no label `joy`"), ('{"anger": {"rage": "2"}}', "no value of `anger`"),
        ('{"anger": {"rage": "0"}}', "other than"), ('{"anger.target": {"rage": "own"}}', "needs a decision"), ("/nowhere.json", "cannot be read"),
    ]:  # fmt: skip
        refused(what, lambda text=text: mapped(text, BOOK, VARIABLES, LABELS))


def test_a_mapping_may_stand_in_a_file(tmp_path):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(MAPPING), "utf-8")
    found = mapped(str(path), BOOK, VARIABLES, LABELS)
    assert [question.decision.id for question in found] == ["affective_empathy", "anger"], "in codebook order"
    assert found[1].labels == {"1": (2,), "0": (0,)}


def test_sentences_are_made_from_the_codebook_in_the_language_of_the_text():
    questions = {one.decision.id: one for one in entailed("", BOOK, VARIABLES)}
    assert questions["anger"].hypotheses == {"1": {"zh": "这条消息表达了：愤怒。", "en": "This message expresses anger."}}
    stance = questions["stance"].hypotheses
    assert "none" not in stance
    assert set(stance) == {"return", "negotiated_return", "share_or_loan", "keep"}
    assert len({sentence["zh"] for sentence in stance.values()}) == 4
    assert "anger.target" not in questions
    with_target = entailed("anger, anger.target", BOOK, VARIABLES)
    assert [one.decision.id for one in with_target] == ["anger", "anger.target"]
    refused("no decision", lambda: entailed("joy", BOOK, VARIABLES))
    refused("needs a decision", lambda: entailed("anger.target", BOOK, VARIABLES))


def test_probabilities_of_values_become_answers():
    ordinal = decision_of(BOOK, BOOK.variables["affective_empathy"])
    shares = {"1": np.array([0.3, 0.1]), "2": np.array([0.4, 0.0])}
    assert np.allclose(answered(ordinal, shares, 2, exclusive=True), [[0.7, 0.4], [0.1, 0.0]])
    assert np.allclose(answered(ordinal, shares, 2, exclusive=False), [[0.4, 0.4], [0.1, 0.0]])
    nominal = decision_of(BOOK, BOOK.variables["stance"])
    found = answered(nominal, {"keep": np.array([0.9]), "return": np.array([0.3])}, 1, exclusive=False)
    assert np.allclose(found[0, nominal.values.index("none")], 0.1)


@pytest.mark.parametrize(
    ("options", "what"),
    [({}, "`labels` is missing"), ({"mode": "guess"}, "no such value"), ({"labels": "{}", "threshold": "2"}, "out of range"),
     ({"labels": "{}", "colour": "red"}, "no option"), ({"labels": "{}", "device": "tpu"}, "no such value"), ({"labels": "{}", "download": "perhaps"}, "yes nor no")],
)  # fmt: skip
def test_options_are_checked_before_anything_is_loaded(tmp_path, options, what):
    refused(what, lambda: make_transformer(CoderSetup(BOOK, MODULES, {"model": str(tmp_path), **options})))
    refused("`model` is missing", lambda: make_transformer(CoderSetup(BOOK, MODULES, {})))


@pytest.mark.skipif(HAS_EXTRA, reason="the extra is installed here")
def test_without_the_extra_it_says_what_to_install(tmp_path):
    assert "yuhu[transformer]" in refused("need the extra", lambda: classifying(tmp_path)).fix


# --- classification


@needs_extra
def test_it_holds_to_the_contract_and_tells_what_it_was_taught(folder):
    coder = classifying(folder)
    check_coder(coder, BOOK, [*((text, "zh") for text in TEXTS), ("", "zh"), ("\x00😭", "und"), ("unknown words here", "en")])
    outcome = coder.code(batch(TEXTS))
    assert set(values(outcome, "affective_empathy")) == {at for at, text in enumerate(TEXTS) if truth(text) == 1}
    assert set(values(outcome, "anger")) == {at for at, text in enumerate(TEXTS) if truth(text) == 2}
    assert outcome.scores.num_rows
    assert coder.code(batch([])).codings.num_rows == 0


@needs_extra
def test_the_same_again_and_whatever_stands_beside_it(folder):
    first, again = classifying(folder), classifying(folder)
    assert first.parameters() == again.parameters()
    assert first.code(batch(TEXTS)).scores.equals(again.code(batch(TEXTS)).scores)
    whole = {row["text_key"]: row["probability"] for row in first.code(batch(TEXTS)).scores.to_pylist() if row["code"] == "anger"}
    small = {
        row["text_key"]: row["probability"]
        for row in classifying(folder, batch="1").code(batch(TEXTS)).scores.to_pylist()
        if row["code"] == "anger"
    }
    assert whole.keys() == small.keys()
    assert all(whole[key] == pytest.approx(small[key], abs=1e-4) for key in whole)


@needs_extra
def test_what_is_cut_off_is_said(folder):
    said = []
    with heard_by(said.append):
        classifying(folder).code(batch(["哭" * 500, "好看"]))
        assert said == ["1 texts are longer than the 64 tokens that the model reads: their ends were left out"]
        classifying(folder, tokens="4").code(batch(["哭了", "我哭了啊"]))
    assert "1 texts are longer than the 4 tokens" in said[1]


@needs_extra
def test_languages_that_are_not_asked_for_are_abstained_from(folder):
    outcome = classifying(folder, languages="zh,ja").code(batch(TEXTS, lang="en"))
    assert outcome.abstained.num_rows == len(TEXTS)
    assert outcome.codings.num_rows == outcome.scores.num_rows == 0


@needs_extra
def test_labels_that_do_not_exclude_each_other(tmp_path):
    folder = save_model(tmp_path / "multi", LABELS, problem="multi_label_classification")
    outcome = classifying(folder).code(batch(TEXTS))
    assert set(values(outcome, "anger")) == {at for at, text in enumerate(TEXTS) if truth(text) == 2}


# --- entailment


@needs_extra
def test_entailment_asks_for_each_value(entailment):
    coder = made(entailment, mode="entailment", codes="anger,affective_empathy")
    outcome = coder.code(batch(TEXTS))
    assert set(values(outcome, "anger")) == {at for at, text in enumerate(TEXTS) if truth(text) == 2}
    check_coder(made(entailment, mode="entailment"), BOOK, [(text, "zh") for text in TEXTS[:3]])


@needs_extra
def test_a_model_that_does_not_tell_entailment_is_refused(folder):
    refused("does not tell entailment", lambda: made(folder, mode="entailment"))


# --- files


@needs_extra
def test_models_that_are_not_here_are_not_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert "download=yes" in refused("not on this machine", lambda: classifying("someone/some-model")).fix
    refused("not on this machine", lambda: classifying("../../etc/passwd"))


@needs_extra
def test_files_that_can_carry_programs_are_not_read(tmp_path, folder):
    import shutil

    import torch

    copy = tmp_path / "pickled"
    shutil.copytree(folder, copy)
    weights = copy / "model.safetensors"
    content = weights.read_bytes()
    weights.unlink()
    torch.save({}, copy / "pytorch_model.bin")
    refused("cannot be used", lambda: classifying(copy))
    weights.write_bytes(content[: len(content) // 2])
    refused("cannot be used", lambda: classifying(copy))
    weights.write_bytes(content)
    config = json.loads((copy / "config.json").read_text("utf-8"))
    (copy / "evil.py").write_text("raise SystemExit('code of the model ran')", "utf-8")
    config["auto_map"] = {"AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model"}
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "evil"}), "utf-8")
    refused("cannot be used", lambda: classifying(copy))
    for broken in ("{", "[]", "{}", '{"model_type": "bert", "hidden_size": "x"}'):
        (copy / "config.json").write_text(broken, "utf-8")
        refused("cannot be used", lambda: classifying(copy))


@needs_extra
def test_another_model_is_another_run(tmp_path, folder):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert classifying(copy).parameters()["model"] == classifying(folder).parameters()["model"], "the place of a folder tells nothing"
    (copy / "vocab.txt").write_text("[PAD]\n", "utf-8")
    assert classifying(copy).parameters()["model"] != classifying(folder).parameters()["model"]


# --- from the command line


@needs_extra
def test_end_to_end(tmp_path, folder, capsys):
    study = study_of(tmp_path, 20)
    settings = ["--set", f"model={folder}", "--set", f"labels={json.dumps(MAPPING)}", "--set", "device=cpu"]
    assert invoke(["code", str(study.path), "--with", "transformer", "--as", "tiny", *settings, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["coder"] == "tiny"


def test_errors_of_the_command(tmp_path, capsys):
    study = study_of(tmp_path, 20)
    for settings in ([], ["--set", "model=x"], ["--set", "model=x", "--set", "mode=entailment", "--set", "batch=0"]):
        assert invoke(["code", str(study.path), "--with", "transformer", *settings]) == 1
        assert "[YH508]" in capsys.readouterr().err
