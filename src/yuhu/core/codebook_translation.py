"""The translation record of a code: written in one language, translated, translated back, then coded in both by bilingual coders.

A record says how far a translation has come. It never blocks anything. Source: brislin1970.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yuhu.core.codebook_places import LANGUAGES, Path, Say

STATES = ("draft", "translated", "back_translated", "bridged")
"""How far a translation has come; ``bridged``: a bridge set was coded in both languages."""

_KEYS = ("from", "by", "checked_by", "back", "status")


@dataclass(frozen=True)
class Translation:
    """How a code came into its second language.

    ``source`` is the language it was written in, ``by`` who translated, ``checked_by`` who compared, ``back`` the definition translated back.
    """

    source: str
    status: str
    by: str = ""
    checked_by: str = ""
    back: str = ""


def translation_of(record: Mapping[str, str] | None) -> Translation | None:
    """A record that was checked, as an object."""
    if record is None:
        return None
    return Translation(record["from"], record["status"], record.get("by", ""), record.get("checked_by", ""), record.get("back", ""))


def translations(codes: list[Any], say: Say) -> None:
    """Check translation records, and say which codes are in which state.

    Parameters
    ----------
    codes : list
        The entries under ``codes``, as parsed.
    say : callable
        Takes place, message and severity.
    """
    states: dict[str, list[str]] = {}
    first: dict[str, Path] = {}
    has_records = any(isinstance(code, dict) and "translation" in code for code in codes)
    for at, code in enumerate(codes if has_records else ()):
        if not isinstance(code, dict):
            continue
        record, here = code.get("translation"), ("codes", at, "translation")
        state = _state(record, here, say) if "translation" in code else "no record"
        states.setdefault(state, []).append(str(code.get("id")))
        first.setdefault(state, here)
    for state in (*STATES, "no record"):
        if state in states:
            say(first[state], f"translation {state}: {', '.join(states[state])}", "note")


def _state(record: Any, here: Path, say: Say) -> str:
    if not isinstance(record, dict):
        say(here, f"translation is a mapping with {', '.join(_KEYS)}", "error")
        return ""
    for key in record:
        if key not in _KEYS:
            say((*here, str(key)), f"`{key}` is not a key here; known: {', '.join(_KEYS)}", "error")
    if record.get("from") not in LANGUAGES:
        say((*here, "from"), f"from is the language the code was written in, zh or en, found {record.get('from')!r}", "error")
    for key in ("by", "checked_by", "back"):
        if key in record and not isinstance(record[key], str):
            say((*here, key), f"{key} is a text, found {record[key]!r}", "error")
    state = record.get("status")
    if state not in STATES:
        say((*here, "status"), f"status is one of {', '.join(STATES)}, found {state!r}", "error")
        return ""
    _supported(record, STATES.index(state), here, say)
    return str(state)


def _supported(record: dict[str, Any], reached: int, here: Path, say: Say) -> None:
    """Warn where a record claims more than it shows."""
    if reached >= STATES.index("translated") and not record.get("by"):
        say(here, f"status is {STATES[reached]}, but `by` does not say who translated", "warning")
    if reached >= STATES.index("back_translated"):
        if not record.get("back"):
            say(here, f"status is {STATES[reached]}, but `back` holds no translation back", "warning")
        if not record.get("checked_by"):
            say(here, f"status is {STATES[reached]}, but `checked_by` does not say who compared", "warning")
        elif record.get("checked_by") == record.get("by"):
            say((*here, "checked_by"), "who translated also checked: another person should compare", "warning")
