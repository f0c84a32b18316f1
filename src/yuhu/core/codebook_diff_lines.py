"""The difference between two codebooks in words, Chinese or English, a line each."""

import json
from collections.abc import Iterator
from typing import Any

from yuhu.core.codebook_changes import EFFECTS, FIELDS, Change, CodebookDiff, CodeChange

LONGEST = 160
"""Characters of a text that are shown."""

_CONTEXT = 24

_KINDS = {
    "added": {"en": "added", "zh": "新增"},
    "removed": {"en": "removed", "zh": "删除"},
    "renamed": {"en": "renamed", "zh": "改名"},
    "changed": {"en": "changed", "zh": "修改"},
}
_SIZES = {
    "none": {"en": "nothing", "zh": "无"},
    "patch": {"en": "patch", "zh": "修订号"},
    "minor": {"en": "minor", "zh": "次版本号"},
    "major": {"en": "major", "zh": "主版本号"},
}
_WORDS = {
    "same": {"en": "the content is the same", "zh": "内容相同"},
    "demand": {"en": "the change demands: {size}, version {least} or higher; the new one says {says}: {verdict}", "zh": "此修改要求升{size}，版本不低于 {least}；新版写的是 {says}：{verdict}"},
    "enough": {"en": "enough", "zh": "足够"},
    "too_low": {"en": "too low", "zh": "过低"},
    "other": {"en": "another codebook: version numbers are not compared; the change would be: {size}", "zh": "这是另一个编码手册，不比较版本号；修改的大小为：{size}"},
    "book": {"en": "the codebook", "zh": "编码手册"},
    "check": {"en": "{field} changed in {changed} only: check the {other} text", "zh": "{field}只改了 {changed}：请核对 {other}"},
    "behind": {"en": "behind a gate that reads a changed code: {names}", "zh": "开启条件依据了被修改的编码：{names}"},
    "appeared": {"en": "decisions that appear: {names}", "zh": "新出现的判断：{names}"},
    "vanished": {"en": "decisions that vanish: {names}", "zh": "消失的判断：{names}"},
    "machine": {"en": "machine codings belong to the content before: they are made again", "zh": "机器编码属于修改前的内容，须重新编码"},
}  # fmt: skip


def diff_lines(found: CodebookDiff, lang: str = "en") -> list[str]:
    """What changed, what it means for codings, and which version number it demands.

    Parameters
    ----------
    found : CodebookDiff
        From `core.codebook_diff.diff`.
    lang : str
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        Lines without line ends; texts of the codebooks stand in them as they are, shortened.
    """
    lines = [f"{found.old.name} -> {found.new.name}"]
    if found.is_empty:
        return [*lines, _WORDS["same"][lang]]
    lines.append(_verdict(found, lang))
    if found.book:
        lines += [_WORDS["book"][lang], *_changes(found.book, lang)]
    behind = [code.code for code in found.codes if all(change.field == "gate_codes" for change in code.changes) and code.changes]
    for code in found.codes:
        lines += _code(code, lang) if code.code not in behind else []
    if behind:
        lines += [_WORDS["behind"][lang].format(names=", ".join(behind)), f"  {EFFECTS['asked'][lang]}"]
    for key, names in (("appeared", found.appeared), ("vanished", found.vanished)):
        if names:
            lines.append(_WORDS[key][lang].format(names=", ".join(names)))
    return [*lines, _WORDS["machine"][lang]]


def _verdict(found: CodebookDiff, lang: str) -> str:
    size = _SIZES[found.demand][lang]
    if found.is_other_book:
        return _WORDS["other"][lang].format(size=size)
    verdict = _WORDS["enough" if found.version_is_enough else "too_low"][lang]
    return _WORDS["demand"][lang].format(size=size, least=found.least_version, says=found.new.version, verdict=verdict)


def _code(code: CodeChange, lang: str) -> Iterator[str]:
    name = f"{code.was} -> {code.code}" if code.was else code.code
    yield f"{_KINDS[code.kind][lang]} {name}" + (f": {EFFECTS[code.effect][lang]}" if code.kind == "removed" else "")
    yield from _changes(code.changes, lang)
    for field, changed in code.one_sided.items():
        other = "en" if changed == "zh" else "zh"
        yield "  " + _WORDS["check"][lang].format(field=field_name(field, lang), changed=changed, other=other)


def _changes(changes: tuple[Change, ...], lang: str) -> Iterator[str]:
    for change in changes:
        where = f" ({change.lang})" if change.lang else ""
        yield f"  {field_name(change.field, lang)}{where}: {EFFECTS[change.effect][lang]}"
        before, after = _pieces(change.before), _pieces(change.after)
        had, has = set(before), set(after)
        gone, come = [one for one in before if one not in has], [one for one in after if one not in had]
        start = _parting(gone[0], come[0]) if len(gone) == len(come) == 1 else 0
        yield from (f"    - {_short(piece, start)}" for piece in gone)
        yield from (f"    + {_short(piece, start)}" for piece in come)


def field_name(field: str, lang: str) -> str:
    """A field's name for people."""
    return FIELDS[field][3 if lang == "zh" else 2]


def _pieces(value: Any) -> list[str]:
    """A value as pieces that can be told apart: the items of a list, the entries of a mapping."""
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        return [f"{key}: {_said(one)}" for key, one in value.items()]
    return [_said(item) for item in (value if isinstance(value, list) else [value])]


def _said(value: Any) -> str:
    if isinstance(value, dict) and {"text", "value"} <= value.keys():
        more = [*value["facets"], *(f"{key} {one}" for key, one in value["attributes"].items())]
        return f"{value['text']} = {', '.join([value['value'], *more])}"
    return " ".join((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).split())


def _parting(one: str, other: str) -> int:
    """Where two texts part, with some characters before it."""
    shared = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    return max(0, shared - _CONTEXT)


def _short(text: str, start: int) -> str:
    cut = text[start : start + LONGEST]
    return ("…" if start else "") + cut + ("…" if start + LONGEST < len(text) else "")
