"""What a change of a codebook means: for the codings that are there, and for the version number."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

EFFECTS: dict[str, dict[str, str]] = {
    "kept": {"en": "codings stay valid", "zh": "已有编码仍然有效"},
    "told": {
        "en": "codings stay valid, but coders now read another instruction: say in the decision log whether it changes what they decide",
        "zh": "已有编码仍然有效，但编码员现在读到的说明不同：请在决定记录中写明是否影响判断",
    },
    "asked": {
        "en": "codings stay valid, but it is asked of other units: those that were not asked before must be coded, else they count as “not there”",
        "zh": "已有编码仍然有效，但询问的单元变了：此前没有问到的单元须补编，否则仍按“没有”计",
    },
    "void": {
        "en": "codings of this code are of another version: they no longer count for reliability and gold",
        "zh": "此编码的已有编码属于另一版本，不再计入信度与金标准",
    },
}
"""What a change does to codings that people made before, from the least to the gravest. Machine codings belong to the content of the whole codebook
and are made again after any change."""

DEMANDS = ("none", "patch", "minor", "major")
"""The part of the version number that a change asks to be raised, from the least."""

FIELDS: dict[str, tuple[str, str, str, str]] = {
    "id": ("void", "major", "id", "标识"),
    "unit": ("void", "major", "unit", "单位"),
    "level": ("void", "major", "level of measurement", "测量层次"),
    "definition": ("void", "minor", "definition", "定义"),
    "include": ("void", "minor", "include", "包括"),
    "exclude": ("void", "minor", "exclude", "不包括"),
    "values": ("void", "minor", "values", "取值"),
    "expand": ("void", "minor", "facets", "展开维度"),
    "attributes": ("void", "minor", "attributes", "属性"),
    "conflicts": ("void", "minor", "conflicts", "互斥编码"),
    "opens_if": ("asked", "minor", "gate", "开启条件"),
    "gate_codes": ("asked", "minor", "codes that the gate asks for", "开启条件所依据的编码"),
    "module": ("kept", "minor", "module", "模块"),
    "measured": ("kept", "minor", "measured by a program", "由程序测量"),
    "label": ("kept", "patch", "label", "名称"),
    "symbol": ("kept", "patch", "symbol", "符号"),
    "value_labels": ("kept", "patch", "labels of values", "取值名称"),
    "facet_labels": ("kept", "patch", "labels of facets and attributes", "维度与属性名称"),
    "examples": ("kept", "patch", "examples", "正例"),
    "near_misses": ("kept", "patch", "near misses", "近失例"),
    "terms": ("kept", "patch", "terms", "词表"),
    "block": ("kept", "patch", "blocked phrases", "屏蔽短语"),
    "referents": ("kept", "patch", "referents", "所指名称"),
    "negation": ("kept", "patch", "rules on negation", "否定规则"),
    "no_terms": ("kept", "patch", "reason for no terms", "不设词表的理由"),
    "parent": ("kept", "patch", "parent", "上级编码"),
    "was": ("kept", "patch", "earlier id", "原标识"),
    "translation": ("kept", "patch", "translation record", "翻译记录"),
    "book_id": ("kept", "major", "id of the codebook", "编码手册标识"),
    "rules": ("told", "minor", "rules for coders", "编码规则"),
    "facts": ("told", "minor", "facts for coders", "编码员须知"),
    "modules": ("kept", "minor", "modules and which are on", "模块及默认开启"),
    "description": ("kept", "patch", "description", "说明"),
    "stages": ("kept", "patch", "stages", "阶段"),
    "module_labels": ("kept", "patch", "texts of modules", "模块文字"),
    "order": ("kept", "patch", "order of codes", "编码次序"),
    "other": ("kept", "patch", "keys that Yuhu does not read", "程序不读取的内容"),
}
"""Effect, demand and names (English, Chinese) by field; the first ones are those of `Code.code_hash`."""

_VERSION = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)")


@dataclass(frozen=True)
class Change:
    """One field that differs.

    ``lang`` is the language whose words differ; None where the field has no language. ``before`` and ``after`` are plain values as JSON has them.
    """

    field: str
    before: Any
    after: Any
    lang: str | None = None

    @property
    def effect(self) -> str:
        """A key of `EFFECTS`."""
        return FIELDS[self.field][0]

    @property
    def demand(self) -> str:
        """One of `DEMANDS`."""
        return FIELDS[self.field][1]

    def as_dict(self) -> dict[str, Any]:
        """The change for machines."""
        return {
            "field": self.field,
            "lang": self.lang,
            "effect": self.effect,
            "demand": self.demand,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True)
class CodeChange:
    """What happened to one code: ``kind`` is ``added``, ``removed``, ``renamed`` (only where the new code says what it ``was``) or ``changed``."""

    code: str
    kind: str
    changes: tuple[Change, ...] = ()
    was: str | None = None

    @property
    def effect(self) -> str:
        """The gravest effect on codings of this code; a key of `EFFECTS`."""
        return {"added": "kept", "removed": "void"}.get(self.kind) or gravest(change.effect for change in self.changes)

    @property
    def demand(self) -> str:
        """One of `DEMANDS`."""
        least = {"added": "minor", "changed": "none"}.get(self.kind, "major")
        return largest([least, *(change.demand for change in self.changes)])

    @property
    def one_sided(self) -> dict[str, str]:
        """Fields whose words changed in one language only, with this language: the other one is to be looked at."""
        langs: dict[str, set[str]] = {}
        for change in self.changes:
            if change.lang is not None and change.field in {"label", "definition", "include", "exclude", "value_labels", "facet_labels"}:
                langs.setdefault(change.field, set()).add(change.lang)
        return {field: next(iter(found)) for field, found in langs.items() if len(found) == 1}

    def as_dict(self) -> dict[str, Any]:
        """The change for machines."""
        return {
            "code": self.code, "kind": self.kind, "was": self.was, "effect": self.effect, "demand": self.demand,
            "changes": [change.as_dict() for change in self.changes], "one_sided": self.one_sided,
        }  # fmt: skip


@dataclass(frozen=True)
class Edition:
    """A codebook's id, version and content hash."""

    id: str
    version: str
    content_hash: str

    @property
    def name(self) -> str:
        """``id version (hash)`` for people."""
        return f"{self.id} {self.version} ({self.content_hash[:12]})"


