"""The `Codebook` noun: what is coded, how each code is defined, in Chinese and English.

A codebook is never edited in place: its content hash changes with any text, a code's hash only with what a coder decides by
(definition, unit, level, values, include, exclude, its facets and conflicts), so that a new example leaves earlier codings valid.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

from yuhu.core.codebook_lint import Finding, examined
from yuhu.core.codebook_relations import ABSENT
from yuhu.core.codebook_translation import Translation, translation_of
from yuhu.core.errors import YuhuError

BUILT_IN = "empathy.v1"

Text = Mapping[str, str]


@dataclass(frozen=True)
class Value:
    """One value a code can take."""

    id: str
    label: Text


@dataclass(frozen=True)
class Facet:
    """One dimension that a code expands by, or an attribute that is asked when the code is present."""

    id: str
    label: Text
    values: tuple[Value, ...]
    level: str = "nominal"


@dataclass(frozen=True)
class Example:
    """A text with the value it is coded and why."""

    lang: str
    text: str
    value: str
    why: Text
    facets: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    instead: str | None = None


@dataclass(frozen=True)
class Terms:
    """Words that a lexicon may take for a code.

    ``by_value[lang][key]``: terms of a language (``any``: every language) for a value of the code; for an expanded code the key
    is ``facet.value``. ``block[lang]``: phrases that cancel every hit they overlap. ``referents[lang]``: names that raise 1 to 2.
    """

    by_value: Mapping[str, Mapping[str, tuple[str, ...]]]
    block: Mapping[str, tuple[str, ...]]
    referents: Mapping[str, tuple[str, ...]]
    negation: bool


@dataclass(frozen=True)
class Variable:
    """One flat decision: a code, one cell of an expanded code, or an attribute."""

    id: str
    code: str
    level: str
    values: tuple[str, ...]
    unit: str
    code_hash: str
    label: Text
    is_attribute: bool = False

    @property
    def zero(self) -> str | None:
        """The value that means "not there", or None if the variable has none."""
        return next((value for value in ABSENT if value in self.values), None)


@dataclass(frozen=True)
class Code:
    """One code with its rules and texts.

    ``parent`` is for reading and for exchange formats: a child may be coded whether its parent is there or not, and nothing is added up; what
    opens a code is ``opens_if`` alone. ``conflicts`` may not be present on a unit that has this code; whoever of two codes names the other, both
    have it. ``was`` is the id that the code had in an earlier version.
    """

    id: str
    module: str
    unit: str
    level: str
    label: Text
    definition: Text
    values: tuple[Value, ...]
    include: tuple[Text, ...]
    exclude: tuple[Text, ...]
    examples: tuple[Example, ...]
    near_misses: tuple[Example, ...]
    symbol: str = ""
    expand: tuple[Facet, ...] = ()
    attributes: tuple[Facet, ...] = ()
    opens_if: Mapping[str, Any] | None = None
    terms: Terms | None = None
    no_terms: Text | None = None
    measured: bool = False
    parent: str | None = None
    conflicts: tuple[str, ...] = ()
    was: str | None = None
    translation: Translation | None = None

    @cached_property
    def code_hash(self) -> str:
        """Hash of what a coder decides by; 16 hexadecimal digits.

        ``opens_if`` is no part of it: the same rule was applied to other units, which `core.codebook_diff` says.
        """
        facet = [[f.id, f.level, [v.id for v in f.values]] for f in (*self.expand, *self.attributes)]
        parts: list[Any] = [self.id, self.unit, self.level, [v.id for v in self.values], facet]
        rules: list[Any] = [dict(self.definition), [dict(t) for t in self.include], [dict(t) for t in self.exclude]]
        if self.expand and self.attributes:  # else a facet that became an attribute would leave the hash as it was
            parts.append(len(self.expand))
        if self.conflicts:
            rules.append(list(self.conflicts))
        return _digest([parts, rules])[:16]

    def variables(self) -> Iterator[Variable]:
        """The flat decisions of this code, in order."""
        values = tuple(v.id for v in self.values)
        if not self.expand:
            yield Variable(self.id, self.id, self.level, values, self.unit, self.code_hash, self.label)
        for cell in itertools.product(*(f.values for f in self.expand)) if self.expand else ():
            label = {lang: self.label[lang] + ": " + " / ".join(v.label[lang] for v in cell) for lang in self.label}
            flat = ".".join((self.id, *(v.id for v in cell)))
            yield Variable(flat, self.id, self.level, values, self.unit, self.code_hash, label)
        for extra in self.attributes:
            label = {lang: f"{self.label[lang]}: {extra.label[lang]}" for lang in self.label}
            flat = f"{self.id}.{extra.id}"
            yield Variable(
                flat, self.id, extra.level, tuple(v.id for v in extra.values), self.unit, self.code_hash, label, is_attribute=True
            )


@dataclass(frozen=True)
class Codebook:
    """Codes with semantic version and content hash."""

    id: str
    version: str
    label: Text
    description: Text
    codes: tuple[Code, ...]
    rules: tuple[Mapping[str, Any], ...]
    stages: tuple[Mapping[str, Any], ...]
    modules: tuple[Mapping[str, Any], ...]
    facts: tuple[Any, ...]
    content_hash: str
    source_text: str = field(repr=False)

    @cached_property
    def _by_id(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    @cached_property
    def variables(self) -> dict[str, Variable]:
        """Every flat decision by id, in codebook order."""
        return {variable.id: variable for code in self.codes for variable in code.variables()}

    def code(self, code_id: str) -> Code:
        """A code by its id.

        Raises
        ------
        KeyError
            There is no such code.
        """
        return self._by_id[code_id]

    def clashes(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """Pairs of codes that are in conflict and both present, given the values of one unit by flat decision.

        A code is present if a decision of it, attributes apart, has another value than "not there".
        """
        known = [(self.variables[name], value) for name, value in values.items() if name in self.variables]
        present = {variable.code for variable, value in known if not variable.is_attribute and value != variable.zero}
        return [
            (code.id, other)
            for code in self.codes
            if code.id in present
            for other in code.conflicts
            if other in present and code.id < other
        ]

    def of_modules(self, modules: frozenset[str] | set[str], unit: str = "response") -> tuple[Code, ...]:
        """The codes of some modules that are decided on one kind of unit, in codebook order."""
        return tuple(code for code in self.codes if code.module in modules and code.unit == unit)

    @property
    def default_modules(self) -> frozenset[str]:
        """Modules that are on unless a study says otherwise."""
        return frozenset(str(module["id"]) for module in self.modules if module.get("default"))

    @property
    def name(self) -> str:
        """``id version (hash)`` for people."""
        return f"{self.id} {self.version} ({self.content_hash[:12]})"


@lru_cache(maxsize=8)
def load_codebook(text: str, *, name: str = "codebook.yaml") -> Codebook:
    """A codebook from YAML.

    Parameters
    ----------
    text : str
        The YAML document.
    name : str
        File name for messages.

    Raises
    ------
    YuhuError
        YH401 the codebook breaks its rules; the first findings stand in the facts, with line numbers.
    """
    findings, document = examined(text)
    errors = [found for found in findings if found.is_error]
    if errors:
        raise lint_error(errors, name)
    return _build(document, text)


def lint_error(findings: list[Finding], name: str) -> YuhuError:
    """One error for a list of findings."""
    facts: dict[str, object] = {f"line {found.line}": found.message for found in findings[:5]}
    more = f"; {len(findings) - 5} more" if len(findings) > 5 else ""
    return YuhuError(
        "YH401",
        f"{name} breaks {len(findings)} rules of a codebook{more}",
        facts=facts,
        fix="mend these lines; docs/codebook.md has the format",
    )


@cache
def built_in_codebook(name: str = BUILT_IN) -> Codebook:
    """A codebook that comes with Yuhu; cached for the process."""
    return load_codebook(built_in_text(name), name=name)


def built_in_text(name: str = BUILT_IN) -> str:
    """The YAML of a codebook that comes with Yuhu."""
    return (files("yuhu.core") / "codebooks" / f"{name}.yaml").read_text("utf-8")


def _digest(value: object) -> str:
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _build(document: dict[str, Any], text: str) -> Codebook:
    conflicts = _conflicts(document["codes"])
    return Codebook(
        id=document["id"],
        version=document["version"],
        label=document["label"],
        description=document["description"],
        codes=tuple(_code(raw, conflicts.get(raw["id"], ())) for raw in document["codes"]),
        rules=tuple(document.get("rules", ())),
        stages=tuple(document.get("stages", ())),
        modules=tuple(document["modules"]),
        facts=tuple(document.get("facts", ())),
        content_hash=_digest(document),
        source_text=text,
    )


def _conflicts(codes: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The conflicts of each code, whichever of the two names the other."""
    pairs = {(code["id"], other) for code in codes for other in code.get("conflicts", ())}
    both = sorted(pairs | {(other, code) for code, other in pairs})
    return {code: tuple(other for _, other in held) for code, held in itertools.groupby(both, key=lambda pair: pair[0])}


