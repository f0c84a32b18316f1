"""Agreement, and the meeting over disagreements. Numbers are for those who read results; what a coder said of a message is for leads alone."""

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from yuhu.app.shown import shown_findings
from yuhu.app.workbench import Bench, Lang, Lead, Reader, Workbench
from yuhu.core.codebook_changes import EFFECTS
from yuhu.core.codebook_text import code_text
from yuhu.reporting.agreement_page import agreement_rows
from yuhu.study.agreements import read_agreement
from yuhu.study.store import Study
from yuhu.verbs.adjudicate import adjudicate
from yuhu.verbs.agree import agreement_is_current, has_overlap
from yuhu.verbs.meeting import conflict, conflicts
from yuhu.verbs.protocol import TEXTS, note, protocol
from yuhu.verbs.rule_change import change_rule, draft_rule, requeue, voided

router = APIRouter(prefix="/api/agree", tags=["agreement"])

MOST_LISTED = 500

_Id = Annotated[str, Field(min_length=1, max_length=500)]
_Words = Annotated[str, Field(min_length=1, max_length=4000)]
_Who = Annotated[str, Field(max_length=60)]
_Asked = Annotated[str, Query(min_length=1, max_length=500)]
_Purpose = Annotated[str, Query(max_length=20)]


class Adjudication(BaseModel):
    """A value that is to stand. ``evidence``: characters of the text, end exclusive; ``who`` only where there are no accounts."""

    model_config = ConfigDict(extra="forbid")
    unit: _Id
    code: _Id
    value: _Id
    why: _Words
    who: _Who = ""
    evidence: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None


class Decision(BaseModel):
    """What a meeting decided about a code, over a message or not."""

    model_config = ConfigDict(extra="forbid")
    code: _Id
    text: _Words
    who: _Who = ""
    unit: Annotated[str, Field(max_length=500)] | None = None


class Rule(BaseModel):
    """The YAML of one code."""

    model_config = ConfigDict(extra="forbid")
    code: _Id
    text: Annotated[str, Field(max_length=100_000)]


class NewRule(Rule):
    """The YAML of one code that is to be its rule. ``base``: hash of the codebook that was edited; ``yes``: codings that no longer count are accepted."""

    base: Annotated[str, Field(max_length=128)]
    why: _Words
    who: _Who = ""
    unit: Annotated[str, Field(max_length=500)] | None = None
    yes: bool = False


