"""The meeting over disagreements: which may be looked at by now, and what each coder said of one message."""

import json
from typing import Any

import polars as pl

from yuhu.core.codebook import Variable
from yuhu.core.errors import YuhuError
from yuhu.core.schema import PEOPLE
from yuhu.study.agreements import read_agreements
from yuhu.study.assignments import read_assignments
from yuhu.study.codings import read_codings
from yuhu.study.protocol_log import read_log
from yuhu.study.store import Study
from yuhu.verbs.adjudicate import SEEN, disagreements

PILOT = "pilot"


def conflicts(study: Study, *, purpose: str = "", reader: str = "") -> pl.DataFrame:
    """Disagreements that may be looked at: those of pilots at any time, others once the agreement on the decision is measured and can change no more by talk.

    Parameters
    ----------
    study : Study
        The study.
    purpose : str
        As of `disagreements`.
    reader : str
        Who looks. What they have still to code themselves is left out.

    Returns
    -------
    pl.DataFrame
        As of `disagreements`.

    Raises
    ------
    YuhuError
        YH303 no such purpose.

    Notes
    -----
    O(codings).
    """
    found = disagreements(study, purpose=purpose)
    if purpose != PILOT:
        found = found.filter(pl.col("code").is_in(sorted(_measured(study))))
    return found.filter(~pl.col("unit_id").is_in(_to_code(study, reader).implode()))


def conflict(study: Study, unit_id: str, code: str, *, reader: str = "") -> dict[str, Any]:
    """What each coder said of a message, with evidence and notes, and what was decided since.

    Parameters
    ----------
    study : Study
        The study.
    unit_id, code : str
        The message and the flat decision.
    reader : str
        Who looks.

    Returns
    -------
    dict
        ``code, of`` (its code in the codebook)``, unit_id, text, lang, kind, video_id, at_ms, parent`` (text), ``purpose, values, zero``; ``said``: ``coder, status, value, evidence, note, at`` of each;
        ``adjudicated``: ``coder, value, evidence, note, at``, the latest last; ``log``: decisions on the code, those over this message first.

    Raises
    ------
    YuhuError
        YH303 no such decision; YH503 nobody coded it under the present definition; YH506 it may not be looked at yet.
    """
    variable = study.codebook().variables.get(code)
    if variable is None:
        raise YuhuError("YH303", f"`{code[:80]}` is no flat decision", fix="yuhu adjudicate STUDY lists the open ones")
    rows = read_codings(study.path, unit_kind="response", unit_id=unit_id, code=code).filter(pl.col("code_hash") == variable.code_hash)
    said = rows.filter(pl.col("purpose").is_in(SEEN) & (pl.col("occasion") == 0) & pl.col("coder_kind").is_in(PEOPLE)).sort("coder")
    if not said.height:
        facts = {"unit": unit_id[:100], "code": code}
        raise YuhuError("YH503", "nobody coded this message for this code as it is defined now", facts=facts, fix="choose one of the list")
    _may_look(study, variable, unit_id, set(said["purpose"]), reader)
    settled = rows.filter((pl.col("purpose") == "adjudication") & (pl.col("status") == "coded")).sort("at")
    log = [entry.__dict__ for entry in reversed(read_log(study.path)) if entry.kind != "stage" and entry.code == variable.code]
    return {
        "code": code,
        "of": variable.code,
        "unit_id": unit_id,
        **_message(study, unit_id),
        "purpose": said["purpose"][0],
        "values": list(variable.values),
        "zero": variable.zero,
        "said": [_coding(row) for row in said.iter_rows(named=True)],
        "adjudicated": [_coding(row) for row in settled.iter_rows(named=True)],
        "log": sorted(log, key=lambda entry: entry["unit_id"] != unit_id),
    }


def _measured(study: Study) -> set[str]:
    """Decisions whose agreement is measured under their present definition."""
    hashes = {one.id: one.code_hash for one in study.codebook().variables.values()}
    return {row["code"] for row in read_agreements(study.path) if hashes.get(row["code"]) == row["code_hash"]}


def _to_code(study: Study, reader: str) -> pl.Series:
    """Messages that someone is still to code."""
    if not reader:
        return pl.Series("unit_id", [], dtype=pl.String)
    tasks = read_assignments(study.path, reader).filter(pl.col("occasion") == 0)
    done = read_codings(study.path, coder=reader).filter(pl.col("occasion") == 0).select("unit_id", "purpose").unique()
    return tasks.join(done, on=["unit_id", "purpose"], how="anti")["unit_id"]


def _may_look(study: Study, variable: Variable, unit_id: str, purposes: set[str], reader: str) -> None:
    if purposes != {PILOT} and variable.id not in _measured(study):
        facts = {"order": "agreement first, then the meeting"}
        raise YuhuError("YH506", f"agreement on `{variable.id}` was not measured yet", facts=facts, fix=f"yuhu agree {study.path}")
    if unit_id in set(_to_code(study, reader)):
        raise YuhuError("YH506", "you have still to code this message yourself", facts={"unit": unit_id[:100]}, fix="code it first")


def _message(study: Study, unit_id: str) -> dict[str, Any]:
    columns = ["text", "lang", "kind", "video_id", "at_ms", "parent_id"]
    responses = study.scan("responses").select("response_id", *columns)
    found = responses.filter(pl.col("response_id") == unit_id).collect()
    row = found.drop("response_id").row(0, named=True) if found.height else dict.fromkeys(columns)
    parent = row.pop("parent_id")
    above = responses.filter(pl.col("response_id") == parent).collect() if parent else found.clear()
    return {**row, "parent": above["text"][0] if above.height else None}


def _coding(row: dict[str, Any]) -> dict[str, Any]:
    evidence = json.loads(row["evidence"]) if row["evidence"] else None
    return {
        "coder": row["coder"],
        "status": row["status"],
        "value": row["value"],
        "evidence": evidence if isinstance(evidence, list) and len(evidence) == 2 else None,
        "note": row["note"],
        "at": row["at"].isoformat(),
    }
