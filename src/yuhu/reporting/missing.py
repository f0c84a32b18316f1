"""What is missing from the sample, in words: the same sentences in the report and on the command line."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from yuhu.core.chinese import in_language
from yuhu.reporting.numbers import percent
from yuhu.reporting.page import Facts, Table, View
from yuhu.reporting.said import Said
from yuhu.study.coverage import Finding
from yuhu.texts.hostile import visible

MOST = 40
MOST_BOUNDS = 60

_GROUPS = {
    "danmaku": {"en": "danmaku", "zh": "弹幕"},
    "comment": {"en": "comments and replies", "zh": "评论与回复"},
    "post": {"en": "posts and reposts", "zh": "帖子与转发"},
}

SENTENCES: dict[str, dict[str, str]] = {
    "order_hot": {
        "en": "{subject}: sorted by {order}. These are messages the platform chose to show first; shares do not describe all comments.",
        "zh": "{subject}：按 {order} 排序。这些是平台选择优先展示的消息，占比不能描述全部评论。",
    },
    "order_unknown": {
        "en": "{files} files do not tell in which order they were cut ({first}). If the platform showed the hottest first, shares do not describe all comments. Say it where you know: --sort-order time or hot.",
        "zh": "有 {files} 个文件没有说明导出顺序（{first}）。若平台先给最热的，占比就不能描述全部评论。知道时请说明：--sort-order time 或 hot。",
    },
    "export_time_unknown": {
        "en": "{files} files do not tell when they were taken ({first}). Say it where you know: --exported-at 2023-09-10.",
        "zh": "有 {files} 个文件没有说明导出时间（{first}）。知道时请说明：--exported-at 2023-09-10。",
    },
    "cut": {"en": "{subject}: {why}.", "zh": "{subject}：{why}。"},
    "first_level_only": {
        "en": "{subject}: holds no replies. Nothing can be said of conversations, and shares are of first comments only.",
        "zh": "{subject}：不含回复。无法谈论对话，占比只针对一级评论。",
    },
    "fewer_than_total": {
        "en": "{subject}: {found} of {total} {group} that the platform counts ({share}). What is missing may differ from what is here: shares carry bounds.",
        "zh": "{subject}：平台计数 {total} 条{group}，这里有 {found} 条（{share}）。缺失的可能与现有的不同：占比附有上下界。",
    },
    "more_than_total": {
        "en": "{subject}: {found} {group}, more than the {total} that the platform counted: the count is older, or leaves some out.",
        "zh": "{subject}：有 {found} 条{group}，多于平台计数的 {total} 条：该计数较早，或未计入一部分。",
    },
    "fewer_replies": {
        "en": "{subject}: {found} of {total} replies that the comments themselves count.",
        "zh": "{subject}：评论自身计数 {total} 条回复，这里有 {found} 条。",
    },
    "no_time": {"en": "{subject}: {n} {group} have no sending time.", "zh": "{subject}：{n} 条{group}没有发送时间。"},
    "estimated_time": {
        "en": "{subject}: {n} {group} have sending times that are estimated to weeks or worse; nothing over days can be said of them.",
        "zh": "{subject}：{n} 条{group}的发送时间为估计，精度在数周以上，不能按天分析。",
    },
    "covered": {"en": "{subject}: {n} {group} sent from {first} to {last}.", "zh": "{subject}：{n} 条{group}，发送于 {first} 至 {last}。"},
    "gap": {
        "en": "{subject}: no {group} between {first} and {last}, though the weeks around are busy: an export may have stopped there.",
        "zh": "{subject}：{first} 与 {last} 之间没有{group}，而前后数周都很活跃：导出可能在此中断。",
    },
    "repeated": {
        "en": "{subject}: {n} of {seen} records are in the study already: exports overlap, or pages were fetched twice.",
        "zh": "{subject}：{seen} 条记录中有 {n} 条研究中已有：导出重叠，或同一页抓取了两次。",
    },
    "deleted": {
        "en": "{n} messages are gone from a later export: deleted in between, or hidden by the platform. `yuhu forget STUDY --deleted` takes them out.",
        "zh": "{n} 条消息在较晚的导出中已不存在：其间被删除，或被平台隐藏。`yuhu forget STUDY --deleted` 可将其移除。",
    },
    "no_region": {
        "en": "{n} of {of} messages carry no region: nothing by region can be said of them.",
        "zh": "{of} 条消息中有 {n} 条没有地区：不能按地区分析。",
    },
    "no_author": {
        "en": "{n} of {of} messages carry no author: people cannot be counted, only messages.",
        "zh": "{of} 条消息中有 {n} 条没有作者：只能数消息，不能数人。",
    },
    "no_retention": {
        "en": "{videos} videos have messages with a media time and no retention curve: counts over media time mix how many watched with how many answered.",
        "zh": "{videos} 个视频有带媒体时间的消息而没有留存曲线：沿媒体时间的计数混合了观看人数与回应人数。",
    },
}


def sentence(finding: Finding, lang: str) -> str:
    """A finding in words."""
    facts: dict[str, Any] = {
        key: f"{value:,}" if isinstance(value, int) else visible(str(value), 200) for key, value in finding.facts.items()
    }
    if finding.kind == "cut":
        facts["why"] = visible(in_language(str(finding.facts["why"]), lang), 200)
    if "group" in facts:
        facts["group"] = _GROUPS[finding.facts["group"]][lang]
    if {"found", "total"} <= set(finding.facts):
        facts["share"] = percent(finding.facts["found"] / finding.facts["total"]) if finding.facts["total"] else "–"
    return SENTENCES[finding.kind][lang].format(subject=visible(finding.subject, 80), **facts)


def sentences(found: Iterable[Finding], lang: str) -> list[str]:
    """Findings in words, what limits conclusions first."""
    order = list(SENTENCES)
    return [sentence(one, lang) for one in sorted(found, key=lambda one: (order.index(one.kind), one.subject))]


def missing(facts: Facts, lang: str) -> View | None:
    """The section on what is missing, with bounds where platforms' totals are above the export."""
    if not facts.missing:
        return None
    said = sentences(facts.missing, lang)
    points = said[:MOST]
    if len(said) > MOST:
        more = len(said) - MOST
        points.append(f"… {more} more: yuhu status STUDY --missing" if lang == "en" else f"……另有 {more} 条：yuhu status STUDY --missing")
    lead = (
        "What the files tell of the sample they are. None of this can be mended by coding more."
        if lang == "en"
        else "文件自身说明的样本情况。这些都不能靠多编码来弥补。"
    )
    table = _bounds(facts, lang)
    title = "What is missing from the sample" if lang == "en" else "样本缺了什么"
    return View("missing", title, [lead], points, tables=[table] if table else [])


