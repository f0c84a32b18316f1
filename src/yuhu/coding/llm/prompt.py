"""Prompts: the codebook as instruction, the message as data that nothing in it can break out of."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from yuhu.coding.llm.asked import Group
from yuhu.coding.llm.wording import SEGMENT_WORDINGS, SEGMENT_WORDS, VERSION, WORDINGS, WORDS, Words
from yuhu.coding.questions import Question
from yuhu.core.codebook import Codebook, Example
from yuhu.core.ids import content_hash, text_key

ABSENT = "-"
"""Value of an attribute whose code is not there, where the attribute has no zero of its own."""

LONGEST_CONTEXT = 2_000
"""Characters of the message answered to, and of the lines spoken nearby, that go along."""

_MARK = 24
_TEMPLATE_MARK = re.compile(r"\[(?=/?(?:[A-Z][A-Z_ ]{2,}|[gs]MASK)\])|\](?=~)")
_UNUSUAL = re.compile(r"[^ -;=?-~\u3001-\u3029\u4e00-\u9fff\uff01-\uff5e]")
_KEPT = "\u200d\ufe0f\ufe0e"
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Frame:
    """A key frame: its media time, its file, and the hash of what is in it."""

    at_ms: int
    path: Path
    sha256: str


@dataclass(frozen=True)
class Message:
    """A text to code, with its language and its context; or a segment of a video, whose text is what is spoken in it.

    ``place`` (empty for a message) says which segment it is: it goes to nobody.
    """

    text: str
    lang: str
    parent: str | None = None
    transcript: str | None = None
    place: str = ""
    frames: tuple[Frame, ...] = ()

    @property
    def key(self) -> int:
        """The key under which the cache knows that it was sent: of a message its text's, of a segment that of its place."""
        return text_key(f"{self.place}\x1f{self.text}" if self.place else self.text)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to code."""
        return not self.text.strip() and not self.frames


def prompt_lang(message: Message, chosen: str) -> str:
    """The language of the prompt of a message: as chosen, else that of the text, English where it is neither Chinese nor English."""
    if chosen != "text":
        return chosen
    is_chinese = message.lang == "zh" or (message.lang in {"mul", "und"} and _HAN.search(message.text) is not None)
    return "zh" if is_chinese else "en"


def example_lang(message: Message, prompt: str) -> str:
    """The language of the examples: that of the text, else that of the prompt."""
    return message.lang if message.lang in {"zh", "en"} else prompt


class Prompts:
    """The prompts of a codebook; the instruction of a group is built once.

    Parameters
    ----------
    book : Codebook
        The codebook.
    unit : str
        ``response`` or ``span``.
    """

    def __init__(self, book: Codebook, unit: str = "response") -> None:
        self._book = book
        self._wordings = SEGMENT_WORDINGS if unit == "span" else WORDINGS
        self._is_of_segments = unit == "span"
        self._made: dict[tuple[object, ...], str] = {}

    def instruction(self, group: Group, lang: str, examples: str, wording: int) -> str:
        """What a model is told of a group of questions: the same for all messages of a language, so that servers can keep it.

        Parameters
        ----------
        group : tuple of Question
            The questions.
        lang, examples : str
            Languages of the prompt and of its examples: ``zh`` or ``en``.
        wording : int
            Which of the wordings; they are taken in turn.
        """
        asked = (tuple(one.code for one in group), lang, examples, wording % len(self._wordings[lang]))
        if asked not in self._made:
            self._made[asked] = self._written(group, lang, examples, wording)
        return self._made[asked]

    def _written(self, group: Group, lang: str, examples: str, wording: int) -> str:
        words = WORDS[lang]
        said = self._wordings[lang][wording % len(self._wordings[lang])]
        rules = [f"- {_told(rule, lang)}" for rule in self._book.rules]
        facts = [f"- {_told(fact, lang)}" for fact in self._book.facts]
        return "\n".join(
            [
                said.role,
                said.material,
                said.task,
                *_titled(words.rules, rules),
                *_titled(words.facts, facts),
                f"\n# {words.codes}",
                *(line for question in group for line in _question(question, lang, examples, words)),
                f"\n# {words.reply}",
                said.answer,
                skeleton(group),
                said.evidence,
                *([words.absent] if any(needs_absent(one) for one in group) else []),
                *([words.cell_list] if any(one.has_facets for one in group) else []),
            ]
        )

    def fingerprint(self, groups: tuple[Group, ...], n_wordings: int) -> str:
        """Hash of all that a run may say to a model, messages apart; 16 hexadecimal digits."""
        said = [
            self.instruction(group, lang, examples, wording)
            for group in groups
            for lang in WORDS
            for examples in WORDS
            for wording in range(min(n_wordings, len(self._wordings[lang])))
        ]
        place = "place" if self._is_of_segments else ""
        frames = [enclosed(Message("", lang, held, held, place), lang) for lang in WORDS for held in (None, "")]
        return content_hash(json.dumps([VERSION, said, frames], ensure_ascii=False).encode())[:16]


@lru_cache(maxsize=256)
def enclosed(message: Message, lang: str) -> str:
    """The message as data: JSON between two lines whose mark is a hash of that JSON, which no text can hold of itself."""
    words = SEGMENT_WORDS[lang] if message.place else WORDS[lang]
    data = {"text": message.text}
    if message.place:
        data["frames"] = "; ".join(f"frame {n}: {one.at_ms / 1000:.1f} s" for n, one in enumerate(message.frames, start=1))
    for name, held in (("answers_to", message.parent), ("spoken_nearby", message.transcript)):
        if held is not None:
            data[name] = held if len(held) <= LONGEST_CONTEXT else held[:LONGEST_CONTEXT] + words.cut
    inside = as_data(data)
    mark = hashlib.sha256(inside.encode()).hexdigest()[:_MARK]
    close = words.close_context if message.parent is not None or message.transcript is not None else words.close
    return f"{words.lead}\nBEGIN {mark}\n{inside}\nEND {mark}\n{close}"


def as_data(held: dict[str, str]) -> str:
    """JSON on one line in which no text can stand for a mark of a chat template (``<|im_start|>``, ``[INST]``), a line end or an invisible order."""
    text = json.dumps(held, ensure_ascii=False)
    text = _TEMPLATE_MARK.sub(lambda found: _escaped(found.group()), text)
    return _UNUSUAL.sub(
        lambda found: _escaped(found.group()) if found.group() in "<>" or _is_hidden(found.group()) else found.group(), text
    )


def _is_hidden(char: str) -> bool:
    return char not in _KEPT and unicodedata.category(char) in {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}


def _escaped(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in _units(char))


def _units(char: str) -> list[int]:
    raw = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


def needs_absent(question: Question) -> bool:
    """Whether some attribute of a code has no zero of its own."""
    return any(one.zero is None for one, _ in question.attributes)


def skeleton(group: Group) -> str:
    """The shape of the answer, with the values that each place may take."""
    return "{" + ",\n ".join(f"{json.dumps(one.code)}: {_shape(one)}" for one in group) + "}"


def _shape(question: Question) -> str:
    extra = "".join(f', "{one.id}": {_choice([*one.values, *([] if one.zero else [ABSENT])])}' for one, _ in question.attributes)
    if not question.has_facets:
        return f'{{"value": {_choice(list(question.variables[0].values))}, "evidence": "..."{extra}}}'
    values = [value for value in question.variables[0].values if value != question.variables[0].zero]
    cells = _choice([one.id for one in question.variables])
    return f'{{"cells": [{{"cell": {cells}, "value": {_choice(values)}, "evidence": "..."}}]{extra}}}'


def _choice(values: list[str]) -> str:
    return json.dumps("|".join(values), ensure_ascii=False)


def _told(entry: Any, lang: str) -> str:
    """The text of a rule or a fact, which a codebook may write with or without an id."""
    text = entry.get("text", entry) if isinstance(entry, Mapping) else entry
    return str(text.get(lang, "") if isinstance(text, Mapping) else text)


def _titled(title: str, lines: list[str]) -> list[str]:
    return [f"\n# {title}", *lines] if lines else []


def _question(question: Question, lang: str, examples: str, words: Words) -> list[str]:
    lines = [f"\n## {question.code}: {question.label[lang]}", f"{words.definition}: {question.definition[lang]}"]
    lines.append(f"{words.values}: " + "; ".join(f"{value} = {label[lang]}" for value, label in question.values))
    if question.has_facets:
        lines.append(f"{words.cells}: " + "; ".join(f"{one.id} = {one.label[lang]}" for one in question.variables))
    for one, values in question.attributes:
        named = "; ".join(f"{value} = {label[lang]}" for value, label in values)
        lines.append(f"{words.attribute} {one.id} ({one.label[lang]}): {named}")
    if question.opens_if:
        lines.append(f"{words.asked_if}: {_gate(question)}")
    for title, texts in ((words.include, question.include), (words.exclude, question.exclude)):
        lines += [f"{title}:", *(f"- {text[lang]}" for text in texts)] if texts else []
    for title, shown in ((words.examples, question.examples), (words.near_misses, question.near_misses)):
        mine = [one for one in shown if one.lang == examples]
        lines += [f"{title}:", *(_example(one, lang, words) for one in mine)] if mine else []
    return lines


def _gate(question: Question) -> str:
    gate = question.opens_if or {}
    if "code" in gate:
        return f"{gate['code']} = {' | '.join(str(value) for value in gate['values'])}"
    return " | ".join(str(name) for name in gate.get("any", ()))


def _example(example: Example, lang: str, words: Words) -> str:
    cell = "".join(f" ({'.'.join(example.facets)})" for _ in example.facets[:1])
    extra = "".join(f", {name} = {value}" for name, value in example.attributes.items())
    instead = f"; {words.instead} {example.instead}" if example.instead else ""
    return f"- {json.dumps(example.text, ensure_ascii=False)} -> {example.value}{cell}{extra} ({example.why[lang]}{instead})"
