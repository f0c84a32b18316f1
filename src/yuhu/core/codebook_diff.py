"""What changed between two versions of a codebook, and what follows from it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from yuhu.core.codebook import Code, Codebook, Example, Facet, Text
from yuhu.core.codebook_changes import Change, CodebookDiff, CodeChange, Edition
from yuhu.core.codebook_lint import TERM_LANGUAGES
from yuhu.core.codebook_places import LANGUAGES, parse

_BY_NAME = ("value_labels", "facet_labels")
"""Fields of which only the names that both versions have are compared: what came or went is said by `values` and `expand`."""

Facts = dict[tuple[str, str | None], Any]


def diff(old: Codebook, new: Codebook) -> CodebookDiff:
    """How a codebook differs from an earlier version.

    Parameters
    ----------
    old, new : Codebook
        The two.

    Returns
    -------
    CodebookDiff
        Empty if both have the same content. A code is taken for renamed only where it says so (``was``).

    Notes
    -----
    O(texts). Codings of a code stop counting exactly where its `Code.code_hash` differs. A changed gate (``opens_if``) leaves the hash alone, because the rule
    that was applied is the same; but other units are asked, and so they are where a code that the gate reads has changed.
    """
    found, renamed = _codes(old, new)
    codes = _behind_gates(found, new)
    book = _book(old, new, renamed)
    if not book and not codes and _unread(old) != _unread(new):
        book = (Change("other", None, None),)
    return CodebookDiff(
        old=Edition(old.id, old.version, old.content_hash),
        new=Edition(new.id, new.version, new.content_hash),
        book=book,
        codes=codes,
        appeared=tuple(name for name in new.variables if name not in old.variables),
        vanished=tuple(name for name in old.variables if name not in new.variables),
    )


def _codes(old: Codebook, new: Codebook) -> tuple[tuple[CodeChange, ...], dict[str, str]]:
    """Codes that differ, and the new id of each renamed one."""
    had, has = {code.id: code for code in old.codes}, {code.id: code for code in new.codes}
    renamed = {
        code.was: code.id for code in new.codes if code.was is not None and code.was in had and code.was not in has and code.id not in had
    }
    origins = {now: was for was, now in renamed.items()}
    found: list[CodeChange] = []
    for code in new.codes:
        was = origins.get(code.id)
        earlier = had.get(was or code.id)
        if earlier is None:
            found.append(CodeChange(code.id, "added"))
        elif changes := _compared(_code_facts(earlier), _code_facts(code)):
            found.append(CodeChange(code.id, "renamed" if was else "changed", changes, was))
    found += [CodeChange(code.id, "removed") for code in old.codes if code.id not in has and code.id not in renamed]
    return tuple(found), renamed


def _behind_gates(codes: tuple[CodeChange, ...], new: Codebook) -> tuple[CodeChange, ...]:
    """Adds the codes whose gate reads a code that is now decided by another rule, or asked of other units."""
    found = {change.code: change for change in codes}
    moved = {change.code for change in codes if change.effect in {"void", "asked"}}
    reads = {code.id: _read_by(code) for code in new.codes if code.opens_if}
    while fresh := {name: sorted(moved & read) for name, read in reads.items() if name not in moved and moved & read}:
        for name, read in fresh.items():
            known = found.get(name, CodeChange(name, "changed"))
            if known.kind != "added":
                found[name] = replace(known, changes=(*known.changes, Change("gate_codes", None, read)))
        moved.update(fresh)
    order = {code.id: at for at, code in enumerate(new.codes)}
    return tuple(sorted(found.values(), key=lambda change: order.get(change.code, len(order))))


def _read_by(code: Code) -> set[str]:
    gate = code.opens_if or {}
    return {gate["code"]} if "code" in gate else set(gate.get("any", ()))


def _compared(before: Facts, after: Facts) -> tuple[Change, ...]:
    found: list[Change] = []
    for key in {**before, **after}:
        was, now = before.get(key), after.get(key)
        if key[0] in _BY_NAME and was is not None and now is not None:
            shared = was.keys() & now.keys()
            was, now = ({name: text for name, text in held.items() if name in shared} for held in (was, now))
        if was != now:
            found.append(Change(key[0], was, now, key[1]))
    return tuple(found)


def _code_facts(code: Code) -> Facts:
    """All that a code says, by field and language, as plain values."""
    facts: Facts = {
        ("id", None): code.id,
        ("unit", None): code.unit,
        ("level", None): code.level,
        **_texts("definition", code.definition),
        **{
            (key, lang): [text.get(lang) for text in items]
            for key, items in (("include", code.include), ("exclude", code.exclude))
            for lang in LANGUAGES
        },
        ("values", None): [value.id for value in code.values],
        ("expand", None): _facets(code.expand),
        ("attributes", None): _facets(code.attributes),
        ("conflicts", None): list(code.conflicts),
        ("opens_if", None): _gate(code.opens_if),
        ("module", None): code.module,
        ("measured", None): code.measured,
        **_texts("label", code.label),
        ("symbol", None): code.symbol,
        **{("value_labels", lang): {value.id: value.label.get(lang) for value in code.values} for lang in LANGUAGES},
        **{("facet_labels", lang): _facet_labels((*code.expand, *code.attributes), lang) for lang in LANGUAGES},
        **{("examples", lang): _examples(code.examples, lang) for lang in LANGUAGES},
        **{("near_misses", lang): _examples(code.near_misses, lang) for lang in LANGUAGES},
        **_texts("no_terms", code.no_terms or {}),
        ("parent", None): code.parent,
        ("was", None): code.was,
        ("translation", None): asdict(code.translation) if code.translation else None,
    }
    return facts | _words(code)


def _words(code: Code) -> Facts:
    terms = code.terms
    if terms is None:
        return {}
    facts: Facts = {("negation", None): None if terms.negation else False}
    for lang in TERM_LANGUAGES:
        facts[("terms", lang)] = {key: list(words) for key, words in terms.by_value[lang].items()} if lang in terms.by_value else None
        facts[("block", lang)] = list(terms.block[lang]) if lang in terms.block else None
        facts[("referents", lang)] = list(terms.referents[lang]) if lang in terms.referents else None
    return facts


def _texts(field: str, text: Text) -> Facts:
    return {(field, lang): text.get(lang) for lang in LANGUAGES}


def _facets(facets: tuple[Facet, ...]) -> list[Any]:
    return [[facet.id, facet.level, [value.id for value in facet.values]] for facet in facets]


def _facet_labels(facets: tuple[Facet, ...], lang: str) -> dict[str, str | None]:
    named = {facet.id: facet.label.get(lang) for facet in facets}
    return named | {f"{facet.id}.{value.id}": value.label.get(lang) for facet in facets for value in facet.values}


def _examples(examples: tuple[Example, ...], lang: str) -> list[dict[str, Any]]:
    return [_plain(asdict(example)) for example in examples if example.lang == lang]


def _gate(gate: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {key: [str(one) for one in held] if isinstance(held, list) else str(held) for key, held in gate.items()} if gate else None


def _book(old: Codebook, new: Codebook, renamed: Mapping[str, str]) -> tuple[Change, ...]:
    """What differs outside the codes."""
    found = _compared(_book_facts(old), _book_facts(new))
    was = [renamed.get(code.id, code.id) for code in old.codes]
    kept = set(was).intersection(code.id for code in new.codes)
    orders = [name for name in was if name in kept], [code.id for code in new.codes if code.id in kept]
    return (*found, Change("order", *orders)) if orders[0] != orders[1] else found


def _book_facts(book: Codebook) -> Facts:
    facts: Facts = {("book_id", None): book.id, **_texts("label", book.label), **_texts("description", book.description)}
    for lang in LANGUAGES:
        facts[("rules", lang)] = [_in_language(rule, lang) for rule in book.rules]
        facts[("facts", lang)] = [_in_language(fact, lang) for fact in book.facts]
        facts[("stages", lang)] = [_in_language(stage, lang) for stage in book.stages]
        facts[("module_labels", lang)] = {str(module["id"]): _in_language(module, lang) for module in book.modules}
    facts[("modules", None)] = [[str(module["id"]), bool(module.get("default"))] for module in book.modules]
    return facts


def _in_language(entry: Any, lang: str | None) -> Any:
    """An entry with the words of one language only; what has no language stays."""
    if isinstance(entry, Mapping):
        if entry and all(key in LANGUAGES for key in entry):
            return entry.get(lang)
        return {str(key): _in_language(held, lang) for key, held in entry.items() if key != "default"}
    return _plain(entry)


def _unread(book: Codebook) -> str:
    """The whole document without its version."""
    document = parse(book.source_text)[0]
    return json.dumps({str(key): held for key, held in document.items() if key != "version"}, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))
