"""Tokens of a text, estimated by its script: no tokenizer of any model is here."""

import json
import re
from functools import lru_cache

from yuhu.coding.llm.asked import Group
from yuhu.coding.llm.prompt import ABSENT
from yuhu.coding.questions import Question

VERSION = "tokens.v1"

RATES = {"han": 0.84, "kana": 0.8, "word": 1.0, "long_word": 0.28, "digit": 0.9, "mark": 0.8, "other": 1.0}
"""Tokens of a Chinese character; of a kana or hangul; of a word of Latin letters, and of each of its letters beyond the sixth; of a digit; of a
punctuation mark or sign; of any other character."""

OVERHEAD = 12
"""Tokens that the frame of a conversation takes."""

IMAGE = 1_000
"""Tokens that a key frame is reckoned to take: models differ from about 100 to 3,000."""

JSON_RATE = 0.85
"""Tokens of JSON as a share of those of other text with as many marks: several of its marks make one token. It lies between compact and indented JSON."""

QUOTED = 4
"""Tokens of evidence that an answer is reckoned to quote for each code."""

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
_MARK = re.compile(r"[!-/:-@\[-`{-~\u2000-\u206f\u3000-\u303f\uff00-\uffef]")


@lru_cache(maxsize=256)
def tokens(text: str) -> int:
    """Tokens of a text, estimated; O(len(text))."""
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    han, kana, digits, marks = (len(one.findall(text)) for one in (_HAN, _KANA, _DIGIT, _MARK))
    other = len(text) - letters - han - kana - digits - marks - len(re.findall(r"\s", text))
    return round(
        RATES["han"] * han
        + RATES["kana"] * kana
        + RATES["word"] * len(words)
        + RATES["long_word"] * sum(max(0, len(word) - 6) for word in words)
        + RATES["digit"] * digits
        + RATES["mark"] * marks
        + RATES["other"] * other
    )


def answer_tokens(group: Group) -> int:
    """Tokens of a usual answer: most codes are not there, and some passage is quoted."""
    return round(JSON_RATE * (tokens(json.dumps({one.code: _usual(one) for one in group})) + QUOTED * len(group)))


def _usual(question: Question) -> dict[str, object]:
    attributes = {one.id: one.zero or ABSENT for one, _ in question.attributes}
    if question.has_facets:
        return {"cells": [], **attributes}
    only = question.variables[0]
    return {"value": only.zero or only.values[0], "evidence": "", **attributes}
