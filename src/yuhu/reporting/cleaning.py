"""The section on cleaning: what each rule flags, and how far leaving that out would move a share."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.measures.sensitivity import DIFFERENCE, EVERYTHING, MARKED, SHARE, SUBJECTS, WITHOUT
from yuhu.reporting.numbers import machine_share, points
from yuhu.reporting.page import Facts, Table, View
from yuhu.reporting.words import word
from yuhu.texts.rules import COPIES, RULES

WORDS: dict[str, dict[str, str]] = {
    "title": {"en": "What cleaning would change", "zh": "清洗会改变什么"},
    "lead": {
        "en": "Rules flag messages that some studies leave out: check-ins, formulas of a crowd, copies, suspected spam. Nothing is taken away, and a suspicion is not a verdict. For each rule the "
        "table says how many messages it flags, and in which code the machine's share would move most if they were left out.",
        "zh": "下列规则标出有些研究会剔除的消息：打卡、从众套话、重复、疑似刷屏。没有任何消息被删除，怀疑也不是定论。表中给出每条规则标出多少条，以及剔除后机器占比变化最大的编码。",
    },
    "in_force": {
        "en": "Left out of every other section, because study.yaml says so: {rules}. The shares here are of all messages.",
        "zh": "按 study.yaml 的设置，其他各节已剔除：{rules}。本节的占比针对全部消息。",
    },
    "none": {
        "en": "Left out of the shares in this report: nothing. To leave messages out, name their rules under leave_out in study.yaml.",
        "zh": "本报告的占比没有剔除任何消息。若要剔除，请在 study.yaml 的 leave_out 中写明规则。",
    },
    "rule": {"en": "rule", "zh": "规则"},
    "what": {"en": "what it flags", "zh": "标出什么"},
    "flagged": {"en": "flagged #", "zh": "标出 #"},
    "outside": {"en": "of them in shares #", "zh": "其中计入占比 #"},
    "largest": {"en": "largest change, percentage points #~", "zh": "最大变化（百分点） #~"},
    MARKED: {"en": "all rules but copies", "zh": "除重复外的全部规则"},
    f"{MARKED}.what": {"en": "flagged by any of the rules above", "zh": "被以上任一规则标出"},
    EVERYTHING: {"en": "all rules", "zh": "全部规则"},
    f"{EVERYTHING}.what": {"en": "flagged by any rule, copies too", "zh": "被任一规则标出，含重复"},
    "once": {"en": "each text once", "zh": "每条文本只计一次"},
    "all": {"en": "all messages #~", "zh": "全部消息 #~"},
    "without": {"en": "without {rule} #~", "zh": "剔除{rule} #~"},
    "shares": {"en": "Machine shares with and without", "zh": "剔除前后的机器占比"},
    "note": {
        "en": "machine: {share}, {without}, {difference}; no interval: {why}. Claim rung: D.",
        "zh": "机器：{share}、{without}、{difference}；没有区间：{why}。论断层级：D。",
    },
}
COMPARED = (MARKED, *COPIES, EVERYTHING)


def labels(rules: Sequence[str], lang: str) -> str:
    """Names of rules in a sentence."""
    return ("、" if lang == "zh" else ", ").join(_label(rule, lang) for rule in rules)


def cleaning(facts: Facts, lang: str) -> View | None:
    """What each rule flags and would change; nothing in a study without messages or before they were cleaned."""
    found = facts.counts["cleaning"]
    if not found["is_current"]:
        return None
    said = [
        _word("lead", lang),
        _word("in_force", lang).format(rules=labels(facts.leave_out, lang)) if facts.leave_out else _word("none", lang),
    ]
    frame = facts.estimates.filter(pl.col("measure") == "sensitivity.v1")
    tables = [_rules(facts, frame, lang)]
    if frame.height:
        tables.append(_shares(facts, frame, lang))
    return View("cleaning", _word("title", lang), said, tables=tables)


def _rules(facts: Facts, frame: pl.DataFrame, lang: str) -> Table:
    flagged = facts.counts["cleaning"]["flagged"]
    what = {rule.name: rule.what[lang] for rule in RULES}
    lines = []
    for subject in SUBJECTS:
        rows = frame.filter((pl.col("subject") == subject) & (pl.col("method") == DIFFERENCE))
        about = what.get(subject) or _word(f"{subject}.what", lang)
        n = f"{flagged[subject]:,}" if subject in flagged else "–"
        lines.append((_label(subject, lang, once=True), about, n, *_largest(facts, rows, lang)))
    columns = [*(_word(key, lang) for key in ("rule", "what", "flagged", "outside", "largest")), word("code", lang)]
    return Table("cleaning-rules", _word("title", lang), columns, lines, note=_note(lang))


def _largest(facts: Facts, rows: pl.DataFrame, lang: str) -> tuple[str, str, str]:
    """Messages left out, the largest change, and the code in which it is."""
    if not rows.height:
        return "–", "–", "–"
    n = f"{rows['count'][0]:,}"
    known = rows.drop_nulls("value")
    if not known.height:
        return n, REASONS[rows["reason"][0]][lang], "–"
    top = known.sort(pl.col("value").abs(), descending=True, maintain_order=True).row(0, named=True)
    return n, points(top["value"] / 100), _code(facts, top["code"], lang) if top["value"] else "–"


def _shares(facts: Facts, frame: pl.DataFrame, lang: str) -> Table:
    shown: dict[tuple[str, str], dict[str, Any]] = {
        (row["code"], row["subject"]): row for row in frame.filter(pl.col("method").is_in([SHARE, WITHOUT])).iter_rows(named=True)
    }
    codes = dict.fromkeys(code for code, _ in shown)
    lines = [
        (_code(facts, code, lang), *(machine_share(shown.get((code, subject)), lang) for subject in ("none", *COMPARED))) for code in codes
    ]
    columns = [word("code", lang), _word("all", lang), *(_word("without", lang).format(rule=_label(subject, lang)) for subject in COMPARED)]
    return Table("cleaning-shares", _word("shares", lang), columns, lines, note=_note(lang), folded=True)


def _note(lang: str) -> str:
    why = REASONS["machine_only_not_validated"][lang]
    return _word("note", lang).format(share=SHARE, without=WITHOUT, difference=DIFFERENCE, why=why)


def _code(facts: Facts, code: str, lang: str) -> str:
    variable = facts.book.variables.get(code)
    return variable.label[lang] if variable else code


def _label(subject: str, lang: str, *, once: bool = False) -> str:
    named = next((rule.label[lang] for rule in RULES if rule.name == subject), None) or _word(subject, lang)
    if not (once and subject in COPIES):
        return named
    return f"{named}（{_word('once', lang)}）" if lang == "zh" else f"{named} ({_word('once', lang)})"


def _word(key: str, lang: str) -> str:
    return WORDS[key][lang]
