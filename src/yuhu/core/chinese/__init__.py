"""What the program says, in Chinese.

A sentence is written once, in English, where it is said. Here stands what it is in Chinese: for errors, for the linter, for what importers tell of files,
for long work on its way. ``{0}``, ``{1}``, … stand for what differs from one time to the next. A test reads the sentences from the program's source and
fails where one that can reach a page has no Chinese.
"""

import re
from functools import cache, lru_cache
from types import MappingProxyType

from yuhu.core.chinese.coding import CODING
from yuhu.core.chinese.facts import NAMES, WORDED
from yuhu.core.chinese.files import FILES
from yuhu.core.chinese.lint import LINT
from yuhu.core.chinese.machines import MACHINES
from yuhu.core.chinese.notes import MISSING, NOTES
from yuhu.core.chinese.rejects import GUESSES, PLACES, REJECTS
from yuhu.core.chinese.study import STUDY
from yuhu.core.chinese.work import WORK
from yuhu.core.chinese.workbench import WORKBENCH
from yuhu.core.templates import Templates, fill

PARTS = (FILES, STUDY, CODING, MACHINES, WORKBENCH, LINT, WORDED, REJECTS, PLACES, GUESSES, MISSING, NOTES, WORK)
"""The dictionaries; no sentence stands in two of them."""
_ALL = MappingProxyType({english: chinese for part in PARTS for english, chinese in part.items()})


@cache
def _templates() -> Templates:
    return Templates(_ALL)


@lru_cache(maxsize=4096)
def in_chinese(sentence: str) -> str | None:
    """A sentence of the program in Chinese; None where it is none that is known here.

    What stands in its places is left as it is (names, numbers), unless it is a phrase of the program itself. What stands in backquotes is a name.
    """
    found = _templates().of(sentence)
    if found is None:
        return None
    template, parts = found
    return fill(_ALL[template], (part if f"`{{{at}}}`" in template else _ALL.get(part, part) for at, part in enumerate(parts)))


def in_language(sentence: str, lang: str) -> str:
    """A sentence of the program in a language; in English where it is not known here."""
    return (in_chinese(sentence) if lang == "zh" else None) or sentence


def rejected(line: str, lang: str) -> str:
    """Why a record was set aside, as ``place: reason``; in English as far as it is not known here."""
    if lang != "zh":
        return line
    for colon in re.finditer(": ", line):
        place, why = line[: colon.start()], in_chinese(line[colon.end() :])
        if why is not None:
            return f"{in_language(place, lang)}：{why}"
    return line


def fact_name(name: str, lang: str) -> str:
    """The name of an error's fact in a language; ``line 12`` and the like, too."""
    return (NAMES.get(name) or in_language(name, lang)) if lang == "zh" else name
