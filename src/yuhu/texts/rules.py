"""All rules of cleaning in one table: name, version, labels, what each gives or flags, and its parameters.

A rule adds columns or flags and never takes a message away. `FLAGS` are those that `leave_out` in study.yaml and the sensitivity measure know.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from yuhu.core.ids import content_hash
from yuhu.texts import (
    copy_form,
    emoji_names,
    exact,
    formulas,
    greetings,
    herd,
    language,
    near,
    ritual,
    simplified,
    spam_rate,
    spam_text,
    special,
)


@dataclass(frozen=True)
class Rule:
    """One rule of cleaning.

    Parameters
    ----------
    name, version : str
        What flags and settings call it; the version goes up with every change of what it finds.
    label, what : mapping of str to str
        In ``zh`` and ``en``: its name on pages, and one line on what it gives or flags.
    flags : bool
        Whether it flags messages; else it adds columns to texts.
    is_copy : bool
        Whether it flags all but the first of messages that are alike, rather than a kind of message.
    parameters : mapping
        Its thresholds and tables.
    """

    name: str
    version: str
    label: Mapping[str, str]
    what: Mapping[str, str]
    flags: bool
    is_copy: bool
    parameters: Mapping[str, Any]


def _rule(room: Any, *, flags: bool, is_copy: bool = False, more: Mapping[str, Any] | None = None) -> Rule:
    parameters = {**getattr(room, "PARAMETERS", {}), **(more or {})}
    return Rule(room.NAME, room.VERSION, room.LABEL, room.WHAT, flags, is_copy, parameters)


_GRAMMAR = {"grammar": formulas.GRAMMAR}

RULES: tuple[Rule, ...] = (
    _rule(language, flags=False),
    _rule(simplified, flags=False),
    _rule(copy_form, flags=False),
    _rule(emoji_names, flags=False),
    _rule(special, flags=True),
    _rule(ritual, flags=True, more=_GRAMMAR),
    _rule(herd, flags=True, more=_GRAMMAR),
    _rule(greetings, flags=True, more=_GRAMMAR),
    _rule(spam_text, flags=True),
    _rule(spam_rate, flags=True),
    _rule(exact, flags=True, is_copy=True),
    _rule(near, flags=True, is_copy=True),
)
"""In the order of pages: what adds columns, what marks a kind of message, what marks copies."""

FLAGS: tuple[str, ...] = tuple(rule.name for rule in RULES if rule.flags)
COPIES: tuple[str, ...] = tuple(rule.name for rule in RULES if rule.is_copy)


def libraries() -> dict[str, str]:
    """Versions of the libraries whose tables decide what rules find."""
    return {name: version(name) for name in ("emoji", "opencc", "py3langid")}


def rules_hash() -> str:
    """Hash of all rules with their parameters and libraries: equal rules find the same in equal data."""
    content = [[[one.name, one.version, dict(one.parameters)] for one in RULES], libraries()]
    return content_hash(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())[:16]
