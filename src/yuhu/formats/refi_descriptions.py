"""Codes, values and projects as descriptions in REFI-QDA files: in every language, readable for people, and read back exactly.

The first line says what is described (``yuhu code: stance``); a description without it is a foreign one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yuhu.core.codebook import Example, Facet, Text, Value
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.labelled_lines import Line, read_lines, written_lines

CODE, DECISION, VALUE, STATUS, BOOK, MODULE, FOUND = (
    "yuhu code", "yuhu decision", "yuhu value", "yuhu status", "yuhu codebook", "yuhu module", "found in codings",
)  # fmt: skip
_MARKS = (CODE, DECISION, VALUE, STATUS, BOOK, MODULE)


def marked(description: str) -> tuple[Line, list[Line]] | None:
    """The mark of a description of ours and its fields; None for a foreign one."""
    lines = read_lines(description)
    at = next((at for at, line in enumerate(lines) if line.key in _MARKS), None)
    return None if at is None else (lines[at], lines[at + 1 :])


def code_description(draft: CodeDraft, place: int) -> str:
    """All that a draft says, and its place in the codebook, apart from what stands in the tree: name, colour, values, parent."""
    lines = [Line(CODE, (), draft.id), *_texts("label", draft.label), *_texts("definition", draft.definition)]
    for key, texts in (("include", draft.include), ("exclude", draft.exclude)):
        for at, text in enumerate(texts, start=1):
            lines += _texts(key, text, str(at)) or [Line(key, (str(at),))]
    for key, examples in (("example", draft.examples), ("near miss", draft.near_misses)):
        for at, example in enumerate(examples, start=1):
            lines += _example(key, str(at), example)
    plain = {
        "unit": draft.unit,
        "level": draft.level,
        "module": draft.module,
        "symbol": draft.symbol,
        "was": draft.was,
        "hash": draft.code_hash,
    }
    lines += [Line(key, (), text) for key, text in plain.items() if text]
    lines += [Line("conflict", (), other) for other in draft.conflicts]
    lines += [Line(key, (), _json([_facet(facet) for facet in facets])) for key, facets in _facets(draft).items() if facets]
    if draft.opens_if is not None:
        lines.append(Line("opens if", (), _json(draft.opens_if)))
    if draft.expand:
        lines.append(Line("values", (), _json([_value(value) for value in draft.values])))
    yes = {"measured": draft.measured, "not codable": not draft.is_codable}
    lines += [Line(key, (), "yes") for key, is_so in yes.items() if is_so]
    return written_lines([*lines, Line("place", (), str(place))])


def read_code(mark: Line, lines: Sequence[Line], *, values: tuple[Value, ...], parent: str, colour: str) -> CodeDraft:
    """The draft that a description of ours holds, with what stands in the tree."""
    plain = {line.key: line.text for line in lines if not line.signs}
    opens = _loaded(plain.get("opens if", ""))
    return CodeDraft(
        id=mark.text,
        label=_text(lines, "label"),
        definition=_text(lines, "definition"),
        unit=plain.get("unit", ""),
        level=plain.get("level", ""),
        values=_read_values(_loaded(plain["values"])) if "values" in plain else values,
        parent=parent,
        module=plain.get("module", ""),
        symbol=plain.get("symbol", ""),
        include=_numbered(lines, "include"),
        exclude=_numbered(lines, "exclude"),
        examples=_examples(lines, "example"),
        near_misses=_examples(lines, "near miss"),
        expand=_read_facets(plain.get("expand", "")),
        attributes=_read_facets(plain.get("attributes", "")),
        opens_if=opens if isinstance(opens, dict) else None,
        conflicts=tuple(line.text for line in lines if line.key == "conflict"),
        was=plain.get("was", ""),
        measured=plain.get("measured") == "yes",
        colour=colour,
        is_codable=plain.get("not codable") != "yes",
        code_hash=plain.get("hash", ""),
    )


def value_description(value: Value) -> str:
    """A value with its labels."""
    return written_lines([Line(VALUE, (), value.id), *_texts("label", value.label)])


def read_value(mark: Line, lines: Sequence[Line]) -> Value:
    """The value that a description holds."""
    return Value(mark.text, _text(lines, "label"))


def book_description(book: BookDraft, more: Mapping[str, str] | None = None) -> str:
    """What a codebook says of itself."""
    lines = [Line(BOOK, (), book.id), *_texts("label", book.label), *_texts("description", book.description)]
    plain = {"version": book.version, "hash": book.content_hash, **(more or {})}
    return written_lines([*lines, *(Line(key, (), text) for key, text in plain.items() if text)])


def read_book(mark: Line, lines: Sequence[Line], codes: tuple[CodeDraft, ...]) -> tuple[BookDraft, dict[str, str]]:
    """The codebook that a description holds, and its further fields."""
    plain = {line.key: line.text for line in lines if not line.signs}
    book = BookDraft(mark.text, plain.pop("version", ""), _text(lines, "label"), _text(lines, "description"), codes, plain.pop("hash", ""))
    return book, plain


def _texts(key: str, text: Text, *signs: str) -> list[Line]:
    return [Line(key, (*signs, lang), shown) for lang, shown in text.items()]


def _text(lines: Sequence[Line], key: str, *signs: str) -> dict[str, str]:
    here = len(signs)
    return {line.signs[here]: line.text for line in lines if line.key == key and len(line.signs) == here + 1 and line.signs[:here] == signs}


def _numbered(lines: Sequence[Line], key: str) -> tuple[Text, ...]:
    numbers = dict.fromkeys(line.signs[0] for line in lines if line.key == key and line.signs)
    return tuple(_text(lines, key, number) for number in numbers)


def _example(key: str, at: str, example: Example) -> Iterator[Line]:
    yield Line(key, (at, example.lang, example.value), example.text)
    yield from _texts(f"{key} why", example.why, at)
    rest = {"facets": list(example.facets), "attributes": dict(example.attributes), "instead": example.instead}
    if kept := {name: held for name, held in rest.items() if held}:
        yield Line(f"{key} rest", (at,), _json(kept))


def _examples(lines: Sequence[Line], key: str) -> tuple[Example, ...]:
    rests = {line.signs[0]: _loaded(line.text) for line in lines if line.key == f"{key} rest" and line.signs}
    found = []
    for line in lines:
        if line.key == key and len(line.signs) == 3:
            at, lang, value = line.signs
            held = rests.get(at)
            rest = held if isinstance(held, dict) else {}
            facets = tuple(str(facet) for facet in _listed(rest.get("facets")))
            attributes = {str(name): str(held) for name, held in _mapped(rest.get("attributes")).items()}
            instead = rest.get("instead")
            why = _text(lines, f"{key} why", at)
            found.append(Example(lang, line.text, value, why, facets, attributes, instead if isinstance(instead, str) else None))
    return tuple(found)


def _facets(draft: CodeDraft) -> dict[str, tuple[Facet, ...]]:
    return {"expand": draft.expand, "attributes": draft.attributes}


def _facet(facet: Facet) -> dict[str, object]:
    values = [_value(value) for value in facet.values]
    return {"id": facet.id, "label": dict(facet.label), "level": facet.level, "values": values}


def _value(value: Value) -> dict[str, object]:
    return {"id": value.id, "label": dict(value.label)}


def _read_values(held: object) -> tuple[Value, ...]:
    return tuple(Value(str(value.get("id", "")), _strings(value.get("label"))) for value in map(_mapped, _listed(held)))


def _read_facets(text: str) -> tuple[Facet, ...]:
    found = []
    for facet in map(_mapped, _listed(_loaded(text))):
        values = _read_values(facet.get("values"))
        found.append(Facet(str(facet.get("id", "")), _strings(facet.get("label")), values, str(facet.get("level", "nominal"))))
    return tuple(found)


def _strings(held: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in _mapped(held).items()}


def _listed(held: object) -> list[Any]:
    return held if isinstance(held, list) else []


def _mapped(held: object) -> dict[str, Any]:
    return held if isinstance(held, dict) else {}


def _json(held: object) -> str:
    return json.dumps(held, ensure_ascii=False)


def _loaded(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
