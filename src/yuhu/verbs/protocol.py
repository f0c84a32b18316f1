"""`yuhu protocol`: in which stage each code is, what it needs to go on, and the log of decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.codebook import Code, Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.schema import PEOPLE
from yuhu.study.agreements import read_agreements
from yuhu.study.assignments import read_people
from yuhu.study.codings import read_codings
from yuhu.study.protocol_log import Entry, add_entries, read_log
from yuhu.study.store import Study
from yuhu.verbs.init import now

STAGES = ("train", "pilot", "meeting", "freeze", "reliability", "main", "adjudication")
DROPPED = "dropped"
PILOT_UNITS = 100
"""Units of a pilot, each by at least two coders of every language."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "train": {"en": "train", "zh": "培训"},
    "pilot": {"en": "pilot", "zh": "试编"},
    "meeting": {"en": "meeting", "zh": "会议"},
    "freeze": {"en": "frozen", "zh": "定稿"},
    "reliability": {"en": "reliability", "zh": "信度"},
    "main": {"en": "main coding", "zh": "正式编码"},
    "adjudication": {"en": "adjudication", "zh": "仲裁"},
    DROPPED: {"en": "dropped", "zh": "弃用"},
}


@dataclass(frozen=True)
class Standing:
    """Where a code stands.

    ``needs``: what is missing for the next stage, in words; ``deviations``: moves that were made although something was missing, each with its
    reason; ``is_changed``: the code's definition is another one than when it was frozen.
    """

    code: str
    stage: str
    next_stage: str | None
    needs: Sequence[str]
    units: Mapping[str, int]
    deviations: Sequence[str] = ()
    is_changed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "code": self.code,
            "stage": self.stage,
            "next": self.next_stage,
            "needs": list(self.needs),
            "units": dict(self.units),
            "deviations": list(self.deviations),
            "is_changed": self.is_changed,
        }


@dataclass(frozen=True)
class Protocol:
    """The protocol of a study: codes in the order of the codebook, and the log."""

    standings: Sequence[Standing]
    log: Sequence[Entry] = field(default_factory=tuple)

    def of(self, code: str) -> Standing:
        """The standing of a code."""
        return next(one for one in self.standings if one.code == code)


def protocol(study: Study) -> Protocol:
    """Where each code that is on stands, from the log and from what was coded.

    Returns
    -------
    Protocol
        Every code starts in ``train``.

    Notes
    -----
    O(codings). A frozen code whose definition changes falls back to ``meeting``: what was coded under the other definition counts no more.
    """
    book = study.codebook()
    log = read_log(study.path)
    coded = _coded(study)
    return Protocol([_standing(study, code, log, coded) for code in _codes(study, book)], log)


def move(study: Study, codes: Sequence[str], stage: str, *, who: str, why: str = "", despite: bool = False) -> list[Standing]:
    """Move codes to a stage.

    Parameters
    ----------
    study : Study
        The study.
    codes : sequence of str
        Ids of codes; all that are on if empty.
    stage : str
        One of `STAGES`, or ``dropped``.
    who : str
        Who decided it.
    why : str
        Why; needed to drop a code and to move `despite` what is missing.
    despite : bool
        Move although something is missing: the log and the report say so.

    Raises
    ------
    YuhuError
        YH506 something is missing, a stage would be left out, or there is no such code or stage.
    """
    book = study.codebook()
    stands = protocol(study)
    chosen = _chosen(study, book, codes)
    if stage not in (*STAGES, DROPPED):
        raise YuhuError("YH506", f"stage `{stage}` is not known", facts={"known": ", ".join((*STAGES, DROPPED))}, fix="--to pilot")
    if not who.strip():
        raise YuhuError("YH506", "nobody is named for this decision", fix="--by NAME")
    entries = []
    for code in chosen:
        standing = stands.of(code.id)
        missing = _missing(standing, stage)
        if (missing or stage == DROPPED) and not why.strip():
            reason = missing[0] if missing else "a code is dropped in public: with a reason"
            raise YuhuError(
                "YH506",
                f"`{code.id}` cannot move to {stage}",
                facts={"now": standing.stage, "missing": reason},
                fix=f'do what is missing, or yuhu protocol {study.path} --code {code.id} --to {stage} --by {who} --despite --why "..."',
            )
        if missing and not despite:
            raise YuhuError(
                "YH506",
                f"`{code.id}` cannot move to {stage}",
                facts={"now": standing.stage, "missing": "; ".join(missing)},
                fix="add --despite: the report will say so",
            )
        text = f"{why} [despite: {'; '.join(missing)}]" if missing else why
        entries.append(Entry(now(), who, "stage", code.id, stage, text, None, code.code_hash))
    add_entries(study.path, entries)
    after = protocol(study)
    return [after.of(code.id) for code in chosen]


def note(study: Study, code: str, text: str, *, who: str, unit_id: str | None = None) -> Entry:
    """Write a decision about a code into the log: what the meeting found, and which rule follows.

    Raises
    ------
    YuhuError
        YH506 there is no such code, or the decision is empty.
    """
    book = study.codebook()
    found = _chosen(study, book, [code])[0]
    if not text.strip() or not who.strip():
        raise YuhuError("YH506", "a decision needs words and a name", fix='--note "..." --by NAME')
    entry = Entry(now(), who, "decision", code, "", text.strip(), unit_id, found.code_hash)
    add_entries(study.path, [entry])
    return entry


