"""Beside agreement in the report: errors on anchors, and whether codes are the same in both languages."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.page import Table
from yuhu.study.agreements import BRIDGE, COMPARABLE, NOT_COMPARABLE, NOT_JUDGED, VERDICT

WORDS: dict[str, dict[str, str]] = {
    "anchors": {"en": "Errors on anchors", "zh": "锚定单元上的错误"},
    "anchors_lead": {
        "en": "Anchors are units whose value people adjudicated before; coders met them unmarked among others. The chart adds up errors above what all coders missed on the anchors of the code, in the order of coding, "
        "and gives an alarm where they pile up. Anchors are hard units: their share of errors is no share of errors on messages.",
        "zh": "锚定单元是事先经过仲裁的单元，未加标记地混在其他单元之中。累积图按编码顺序累加超出全体编码员在该编码锚定单元上错误率的错误，堆积时报警。锚定单元偏难，其错误率不是全部信息上的错误率。",
    },
    "bridge": {"en": "Is a code the same in both languages?", "zh": "编码在两种语言中是否相同？"},
    "bridge_lead": {
        "en": "Bilingual coders coded the same units as written and as translated, each group one version, by lot. A code is called comparable where both versions agree and the interval of their difference (ETS delta, at equal numbers of other codes) "
        "lies within 1.5 of 0, by language and by translation. No difference found is not enough. Everything else is not established as comparable: differences between languages in it must not be read as differences between people.",
        "zh": "双语编码员分别编同一单元的原文与译文，两组各看一个版本，由抽签决定。只有两个版本一致、且在其他编码数量相同时差异（ETS delta）的区间按语言与按译文都落在 ±1.5 之内，才称为可比；未发现差异并不足够。其余一律视为“未确立可比性”：语言之间的差异不能读作人群之间的差异。",
    },
    "code": {"en": "code", "zh": "编码"},
    "coder": {"en": "coder", "zh": "编码员"},
    "n_anchors": {"en": "anchors #", "zh": "锚定单元 #"},
    "errors": {"en": "missed [interval] #", "zh": "错误率 [区间] #"},
    "height": {"en": "chart / alarm at #", "zh": "累积值 / 报警线 #"},
    "verdict": {"en": "verdict", "zh": "判断"},
    "alarm": {"en": "alarm on {when}", "zh": "{when} 报警"},
    "quiet": {"en": "quiet", "zh": "未报警"},
    "units": {"en": "units in both versions #", "zh": "两个版本都编过的单元 #"},
    "alpha": {"en": "alpha across versions [interval] #", "zh": "两版本间的 α [区间] #"},
    "delta_language": {"en": "English against Chinese, delta [interval] #", "zh": "英文版相对中文版 delta [区间] #"},
    "delta_translation": {"en": "translation against original, delta [interval] #", "zh": "译文相对原文 delta [区间] #"},
    COMPARABLE: {"en": "comparable", "zh": "可比"},
    NOT_COMPARABLE: {"en": "not comparable: {why}", "zh": "不可比：{why}"},
    NOT_JUDGED: {"en": "cannot be judged: {why}", "zh": "无法判断：{why}"},
    "anchors_note": {
        "en": "cusum.v1: C = max(0, C + error - tolerated - 0.1); the alarm is set for 200 anchors between two false ones. Wilson intervals. Claim rung: D.",
        "zh": "cusum.v1：C = max(0, C + 错误 - 容许率 - 0.1)；报警线按平均每 200 个锚定单元一次误报设定。区间为 Wilson 区间。论断层级：D。",
    },
    "bridge_note": {
        "en": "mantel_haenszel_dif.v1, intervals by leaving out units; of several values of a code the widest is shown. Below 0: given less readily in English, or in the translation. Tests of all codes by drawing the lots again (max-T). Claim rung: D.",
        "zh": "mantel_haenszel_dif.v1，区间按逐个去掉单元得出；一个编码有多个取值时列差异最大者。小于 0：在英文版或译文中更少给出。检验以重新抽签进行，对全部编码作 max-T 校正。论断层级：D。",
    },
}

Named = Callable[[str], str]


def anchors(rows: pl.DataFrame, named: Named, lang: str) -> tuple[str, Table] | None:
    """What coders said on anchors: a sentence and a table; None where nobody met one."""
    charts = rows.filter(pl.col("coefficient") == "cusum")
    if not charts.height:
        return None
    shares = {(one["code"], one["subject"]): one for one in rows.filter(pl.col("coefficient") == "anchor_errors").iter_rows(named=True)}
    lines = []
    for one in charts.iter_rows(named=True):
        height = "–" if one["value"] is None else f"{one['value']:.2f} / {one['threshold']:.2f}"
        said = REASONS[one["reason"]][lang] if one["value"] is None else _word(one["verdict"], lang).format(when=(one["of"] or "")[:10])
        lines.append((named(one["code"]), one["subject"], f"{one['n_units']:,}", _span(shares[one["code"], one["subject"]]), height, said))
    columns = [_word(key, lang) for key in ("code", "coder", "n_anchors", "errors", "height", "verdict")]
    return _word("anchors_lead", lang), Table(
        "reliability-anchors", _word("anchors", lang), columns, lines, note=_word("anchors_note", lang)
    )


def bridge(rows: pl.DataFrame, named: Named, lang: str) -> tuple[str, Table] | None:
    """What bridge sets say of each code: a sentence and a table; None where there is none."""
    mine = rows.filter(pl.col("by") == BRIDGE)
    whole = mine.filter((pl.col("coefficient") == VERDICT) & pl.col("of").is_null())
    if not whole.height:
        return None
    alphas = {one["code"]: one for one in mine.filter(pl.col("coefficient") == "krippendorff_alpha").iter_rows(named=True)}
    found = mine.filter((pl.col("coefficient") == "ets_delta") & pl.col("value").is_not_null())
    widest = {(one["code"], one["subject"]): one for one in found.sort(pl.col("value").abs(), maintain_order=True).iter_rows(named=True)}
    lines = []
    for one in whole.iter_rows(named=True):
        deltas = [_span(widest.get((one["code"], split))) for split in ("language", "translation")]
        why = REASONS[one["reason"]][lang] if one["reason"] else ""
        verdict = _word(one["verdict"], lang).format(why=why)
        lines.append((named(one["code"]), f"{one['n_units']:,}", _span(alphas.get(one["code"])), *deltas, verdict))
    columns = [_word(key, lang) for key in ("code", "units", "alpha", "delta_language", "delta_translation", "verdict")]
    return _word("bridge_lead", lang), Table("reliability-bridge", _word("bridge", lang), columns, lines, note=_word("bridge_note", lang))


def _span(row: Mapping[str, Any] | None) -> str:
    if row is None or row["value"] is None:
        return "–"
    return f"{row['value']:.3f}" + ("" if row["low"] is None else f" [{row['low']:.3f}, {row['high']:.3f}]")


def _word(key: str, lang: str) -> str:
    return WORDS[key][lang]
