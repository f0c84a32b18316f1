"""What a transformer is asked: which of its labels mean which value, or which sentences a text may entail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from yuhu.coding.classifier.targets import Decision, decision_of
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError

Floats = npt.NDArray[np.float64]

_LARGEST = 1 << 20
_SENTENCE = {"zh": "这条消息表达了：{what}。", "en": "This message expresses {what}."}


@dataclass(frozen=True)
class Question:
    """A decision with what answers it.

    ``answers``: value -> labels of the model, or value -> hypothesis by language.
    """

    decision: Decision
    labels: Mapping[str, tuple[int, ...]]
    hypotheses: Mapping[str, Mapping[str, str]]


def mapped(text: str, book: Codebook, variables: Sequence[Variable], labels: Sequence[str]) -> list[Question]:
    """Questions from a mapping ``{decision: {label of the model: value}}``.

    Parameters
    ----------
    text : str
        The mapping as JSON, or the name of a file that holds it.
    book : Codebook
        The codebook.
    variables : sequence of Variable
        Decisions that may be named.
    labels : sequence of str
        The model's labels.

    Raises
    ------
    YuhuError
        YH508 the mapping is none, or names what is not known.
    """
    by_id = {variable.id: variable for variable in variables}
    found = []
    for name, answers in _document(text).items():
        if name not in by_id:
            raise _wrong(f"`{name}` is no decision on messages that is on", ", ".join(by_id))
        if not isinstance(answers, dict) or not answers:
            raise _wrong(f"`{name}` has no labels", '{"decision": {"label of the model": "value"}}')
        held: dict[str, list[int]] = {}
        for label, value in answers.items():
            if label not in labels:
                raise _wrong(f"the model has no label `{label}`", ", ".join(labels))
            if str(value) not in by_id[name].values:
                raise _wrong(f"`{value}` is no value of `{name}`", ", ".join(by_id[name].values))
            held.setdefault(str(value), []).append(list(labels).index(label))
        decision = decision_of(book, by_id[name])
        if not set(held) - {decision.zero}:
            raise _wrong(f"no label stands for a value of `{name}` other than `{decision.zero}`", ", ".join(by_id[name].values))
        found.append(Question(decision, {value: tuple(places) for value, places in held.items()}, {}))
    if not found:
        raise _wrong("the mapping is empty", '{"decision": {"label of the model": "value"}}')
    return _in_order(found, variables)


def entailed(codes: str, book: Codebook, variables: Sequence[Variable]) -> list[Question]:
    """Questions whose answers are sentences, made from the codebook.

    Parameters
    ----------
    codes : str
        Decisions, separated by commas; all but attributes if empty.
    book : Codebook
        The codebook.
    variables : sequence of Variable
        Decisions that may be named.

    Raises
    ------
    YuhuError
        YH508 a name is not known.
    """
    by_id = {variable.id: variable for variable in variables}
    named = [name.strip() for name in codes.split(",") if name.strip()] or [one.id for one in variables if not one.is_attribute]
    for name in named:
        if name not in by_id:
            raise _wrong(f"`{name}` is no decision on messages that is on", ", ".join(by_id))
    found = [
        Question(decision_of(book, by_id[name]), {}, {value: _sentences(book, by_id[name], value) for value in _asked(by_id[name])})
        for name in dict.fromkeys(named)
    ]
    return _in_order(found, variables)


def _asked(variable: Variable) -> list[str]:
    return [value for value in variable.values if value != variable.zero]


def _sentences(book: Codebook, variable: Variable, value: str) -> dict[str, str]:
    code = book.code(variable.code)
    facets = {one.id: one for one in (*code.expand, *code.attributes)}
    values = facets[variable.id.rpartition(".")[2]].values if variable.is_attribute else code.values
    label = next((one.label for one in values if one.id == value), None)
    sentences = {}
    for lang, sentence in _SENTENCE.items():
        what = variable.label[lang]
        if variable.level != "binary" and label is not None:
            what += f": {label[lang]}" if lang == "en" else f"：{label[lang]}"
        sentences[lang] = sentence.format(what=what)
    return sentences


def _in_order(found: list[Question], variables: Sequence[Variable]) -> list[Question]:
    """Questions in codebook order; an attribute needs a decision of its code."""
    made = {question.decision.id for question in found}
    for question in found:
        if question.decision.within and not made & set(question.decision.within):
            raise _wrong(f"`{question.decision.id}` needs a decision that it is of", ", ".join(question.decision.within))
    place = {variable.id: (variable.is_attribute, at) for at, variable in enumerate(variables)}
    return sorted(found, key=lambda question: place[question.decision.id])


def answered(decision: Decision, by_value: Mapping[str, Floats], n: int, *, exclusive: bool) -> Floats:
    """Probability of yes to each question of a decision (n, asked), from those of its values.

    Parameters
    ----------
    decision : Decision
        The decision.
    by_value : mapping of (n,) float
        Probabilities of the values that something stands for.
    n : int
        Number of texts.
    exclusive : bool
        Whether they are shares of one whole, so that they add up; else the largest counts.
    """
    nothing = np.zeros(n)
    table = np.column_stack([by_value.get(value, nothing) for value in decision.values])
    if decision.is_ordered:
        below = table[:, ::-1]
        climbed = np.cumsum(below, axis=1) if exclusive else np.maximum.accumulate(below, axis=1)
        return np.asarray(np.clip(climbed[:, ::-1][:, 1:], 0, 1))
    if decision.zero is not None:
        at = decision.values.index(decision.zero)
        others = np.delete(table, at, axis=1)
        table[:, at] = np.clip(1 - (others.sum(axis=1) if exclusive else others.max(axis=1)), 0, 1)
    return table


def _document(text: str) -> dict[str, object]:
    if not text.lstrip().startswith("{"):
        path = Path(text)
        try:
            if path.stat().st_size > _LARGEST:
                raise _wrong(f"`{text}` is larger than 1 MiB", "a mapping as JSON")
            text = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise _wrong(f"`{text}` cannot be read", "JSON, or a file that holds it") from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _wrong("the mapping is no JSON object", '{"decision": {"label of the model": "value"}}')
    return found


def _wrong(what: str, expected: str) -> YuhuError:
    return YuhuError("YH508", what, facts={"expected": expected[:500]}, fix="mend it: docs/machine-coders.md has examples")
