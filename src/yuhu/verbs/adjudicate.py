"""`yuhu adjudicate`: where coders disagree, and the value that is to stand. What each coder said stays as it is."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from yuhu.coding.ratings import level_of, scale_of
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.study.agreements import read_agreements
from yuhu.study.assignments import Person, put_person, read_people
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.protocol_log import Entry, add_entries
from yuhu.study.store import Study
from yuhu.verbs.init import now

SEEN = ("pilot", "reliability", "main")


def disagreements(study: Study, codes: Sequence[str] = (), *, purpose: str = "") -> pl.DataFrame:
    """Units on which coders disagree, decision by decision: the widest first.

    Parameters
    ----------
    study : Study
        The study.
    codes : sequence of str
        Codes or flat decisions; all if none.
    purpose : str
        ``pilot`` (for the meeting), ``reliability`` or ``main``; the last two if none.

    Returns
    -------
    pl.DataFrame
        ``code, unit_id, text, lang, purpose, values`` (list of "coder: value"), ``spread`` (nominal: distinct values - 1; ordinal: steps between the
        farthest), ``adjudicated`` (the value that stands, or null).

    Raises
    ------
    YuhuError
        YH303 no such code or purpose.

    Notes
    -----
    O(codings). A closed gate is shown as ``not_shown`` and counts as "not there".
    """
    book = study.codebook()
    known = _known(book, codes)
    if purpose and purpose not in SEEN:
        raise YuhuError("YH303", f"purpose `{purpose}` is not known", facts={"known": ", ".join(SEEN)}, fix="--purpose pilot")
    codings = read_codings(study.path, unit_kind="response")
    seen = codings.filter(pl.col("purpose").is_in([purpose] if purpose else list(SEEN[1:])) & (pl.col("occasion") == 0))
    frames = [_spread(one, seen) for one in known]
    rows = pl.concat([pl.DataFrame(schema=_SHAPE), *frames])
    settled = codings.filter((pl.col("purpose") == "adjudication") & (pl.col("status") == "coded")).sort("at")
    last = settled.unique(["unit_id", "code"], keep="last", maintain_order=True).select("unit_id", "code", adjudicated="value")
    ids = rows["unit_id"].unique()
    texts = (
        study.scan("responses").filter(pl.col("response_id").is_in(ids.implode())).select("text", "lang", unit_id="response_id").collect()
    )
    joined = rows.join(texts, on="unit_id", how="left").join(last, on=["unit_id", "code"], how="left")
    order = {one.id: at for at, one in enumerate(known)}
    placed = joined.with_columns(order=pl.col("code").replace_strict(order, default=len(order), return_dtype=pl.Int64))
    return placed.sort("order", "spread", "unit_id", descending=[False, True, False]).select(
        "code", "unit_id", "text", "lang", "purpose", "values", "spread", "adjudicated"
    )


_SHAPE: dict[str, pl.DataType] = {
    "code": pl.String(),
    "unit_id": pl.String(),
    "purpose": pl.String(),
    "values": pl.List(pl.String()),
    "spread": pl.Float64(),
}


def _known(book: Codebook, codes: Sequence[str]) -> list[Variable]:
    for code in codes:
        if code not in book.variables and all(code != one.code for one in book.variables.values()):
            raise YuhuError("YH303", f"`{code}` is no code", fix="yuhu protocol STUDY lists the codes")
    return [one for one in book.variables.values() if not codes or one.id in codes or one.code in codes]


def _spread(variable: Variable, seen: pl.DataFrame) -> pl.DataFrame:
    _, numbers = scale_of(variable)
    zero = numbers.get(variable.zero or "")
    mine = seen.filter(
        (pl.col("code") == variable.id) & (pl.col("code_hash") == variable.code_hash) & pl.col("status").is_in(["coded", "not_shown"])
    ).with_columns(
        number=pl.when(pl.col("status") == "coded")
        .then(pl.col("value").replace_strict(numbers, default=None, return_dtype=pl.Float64))
        .otherwise(pl.lit(zero, dtype=pl.Float64)),
        said=pl.concat_str("coder", pl.lit(": "), pl.coalesce("value", "status")),
    )
    is_nominal = level_of(variable) == "nominal"
    width = (pl.col("number").n_unique() - 1).cast(pl.Float64) if is_nominal else pl.col("number").max() - pl.col("number").min()
    each = mine.drop_nulls("number").sort("unit_id", "coder").group_by("unit_id", maintain_order=True)
    grouped = each.agg(purpose=pl.col("purpose").first(), values=pl.col("said"), spread=width)
    return grouped.filter(pl.col("spread") > 0).select(pl.lit(variable.id).alias("code"), "unit_id", "purpose", "values", "spread")


def adjudicate(
    study: Study,
    unit_id: str,
    code: str,
    value: str,
    *,
    who: str,
    why: str,
    evidence: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Set the value that stands for a unit in gold; what the coders said is kept, and agreement is never worked out from it.

    Parameters
    ----------
    study : Study
        The study.
    unit_id, code, value : str
        The unit, the flat decision, and one of its values.
    who : str
        Who decides.
    why : str
        The reason; it goes into the log.
    evidence : (start, end), optional
        Characters of the text that show it, end exclusive: needed for every value but "not there".

    Raises
    ------
    YuhuError
        YH303 no such decision or value; YH503 two people did not code this unit, or the evidence is missing or outside the text; YH506 agreement was not
        measured yet: adjudication comes after it.
    """
    book = study.codebook()
    variable = book.variables.get(code)
    if variable is None:
        raise YuhuError("YH303", f"`{code}` is no flat decision", fix="yuhu adjudicate STUDY lists the open ones")
    if value not in variable.values:
        raise YuhuError(
            "YH303",
            f"`{code}` cannot have this value",
            facts={"found": value, "expected": ", ".join(variable.values)},
            fix=f"--value {variable.values[0]}",
        )
    if not who.strip() or not why.strip():
        raise YuhuError("YH506", "an adjudication needs a name and a reason", fix='--by NAME --why "..."')
    if not any(one["code"] == code and one["code_hash"] == variable.code_hash for one in read_agreements(study.path)):
        raise YuhuError(
            "YH506",
            f"agreement on `{code}` was not measured yet",
            facts={"order": "agreement first, then adjudication"},
            fix=f"yuhu agree {study.path}",
        )
    coded = read_codings(study.path, counted=True, unit_id=unit_id, code=code).filter(
        pl.col("purpose").is_in(SEEN) & (pl.col("code_hash") == variable.code_hash)
    )
    if coded["coder"].n_unique() < 2:
        facts = {"unit": unit_id, "coders": coded["coder"].n_unique()}
        raise YuhuError("YH503", "this unit was not coded by two people", facts=facts, fix="yuhu adjudicate STUDY lists those that were")
    text = study.scan("responses").filter(pl.col("response_id") == unit_id).select("text").collect()
    span = _evidence(variable, value, evidence, text["text"][0] if text.height else "")
    kind = "simulated" if study.settings.constructed else "human"
    row = {
        "unit_kind": "response",
        "unit_id": unit_id,
        "video_id": coded["video_id"].drop_nulls().first(),
        "code": code,
        "value": value,
        "status": "coded",
        "coder": who.strip(),
        "coder_kind": kind,
        "code_hash": variable.code_hash,
        "codebook_hash": book.content_hash,
        "evidence": span,
        "at": dt.datetime.now(dt.UTC),
        "purpose": "adjudication",
        "occasion": 0,
        "note": why.strip(),
    }
    if who.strip() not in read_people(study.path):
        put_person(study.path, Person(who.strip(), kind), now())
    append_codings(study.path, conform(pl.DataFrame([row], infer_schema_length=None), polars_schema(CODING)))
    entry = Entry(
        now(), who.strip(), "decision", variable.code, "adjudication", f"{code} = {value}: {why.strip()}", unit_id, book.content_hash
    )
    add_entries(study.path, [entry])
    return row


def _evidence(variable: Variable, value: str, span: tuple[int, int] | None, text: str) -> str | None:
    if value == variable.zero:
        return None if span is None else json.dumps(list(span))
    if span is None:
        raise YuhuError(
            "YH503", "the evidence is missing", facts={"text": text[:200]}, fix="--evidence START:END, characters of the text that show it"
        )
    start, end = span
    if not 0 <= start < end <= len(text):
        raise YuhuError(
            "YH503",
            "the evidence lies outside the text",
            facts={"found": f"{start}:{end}", "characters": len(text)},
            fix="--evidence START:END",
        )
    return json.dumps([start, end])