def _codes(study: Study, book: Codebook) -> list[Code]:
    on = study.modules(book)
    return [code for code in book.codes if code.module in on and not code.measured]


def _chosen(study: Study, book: Codebook, codes: Sequence[str]) -> list[Code]:
    known = {code.id: code for code in _codes(study, book)}
    for code in codes:
        if code not in known:
            raise YuhuError(
                "YH506", f"`{code}` is no code that is on", facts={"on": ", ".join(known)}, fix="yuhu protocol STUDY lists them"
            )
    return [known[code] for code in (codes or known)]


def _coded(study: Study) -> pl.DataFrame:
    """Units by code, purpose and language with the number of coders of each: ``code, code_hash, purpose, lang, n_coders, units``."""
    codings = read_codings(study.path, unit_kind="response").filter(
        (pl.col("occasion") == 0) & pl.col("status").is_in(["coded", "not_shown", "abstained"])
    )
    langs = study.scan("responses").select(unit_id="response_id", lang="lang").collect() if codings.height else _no_langs()
    each = codings.with_columns(code=pl.col("code").str.split(".").list.first()).group_by("code", "code_hash", "purpose", "unit_id")
    return (
        each.agg(n_coders=pl.col("coder").n_unique())
        .join(langs, on="unit_id", how="left")
        .group_by("code", "code_hash", "purpose", "lang", "n_coders")
        .agg(units=pl.len())
    )


def _no_langs() -> pl.DataFrame:
    return pl.DataFrame(schema={"unit_id": pl.String, "lang": pl.String})


def _standing(study: Study, code: Code, log: Sequence[Entry], coded: pl.DataFrame) -> Standing:
    moves = [entry for entry in log if entry.kind == "stage" and entry.code == code.id]
    stage = moves[-1].stage if moves else STAGES[0]
    frozen = next((entry for entry in reversed(moves) if entry.stage == "freeze"), None)
    is_past = stage in STAGES and STAGES.index(stage) >= STAGES.index("freeze")
    is_changed = is_past and frozen is not None and frozen.codebook_hash != code.code_hash
    if is_changed:
        stage = "meeting"
    mine = coded.filter((pl.col("code") == code.id) & (pl.col("code_hash") == code.code_hash))
    units = dict(mine.group_by("purpose").agg(pl.col("units").sum()).sort("purpose").iter_rows())
    following = _following(stage)
    needs = _needs(study, code, stage, mine, moves, log, is_changed=is_changed) if following else []
    deviations = [entry.text for entry in moves if "[despite: " in entry.text]
    return Standing(code.id, stage, following, needs, units, deviations, is_changed)


def _following(stage: str) -> str | None:
    if stage not in STAGES or stage == STAGES[-1]:
        return None
    return STAGES[STAGES.index(stage) + 1]


def _missing(standing: Standing, stage: str) -> list[str]:
    """What stands against a move: back is always free, forward goes one stage at a time."""
    if DROPPED in (stage, standing.stage):
        return [] if stage in (DROPPED, STAGES[0]) else ["a dropped code starts again with train"]
    here, there = STAGES.index(standing.stage), STAGES.index(stage)
    if there <= here:
        return []
    skipped = [f"the stage {one} lies between" for one in STAGES[here + 1 : there]]
    return [*standing.needs, *skipped]


def _needs(
    study: Study, code: Code, stage: str, mine: pl.DataFrame, moves: Sequence[Entry], log: Sequence[Entry], *, is_changed: bool
) -> list[str]:
    """What a code lacks for its next stage."""
    if stage == "train":
        return _lack_of_coders(study)
    if stage == "pilot":
        return _lack_of_pairs(mine, "pilot", PILOT_UNITS)
    if stage == "meeting":
        since = next((entry.at for entry in reversed(moves) if entry.stage == "meeting"), "")
        has_met = any(entry.kind == "decision" and entry.code == code.id and entry.at >= since for entry in log)
        changed = ["its definition changed after it was frozen: freeze the new one"] if is_changed and not has_met else []
        return changed or ([] if has_met else ['the log holds no decision of the meeting (--note "...")'])
    if stage == "freeze":
        return []
    if stage == "reliability":
        return _lack_of_pairs(mine, "reliability", 1)
    return [] if _has_agreement(study, code) else ["its agreement was not measured since (yuhu agree)"]


def _lack_of_coders(study: Study) -> list[str]:
    people = [person for person in read_people(study.path).values() if person.kind in PEOPLE]
    return [] if len(people) > 1 else [f"{len(people)} coders are known; two are needed (yuhu coders)"]


def _lack_of_pairs(mine: pl.DataFrame, purpose: str, least: int) -> list[str]:
    """Units that two coders coded, by language."""
    paired = mine.filter((pl.col("purpose") == purpose) & (pl.col("n_coders") > 1)).group_by("lang").agg(pl.col("units").sum()).sort("lang")
    total = int(paired["units"].sum())
    if total >= least:
        return []
    return [f"{total} {purpose} units were coded by two coders; {least} are needed (yuhu sample --purpose {purpose} --size {least})"]


def _has_agreement(study: Study, code: Code) -> bool:
    return any(one["code"].split(".")[0] == code.id and one["code_hash"] == code.code_hash for one in read_agreements(study.path))
