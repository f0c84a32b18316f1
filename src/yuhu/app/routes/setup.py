"""Setting a study up: the choices of its forms, its codebook, its people."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from yuhu import coding as _coding  # noqa: F401 - importing the room registers its coders
from yuhu.app.shown import shown_findings
from yuhu.app.workbench import Bench, Lang, Lead
from yuhu.coding.sampling import ALLOCATIONS
from yuhu.core.chinese import in_language
from yuhu.core.codebook import load_codebook
from yuhu.core.codebook_changes import EFFECTS, FIELDS
from yuhu.core.codebook_diff import diff
from yuhu.core.codebook_lint import examined
from yuhu.core.contracts import SORT_ORDERS
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.map_fields import FIELDS as COLUMNS
from yuhu.study.store import CODEBOOK
from yuhu.verbs.codebook import adopt_codebook, codebook_history
from yuhu.verbs.coders import add_coder, coders
from yuhu.verbs.sample import BY

router = APIRouter(prefix="/api/setup", tags=["setup"])

_PURPOSES = ("main", "pilot", "reliability", "train")
"""Of samples that a person draws; the other purposes are drawn by steps of their own."""

Written = Annotated[str, Field(max_length=1_500_000)]


class Draft(BaseModel):
    """A codebook's YAML, as a person is writing it."""

    model_config = ConfigDict(extra="forbid")
    text: Written


class Version(Draft):
    """A codebook to be that of the study from now on.

    ``base`` is the hash of the codebook that was edited: if another one stands by now, nothing is written. ``yes``: codings that no longer count are accepted.
    """

    base: Annotated[str, Field(max_length=128)]
    yes: bool = False


class NewCoder(BaseModel):
    """A person who codes."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=100)]
    reads: list[Annotated[str, Field(max_length=10)]] = Field(default_factory=list, max_length=50)
    training: Annotated[str, Field(max_length=2000)] = ""


@router.get("/choices")
def choices(bench: Bench, _: Lead, lang: Lang) -> dict[str, Any]:
    """What the forms offer: ``columns`` (fields of tables), ``record_kinds``, ``sort_orders``, ``machines``, ``codes``, ``purposes``, ``by``, ``allocations``, ``people``, ``coder`` (that of the settings), ``has_responses``."""
    study = bench.study()
    book = study.codebook()
    codes = [{"id": one.id, "label": one.label.get(lang, one.id)} for one in book.of_modules(study.modules(book)) if not one.measured]
    return {
        "columns": list(COLUMNS),
        "record_kinds": list(RESPONSE_KINDS),
        "sort_orders": list(SORT_ORDERS),
        "machines": sorted(registered("coders")),
        "codes": codes,
        "purposes": list(_PURPOSES),
        "by": list(BY),
        "allocations": list(ALLOCATIONS),
        "people": coders(study),
        "coder": study.settings.coder,
        "has_responses": bool(study.manifest.of("responses")),
    }


@router.get("/codebook")
def codebook(bench: Bench, _: Lead) -> dict[str, Any]:
    """``text`` as it stands in the study, ``hash``, ``version``, ``history`` (versions with the codings made under each)."""
    study = bench.study()
    text = (study.path / CODEBOOK).read_text("utf-8")
    book = study.codebook()
    history = [
        {**row, "first_at": _day(row["first_at"]), "last_at": _day(row["last_at"])} for row in codebook_history(study).iter_rows(named=True)
    ]
    return {"text": text, "hash": book.content_hash, "id": book.id, "version": book.version, "history": history}


@router.post("/codebook/check")
def check(bench: Bench, _: Lead, lang: Lang, draft: Draft) -> dict[str, Any]:
    """``findings`` of the linter with their lines; and, where the text is a codebook, ``diff`` from the study's with what each change does to codings."""
    found, _document = examined(draft.text)
    findings = shown_findings(found, lang)
    if any(one.is_error for one in found):
        return {"findings": findings, "diff": None}
    try:
        changed = diff(bench.study().codebook(), load_codebook(draft.text, name=CODEBOOK))
    except YuhuError as error:
        return {"findings": [*findings, {"line": 0, "severity": "error", "message": in_language(error.problem, lang)}], "diff": None}
    shown = changed.as_dict()
    shown["effects"] = {name: words[lang] for name, words in EFFECTS.items()}
    shown["fields"] = {name: words[2 if lang == "en" else 3] for name, words in FIELDS.items()}
    return {"findings": findings, "diff": shown}


@router.put("/codebook")
def adopt(bench: Bench, _: Lead, version: Version) -> dict[str, Any]:
    """Make it the study's codebook, as `yuhu codebook adopt`: what no longer counts, what counts again."""
    study = bench.study()
    now = study.codebook().content_hash
    if now != version.base:
        facts = {"edited": version.base[:12], "now": now[:12]}
        raise YuhuError(
            "YH403", "the codebook changed since it was opened here", facts=facts, fix="open it again, and take your changes over"
        )
    return adopt_codebook(study, load_codebook(version.text, name=CODEBOOK), yes=version.yes).as_dict()


@router.post("/people")
def add_person(bench: Bench, _: Lead, person: NewCoder) -> dict[str, Any]:
    """Add a coder, or change what is known of one."""
    return add_coder(bench.study(), person.name, reads=person.reads, training=person.training or None)


def _day(at: Any) -> str | None:
    return None if at is None else str(at)[:10]
