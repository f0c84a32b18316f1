"""The report: what it would say now, as a page in a frame and as a file; and what each of its sentences rests on."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from yuhu.app.access import Role
from yuhu.app.workbench import Bench, Lang, Reader, Workbench
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import REASONS
from yuhu.reporting.html import build_html, views
from yuhu.reporting.museum import as_dicts, museum
from yuhu.reporting.page import Facts, View
from yuhu.reporting.said import by_id, estimates_of
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import TARGET
from yuhu.texts.hostile import visible
from yuhu.verbs.report import report_facts
from yuhu.verbs.trace import gold_of, trace

router = APIRouter(prefix="/api/report", tags=["report"])

Sections = Annotated[list[str] | None, Query(max_length=100)]

_FRAMED = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
}
"""No script runs in the report, and nothing is loaded; the workbench's own page may look into its frame, to see which sentence was pressed."""
_NUMBERS = ("value", "low", "high", "confidence", "count", "n", "n_videos", "n_gold", "at_ms", "end_ms")
_NAMES = ("measure", "by", "unit", "method", "source", "coder", "rung")


@router.get("")
def contents(bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``sections``: ``id, title, sentences`` (``text``, ``estimates``: names of what it states); ``written``: the study's report file in this language, or null."""
    _facts, shown = _report(bench, lang)
    path = bench.path / f"report.{lang}.html"
    sections = [
        {"id": one.id, "title": one.title, "sentences": [{"text": line, "estimates": estimates_of(line)} for line in one.points]}
        for one in shown
    ]
    return {"sections": sections, "written": {"name": path.name, "bytes": path.stat().st_size} if path.is_file() else None}


@router.get("/preview", response_class=HTMLResponse)
def preview(bench: Bench, _: Reader, lang: Lang, section: Sections = None) -> HTMLResponse:
    """The report as a page for a frame: all sections, or those that are named."""
    return HTMLResponse(_page(bench, lang, section), headers=_FRAMED)


@router.get("/file", response_class=HTMLResponse)
def file(bench: Bench, _: Reader, lang: Lang, section: Sections = None) -> HTMLResponse:
    """The same as a file."""
    headers = {**_FRAMED, "content-disposition": f'attachment; filename="report.{lang}.html"'}
    return HTMLResponse(_page(bench, lang, section), headers=headers)


@router.get("/museum")
def in_short(bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``parts``: three moments, for whom, how sure, what next: ``id, title, lines`` (``text, estimates, video, at_ms``)."""
    facts, _shown_views = _report(bench, lang)
    return {"parts": bench.once(("museum", lang, facts.spec_hash), lambda _study: as_dicts(museum(facts, lang)), of_codings=True)}


@router.get("/trace/{estimate}")
def traced(estimate: str, bench: Bench, visitor: Reader, lang: Lang) -> dict[str, Any]:
    """``estimate``: its number, interval, n, method and rung; and the units, coders and versions of the codebook that it rests on (see `yuhu.verbs.trace`); texts for leads alone."""
    facts = bench.facts()
    row = bench.once(("estimates",), lambda _study: by_id(facts.estimates)).get(estimate)
    if row is None:
        raise YuhuError(
            "YH704", "there is no such estimate", facts={"found": estimate[:40]}, fix="load the page anew: results have changed"
        )
    gold = bench.once(("gold",), gold_of, of_codings=True)
    is_lead = visitor.role is Role.LEAD
    found = bench.once(("trace", estimate, is_lead), lambda study: trace(study, row, gold, with_texts=is_lead), of_codings=True)
    return {"estimate": _shown(facts, row, lang), **found}


def _shown(facts: Facts, row: dict[str, Any], lang: str) -> dict[str, Any]:
    """An estimate with the names of its code and value, and the reason why something is missing, in words."""
    code, value = row["code"], row["value_id"]
    return {
        **{name: row[name] for name in (*_NAMES, *_NUMBERS)},
        "subject": visible(row["subject"] or "", 160),
        "code": None if code is None else visible(label(facts, code, lang), 60),
        "value_name": "" if code is None or value is None else value_label(facts, code, value, lang),
        "why": REASONS[row["reason"]][lang] if row["reason"] else "",
        "target": TARGET[row["target"]][lang] if row["target"] else "",
        "spec": facts.spec_hash,
    }


def _report(bench: Workbench, lang: str) -> tuple[Facts, list[View]]:
    """What the report says now; worked out anew when results, codings or agreement change."""
    facts = bench.once(("report facts",), report_facts, of_codings=True)
    return facts, bench.once(("report", lang), lambda _study: views(facts, lang), of_codings=True)


def _page(bench: Workbench, lang: str, wanted: list[str] | None) -> str:
    facts, shown = _report(bench, lang)
    kept = [one for one in shown if wanted is None or one.id in wanted]
    strange = sorted({*(wanted or ())} - {one.id for one in shown})
    if strange:
        raise YuhuError("YH704", "there is no such section", facts={"found": strange[0][:100]}, fix="load the page anew")
    return build_html(facts, lang, kept)
