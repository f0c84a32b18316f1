"""What a saved classifier says of itself, read as a stranger's text: every part has its type, and the parts fit each other."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from yuhu.coding.classifier.features import PARAMETERS
from yuhu.coding.classifier.model import MOST_BUCKETS, Slot
from yuhu.coding.classifier.targets import Decision

FORMAT = "yuhu classifier 1"
_MOST = 100_000
_KEYS = (
    "format", "files", "n_buckets", "n_folds", "seed", "languages", "languages_seen", "slots", "decisions", "code_hashes", "parameters"
)  # fmt: skip
_DECISION = ("id", "level", "values", "zero", "asked", "within")
_LEVELS = ("binary", "nominal", "ordinal", "interval")


class MalformedError(ValueError):
    """A saved model is not as one was written."""


@dataclass(frozen=True)
class Description:
    """See `keeping.Kept`; ``files`` are hashes by name."""

    files: Mapping[str, str]
    n_buckets: int
    n_folds: int
    seed: int
    languages: tuple[str, ...]
    languages_seen: tuple[str, ...]
    slots: tuple[Slot, ...]
    decisions: tuple[Decision, ...]
    code_hashes: Mapping[str, str]
    parameters: Mapping[str, Any]


def described_as(decision: Decision) -> dict[str, Any]:
    """A decision as JSON."""
    return asdict(decision)


def described(content: bytes) -> Description:
    """Read a description.

    Raises
    ------
    MalformedError
        It is none.
    """
    document = _object(_parsed(content), "the description", _KEYS)
    if document["format"] != FORMAT:
        raise MalformedError(f"its format is not `{FORMAT}`")
    decisions = tuple(_decision(raw) for raw in _list(document["decisions"], "decisions"))
    names = [decision.id for decision in decisions]
    hashes = _texts_by_name(document["code_hashes"], "code_hashes")
    if not decisions or len(set(names)) != len(names) or set(hashes) != set(names):
        raise MalformedError("its decisions do not fit each other")
    if any(decision.within and not set(decision.within) & set(names[:at]) for at, decision in enumerate(decisions)):
        raise MalformedError("an attribute stands before what it is of")
    parameters = _object(document["parameters"], "parameters", None)
    for name, value in PARAMETERS.items():
        if name != "unicode" and parameters.get(name) != value:
            raise MalformedError(f"it was made with other {name}: {parameters.get(name)}")
    seen = _texts(document["languages_seen"], "languages_seen")
    return Description(
        _texts_by_name(document["files"], "files"),
        _whole(document["n_buckets"], "n_buckets", 0, MOST_BUCKETS),
        _whole(document["n_folds"], "n_folds", 3, 20),
        _whole(document["seed"], "seed", 0, 2**64),
        _texts(document["languages"], "languages"),
        seen,
        _slots(document["slots"], sum(len(decision.asked) for decision in decisions), seen),
        decisions,
        hashes,
        parameters,
    )


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedError("its description is no JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _decision(raw: Any) -> Decision:
    found = _object(raw, "a decision", _DECISION)
    values, asked = _texts(found["values"], "values"), _texts(found["asked"], "asked")
    zero = None if found["zero"] is None else _text(found["zero"], "zero")
    level = _text(found["level"], "level")
    if level not in _LEVELS or len(set(values)) != len(values) or (zero is not None and zero not in values):
        raise MalformedError("a decision is not understood")
    decision = Decision(_text(found["id"], "id"), level, values, zero, asked, _texts(found["within"], "within"))
    places = [values.index(value) for value in asked if value in values]
    is_run = places == list(range(places[0], places[0] + len(asked))) if places else False
    fits = is_run and places[0] > 0 if decision.is_ordered else len(places) >= 2 and places == sorted(set(places))
    if len(places) != len(asked) or not fits:
        raise MalformedError("the questions of a decision do not fit its values")
    return decision


def _slots(found: Any, questions: int, languages: tuple[str, ...]) -> tuple[Slot, ...]:
    """Columns of the models: for each question one for all texts, and one at most for each language."""
    pairs = [tuple(pair) if isinstance(pair, list) else () for pair in _list(found, "slots")]
    if any(len(pair) != 2 for pair in pairs):
        raise MalformedError("its slots are not understood")
    slots = tuple(Slot(_whole(question, "a slot", 0, questions - 1), _slot_language(name, languages)) for question, name in pairs)
    if len(set(slots)) != len(slots) or {slot.question for slot in slots if slot.language is None} != set(range(questions)):
        raise MalformedError("its slots do not fit its questions")
    return slots


def _slot_language(name: Any, languages: tuple[str, ...]) -> str | None:
    if name is not None and (not isinstance(name, str) or name not in languages):
        raise MalformedError("a slot is of a language that was not seen")
    return name


def _object(found: Any, what: str, keys: tuple[str, ...] | None) -> dict[str, Any]:
    if not isinstance(found, dict) or (keys is not None and set(found) != set(keys)):
        raise MalformedError(f"{what} is not an object with the right names")
    return found


def _list(found: Any, what: str) -> list[Any]:
    if not isinstance(found, list) or len(found) > _MOST:
        raise MalformedError(f"{what} is no list")
    return found


def _text(found: Any, what: str) -> str:
    if not isinstance(found, str):
        raise MalformedError(f"{what} is no text")
    return found


def _texts(found: Any, what: str) -> tuple[str, ...]:
    return tuple(_text(one, what) for one in _list(found, what))


def _texts_by_name(found: Any, what: str) -> dict[str, str]:
    return {name: _text(value, what) for name, value in _object(found, what, None).items()}


def _whole(found: Any, what: str, least: int, most: int) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise MalformedError(f"{what} is no whole number from {least} to {most}")
    return found
