"""A meeting changes the rule of one code: what the linter says, which codings that voids, why, and which are coded again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from yuhu.core.codebook import load_codebook
from yuhu.core.codebook_changes import CodebookDiff
from yuhu.core.codebook_diff import diff
from yuhu.core.codebook_lint import Finding, examined
from yuhu.core.codebook_text import code_text, with_code_text, with_version
from yuhu.core.errors import YuhuError
from yuhu.core.schema import WITHDRAWN
from yuhu.study.assignments import read_assignments
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.protocol_log import REQUEUE, Entry, add_entries
from yuhu.study.store import CODEBOOK, Study
from yuhu.verbs.codebook import Adopted, adopt_codebook, codings_concerned
from yuhu.verbs.init import now
from yuhu.verbs.protocol import note


@dataclass(frozen=True)
class Draft:
    """A new text for one code, looked at before it is taken.

    Parameters
    ----------
    text : str
        The whole codebook with it, under the version number that the change demands.
    findings : sequence of Finding
        Of the linter; lines count from the beginning of the code's own text, 0 is elsewhere.
    diff : CodebookDiff or None
        From the study's codebook; None where the linter found an error.
    concerned : dict
        ``invalidated``, ``revived``, ``asked``: codings by decision.
    """

    text: str
    findings: Sequence[Finding]
    diff: CodebookDiff | None
    concerned: dict[str, dict[str, int]]


def draft_rule(study: Study, code: str, text: str) -> Draft:
    """Look at a new text for one code; nothing is written.

    Raises
    ------
    YuhuError
        YH303 no such code.

    Notes
    -----
    O(codings).
    """
    before = study.codebook()
    _, line = code_text(before.source_text, code)
    whole = with_code_text(before.source_text, code, text)
    found, _ = examined(whole)
    last = line + text.strip().count("\n")
    findings = [Finding(one.line - line + 1 if line <= one.line <= last else 0, one.severity, one.message) for one in found]
    if any(one.is_error for one in found):
        return Draft(whole, findings, None, {})
    changed = diff(before, load_codebook(whole, name=CODEBOOK))
    if not changed.is_empty and not changed.version_is_enough:
        whole = with_version(whole, changed.least_version)
        changed = diff(before, load_codebook(whole, name=CODEBOOK))
    return Draft(whole, findings, changed, codings_concerned(study, load_codebook(whole, name=CODEBOOK)))


def change_rule(
    study: Study, code: str, text: str, *, base: str, who: str, why: str, unit_id: str | None = None, yes: bool = False
) -> Adopted:
    """Make a new text of one code that of the study, and write into the log why.

    Parameters
    ----------
    study : Study
        The study.
    code, text : str
        The code, and its new YAML.
    base : str
        Content hash of the codebook that was edited.
    who, why : str
        Who decided, and the reason.
    unit_id : str, optional
        The message over which it was decided.
    yes : bool
        Go on although codings no longer count.

    Raises
    ------
    YuhuError
        YH303 no such code; YH401 the codebook would break its rules; YH403 another codebook stands by now; YH404 codings are concerned and `yes` is not given;
        YH506 no name or no reason.
    """
    if not who.strip() or not why.strip():
        raise YuhuError("YH506", "a decision needs words and a name", fix="say who decided, and why")
    if study.codebook().content_hash != base:
        fix = "open it again, and take your changes over"
        raise YuhuError("YH403", "the codebook changed since it was opened here", facts={"edited": base[:12]}, fix=fix)
    adopted = adopt_codebook(study, load_codebook(draft_rule(study, code, text).text, name=CODEBOOK), yes=yes)
    if not adopted.diff.is_empty:
        note(study, code, f"{why.strip()} [{adopted.diff.new.version}]", who=who.strip(), unit_id=unit_id)
    return adopted


def voided(study: Study, code: str) -> pl.DataFrame:
    """Codings of one code that were made under an earlier definition, on messages that their coders were given: rows of `core.schema.CODING`.

    Raises
    ------
    YuhuError
        YH303 no such code.
    """
    hashes = {one.id: one.code_hash for one in study.codebook().variables.values() if one.code == code}
    if not hashes:
        raise YuhuError("YH303", f"the codebook has no code `{code[:80]}`", fix="yuhu protocol STUDY lists the codes")
    old = pl.col("code").replace_strict(hashes, default=None, return_dtype=pl.String) != pl.col("code_hash")
    rows = read_codings(study.path, unit_kind="response").filter(pl.col("code").is_in(list(hashes)) & old)
    return rows.join(read_assignments(study.path), on=["sample", "unit_id", "coder", "purpose", "occasion"], how="semi")


def requeue(study: Study, code: str, *, who: str, why: str) -> dict[str, int]:
    """Have the messages coded again whose coding of one code no longer counts, and no others: they are open again at their coders' desks.

    Parameters
    ----------
    study : Study
        The study.
    code : str
        The code whose definition changed.
    who, why : str
        Who decides, and the reason; they go into the log.

    Returns
    -------
    dict of str to int
        Messages by coder.

    Raises
    ------
    YuhuError
        YH303 no such code; YH506 no name or no reason.

    Notes
    -----
    O(codings). A row says of each coding that it was taken back; the coder's other decisions on the message stay, and stand there when it is opened.
    """
    if not who.strip() or not why.strip():
        raise YuhuError("YH506", "a decision needs words and a name", fix="say who decided, and why")
    rows = voided(study, code)
    by_coder = dict(rows.group_by("coder").agg(pl.col("unit_id").n_unique()).sort("coder").iter_rows())
    said = ", ".join(f"{coder} {n}" for coder, n in by_coder.items()) or "nothing"
    hashes = {one.id: one.code_hash for one in study.codebook().codes}
    nothing = pl.lit(None, dtype=pl.String)
    back = rows.with_columns(value=nothing, status=pl.lit(WITHDRAWN), evidence=nothing, note=pl.lit(f"to be coded again: {why.strip()}"))
    append_codings(study.path, back.with_columns(at=pl.lit(dt.datetime.now(dt.UTC)).cast(rows.schema["at"])))
    add_entries(study.path, [Entry(now(), who.strip(), REQUEUE, code, "", f"coded again: {said}. {why.strip()}", None, hashes[code])])
    return by_coder
