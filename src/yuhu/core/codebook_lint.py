"""The rules of a codebook file, checked with line numbers.

The YAML is composed once; each place keeps its line, so a finding points to where the mend goes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from yuhu.core.codebook_completeness import completeness
from yuhu.core.codebook_places import LANGUAGES, Path, parse
from yuhu.core.codebook_relations import relations
from yuhu.core.codebook_shapes import is_shaped
from yuhu.core.codebook_translation import translations

TERM_LANGUAGES = (*LANGUAGES, "any")
LEVELS = ("binary", "nominal", "ordinal", "interval")
UNITS = ("response", "span")
EXAMPLES_PER_LANGUAGE = 3

_ID = re.compile(r"[a-z][a-z0-9_]*")
_SEMVER = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}")
_TOP_REQUIRED = ("schema", "id", "version", "label", "description", "modules", "codes")
_TOP_OPTIONAL = ("rules", "stages", "facts")
_CODE_REQUIRED = ("id", "module", "unit", "level", "label", "values", "definition", "include", "exclude", "examples", "near_misses")
_RELATIONS = ("parent", "conflicts", "was", "translation")
_CODE_OPTIONAL = (
    "symbol", "expand", "attributes", "opens_if", "terms", "block", "referents", "negation", "no_terms", "measured", *_RELATIONS
)  # fmt: skip
_EXAMPLE_KEYS = ("lang", "text", "value", "why", "facets", "attributes", "instead")


@dataclass(frozen=True)
class Finding:
    """One breach of the rules (``error``), something to look at (``warning``), or a state (``note``)."""

    line: int
    severity: str
    message: str

    @property
    def is_error(self) -> bool:
        """Whether the codebook cannot be used as it is."""
        return self.severity == "error"


def lint(text: str) -> list[Finding]:
    """All findings in a codebook's YAML, in the order of their lines."""
    return examined(text)[0]


