"""The questions on one unit, one after another, answered key by key. No screen, no file: keys go in, prompts come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yuhu.coding.questions import ABSTAIN, NOTHING, Question, decide, fitting, is_open, is_present, missing
from yuhu.core.codebook import Text, Variable

PAGE = 12
"""Choices that are shown at a time."""

_KEYS = "123456789cfgijklmoprtvwxyz"
"""Keys of choices: digits, then letters that are no command of the desk."""


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: its key, what it stands for, its label, and, where cells are chosen, the value that it has so far."""

    key: str
    id: str
    label: Text
    value: Text | None = None


@dataclass(frozen=True)
class Prompt:
    """What is to be answered now.

    ``kind``: ``value`` (one value of a code), ``cells`` (any number of cells, then Enter), ``cell`` (the value of the cell chosen last) or
    ``attribute`` (of a code that is there). ``answer`` is what was answered before, if anything was. ``pages`` of choices, of which this is ``page``.
    """

    kind: str
    question: Question
    id: str
    label: Text
    choices: Sequence[Choice]
    answer: str | None
    page: int
    pages: int


class Answering:
    """Where a coder is on one unit.

    Parameters
    ----------
    asked : sequence of Question
        The questions, in their order.
    answers : mapping of variable to value
        What was answered before, as `coding.questions.decide` takes it.
    """

    def __init__(self, asked: Sequence[Question], answers: Mapping[str, str]) -> None:
        self._asked = asked
        self._by_code = {one.code: one for one in asked}
        self.answers = self._still_open(fitting(asked, answers))
        self._again: str | None = None
        self._cell: str | None = None
        self._cells: dict[str, str] = {}
        self._page = 0
        self._start()

    @property
    def is_complete(self) -> bool:
        """Whether every open question has its answer."""
        return self._current() is None

    def steps(self) -> list[str]:
        """What is to be answered with the answers so far: codes, and attributes of those that are there."""
        return _steps(self._asked, self._by_code, self.answers)

    def prompt(self) -> Prompt | None:
        """What is to be answered now; None once all is."""
        step = self._current()
        if step is None:
            return None
        question = self._question(step)
        kind, name, label, offered = self._offer(question, step)
        pages = max(1, -(-len(offered) // PAGE))
        shown = offered[self._page % pages * PAGE :][:PAGE]
        zero = question.variables[0].zero if kind == "value" else None
        keys = _keyed([one for one, _ in shown], zero)
        cells = self._cells if kind == "cells" else {}
        choices = [Choice(keys[one], one, text, self._value_label(question, cells.get(one))) for one, text in shown]
        return Prompt(kind, question, name, label, choices, self.answers.get(step), self._page % pages, pages)

    def choose(self, typed: str) -> bool:
        """Take a choice by its key or its id; False if there is no such choice.

        Raises
        ------
        YuhuError
            YH503 it may not stand together with an earlier answer.
        """
        prompt = self.prompt()
        found = next((one for one in prompt.choices if typed in (one.key, one.id)), None) if prompt else None
        if prompt is None or found is None:
            return False
        if prompt.kind == "cells":
            self._mark(prompt.question, found.id)
        elif prompt.kind == "cell":
            self._cells[prompt.id] = found.id
            self._cell = None
        else:
            self._answer({prompt.id: found.id}, instead_of=[prompt.id])
        return True

    def enter(self) -> bool:
        """Finish a list of cells, none of them if none was chosen; or keep an earlier answer. False where there is nothing to keep."""
        prompt = self.prompt()
        if prompt is None:
            return False
        if prompt.kind == "cell":
            self._cell = None
        elif prompt.kind == "cells":
            question = prompt.question
            self._answer(self._cells or {question.code: NOTHING}, instead_of=_names(question))
        elif prompt.answer is None:
            return False
        else:
            self._answer({}, instead_of=[])
        return True

    def abstain(self) -> None:
        """Answer that the question at hand cannot be decided."""
        prompt = self.prompt()
        if prompt is None:
            return
        if prompt.kind == "cell":
            self._cells[prompt.id] = ABSTAIN
            self._cell = None
        elif prompt.kind == "cells":
            self._answer({prompt.question.code: ABSTAIN}, instead_of=_names(prompt.question))
        else:
            self._answer({prompt.id: ABSTAIN}, instead_of=[prompt.id])

    def back(self) -> bool:
        """To the question before, or from a cell's value to the list of cells; False at the first question."""
        if self._cell is not None:
            self._cell = None
            return True
        steps, step = self.steps(), self._current()
        at = len(steps) if step is None else steps.index(step)
        if at == 0:
            return False
        self._again = steps[at - 1]
        self._start()
        return True

    def reopen(self) -> None:
        """Ask the last question anew, if all are answered."""
        steps = self.steps()
        if self.is_complete and steps:
            names = {steps[-1], *(one.id for one in self._question(steps[-1]).variables)} if steps[-1] in self._by_code else {steps[-1]}
            self.answers = {name: value for name, value in self.answers.items() if name not in names}
            self._start()

    def turn(self) -> None:
        """To the next page of choices."""
        self._page += 1

    def _current(self) -> str | None:
        steps = self.steps()
        if self._again in steps:
            return self._again
        lacking = [name for one in self._asked if is_open(one, self._by_code, self.answers) for name in missing(one, self.answers)]
        return lacking[0] if lacking else None

    def _start(self) -> None:
        """Begin with the question at hand: its cells as they were."""
        self._page, self._cell = 0, None
        question = self._by_code.get(self._current() or "")
        cells = question.variables if question else ()
        self._cells = {one.id: self.answers[one.id] for one in cells if one.id in self.answers}

    def _question(self, step: str) -> Question:
        if step in self._by_code:
            return self._by_code[step]
        return next(one for one in self._asked if any(variable.id == step for variable, _ in one.attributes))

    def _offer(self, question: Question, step: str) -> tuple[str, str, Text, list[tuple[str, Text]]]:
        """Kind, id and label of what is to be answered, and all that can be chosen."""
        if step != question.code:
            variable, values = next(one for one in question.attributes if one[0].id == step)
            return "attribute", step, variable.label, list(values)
        if not question.has_facets:
            return "value", step, question.label, list(question.values)
        if self._cell is None:
            return "cells", step, question.label, [(one.id, _short(one, question)) for one in question.variables]
        variable = next(one for one in question.variables if one.id == self._cell)
        there = [(value, label) for value, label in question.values if value != variable.zero]
        return "cell", variable.id, variable.label, there

    def _mark(self, question: Question, cell: str) -> None:
        there = [value for value, _ in question.values if value != question.variables[0].zero]
        if cell in self._cells:
            del self._cells[cell]
        elif len(there) == 1:
            self._cells[cell] = there[0]
        else:
            self._cell, self._page = cell, 0

    def _answer(self, given: Mapping[str, str], *, instead_of: Sequence[str]) -> None:
        kept = {name: value for name, value in self.answers.items() if name not in instead_of}
        trial = self._still_open({**kept, **given})
        decide(self._asked, trial, is_partial=True)
        self.answers = trial
        self._again = None
        self._start()

    def _still_open(self, answers: Mapping[str, str]) -> dict[str, str]:
        """Answers without those to questions that other answers have closed."""
        steps = set(_steps(self._asked, self._by_code, answers))
        names = {name for step in steps for name in (_names(self._by_code[step]) if step in self._by_code else [step])}
        return {name: value for name, value in answers.items() if name in names}

    def _value_label(self, question: Question, value: str | None) -> Text | None:
        if value is None:
            return None
        return dict(question.values).get(value, dict.fromkeys(question.label, value))


def _steps(asked: Sequence[Question], by_code: Mapping[str, Question], answers: Mapping[str, str]) -> list[str]:
    steps: list[str] = []
    for one in asked:
        if is_open(one, by_code, answers):
            steps.append(one.code)
            steps += [variable.id for variable, _ in one.attributes] if is_present(one, answers) else []
    return steps


def _names(question: Question) -> list[str]:
    """The names under which a code, without its attributes, is answered."""
    return [question.code, *(one.id for one in question.variables)]


def _short(cell: Variable, question: Question) -> Text:
    return {lang: label.removeprefix(f"{question.label[lang]}: ") for lang, label in cell.label.items()}


def _keyed(names: Sequence[str], zero: str | None) -> dict[str, str]:
    """A key for each: the values themselves where they are digits; else 0 for what is not there, and the others in order."""
    if all(len(one) == 1 and one.isdecimal() and one.isascii() for one in names):
        return {one: one for one in names}
    others = [one for one in names if one != zero]
    return ({zero: "0"} if zero in names and zero is not None else {}) | dict(zip(others, _KEYS, strict=False))
