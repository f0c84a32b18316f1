"""From a codebook to questions, and from answers to codings: gates, facets, attributes, conflicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yuhu.core.codebook import Code, Codebook, Example, Text, Variable
from yuhu.core.errors import YuhuError

ABSTAIN = "?"
"""The answer of a coder who cannot decide: status ``abstained``."""

NOTHING = "none"
"""The answer to a code with facets of which no cell applies."""


@dataclass(frozen=True)
class Question:
    """One code as a coder meets it.

    ``variables`` are its flat decisions: the code itself, or each cell of its facets; ``attributes`` are asked once it is present.
    """

    code: str
    label: Text
    definition: Text
    include: Sequence[Text]
    exclude: Sequence[Text]
    examples: Sequence[Example]
    near_misses: Sequence[Example]
    level: str
    values: Sequence[tuple[str, Text]]
    variables: Sequence[Variable]
    attributes: Sequence[tuple[Variable, Sequence[tuple[str, Text]]]]
    opens_if: Mapping[str, Any] | None
    conflicts: Sequence[str]

    @property
    def has_facets(self) -> bool:
        """Whether the code is decided cell by cell."""
        return len(self.variables) > 1 or self.variables[0].id != self.code

    def as_dict(self, lang: str) -> dict[str, Any]:
        """The question in one language, as plain data."""
        return {
            "code": self.code,
            "label": self.label[lang],
            "definition": self.definition[lang],
            "include": [text[lang] for text in self.include],
            "exclude": [text[lang] for text in self.exclude],
            "examples": [_example(one, lang) for one in self.examples],
            "near_misses": [_example(one, lang) for one in self.near_misses],
            "level": self.level,
            "zero": self.variables[0].zero,
            "values": [{"id": value, "label": label[lang]} for value, label in self.values],
            "cells": [{"id": one.id, "label": one.label[lang]} for one in self.variables] if self.has_facets else [],
            "attributes": [
                {
                    "id": one.id,
                    "label": one.label[lang],
                    "level": one.level,
                    "values": [{"id": value, "label": label[lang]} for value, label in values],
                }
                for one, values in self.attributes
            ],
            "opens_if": dict(self.opens_if) if self.opens_if else None,
            "conflicts": list(self.conflicts),
        }


def _example(example: Example, lang: str) -> dict[str, Any]:
    return {"lang": example.lang, "text": example.text, "value": example.value, "why": example.why[lang], "instead": example.instead}


def questions(book: Codebook, codes: Sequence[str]) -> tuple[Question, ...]:
    """The questions of some codes, in the order of the codebook, with those that open them.

    Parameters
    ----------
    book : Codebook
        The codebook.
    codes : sequence of str
        Ids of codes.
    """
    return tuple(_question(code) for code in with_gates(book, codes))


def with_gates(book: Codebook, codes: Iterable[str]) -> list[Code]:
    """Some codes and all that decide whether they are asked, in the order of the codebook."""
    wanted: set[str] = set()
    waiting = list(codes)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += gates_of(book.code(name))
    return [code for code in book.codes if code.id in wanted]


def gates_of(code: Code) -> list[str]:
    """The codes that decide whether a code is asked."""
    gate = code.opens_if or {}
    return [str(gate["code"])] if "code" in gate else [str(one) for one in gate.get("any", ())]


def _question(code: Code) -> Question:
    flat = list(code.variables())
    labels = {f"{code.id}.{facet.id}": [(value.id, value.label) for value in facet.values] for facet in code.attributes}
    return Question(
        code=code.id,
        label=code.label,
        definition=code.definition,
        include=code.include,
        exclude=code.exclude,
        examples=code.examples,
        near_misses=code.near_misses,
        level=code.level,
        values=[(value.id, value.label) for value in code.values],
        variables=[one for one in flat if not one.is_attribute],
        attributes=[(one, labels[one.id]) for one in flat if one.is_attribute],
        opens_if=code.opens_if,
        conflicts=code.conflicts,
    )


@dataclass(frozen=True)
class Decision:
    """What is stored of one flat decision."""

    variable: Variable
    status: str
    value: str | None


def is_present(question: Question, answers: Mapping[str, str]) -> bool:
    """Whether some answers say that the code is there."""
    for one in question.variables:
        value = answers.get(one.id)
        if value is not None and value not in (ABSTAIN, one.zero):
            return True
    return False


def is_open(question: Question, asked: Mapping[str, Question], answers: Mapping[str, str]) -> bool:
    """Whether a code is asked, after what was answered so far. A gate that is not asked itself stands open."""
    gate = question.opens_if
    if not gate:
        return True
    if "code" in gate:
        name = str(gate["code"])
        if name not in asked:
            return True
        return is_open(asked[name], asked, answers) and answers.get(name) in [str(value) for value in gate["values"]]
    names = [str(one) for one in gate.get("any", ()) if str(one) in asked]
    return not names or any(is_open(asked[name], asked, answers) and is_present(asked[name], answers) for name in names)


def open_questions(asked: Sequence[Question], answers: Mapping[str, str]) -> list[Question]:
    """The questions that are still to be answered: open, and not answered in full."""
    by_code = {one.code: one for one in asked}
    return [one for one in asked if is_open(one, by_code, answers) and missing(one, answers)]


def missing(question: Question, answers: Mapping[str, str]) -> list[str]:
    """What of an open question has no answer yet: the code, or attributes of a code that is there."""
    if question.has_facets:
        answered = answers.get(question.code) in (NOTHING, ABSTAIN) or any(one.id in answers for one in question.variables)
    else:
        answered = question.variables[0].id in answers
    if not answered:
        return [question.code]
    return [one.id for one, _ in question.attributes if one.id not in answers] if is_present(question, answers) else []


def decide(asked: Sequence[Question], answers: Mapping[str, str], *, is_partial: bool = False) -> list[Decision]:
    """Codings from answers.

    Parameters
    ----------
    asked : sequence of Question
        What was asked.
    answers : mapping of variable to value
        `ABSTAIN` where the coder cannot decide; for a code with facets `NOTHING` under the code's id where no cell applies: cells that are not named are zero.
    is_partial : bool
        Take what there is: questions without an answer give no coding.

    Returns
    -------
    list of Decision
        Exactly one for each flat decision; ``not_shown`` where a gate is closed, or where the code that an attribute is of is absent.

    Raises
    ------
    YuhuError
        YH503 an answer is to nothing that was asked, a value is not the codebook's, something is not answered, or two codes stand together that may not.
    """
    by_code = {one.code: one for one in asked}
    _known(asked, answers)
    _of_one_kind(asked, answers)
    out: list[Decision] = []
    for question in asked:
        if not is_open(question, by_code, answers):
            out += [Decision(one, "not_shown", None) for one in flat(question)]
            continue
        without = missing(question, answers)
        if without and not is_partial:
            raise YuhuError(
                "YH503",
                f"`{without[0]}` is not answered",
                facts={"answered": ", ".join(sorted(answers))[:200]},
                fix=f"answer it, or {ABSTAIN} where it cannot be decided",
            )
        if question.code not in without:
            out += _decided(question, answers, set(without))
    _compatible([one for one in asked if is_open(one, by_code, answers)], answers)
    return out


def flat(question: Question) -> list[Variable]:
    """All flat decisions of a question."""
    return [*question.variables, *(one for one, _ in question.attributes)]


def _allowed(asked: Sequence[Question]) -> dict[str, list[str]]:
    values = {one.id: list(one.values) for question in asked for one in flat(question)}
    return values | {question.code: [NOTHING] for question in asked if question.has_facets}


def _known(asked: Sequence[Question], answers: Mapping[str, str]) -> None:
    allowed = _allowed(asked)
    for name, value in answers.items():
        if name not in allowed:
            raise YuhuError(
                "YH503", f"`{name}` was not asked", facts={"asked": ", ".join(one.code for one in asked)}, fix="answer what is asked"
            )
        if value != ABSTAIN and value not in allowed[name]:
            facts = {"found": value, "expected": ", ".join(allowed[name])}
            raise YuhuError(
                "YH503", f"`{name}` cannot have this value", facts=facts, fix=f"one of these, or {ABSTAIN} where it cannot be decided"
            )


def fitting(asked: Sequence[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """Those of some earlier answers that the questions of today still allow."""
    allowed = _allowed(asked)
    return {name: value for name, value in answers.items() if name in allowed and (value == ABSTAIN or value in allowed[name])}


def _of_one_kind(asked: Sequence[Question], answers: Mapping[str, str]) -> None:
    """Refuse an answer for a whole code beside answers for its cells."""
    for question in asked:
        cells = [one.id for one in question.variables if one.id in answers]
        if question.has_facets and question.code in answers and cells:
            facts = {question.code: answers[question.code], cells[0]: answers[cells[0]]}
            raise YuhuError("YH503", f"`{question.code}` is answered as a whole and cell by cell", facts=facts, fix="answer it in one way")


def _decided(question: Question, answers: Mapping[str, str], without: set[str]) -> list[Decision]:
    abstains = question.has_facets and answers.get(question.code) == ABSTAIN
    out = [_one(one, ABSTAIN if abstains else answers.get(one.id, one.zero or one.values[0])) for one in question.variables]
    there = is_present(question, answers)
    for one, _ in question.attributes:
        if there and one.id not in without:
            out.append(_one(one, answers[one.id]))
        elif not there:
            out.append(Decision(one, "not_shown", None))
    return out


def _one(variable: Variable, answer: str) -> Decision:
    return Decision(variable, "abstained", None) if answer == ABSTAIN else Decision(variable, "coded", answer)


def _compatible(asked: Sequence[Question], answers: Mapping[str, str]) -> None:
    there = {one.code for one in asked if is_present(one, answers)}
    for question in asked:
        clash = there.intersection(question.conflicts) if question.code in there else ()
        for other in sorted(clash):
            raise YuhuError(
                "YH503",
                f"`{question.code}` and `{other}` may not stand together",
                facts={"rule": "conflicts in the codebook"},
                fix="take one back",
            )
