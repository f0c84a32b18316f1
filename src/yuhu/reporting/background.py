"""Sections on what the numbers rest on: the sample, its limits, methods, codebook."""

import polars as pl

from yuhu.core.chinese import in_language, rejected
from yuhu.core.estimate import RUNGS
from yuhu.reporting.cleaning import labels
from yuhu.reporting.page import Facts, Table, View
from yuhu.reporting.words import LIMITS, TARGET, phrase, word
from yuhu.study.manifest import SourceEntry
from yuhu.texts.hostile import visible


def sample(facts: Facts, lang: str) -> View:
    """What each file was taken for, and what came of it."""
    lines = [
        (
            visible(source.file, 80),
            source.importer,
            f"{source.seen:,}",
            f"{source.kept:,}",
            f"{source.rejected:,}",
            visible("; ".join(_remarks(source, lang)), 240) or "–",
        )
        for source in facts.sources
    ]
    columns = [word(key, lang) for key in ("file", "format", "seen", "kept", "rejected", "remarks")]
    by = [(visible(platform, 40), kind, f"{n:,}") for platform, kinds in facts.counts["by_platform"].items() for kind, n in kinds.items()]
    langs = [(name, f"{n:,}") for name, n in facts.counts["by_language"].items()]
    return View(
        "sample",
        word("sample", lang),
        [word("sample_lead", lang)],
        tables=[
            Table("sources", word("sample", lang), columns, lines, folded=len(lines) > 20),
            Table("kinds", word("platform", lang), [word("platform", lang), word("kind", lang), word("rows", lang)], by),
            Table("languages", word("language", lang), [word("language", lang), word("rows", lang)], langs, folded=len(langs) > 8),
        ],
    )


def _remarks(source: SourceEntry, lang: str) -> list[str]:
    told = [in_language(one, lang) for one in (*source.truncation, *source.notes)]
    return [*told, *(rejected(one, lang) for one in source.first_rejects[:1])]


def limits(facts: Facts, lang: str) -> View:
    """What the data at hand cannot support, in words."""
    rungs = [one for one in RUNGS if one in set(facts.estimates["rung"])]
    said = [phrase(LIMITS, "rungs", lang, rungs=", ".join(rungs)) if rungs[1:] else phrase(LIMITS, "rung", lang)]
    if facts.n_works:
        said.append(phrase(LIMITS, "one_case", lang, works=facts.n_works))
    said.append(phrase(LIMITS, facts.target if _has_gold(facts) else "machine_only", lang))
    unknown = sum(source.sort_order == "unknown" and "responses" in source.rows and source.what != "danmaku" for source in facts.sources)
    if unknown:
        said.append(phrase(LIMITS, "order", lang, files=unknown))
    said += [
        phrase(LIMITS, "truncated", lang, file=visible(source.file, 80), why=in_language(why, lang))
        for source in facts.sources
        for why in source.truncation
    ][:8]
    if facts.abstained:
        names = ", ".join(f"{visible(name, 12)}: {n:,}" for name, n in facts.abstained.items())
        said.append(phrase(LIMITS, "abstained", lang, n=f"{sum(facts.abstained.values()):,}", languages=names))
    if facts.n_special:
        said.append(phrase(LIMITS, "special", lang, n=f"{facts.n_special:,}"))
    if facts.leave_out:
        names = labels(facts.leave_out, lang)
        said.append(phrase(LIMITS, "left_out", lang, n=f"{facts.n_left_out:,}", rules=names))
    if facts.counts["counts"]["rejects"]:
        said.append(phrase(LIMITS, "rejected", lang, n=f"{facts.counts['counts']['rejects']:,}"))
    if facts.counts["counts"]["danmaku"]:
        said.append(phrase(LIMITS, "media", lang))
    return View("limits", word("limits", lang), points=said)


def _has_gold(facts: Facts) -> bool:
    return bool(facts.estimates.filter(pl.col("source") == "gold").height)


def methods(facts: Facts, lang: str) -> View:
    """How the numbers were made, so that they can be made again."""
    zh = lang == "zh"
    target = TARGET[facts.target][lang]
    lines = [
        (("编码手册" if zh else "codebook"), facts.book.name),
        (("推断目标" if zh else "target of inference"), f"{facts.target}: {target}"),
        (("独立作品 / 视频" if zh else "independent works / videos"), f"{facts.n_works} / {facts.n_videos}"),
        (("置信水平" if zh else "confidence"), f"{facts.settings.confidence:.0%}"),
        (("随机种子" if zh else "seed"), str(facts.settings.seed)),
        (("结果规格" if zh else "specification of results"), facts.spec_hash),
        (("软件" if zh else "software"), f"yuhu {facts.version}"),
    ]
    if facts.sent:
        lines.append((("消息发送日期" if zh else "messages sent"), f"{facts.sent[0]} – {facts.sent[1]} ({facts.settings.time_zone})"))
    if facts.run is not None:
        settings = ", ".join(f"{key} {value}" for key, value in facts.run.parameters.items() if not isinstance(value, list))
        lines.insert(1, (("机器编码者" if zh else "machine coder"), f"{settings} (run {facts.run.run})"))
    if _has_gold(facts):
        samples = "; ".join(f"{s['name']}: {s['units']:,} / {s['population']:,}, {s['design']}" for s in facts.gold["samples"])
        lines.insert(2, (("黄金样本" if zh else "gold sample"), f"{samples}; {', '.join(facts.gold['coders'])}"))
    columns = ("", "")
    tables = [Table("provenance", word("methods", lang), columns, lines)]
    unserved = [(code, reason) for code in facts.unserved if (reason := _why(facts, code, lang))]
    if unserved:
        title = "词语无法承载的编码（机器未编码）" if zh else "Codes that words cannot carry (not coded by the machine)"
        tables.append(Table("unserved", title, (word("code", lang), word("remarks", lang)), unserved, folded=True))
    return View("methods", word("methods", lang), tables=tables)


def _why(facts: Facts, code: str, lang: str) -> str:
    reason = facts.book.code(code).no_terms
    return reason[lang] if reason else ""


def codebook(facts: Facts, lang: str) -> View:
    """Every code that is on, with its definition."""
    lines = [
        (code.label[lang], code.id, code.definition[lang])
        for code in facts.book.codes
        if code.module in facts.counts["codebook"]["modules"]
    ]
    columns = (word("code", lang), "id", word("definition", lang))
    return View(
        "codebook", word("codebook", lang), [facts.book.name], tables=[Table("codes", word("codebook", lang), columns, lines, folded=True)]
    )
