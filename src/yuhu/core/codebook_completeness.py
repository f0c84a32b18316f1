"""What a coder of either language would miss: texts in one language only, texts never translated, values without an example."""

from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.codebook_places import LANGUAGES, Path, Say
from yuhu.core.codebook_relations import ABSENT

_LETTERS = 4
"""Texts with fewer letters, such as signs and numbers, may be the same in both languages."""

Examples = list[dict[str, Any]]


def completeness(document: Mapping[str, Any], say: Say) -> None:
    """Warn of what coders of one language do not have.

    Where the codebook has examples in both languages, each code, each value, each cell of a facet and each value of an attribute other than "not
    there" should have an example or near miss in both. Codes that a program measures need none.

    Parameters
    ----------
    document : mapping
        The codebook, as parsed.
    say : callable
        Takes place, message and severity.

    Notes
    -----
    Labels, definitions, rules, include, exclude and why are errors in `codebook_lint` if a language is missing; here come the texts that may be left out
    as a whole, and those that stand in both languages with the same words.
    """
    for key, name in (("modules", "text"), ("stages", "label")):
        for path, entry in _entries(document.get(key), (key,)):
            if name in entry:
                _in_both((*path, name), entry[name], say)
    facts = document.get("facts")
    for at, fact in enumerate(facts if isinstance(facts, list) else ()):
        _in_both(("facts", at, "text"), fact.get("text") if isinstance(fact, dict) else fact, say)
    for path, text in _texts(document, ()):
        same = {str(words).strip() for words in text.values()}
        if len(text) == len(LANGUAGES) and len(same) == 1 and sum(letter.isalpha() for letter in same.pop()) >= _LETTERS:
            say(path, f"{_name(path)} has the same words in zh and en: one of them may not be translated", "warning")
    codes = [(path, code) for path, code in _entries(document.get("codes"), ("codes",)) if not code.get("measured")]
    held = {path: _examples(code) for path, code in codes}
    if {example.get("lang") for examples in held.values() for example in examples}.issuperset(LANGUAGES):
        for path, code in codes:
            for lang in LANGUAGES:
                _exemplified(path, code, [example for example in held[path] if example.get("lang") == lang], lang, say)


def _in_both(path: Path, text: Any, say: Say) -> None:
    for lang in LANGUAGES:
        words = text.get(lang) if isinstance(text, dict) else None
        if not isinstance(words, str) or not words.strip():
            say((*path, lang), f"{lang} is missing from the {_name(path)} of {_name(path[:1])}", "warning")


def _exemplified(path: Path, code: dict[str, Any], examples: Examples, lang: str, say: Say) -> None:
    here = (*path, "examples")
    if not examples:
        say(here, f"code `{code.get('id')}` has no example or near miss in {lang}", "warning")
        return
    lacking = _lacking(code.get("values"), {str(example.get("value")) for example in examples})
    if lacking:
        say(here, f"values of `{code.get('id')}` without an example or near miss in {lang}: {', '.join(lacking)}", "warning")
    for at, (_, facet) in enumerate(_entries(code.get("expand"), ())):
        chosen = [example.get("facets") for example in examples]
        lacking = _lacking(facet.get("values"), {str(one[at]) for one in chosen if isinstance(one, list) and len(one) > at})
        if lacking:
            say(here, f"facet `{facet.get('id')}` of `{code.get('id')}` without an example in {lang}: {', '.join(lacking)}", "warning")
    for _, extra in _entries(code.get("attributes"), ()):
        said = [example.get("attributes") for example in examples]
        lacking = _lacking(extra.get("values"), {*ABSENT, *(str(one.get(extra.get("id"))) for one in said if isinstance(one, dict))})
        if lacking:
            say(here, f"attribute `{extra.get('id')}` of `{code.get('id')}` without an example in {lang}: {', '.join(lacking)}", "warning")


def _lacking(values: Any, shown: set[str]) -> list[str]:
    return [str(value.get("id")) for _, value in _entries(values, ()) if str(value.get("id")) not in shown]


def _examples(code: dict[str, Any]) -> Examples:
    return [example for key in ("examples", "near_misses") for _, example in _entries(code.get(key), ())]


def _entries(items: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for at, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, at), item


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Every mapping from languages to words."""
    if isinstance(node, dict):
        if node and all(key in LANGUAGES and isinstance(words, str) for key, words in node.items()):
            yield path, node
            return
        for key, child in node.items():
            yield from _texts(child, (*path, str(key)))
    elif isinstance(node, list):
        for at, child in enumerate(node):
            yield from _texts(child, (*path, at))


def _name(path: Path) -> str:
    return str(next((step for step in reversed(path) if isinstance(step, str)), "a text"))