def _values(raw: list[dict[str, Any]]) -> tuple[Value, ...]:
    return tuple(Value(str(value["id"]), value["label"]) for value in raw)


def _facet(raw: dict[str, Any]) -> Facet:
    return Facet(raw["id"], raw["label"], _values(raw.get("values", [])), raw.get("level", "nominal"))


def _example(raw: dict[str, Any]) -> Example:
    return Example(
        lang=raw["lang"],
        text=raw["text"],
        value=str(raw["value"]),
        why=raw["why"],
        facets=tuple(str(f) for f in raw.get("facets", ())),
        attributes={key: str(value) for key, value in raw.get("attributes", {}).items()},
        instead=raw.get("instead"),
    )


def _code(raw: dict[str, Any], conflicts: tuple[str, ...]) -> Code:
    return Code(
        id=raw["id"],
        symbol=raw.get("symbol", ""),
        module=raw["module"],
        unit=raw["unit"],
        level=raw["level"],
        label=raw["label"],
        definition=raw["definition"],
        values=_values(raw["values"]),
        include=tuple(raw["include"]),
        exclude=tuple(raw["exclude"]),
        examples=tuple(_example(e) for e in raw["examples"]),
        near_misses=tuple(_example(e) for e in raw["near_misses"]),
        expand=tuple(_facet(f) for f in raw.get("expand", ())),
        attributes=tuple(_facet(f) for f in raw.get("attributes", ())),
        opens_if=raw.get("opens_if"),
        terms=_terms(raw),
        no_terms=raw.get("no_terms"),
        measured=bool(raw.get("measured", False)),
        parent=raw.get("parent"),
        conflicts=conflicts,
        was=raw.get("was"),
        translation=translation_of(raw.get("translation")),
    )


def _terms(raw: dict[str, Any]) -> Terms | None:
    if "terms" not in raw:
        return None
    by_value = {lang: {str(key): tuple(terms) for key, terms in keyed.items()} for lang, keyed in raw["terms"].items()}
    return Terms(
        by_value=by_value,
        block={lang: tuple(phrases) for lang, phrases in raw.get("block", {}).items()},
        referents={lang: tuple(names) for lang, names in raw.get("referents", {}).items()},
        negation=bool(raw.get("negation", True)),
    )
