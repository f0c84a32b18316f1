"""The section on reliability: how far coders agree, in which stage each code is, and where the protocol was left."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.page import Facts, Table, View
from yuhu.reporting.reliability_beside import anchors, bridge
from yuhu.reporting.words import word

WORDS: dict[str, dict[str, str]] = {
    "title": {"en": "How far coders agree", "zh": "编码员的一致程度"},
    "lead": {
        "en": "Krippendorff's alpha of codings made apart and blind, on units that no pilot used: 1 is full agreement, 0 is what chance would give. What counts is the lower end of the interval: at least .80 "
        "for firm conclusions, at least .667 for tentative ones.",
        "zh": "下表是 Krippendorff α：各编码员独立、盲编，且不含试编单元。1 为完全一致，0 为偶然水平。判断以区间下限为准：不低于 0.80 可作确定结论，不低于 0.667 可作暂定结论。",
    },
    "rare": {
        "en": "For rare codes percent agreement and AC1 are high whatever happens; they do not show that the positives are reliable. The agreement on positives stands beside them.",
        "zh": "对罕见编码，百分比一致与 AC1 总是很高，并不说明阳性可靠；表中另列阳性一致度。",
    },
    "unmeasured": {
        "en": "Agreement was not measured: nobody knows yet how reliable the people's codes are. yuhu agree does it, once two people have coded the same units.",
        "zh": "尚未测量一致度：人工编码的可靠程度未知。待两人编过相同单元后，用 yuhu agree 测量。",
    },
    "stale": {
        "en": "Codings came, or the codebook changed, after agreement was measured: measure it again.",
        "zh": "测量一致度之后又有新编码或编码手册有改动，请重新测量。",
    },
    "constructed": {
        "en": "The coders of this study are simulated. These figures describe the simulation.",
        "zh": "本研究的编码员为模拟，这些数值只描述模拟。",
    },
    "counts": {
        "en": "Units were resampled by {interval}; {coders} coders: {names}.",
        "zh": "重抽样方式：{interval}；编码员 {coders} 名：{names}。",
    },
    "jackknife": {"en": "unit (jackknife on log(1 - alpha))", "zh": "按单元（log(1-α) 上的刀切法）"},
    "bootstrap": {"en": "unit (bootstrap)", "zh": "按单元（自助法）"},
    "video": {"en": "whole video (bootstrap)", "zh": "按整部视频（自助法）"},
    "deviation": {"en": "Moved on although something was missing, {code}: {text}", "zh": "在条件未满足时推进，{code}：{text}"},
    "code": {"en": "code", "zh": "编码"},
    "units": {"en": "units coded twice #", "zh": "双人编码单元 #"},
    "coders": {"en": "coders #", "zh": "编码员 #"},
    "alpha": {"en": "alpha [interval] #", "zh": "α [区间] #"},
    "below": {"en": "P(alpha < {minimum}) #", "zh": "P(α < {minimum}) #"},
    "ac1": {"en": "AC1 #", "zh": "AC1 #"},
    "percent": {"en": "percent agreement #", "zh": "百分比一致 #"},
    "positive": {"en": "agreement on positives #", "zh": "阳性一致 #"},
    "verdict": {"en": "verdict", "zh": "判断"},
    "firm": {"en": "firm", "zh": "确定"},
    "tentative": {"en": "tentative", "zh": "暂定"},
    "below_verdict": {"en": "not shown to be reliable", "zh": "未显示可靠"},
    "no_interval": {"en": "no interval", "zh": "没有区间"},
    "undefined": {"en": "undefined", "zh": "无定义"},
    "groups": {"en": "Alpha by language, without one coder, and with the machine", "zh": "按语言、去掉一名编码员、加入机器时的 α"},
    "group": {"en": "group", "zh": "组"},
    "language": {"en": "language {0}", "zh": "语言 {0}"},
    "without": {"en": "without {0}", "zh": "去掉 {0}"},
    "again": {"en": "{0} with themselves", "zh": "{0} 与自己"},
    "with machine": {"en": "people and {0}", "zh": "人工与 {0}"},
    "asked": {"en": "units on which it was asked", "zh": "被问到的单元"},
    "enriched": {"en": "as drawn, unweighted", "zh": "按抽取样本，未加权"},
    "note": {
        "en": "krippendorff_alpha with values of the codebook; units drawn with unequal chances are weighted to their population. Claim rung: D.",
        "zh": "krippendorff_alpha，取值以编码手册为准；不等概率抽取的单元按总体加权。论断层级：D。",
    },
}
SHOWN = ("asked", "enriched", "language", "without", "again", "with machine")


def reliability(facts: Facts, lang: str) -> View | None:
    """Agreement of coders; nothing in a study in which nobody coded."""
    if facts.agreement is None:
        if not facts.gold.get("codings"):
            return None
        return View("reliability", _word("title", lang), [_word("unmeasured", lang)])
    spec, rows = facts.agreement
    said = [_word("lead", lang)]
    if not facts.agreement_is_current:
        said.append(_word("stale", lang))
    if facts.settings.constructed:
        said.append(_word("constructed", lang))
    if spec["coders"]:
        said += _made(spec, lang)
    points = [_word("deviation", lang).format(code=_code(facts, code, lang), text=text) for code, text in facts.deviations]
    tables = [_whole(facts, rows, spec, lang)] if rows.filter(pl.col("by") == "all").height else []
    if rows.filter(pl.col("by").is_in(SHOWN)).height:
        tables.append(_groups(facts, rows, lang))
    for found in (anchors(rows, lambda code: _code(facts, code, lang), lang), bridge(rows, lambda code: _code(facts, code, lang), lang)):
        if found is not None:
            said.append(found[0])
            tables.append(found[1])
    return View("reliability", _word("title", lang), said, points=points, tables=tables)


def _made(spec: Mapping[str, Any], lang: str) -> list[str]:
    names = ("、" if lang == "zh" else ", ").join(spec["coders"])
    counted = _word("counts", lang).format(interval=_word(spec["interval"], lang), coders=len(spec["coders"]), names=names)
    return [counted, _word("rare", lang)]


def _whole(facts: Facts, rows: pl.DataFrame, spec: Mapping[str, Any], lang: str) -> Table:
    whole = rows.filter(pl.col("by") == "all")
    others = {(row["code"], row["coefficient"], row["of"]): row["value"] for row in whole.iter_rows(named=True)}
    lines = []
    for row in whole.filter(pl.col("coefficient") == "krippendorff_alpha").iter_rows(named=True):
        code = row["code"]
        ac1, percent = (_number(others.get((code, name, None))) for name in ("gwet_ac1", "percent_agreement"))
        positive = _number(others.get((code, "specific_agreement", "1"))) if row["level"] == "nominal" else "–"
        below = "–" if row["p_below"] is None else f"{row['p_below']:.3f}"
        cells = (f"{row['n_units']:,}", f"{row['n_coders']}", _alpha(row, lang), below, ac1, percent, positive, _verdict(row, lang))
        lines.append((_code(facts, code, lang), *cells))
    columns = [_word(key, lang) for key in ("code", "units", "coders", "alpha", "below", "ac1", "percent", "positive", "verdict")]
    columns[4] = columns[4].format(minimum=spec["minimum"])
    return Table("reliability-alpha", _word("title", lang), columns, lines, note=_word("note", lang))


def _groups(facts: Facts, rows: pl.DataFrame, lang: str) -> Table:
    chosen = rows.filter(pl.col("by").is_in(SHOWN) & (pl.col("coefficient") == "krippendorff_alpha"))
    lines = [
        (
            _code(facts, row["code"], lang),
            _word(row["by"], lang).format(_language(row["subject"], lang) if row["by"] == "language" else row["subject"]),
            f"{row['n_units']:,}",
            _alpha(row, lang),
            _verdict(row, lang),
        )
        for row in chosen.iter_rows(named=True)
    ]
    columns = [_word(key, lang) for key in ("code", "group", "units", "alpha", "verdict")]
    return Table("reliability-groups", _word("groups", lang), columns, lines, note=_word("note", lang), folded=True)


def _language(name: str, lang: str) -> str:
    try:
        return word(f"lang.{name}", lang)
    except KeyError:
        return name


def _alpha(row: Mapping[str, Any], lang: str) -> str:
    if row["value"] is None:
        return "–"
    if row["low"] is None:
        return f"{row['value']:.3f} ({_word('no_interval', lang)})"
    return f"{row['value']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"


def _verdict(row: Mapping[str, Any], lang: str) -> str:
    if row["reason"]:
        return REASONS[row["reason"]][lang]
    return _word("below_verdict" if row["verdict"] == "below" else row["verdict"], lang)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _code(facts: Facts, code: str, lang: str) -> str:
    variable = facts.book.variables.get(code)
    if variable is not None:
        return variable.label[lang]
    return next((one.label[lang] for one in facts.book.codes if one.id == code), code)


def _word(key: str, lang: str) -> str:
    return WORDS[key][lang]