def examined(text: str) -> tuple[list[Finding], Any]:
    """All findings in the order of their lines, and the document (None where there is none)."""
    try:
        document, lines = parse(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not readable"
        return [Finding((mark.line + 1) if mark else 1, "error", f"not YAML: {problem}")], None
    if not isinstance(document, dict):
        return [Finding(1, "error", "a codebook is a mapping with the keys " + ", ".join(_TOP_REQUIRED))], None
    checker = _Checker(lines)
    checker.document(document)
    return sorted(checker.findings, key=lambda found: (found.line, found.severity, found.message)), document


class _Checker:
    def __init__(self, lines: dict[Path, int]) -> None:
        self.lines = lines
        self.findings: list[Finding] = []

    def say(self, path: Path, message: str, severity: str = "error") -> None:
        at = path
        while at not in self.lines and at:
            at = at[:-1]
        self.findings.append(Finding(self.lines.get(at, 1), severity, message))

    def document(self, document: dict[str, Any]) -> None:
        self.keys((), document, _TOP_REQUIRED, _TOP_OPTIONAL)
        if document.get("schema") != 1:
            self.say(("schema",), f"schema is 1, found {document.get('schema')!r}")
        if not _SEMVER.fullmatch(str(document.get("version", ""))):
            self.say(("version",), f'version is written "1.0.0", found {document.get("version")!r}')
        for key in ("label", "description"):
            if key in document:
                self.bilingual((key,), document[key])
        modules = self.listed(("modules",), document.get("modules"), self.module)
        for key in ("rules", "stages"):
            self.listed((key,), document.get(key, []), self.titled)
        if not isinstance(document.get("facts", []), list):
            self.say(("facts",), "facts is a list")
        codes = document.get("codes")
        if not isinstance(codes, list) or not codes:
            self.say(("codes",), "codes is a list with at least one code")
            return
        seen: dict[str, Path] = {}
        shaped: list[Any] = [None] * len(codes)
        for at, code in enumerate(codes):
            path: Path = ("codes", at)
            if not isinstance(code, dict):
                self.say(path, "a code is a mapping")
                continue
            if not is_shaped(path, code, self.say):
                continue
            shaped[at] = code
            if code.get("id") in seen:
                self.say(path, f"code `{code['id']}` stands twice (first in line {self.lines[seen[code['id']]]})")
            seen[str(code.get("id"))] = path
            self.code(path, code, modules)
        if None not in shaped:
            relations(shaped, self.say)
            completeness(document, self.say)
            translations(shaped, self.say)

    def keys(self, path: Path, mapping: dict[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        for key in required:
            if key not in mapping:
                self.say(path, f"`{key}` is missing")
        for key in mapping:
            if key not in required and key not in optional:
                self.say((*path, key), f"`{key}` is not a key here; known: {', '.join((*required, *optional))}")

    def listed(self, path: Path, items: Any, check: Callable[[Path, dict[str, Any]], None]) -> set[str]:
        if not isinstance(items, list):
            self.say(path, f"{path[-1]} is a list")
            return set()
        ids: set[str] = set()
        for at, item in enumerate(items):
            if isinstance(item, dict):
                check((*path, at), item)
                ids.add(str(item.get("id")))
            else:
                self.say((*path, at), "an entry is a mapping")
        return ids

    def module(self, path: Path, module: dict[str, Any]) -> None:
        self.ident(path, module)
        self.bilingual((*path, "label"), module.get("label"))

    def titled(self, path: Path, entry: dict[str, Any]) -> None:
        self.ident(path, entry)
        self.bilingual((*path, "text"), entry.get("text"))

    def ident(self, path: Path, entry: dict[str, Any]) -> None:
        if not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry["id"]):
            self.say((*path, "id"), f"an id is snake_case, found {entry.get('id')!r}")

    def bilingual(self, path: Path, text: Any) -> None:
        if not isinstance(text, dict):
            self.say(path, f"{path[-1]} has a text in zh and en")
            return
        for lang in LANGUAGES:
            if not isinstance(text.get(lang), str) or not text[lang].strip():
                self.say((*path, lang), f"the {lang} text of {path[-1]} is missing")
        for lang in text:
            if lang not in LANGUAGES:
                self.say((*path, lang), f"`{lang}` is not a language of the codebook; known: zh, en")

    def code(self, path: Path, code: dict[str, Any], modules: set[str]) -> None:
        self.keys(path, code, _CODE_REQUIRED, _CODE_OPTIONAL)
        self.ident(path, code)
        if code.get("module") not in modules:
            self.say((*path, "module"), f"module `{code.get('module')}` is not listed under modules")
        if code.get("unit") not in UNITS:
            self.say((*path, "unit"), f"unit is one of {', '.join(UNITS)}, found {code.get('unit')!r}")
        if code.get("level") not in LEVELS:
            self.say((*path, "level"), f"level is one of {', '.join(LEVELS)}, found {code.get('level')!r}")
        for key in ("label", "definition"):
            self.bilingual((*path, key), code.get(key))
        for key in ("include", "exclude"):
            items = code.get(key)
            for at, item in enumerate(items if isinstance(items, list) else []):
                self.bilingual((*path, key, at), item)
        values = self.values((*path, "values"), code.get("values"), str(code.get("level")), bool(code.get("measured")))
        facets = self.facets((*path, "expand"), code.get("expand", []))
        attributes = self.facets((*path, "attributes"), code.get("attributes", []))
        self.examples(path, code, values, facets, attributes)
        self.terms(path, code, values, facets)

    def values(self, path: Path, values: Any, level: str, measured: bool) -> set[str]:
        if not isinstance(values, list) or (not values and not measured):
            self.say(path, "values is a list of {id, label}")
            return set()
        ids: list[str] = []
        for at, value in enumerate(values):
            if not isinstance(value, dict) or "id" not in value:
                self.say((*path, at), "a value has an id and a label")
                continue
            if level == "nominal" and not (isinstance(value["id"], str) and _ID.fullmatch(value["id"])):
                self.say((*path, at), f"a nominal value's id is snake_case, found {value['id']!r}")
            if level != "nominal" and (not isinstance(value["id"], int) or isinstance(value["id"], bool)):
                self.say((*path, at), f"a value of a {level} code is a whole number, found {value['id']!r}")
            if str(value["id"]) in ids:
                self.say((*path, at), f"value `{value['id']}` stands twice")
            ids.append(str(value["id"]))
            self.bilingual((*path, at, "label"), value.get("label"))
        if level == "binary" and not measured and ids != ["0", "1"]:
            self.say(path, f"a binary code has the values 0, 1, found {', '.join(ids)}")
        if (
            level in {"ordinal", "interval"}
            and all(i.lstrip("-").isdigit() for i in ids)
            and [int(i) for i in ids] != sorted(int(i) for i in ids)
        ):
            self.say(path, f"the values of {level} codes stand in order, found {', '.join(ids)}")
        return set(ids)

    def facets(self, path: Path, facets: Any) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for at, facet in enumerate(facets if isinstance(facets, list) else []):
            here = (*path, at)
            if not isinstance(facet, dict):
                self.say(here, "an entry is a mapping with id, label and values")
                continue
            self.ident(here, facet)
            self.bilingual((*here, "label"), facet.get("label"))
            free = bool(facet.get("open"))
            found[str(facet.get("id"))] = self.values((*here, "values"), facet.get("values"), str(facet.get("level", "nominal")), free)
        return found

    def examples(
        self, path: Path, code: dict[str, Any], values: set[str], facets: dict[str, set[str]], attributes: dict[str, set[str]]
    ) -> None:
        for key in ("examples", "near_misses"):
            items = code.get(key)
            if not isinstance(items, list):
                self.say((*path, key), f"{key} is a list")
                continue
            count = dict.fromkeys(LANGUAGES, 0)
            for at, item in enumerate(items):
                here = (*path, key, at)
                if not isinstance(item, dict):
                    self.say(here, "an example is a mapping")
                    continue
                self.keys(here, item, ("lang", "text", "value", "why"), _EXAMPLE_KEYS)
                if item.get("lang") not in LANGUAGES:
                    self.say(here, f"lang is zh or en, found {item.get('lang')!r}")
                else:
                    count[item["lang"]] += 1
                if values and str(item.get("value")) not in values:
                    self.say(here, f"value {item.get('value')!r} is not a value of the code: {', '.join(sorted(values))}")
                self.bilingual((*here, "why"), item.get("why"))
                for dimension, chosen in zip(facets.values(), item.get("facets", ()), strict=False):
                    if str(chosen) not in dimension:
                        self.say(here, f"facet `{chosen}` is not one of {', '.join(sorted(dimension))}")
                for name, chosen in (item.get("attributes") or {}).items():
                    if name not in attributes or (attributes[name] and str(chosen) not in attributes[name]):
                        self.say(here, f"attribute `{name}: {chosen}` is not one of the code's")
            if code.get("module") == "core":
                for lang, n in count.items():
                    if n < EXAMPLES_PER_LANGUAGE:
                        self.say((*path, key), f"a core code has at least {EXAMPLES_PER_LANGUAGE} {key} in {lang}, found {n}", "warning")

    def terms(self, path: Path, code: dict[str, Any], values: set[str], facets: dict[str, set[str]]) -> None:
        if code.get("unit") == "response" and "terms" not in code and "no_terms" not in code:
            self.say(path, f"code `{code.get('id')}` has neither terms nor no_terms (the reason why words cannot carry it)", "warning")
        if "no_terms" in code:
            self.bilingual((*path, "no_terms"), code["no_terms"])
        if "terms" not in code:
            return
        if not isinstance(code["terms"], dict):
            self.say((*path, "terms"), "terms is a mapping from zh, en, any to lists by value")
            return
        first, rest = (next(iter(facets.values())), "value") if facets else (values, "")
        for lang, keyed in code["terms"].items():
            here = (*path, "terms", lang)
            if lang not in TERM_LANGUAGES or not isinstance(keyed, dict):
                self.say(here, "terms are listed as {zh|en|any: {value: [terms]}}")
                continue
            seen: dict[str, str] = {}
            for key, terms in keyed.items():
                head, _, tail = str(key).partition(".")
                if head not in first or (rest and tail not in values):
                    self.say((*here, str(key)), f"terms are given for `{key}`, which is no value of the code")
                for at, term in self.strings((*here, str(key)), terms):
                    if term in seen and seen[term] == str(key):
                        self.say((*here, str(key), at), f"term `{term}` stands twice", "warning")
                    seen[term] = str(key)
        for key in ("block", "referents"):
            for lang, terms in (code.get(key) or {}).items():
                if lang not in TERM_LANGUAGES:
                    self.say((*path, key, lang), f"{key} are listed by zh, en, any")
                for _ in self.strings((*path, key, lang), terms):
                    pass

    def strings(self, path: Path, terms: Any) -> Iterator[tuple[int, str]]:
        if not isinstance(terms, list):
            self.say(path, "terms are a list")
            return
        for at, term in enumerate(terms):
            if not isinstance(term, str) or not term.strip():
                self.say((*path, at), f'a term is a quoted text, found {term!r} (quote words such as "no", "yes", "on")')
            else:
                yield at, term
