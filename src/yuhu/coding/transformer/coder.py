"""The transformer coder: a model of Hugging Face that classifies texts, or says whether they entail a sentence about a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from yuhu.coding.classifier.outcomes import outcomes
from yuhu.coding.options import flag, no_more_options, number, whole
from yuhu.coding.transformer.loading import Pretrained, load
from yuhu.coding.transformer.questions import Question, answered, entailed, mapped
from yuhu.core.contracts import CodedBatch, CoderSetup
from yuhu.core.errors import YuhuError
from yuhu.core.progress import say
from yuhu.core.schema import ABSTAINED, MACHINE_CODING, SCORES

NAME = "transformer.v1"
OPTIONS = ("model", "mode", "labels", "codes", "threshold", "languages", "batch", "tokens", "device", "download")
MODES = ("classification", "entailment")
DEVICES = ("auto", "cpu", "cuda")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TransformerSettings:
    """What a person may set, apart from model and questions: ``languages`` empty for all."""

    mode: str
    threshold: float
    languages: tuple[str, ...]
    batch: int


class TransformerCoder:
    """Codes texts by a pretrained model.

    Parameters
    ----------
    model : Pretrained
        The model.
    questions : sequence of Question
        What it is asked.
    settings : TransformerSettings
        Settings.
    """

    name = NAME
    kind = "transformer"
    uses_context = False

    def __init__(self, model: Pretrained, questions: Sequence[Question], settings: TransformerSettings) -> None:
        self._model = model
        self._questions = list(questions)
        self._settings = settings
        self.serves: Sequence[str] = [question.decision.id for question in questions]

    def parameters(self) -> Mapping[str, object]:
        """The model by its hash, what it is asked, and versions."""
        return {
            "coder": NAME,
            "model": self._model.digest,
            "mode": self._settings.mode,
            "questions": {one.decision.id: _told(one, self._model.labels) for one in self._questions},
            "threshold": self._settings.threshold,
            "languages": list(self._settings.languages),
            "tokens": self._model.most_tokens,
            "batch": self._settings.batch,
            "device": self._model.device,
            "torch": version("torch"),
            "transformers": version("transformers"),
        }

    def code(self, texts: pa.RecordBatch) -> CodedBatch:
        """Code a batch with ``text_key``, ``text``, ``lang``; one pass of the model for each text, in entailment for each text and value."""
        frame = pl.DataFrame(pl.from_arrow(texts)).with_columns(pl.col("lang").fill_null("und"))
        spoken = pl.col("lang").is_in(self._settings.languages) if self._settings.languages else pl.lit(value=True)
        rows = frame.filter(spoken)
        probabilities, truncated = self._classified(rows) if self._settings.mode == MODES[0] else self._entailed(rows)
        if truncated:
            say(f"{truncated:,} texts are longer than the {self._model.most_tokens} tokens that the model reads: their ends were left out")
        thresholds = np.full(probabilities.shape, self._settings.threshold)
        codings, scores = outcomes(rows, probabilities, thresholds, [question.decision for question in self._questions])
        return CodedBatch(_arrow(codings, MACHINE_CODING), _arrow(frame.filter(~spoken), ABSTAINED), _arrow(scores, SCORES))

    def _classified(self, rows: pl.DataFrame) -> tuple[Floats, int]:
        logits, truncated = self._model.scores(rows["text"].to_list(), None, batch=self._settings.batch)
        shares = _sigmoid(logits) if self._model.is_multi_label or len(self._model.labels) == 1 else _softmax(logits)
        exclusive = not self._model.is_multi_label
        columns = []
        for question in self._questions:
            join = np.sum if exclusive else np.max
            by_value = {value: np.asarray(join(shares[:, list(places)], axis=1)) for value, places in question.labels.items()}
            columns.append(answered(question.decision, by_value, rows.height, exclusive=exclusive))
        return np.column_stack(columns), truncated

    def _entailed(self, rows: pl.DataFrame) -> tuple[Floats, int]:
        sides = _sides(self._model.labels)
        texts = rows["text"].to_list()
        in_chinese = (rows["lang"] == "zh").to_list()
        columns, most = [], 0
        for question in self._questions:
            by_value = {}
            for value, sentences in question.hypotheses.items():
                asked = [sentences["zh" if chinese else "en"] for chinese in in_chinese]
                logits, truncated = self._model.scores(texts, asked, batch=self._settings.batch)
                by_value[value] = _softmax(logits[:, sides])[:, 0]
                most = max(most, truncated)
            columns.append(answered(question.decision, by_value, rows.height, exclusive=False))
        return np.column_stack(columns), most


def transformer_coder(setup: CoderSetup) -> TransformerCoder:
    """The transformer coder for a study.

    Raises
    ------
    YuhuError
        YH508 an option is unknown, missing or out of range, the extra is not installed, or the model cannot be used.
    """
    options = setup.options
    no_more_options(options, NAME, OPTIONS)
    mode = _one_of(options, "mode", MODES)
    for name in ("model", *(("labels",) if mode == MODES[0] else ())):
        if not options.get(name):
            raise YuhuError("YH508", f"option `{name}` is missing", facts={"coder": NAME}, fix=_EXAMPLE)
    settings = TransformerSettings(
        mode,
        number(options, "threshold", 0.5, least=0.0, most=1.0),
        tuple(sorted({name.strip() for name in options.get("languages", "").split(",") if name.strip()})),
        whole(options, "batch", 32, least=1, most=4096),
    )
    tokens = whole(options, "tokens", 0, least=0, most=1 << 16)
    model = load(
        options["model"], download=flag(options, "download", default=False), device=_one_of(options, "device", DEVICES), most_tokens=tokens
    )
    codes = setup.book.of_modules(frozenset(setup.modules))
    variables = [variable for code in codes if not code.measured for variable in code.variables()]
    if mode == MODES[1]:
        _sides(model.labels)
        return TransformerCoder(model, entailed(options.get("codes", ""), setup.book, variables), settings)
    return TransformerCoder(model, mapped(options["labels"], setup.book, variables, model.labels), settings)


_EXAMPLE = '--set model=FOLDER --set labels=\'{"anger": {"LABEL_1": "1"}}\''


def _sides(labels: Sequence[str]) -> list[int]:
    """Places of the labels that mean yes and no in entailment."""
    places = [next((at for at, label in enumerate(labels) if label.lower().startswith(start)), -1) for start in ("entail", "contra")]
    if places[1] < 0:
        places[1] = next((at for at, label in enumerate(labels) if label.lower().startswith(("not_entail", "not entail"))), -1)
    if min(places) < 0:
        raise YuhuError(
            "YH508",
            "the model does not tell entailment",
            facts={"found": ", ".join(labels), "expected": "labels entailment and contradiction"},
            fix="choose a model that was trained on natural language inference, or --set mode=classification",
        )
    return places


def _one_of(options: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    found = options.get(name, known[0])
    if found not in known:
        facts = {"found": found, "expected": ", ".join(known)}
        raise YuhuError("YH508", f"option `{name}` has no such value", facts=facts, fix=f"--set {name}={known[0]}")
    return found


def _told(question: Question, labels: Sequence[str]) -> dict[str, object]:
    if question.hypotheses:
        return {value: dict(sentences) for value, sentences in question.hypotheses.items()}
    return {value: [labels[at] for at in places] for value, places in question.labels.items()}


def _softmax(logits: npt.NDArray[np.float32]) -> Floats:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _sigmoid(logits: npt.NDArray[np.float32]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -500, 500))))


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