@router.get("")
def agreement(bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``is_measured``, ``has_overlap`` (whether it can be), ``is_current``, ``minimum``, ``interval``, ``confidence``, ``coders``, ``decisions`` (`yuhu.reporting.agreement_page.agreement_rows`), ``stages`` of codes."""
    return bench.once(("agreement", lang), lambda study: _agreement(study, lang), of_codings=True)


@router.get("/conflicts")
def counted(bench: Bench, visitor: Lead, purpose: _Purpose = "") -> dict[str, Any]:
    """``codes``: of each decision with conflicts that may be looked at ``n`` and ``settled``."""
    found = _conflicts(bench, visitor.name, purpose)
    grouped = found.group_by("code", maintain_order=True).agg(n=pl.len(), settled=pl.col("adjudicated").is_not_null().sum())
    return {"codes": grouped.to_dicts()}


@router.get("/conflicts/list")
def listed(bench: Bench, visitor: Lead, code: _Asked, purpose: _Purpose = "") -> dict[str, Any]:
    """``conflicts`` on a decision, the widest first: ``unit_id, text, lang, purpose, values, spread, adjudicated``; ``n``: all of them."""
    found = _conflicts(bench, visitor.name, purpose).filter(pl.col("code") == code)
    return {"n": found.height, "conflicts": found.head(MOST_LISTED).drop("code").to_dicts()}


@router.get("/conflict")
def one(bench: Bench, visitor: Lead, lang: Lang, unit: _Asked, code: _Asked) -> dict[str, Any]:
    """What each coder said of a message: see `yuhu.verbs.meeting.conflict`; ``label``, and ``labels`` of the values."""
    study = bench.study()
    found = conflict(study, unit, code, reader=visitor.name)
    book = study.codebook()
    of_code = book.code(book.variables[code].code)
    labels = {one.id: one.label[lang] for one in of_code.values}
    for facet in of_code.attributes:
        labels |= {value.id: value.label[lang] for value in facet.values if code == f"{of_code.id}.{facet.id}"}
    return {**found, "label": book.variables[code].label[lang], "labels": labels}


@router.post("/adjudications")
def settle(bench: Bench, visitor: Lead, given: Adjudication) -> dict[str, str]:
    """Set the value that stands, as `yuhu adjudicate`; what the coders said is kept."""
    study = bench.study()
    conflict(study, given.unit, given.code, reader=visitor.name)
    row = adjudicate(study, given.unit, given.code, given.value, who=visitor.name or given.who, why=given.why, evidence=given.evidence)
    return {"value": row["value"], "coder": row["coder"]}


@router.get("/rule")
def rule(bench: Bench, _: Lead, code: _Asked) -> dict[str, Any]:
    """``text``: the YAML of one code; ``hash`` and ``version`` of the codebook; ``voided``: messages by coder whose coding of it no longer counts and was not taken up again."""
    study = bench.study()
    book = study.codebook()
    waiting = voided(study, code).group_by("coder").agg(pl.col("unit_id").n_unique()).sort("coder")
    return {
        "text": code_text(book.source_text, code)[0],
        "hash": book.content_hash,
        "version": book.version,
        "voided": dict(waiting.iter_rows()),
    }


@router.post("/rule/check")
def check(bench: Bench, _: Lead, lang: Lang, given: Rule) -> dict[str, Any]:
    """``findings`` of the linter; where there is no error ``version``, ``changes`` in words, and the codings that would be ``invalidated``, ``revived``, ``asked``."""
    found = draft_rule(bench.study(), given.code, given.text)
    shown = {"findings": shown_findings(found.findings, lang), **found.concerned}
    if found.diff is None:
        return {**shown, "version": None, "is_empty": False, "effects": []}
    effects = [EFFECTS[one.effect][lang] for one in found.diff.codes if one.effect in EFFECTS]
    return {**shown, "version": found.diff.new.version, "is_empty": found.diff.is_empty, "effects": sorted(set(effects))}


@router.put("/rule")
def take(bench: Bench, visitor: Lead, given: NewRule) -> dict[str, Any]:
    """Make it the rule, as `yuhu codebook adopt`, and write into the log why."""
    done = change_rule(
        bench.study(),
        given.code,
        given.text,
        base=given.base,
        who=visitor.name or given.who,
        why=given.why,
        unit_id=given.unit,
        yes=given.yes,
    )
    return {"version": done.diff.new.version, "invalidated": done.invalidated, "revived": done.revived, "asked": done.asked}


@router.post("/requeue")
def again(bench: Bench, visitor: Lead, given: Decision) -> dict[str, Any]:
    """Have the messages coded again whose coding of a code no longer counts: ``requeued``, messages by coder."""
    return {"requeued": requeue(bench.study(), given.code, who=visitor.name or given.who, why=given.text)}


@router.post("/decisions")
def decide(bench: Bench, visitor: Lead, given: Decision) -> dict[str, str]:
    """Write a decision of the meeting into the log, as `yuhu protocol --note`."""
    entry = note(bench.study(), given.code, given.text, who=visitor.name or given.who, unit_id=given.unit)
    return {"at": entry.at, "who": entry.who}


def _agreement(study: Study, lang: str) -> dict[str, Any]:
    found = read_agreement(study.path)
    stages = {one.code: {"stage": one.stage, "label": TEXTS[one.stage][lang]} for one in protocol(study).standings}
    if found is None:
        return {"is_measured": False, "has_overlap": has_overlap(study), "decisions": [], "stages": stages}
    spec, rows = found
    return {
        "is_measured": True,
        "has_overlap": True,
        "is_current": agreement_is_current(study),
        **{name: spec[name] for name in ("minimum", "interval", "confidence", "coders")},
        "decisions": agreement_rows(rows, study.codebook(), lang),
        "stages": stages,
    }


def _conflicts(bench: Workbench, reader: str, purpose: str) -> pl.DataFrame:
    return bench.once(("conflicts", reader, purpose), lambda study: conflicts(study, purpose=purpose, reader=reader), of_codings=True)
