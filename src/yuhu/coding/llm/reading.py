"""From what a model wrote to decisions: nothing counts that the codebook does not allow or the text does not show."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yuhu.coding.llm.asked import Group
from yuhu.coding.llm.evidence import find_quote
from yuhu.coding.llm.prompt import ABSENT
from yuhu.coding.questions import Question, flat
from yuhu.core.codebook import Variable

VERSION = "reading.v1"

NO_JSON = "the answer is no JSON object"
NO_CODE = "the answer leaves the code out"
NO_VALUE = "the value is none of the codebook's"
NO_EVIDENCE = "no evidence given"
NOT_IN_TEXT = "the evidence is not in the text"
CONTRADICTS = "the answer contradicts itself"
REFUSED = "the model refused"
CUT_OFF = "the answer was cut off"

_FENCED = re.compile(r"^```(?:json)?\s*\n(.*)\n\s*```$", re.DOTALL)
_FRAME = re.compile(r"^\s*frame (\d{1,3})\s*$", re.IGNORECASE)
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """One decision in one answer: a value with the place of its evidence in the text or the number of the frame that shows it, or why there is none."""

    value: str = ""
    start: int = -1
    end: int = -1
    why: str = ""
    frame: int = 0

    def packed(self) -> list[Any]:
        """As plain data for the cache: no word of the text."""
        return ["", self.why] if self.why else [self.value, self.start, self.end, *([self.frame] if self.frame else [])]


@dataclass(frozen=True)
class _Ground:
    """What evidence may rest on."""

    text: str
    needs_evidence: bool
    n_frames: int

    def shown(self, value: str, quote: str) -> Outcome | None:
        """The value with the place that a quote names; None where it names none."""
        place = find_quote(quote, self.text)
        if place is not None:
            return Outcome(value, *place)
        frame = _FRAME.match(quote)
        n = int(frame.group(1)) if frame else 0
        return Outcome(value, frame=n) if 1 <= n <= self.n_frames else None


Outcomes = dict[str, Outcome]


def unpacked(held: Mapping[str, list[Any]]) -> Outcomes:
    """Outcomes out of the cache."""
    return {name: _outcome(*parts) for name, parts in held.items()}


def _outcome(value: str, start: Any, end: int = -1, frame: int = 0) -> Outcome:
    return Outcome(value, start, end, frame=frame) if value else Outcome(why=start)


def all_failed(group: Group, why: str) -> Outcomes:
    """No decision of a group was made."""
    return {one.id: Outcome(why=why) for question in group for one in flat(question)}


def read_answer(content: str, group: Group, text: str, *, needs_evidence: bool, n_frames: int = 0) -> Outcomes | None:
    """The decisions of an answer.

    Parameters
    ----------
    content : str
        What the model wrote.
    group : tuple of Question
        What was asked.
    text : str
        The message.
    needs_evidence : bool
        Whether each value other than "not there" must be shown in the text, or in a frame.
    n_frames : int
        Key frames that went along.

    Returns
    -------
    dict of Outcome, or None
        By flat decision; an attribute of a code that is not there has none. None where the answer is no JSON object at all.
    """
    found = json_object(content)
    if found is None:
        return None
    ground = _Ground(text, needs_evidence, n_frames)
    out: Outcomes = {}
    for question in group:
        for name, outcome in _decided(found.get(question.code), question, ground):
            out[name] = outcome
    return out


def json_object(content: str) -> dict[str, Any] | None:
    """The JSON object that an answer is, a thought before it and a fence around it taken off; None where it is none, or holds a key twice."""
    bare = _THOUGHT.sub("", content).strip()
    fenced = _FENCED.match(bare)
    try:
        found = json.loads(fenced.group(1) if fenced else bare, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("a key stands twice")
    return held


def _decided(answer: Any, question: Question, ground: _Ground) -> Iterator[tuple[str, Outcome]]:
    if not isinstance(answer, dict):
        yield from ((one.id, Outcome(why=NO_CODE)) for one in flat(question))
        return
    if question.has_facets:
        cells = _cells(answer.get("cells"), question, ground)
    else:
        only = question.variables[0]
        cells = {only.id: _valued(answer, only, ground)}
    yield from cells.items()
    there = [one for name, one in cells.items() if one.why or one.value != _zero(question, name)]
    if not there:
        return
    shown = next((one for one in there if not one.why), there[0])
    for attribute, _ in question.attributes:
        yield attribute.id, shown if shown.why else _attribute(answer.get(attribute.id), attribute, shown)


def _zero(question: Question, name: str) -> str | None:
    return next(one.zero for one in question.variables if one.id == name)


def _cells(listed: Any, question: Question, ground: _Ground) -> Outcomes:
    by_id = {one.id: one for one in question.variables}
    out = {one.id: Outcome(one.zero) if one.zero else Outcome(why=NO_CODE) for one in question.variables}
    if not isinstance(listed, list):
        return dict.fromkeys(out, Outcome(why=NO_CODE))
    told: set[str] = set()
    for entry in listed:
        cell = entry.get("cell") if isinstance(entry, dict) else None
        if not isinstance(cell, str) or cell not in by_id:
            return dict.fromkeys(out, Outcome(why=NO_VALUE))  # which cell was meant, nobody knows
        read = _valued(entry, by_id[cell], ground)
        if cell in told and out[cell].value != read.value:
            read = Outcome(why=CONTRADICTS)
        out[cell] = out[cell] if cell in told and not read.why else read
        told.add(cell)
    return out


def _valued(answer: Mapping[str, Any], variable: Variable, ground: _Ground) -> Outcome:
    value = _scalar(answer.get("value"))
    if value is None:
        return Outcome(why=NO_CODE)
    if value not in variable.values:
        return Outcome(why=NO_VALUE)
    if value == variable.zero:
        return Outcome(value)
    quote = answer.get("evidence")
    shown = ground.shown(value, quote) if isinstance(quote, str) else None
    if shown is not None:
        return shown
    if not ground.needs_evidence:
        return Outcome(value)
    if isinstance(quote, str) and quote.strip():
        return Outcome(why=NOT_IN_TEXT)
    # A decision that always has a value (what kind of message it is) may rest on the whole text.
    return Outcome(value) if variable.zero is None else Outcome(why=NO_EVIDENCE)


def _attribute(found: Any, variable: Variable, shown: Outcome) -> Outcome:
    value = _scalar(found)
    if value is None or value == ABSENT:
        return Outcome(why=NO_CODE)
    if value not in variable.values:
        return Outcome(why=NO_VALUE)
    return Outcome(value) if value == variable.zero else Outcome(value, shown.start, shown.end, frame=shown.frame)


def _scalar(found: Any) -> str | None:
    """A value as text: models write 1 for "1"."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return str(found).strip()