def _bounds(facts: Facts, lang: str) -> Table | None:
    every = facts.estimates.filter(pl.col("measure") == "export_bounds.v2")
    frame = every.filter(pl.col("source") == "machine")
    if not frame.height:
        return None
    corrected = {
        (row["subject"], row["code"], row["value_id"]): Said(f"{percent(row['low'])} – {percent(row['high'])}", row)
        for row in every.filter((pl.col("source") == "corrected") & pl.col("low").is_not_null()).iter_rows(named=True)
    }
    rows: list[Sequence[str]] = []
    for row in frame.sort(pl.col("high") - pl.col("low"), "subject", "code").head(MOST_BOUNDS).iter_rows(named=True):
        variable = facts.book.variables.get(row["code"])
        name = variable.label[lang] if variable else row["code"]
        cells = [
            visible(row["subject"], 60),
            name,
            f"{percent(row['value'])} (n = {row['n']:,})",
            Said(f"{percent(row['low'])} – {percent(row['high'])}", row),
        ]
        rows.append((*cells, corrected.get((row["subject"], row["code"], row["value_id"]), "–")) if corrected else tuple(cells))
    heads = (
        ("video", "code", "exported, machine, not validated #~", "among all that the platform counts #~", "the same, corrected by people #")
        if lang == "en"
        else ("视频", "编码", "导出部分（机器，未经验证） #~", "平台计数的全部消息中 #~", "同上，经人工校正 #")
    )
    note = (
        "export_bounds.v2: bounds for what was not exported, certain if the platform's total is right and the machine were; no sampling interval, and nothing about messages removed before they were counted. "
        "Corrected: from the lower end of the corrected share's interval to its upper end. A difference between platforms inside these bounds may reflect moderation or curated comments. D."
        if lang == "en"
        else "export_bounds.v2：针对未导出消息的界，平台总数与机器编码都正确时必然成立；不是抽样区间，也不涉及计数之前被删除的消息。经人工校正：由校正占比区间的两端给出。落在界内的平台差异可能反映审核或精选评论。D。"
    )
    caption = "Shares with bounds for what was not exported" if lang == "en" else "含未导出消息上下界的占比"
    return Table("export-bounds", caption, heads[: 5 if corrected else 4], rows, note=note, folded=len(rows) > 20)
