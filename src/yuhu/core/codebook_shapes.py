"""Whether the parts of a code are of the right kind: lists, mappings, texts. Only then can they be looked into."""

from collections.abc import Mapping
from typing import Any

from yuhu.core.codebook_places import Path, Say

_NAMES: dict[type, str] = {str: "a text", list: "a list", dict: "a mapping", bool: "true or false"}
_CODE: dict[str, type] = {
    **dict.fromkeys(("id", "module", "unit", "level", "symbol"), str),
    **dict.fromkeys(("include", "exclude", "examples", "near_misses", "values", "expand", "attributes"), list),
    **dict.fromkeys(("terms", "block", "referents"), dict),
    **dict.fromkeys(("negation", "measured"), bool),
}
_EXAMPLE: dict[str, type] = {"lang": str, "text": str, "facets": list, "attributes": dict, "instead": str}
_FACET: dict[str, type] = {"id": str, "level": str, "values": list, "open": bool}
_INSIDE = {"examples": _EXAMPLE, "near_misses": _EXAMPLE, "expand": _FACET, "attributes": _FACET}


def is_shaped(path: Path, code: Mapping[str, Any], say: Say) -> bool:
    """Say which parts of a code are of the wrong kind.

    Parameters
    ----------
    path : tuple
        The place of the code.
    code : mapping
        The code, as parsed.
    say : callable
        Takes place, message and severity.

    Returns
    -------
    bool
        Whether all are right.
    """
    wrong = _wrong(path, code, _CODE)
    for key, kinds in _INSIDE.items():
        items = code.get(key)
        for at, item in enumerate(items if isinstance(items, list) else ()):
            here = (*path, key, at)
            wrong += _wrong(here, item, kinds) if isinstance(item, dict) else [(here, f"an entry of {key} is a mapping")]
    for place, message in wrong:
        say(place, message, "error")
    return not wrong


def _wrong(path: Path, held: Mapping[str, Any], kinds: Mapping[str, type]) -> list[tuple[Path, str]]:
    return [
        ((*path, key), f"{key} is {_NAMES[kind]}, found {held[key]!r}")
        for key, kind in kinds.items()
        if key in held and not isinstance(held[key], kind)
    ]
