"""How the codes of a codebook stand to each other: gates, parents, conflicts, earlier names."""

from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.codebook_places import Path, Say

ABSENT = ("none", "0")
"""Value ids that mean "not there"."""

Codes = Mapping[str, dict[str, Any]]
Places = list[tuple[Path, dict[str, Any]]]


def relations(codes: list[Any], say: Say) -> None:
    """Check all that a code says of other codes.

    Parameters
    ----------
    codes : list
        The entries under ``codes``, as parsed.
    say : callable
        Takes place, message and severity.
    """
    places: Places = [(("codes", at), code) for at, code in enumerate(codes) if isinstance(code, dict)]
    by_id = {code["id"]: code for _, code in places if isinstance(code.get("id"), str)}
    for path, code in places:
        _gate(path, code, by_id, say)
        _instead(path, code, by_id, say)
        _parent(path, code, by_id, say)
        _conflicts(path, code, by_id, say)
    _cycles(places, by_id, say)
    _earlier_names(places, by_id, say)


def _gate(path: Path, code: dict[str, Any], by_id: Codes, say: Say) -> None:
    gate, here = code.get("opens_if"), (*path, "opens_if")
    if gate is None:
        return
    listed = gate.get("values" if "code" in gate else "any") if isinstance(gate, dict) else None
    if not isinstance(gate, dict) or set(gate) not in ({"code", "values"}, {"any"}) or not isinstance(listed, list) or not listed:
        say(here, "opens_if is {code: a code, values: [its values]} or {any: [codes]}", "error")
        return
    for other in [gate["code"]] if "code" in gate else listed:
        if str(other) not in by_id:
            say(here, f"opens_if names `{other}`, which is no code", "error")
    if str(gate.get("code")) in by_id:
        allowed = value_ids(by_id[str(gate["code"])])
        for value in listed:
            if str(value) not in allowed:
                say(here, f"`{value}` is no value of `{gate['code']}`", "error")


def _instead(path: Path, code: dict[str, Any], by_id: Codes, say: Say) -> None:
    misses = code.get("near_misses")
    for example in misses if isinstance(misses, list) else ():
        other = example.get("instead") if isinstance(example, dict) else None
        if other and str(other).split(".", maxsplit=1)[0] not in by_id:
            say((*path, "near_misses"), f"`instead: {other}` is no code", "warning")


def _parent(path: Path, code: dict[str, Any], by_id: Codes, say: Say) -> None:
    if "parent" in code and (not isinstance(code["parent"], str) or code["parent"] not in by_id):
        say((*path, "parent"), f"parent names `{code['parent']}`, which is no code", "error")


def _conflicts(path: Path, code: dict[str, Any], by_id: Codes, say: Say) -> None:
    if "conflicts" not in code:
        return
    here = (*path, "conflicts")
    if not isinstance(code["conflicts"], list):
        say(here, "conflicts is a list of codes", "error")
        return
    above = set(ancestors(str(code.get("id")), by_id))
    seen: set[str] = set()
    for at, other in enumerate(map(str, code["conflicts"])):
        if other in seen:
            say((*here, at), f"conflict with `{other}` stands twice", "warning")
        seen.add(other)
        message = _wrong_conflict(code, other, above, by_id)
        if message:
            say((*here, at), message, "error")


def _wrong_conflict(code: dict[str, Any], other: str, above: set[str], by_id: Codes) -> str:
    """What is wrong with a conflict; empty if nothing is."""
    own = str(code.get("id"))
    if other not in by_id:
        return f"conflicts names `{other}`, which is no code"
    if other == own:
        return f"`{own}` is in conflict with itself"
    if other in above:
        return f"`{own}` is in conflict with `{other}`, which stands above it"
    if own in ancestors(other, by_id):
        return f"`{own}` is in conflict with `{other}`, which stands below it"
    if by_id[other].get("unit") != code.get("unit"):
        return f"`{own}` and `{other}` are coded on different units and never meet"
    always = [name for name, one in ((own, code), (other, by_id[other])) if not value_ids(one).intersection(ABSENT)]
    return f'`{always[0]}` has no value for "not there" (none or 0), so it would always be in conflict' if always else ""


def _cycles(places: Places, by_id: Codes, say: Say) -> None:
    told: set[str] = set()
    for path, code in places:
        own = str(code.get("id"))
        chain = [own, *ancestors(own, by_id)]
        if _parent_of(chain[-1], by_id) == own and own not in told:
            told.update(chain)
            say((*path, "parent"), "parents go round in a circle: " + " -> ".join([*chain, own]), "error")


def _earlier_names(places: Places, by_id: Codes, say: Say) -> None:
    taken: dict[str, str] = {}
    for path, code in places:
        if "was" not in code:
            continue
        was = code["was"]
        if not isinstance(was, str) or not was:
            say((*path, "was"), f"was is the id that the code had in an earlier version, found {was!r}", "error")
        elif was in by_id:
            say((*path, "was"), f"was names `{was}`, which still is a code", "error")
        elif was in taken:
            say((*path, "was"), f"both `{taken[was]}` and `{code.get('id')}` say that they were `{was}`", "error")
        else:
            taken[was] = str(code.get("id"))


def _parent_of(code: str, by_id: Codes) -> str | None:
    parent = by_id.get(code, {}).get("parent")
    return parent if isinstance(parent, str) and parent in by_id else None


def ancestors(code: str, by_id: Codes) -> Iterator[str]:
    """The codes above one, the nearest first; each once, also where parents go round in a circle."""
    seen, at = {code}, _parent_of(code, by_id)
    while at is not None and at not in seen:
        yield at
        seen.add(at)
        at = _parent_of(at, by_id)


def value_ids(code: dict[str, Any]) -> set[str]:
    """The ids of a code's values, as text."""
    values = code.get("values")
    return {str(value.get("id")) for value in values if isinstance(value, dict)} if isinstance(values, list) else set()