@dataclass(frozen=True)
class CodebookDiff:
    """How one codebook differs from another.

    Parameters
    ----------
    old, new : Edition
        The two.
    book : tuple of Change
        What differs outside the codes.
    codes : tuple of CodeChange
        Codes that differ, in the order of the new codebook, removed ones last.
    appeared, vanished : tuple of str
        Flat decisions (`Codebook.variables`) that only the new or only the old one has.
    """

    old: Edition
    new: Edition
    book: tuple[Change, ...]
    codes: tuple[CodeChange, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both have the same content."""
        return self.old.content_hash == self.new.content_hash

    @property
    def is_other_book(self) -> bool:
        """Whether the ids differ, so that the version numbers are not of one row."""
        return self.old.id != self.new.id

    @property
    def demand(self) -> str:
        """The part of the version number that must be raised; one of `DEMANDS`. A flat decision that vanished is major: codings and estimates name it."""
        lost = "major" if self.vanished else "minor" if self.appeared else "none"
        return largest([lost, *(change.demand for change in self.book), *(code.demand for code in self.codes)])

    @property
    def least_version(self) -> str:
        """The lowest version number that the change allows."""
        return raised(self.old.version, self.demand)

    @property
    def version_is_enough(self) -> bool:
        """Whether the new version number says at least what the change demands; numbers of another codebook are not compared."""
        return self.is_empty or self.is_other_book or version_key(self.new.version) >= version_key(self.least_version)

    def as_dict(self) -> dict[str, Any]:
        """The difference for machines."""
        return {
            "old": vars(self.old), "new": vars(self.new), "is_empty": self.is_empty, "is_other_book": self.is_other_book, "demand": self.demand,
            "least_version": self.least_version, "version_is_enough": self.version_is_enough, "book": [change.as_dict() for change in self.book],
            "codes": [code.as_dict() for code in self.codes], "appeared": list(self.appeared), "vanished": list(self.vanished),
        }  # fmt: skip


def gravest(effects: Iterable[str]) -> str:
    """The gravest of some effects; ``kept`` if there is none."""
    return max(effects, key=tuple(EFFECTS).index, default="kept")


def largest(demands: Iterable[str]) -> str:
    """The largest of some demands; ``none`` if there is none."""
    return max(demands, key=DEMANDS.index, default="none")


def version_key(version: str) -> tuple[int, int, int]:
    """A version number as numbers, for comparing.

    Raises
    ------
    ValueError
        It is not written ``1.0.0``.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(version)
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def raised(version: str, demand: str) -> str:
    """The next version number after a change of this size; the same for ``none``."""
    major, minor, patch = version_key(version)
    following = {
        "none": (major, minor, patch),
        "patch": (major, minor, patch + 1),
        "minor": (major, minor + 1, 0),
        "major": (major + 1, 0, 0),
    }
    return ".".join(map(str, following[demand]))
