"""The case at a glance."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter

from yuhu.app.workbench import Bench, Lang, Reader, Workbench
from yuhu.core.errors import YuhuError
from yuhu.reporting.missing import sentences
from yuhu.reporting.page import Facts
from yuhu.reporting.strongest import Candidate, of_study, rule, said, why_none
from yuhu.study.coverage import findings
from yuhu.study.results import read_results
from yuhu.study.state import state_hash
from yuhu.study.store import Study
from yuhu.verbs.measure import what_changed
from yuhu.verbs.overview import overview_of_files, overview_of_people

router = APIRouter(prefix="/api/overview", tags=["overview"])

_OUTDATED_S = 60.0
_OUTDATED = frozenset({"YH402", "YH602"})


@router.get("")
def at_a_glance(bench: Bench, _: Reader) -> dict[str, Any]:
    """Counts, files, codebook, machine runs, samples and how far each coder is; see `yuhu.verbs.overview`."""
    return _glance(bench)


@router.get("/missing")
def missing(bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``sentences``: what the files tell of the sample they are, what limits conclusions first; the words of the report."""
    found = bench.once(("missing",), findings)
    return {"sentences": sentences(found, lang)}


def prepare(bench: Workbench) -> None:
    """Work out what the first page shows before someone asks for it; what cannot be worked out is said on the page."""
    lang = bench.study().settings.language
    steps: tuple[Callable[[], object], ...] = (
        lambda: _glance(bench),
        lambda: bench.once(("missing",), findings),
        lambda: _strongest(bench, lang),
        lambda: _held(bench),
    )
    for step in steps:
        if bench.is_closing.is_set():
            return
        with suppress(YuhuError):
            step()


def _glance(bench: Workbench) -> dict[str, Any]:
    return {**bench.once(("files",), overview_of_files), **bench.once(("people",), overview_of_people, of_codings=True)}


@router.get("/results")
def results(bench: Bench, _: Reader) -> dict[str, Any]:
    """``spec``: the latest results, or null; ``changed``: parts of their specification that are no longer so; ``estimates``, ``n_gold`` (most units of one code), ``coders``, ``target``.

    Where they no longer hold, this is looked at anew once a minute: to be sure of it, all codings are read.
    """
    return _held(bench)


def _held(bench: Workbench) -> dict[str, Any]:
    asked = lambda: bench.once(("results", state_hash(bench.study())), _results)  # noqa: E731
    return bench.memory.for_a_while(("results", *bench.marks()), _OUTDATED_S, asked, keeps=lambda found: bool(found["changed"]))


@router.get("/findings")
def strongest(bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``findings``: the strongest, each with ``text``, ``rung``, ``kind`` and ``place`` (where it is shown); ``rule``: how they were chosen; ``why_none``: where there is none."""
    return _strongest(bench, lang)


def _strongest(bench: Workbench, lang: str) -> dict[str, Any]:
    return bench.once(("findings", lang), lambda _study: _findings(_facts(bench), lang))


def _facts(bench: Workbench) -> Facts | None:
    try:
        return bench.facts()
    except YuhuError as error:
        if error.code not in _OUTDATED:
            raise
        return None


def _findings(facts: Facts | None, lang: str) -> dict[str, Any]:
    if facts is None:
        return {"findings": [], "rule": [], "why_none": why_none(None, lang)}
    found = of_study(facts)
    shown = [{"text": said(facts, one, lang), "rung": one.row["rung"], "kind": one.kind, "place": _place(one)} for one in found.findings]
    return {"findings": shown, "rule": rule(found, lang), "why_none": "" if shown else why_none(facts, lang)}


def _place(one: Candidate) -> dict[str, Any]:
    """Where a finding is shown: a section of a page, or a moment of a video."""
    if one.kind in ("peak", "inside"):
        return {"page": "watch", "video": one.row["subject"], "at_ms": one.row["at_ms"]}
    sections = {"lift": ("spread", "followed"), "contrast": ("audience", "contrasts"), "action": ("audience", "progression")}
    page, section = sections[one.kind]
    return {"page": page, "section": section}


def _results(study: Study) -> dict[str, Any]:
    held = read_results(study)
    if held is None:
        return {"spec": None, "changed": [], "estimates": 0, "n_gold": 0, "coders": [], "target": study.target()}
    return {
        "spec": held.spec_hash,
        "changed": list(what_changed(study, held)),
        "estimates": held.estimates.height,
        "n_gold": int(held.estimates["n_gold"].fill_null(0).to_numpy().max(initial=0)),
        "coders": held.spec["gold_coders"],
        "target": held.spec["target"],
    }
