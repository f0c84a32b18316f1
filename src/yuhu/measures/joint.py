"""Statements made of several decisions at once ("calls to act and expresses empathy"), by machine and by people who coded all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.estimate import Estimate
from yuhu.core.evidence import Evidence, Frame
from yuhu.core.randomness import generator
from yuhu.measures.correcting import in_frame
from yuhu.measures.decisions import steps
from yuhu.stats.correction.joint import JointDrawn, JointShares

KEYS = ["text_key", "lang"]
_NO_WORK = "-"

Statement = Sequence[tuple[str, str]]
"""Decisions with values, any of which makes the statement true."""

EMPATHY: Statement = (("affective_empathy", "1"), ("cognitive_empathy", "1"), ("empathic_concern", "1"))
OBJECTS = ("one_character", "relics_together", "nation", "humanity_or_institutions")
"""Objects of feeling, from one to all."""


def usable(evidence: Evidence, statement: Statement) -> Statement:
    """What the machine decides of a statement; where it decides nothing, what people coded of it."""
    decided = [cell for cell in statement if cell[0] in evidence.served]
    if decided and evidence.codings is not None:
        return decided
    by_people = {code for frame in evidence.gold.frames for code in frame.codes} if evidence.gold.units.height else set()
    return [cell for cell in statement if cell[0] in by_people]


def by_machine(evidence: Evidence, statement: Statement) -> bool:
    """Whether the machine decides any of it."""
    return evidence.codings is not None and any(code in evidence.served for code, _ in statement)


def stated(evidence: Evidence, statements: Mapping[str, Statement]) -> pl.DataFrame:
    """Texts that the machine gave one of the statements at least: ``text_key, lang`` and a column of yes or no for each.

    Notes
    -----
    O(codings), in Polars.
    """
    if evidence.codings is None:
        return pl.DataFrame(schema={"text_key": pl.Int64, "lang": pl.String, **dict.fromkeys(statements, pl.Boolean)})
    cells = [(name, code, value_id) for name, statement in statements.items() for code, value_id in statement]
    wanted = pl.DataFrame(cells, schema={"name": pl.String, "code": pl.String, "value_id": pl.String}, orient="row")
    return (
        evidence.codings.filter(pl.col("code").is_in(wanted["code"].unique().implode()))
        .select(*KEYS, "code", "value")
        .join(steps(evidence.book, wanted["code"].unique().sort()).lazy(), on=["code", "value"])
        .join(wanted.lazy(), on=["code", "value_id"])
        .group_by(KEYS)
        .agg((pl.col("name") == name).any().alias(name) for name in statements)
        .collect()
    )


def messages(evidence: Evidence) -> pl.LazyFrame:
    """Messages that the machine coded: neither special, nor in a language that it abstained from."""
    rows = evidence.responses.filter(~pl.col("is_special").fill_null(value=False))
    return rows if evidence.abstained is None else rows.join(evidence.abstained, on=KEYS, how="anti")


@dataclass(frozen=True)
class Joint:
    """Statements of one sample, summed and corrected.

    Parameters
    ----------
    shares : JointShares
        With the columns that were asked for.
    place : mapping of str to int
        Where each stands.
    is_complete : bool
        Whether people coded (nearly) all units drawn.
    n_videos : int
        Videos that gold stands under.
    source : str
        ``gold`` where the machine does not decide all of the statements, else ``corrected``.
    """

    shares: JointShares
    place: Mapping[str, int]
    is_complete: bool
    n_videos: int
    source: str

    def part(self, both: str, of: str) -> tuple[int, int]:
        """The columns of a part."""
        return self.place[both], self.place[of]

    def said(self, found: Estimate, evidence: Evidence, least: int) -> Estimate:
        """An estimate with coder, target and rung; suppressed below `least` gold units, without an interval where gold is not complete."""
        if found.value is not None and (found.n_gold or 0) < least:
            found = found.with_(value=None, low=None, high=None, confidence=None, reason="small_cell")
        elif found.low is not None and not self.is_complete:
            found = found.with_(low=None, high=None, confidence=None, reason="gold_incomplete")
        return found.with_(**speaker(evidence, self.source), n_videos=self.n_videos)


def joint(
    evidence: Evidence,
    measure: str,
    statements: Mapping[str, Statement],
    columns: Mapping[str, pl.Expr],
    *,
    groups: Mapping[str, pl.Expr] | None = None,
    attach: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None,
    attached: Sequence[str] = (),
    said: pl.DataFrame | None = None,
    prepare: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None,
) -> Joint | None:
    """Corrected sums of columns over all messages; None where people coded no sample with all decisions.

    Parameters
    ----------
    evidence : Evidence
        With machine and gold.
    measure : str
        For the seed.
    statements : mapping of str to Statement
        Yes or no of each message, by machine and by most people; half of them is no.
    columns : mapping of str to pl.Expr
        Conditions on statements, `groups` and `attached`, whose messages are counted.
    groups : mapping of str to pl.Expr, optional
        What else is known of every message, with few different values.
    said : pl.DataFrame, optional
        Messages as `with_statements` gives them, where they are at hand; no condition may hold of any other.
    prepare : callable, optional
        Leaves messages out, or adds what `groups` are made of, before anything is counted.
    attach : callable, optional
        Adds the columns `attached` to messages with a statement, and to gold; a condition that asks for them must not hold without a statement.

    Notes
    -----
    O(messages) for the counts, in Polars; then O(messages with a statement), then O(gold). Messages that the machine abstained from count as nothing
    said, which gold puts right.
    """
    frame = frame_of(evidence, statements)
    if frame is None:
        return None
    clustered = evidence.target == "superpopulation"
    work = pl.coalesce("work_id", "root_id", "response_id").fill_null(_NO_WORK) if clustered else pl.lit(_NO_WORK)
    machine = stated(evidence, statements)
    add, ready = attach or _as_is, prepare or _as_is
    known, gold_known = (
        ready(rows).with_columns(_work=work, **(groups or {}))
        for rows in (in_frame(evidence, frame), among(evidence, gold_rows(evidence), frame))
    )
    some = known.join(machine.lazy(), on=KEYS)
    if said is not None:
        some = ready(among(evidence, said, frame)).with_columns(_work=work, **(groups or {}))
    counts = _counts(known, add(some), list(statements), ["_work", *(groups or {})], attached)
    counted = {name: condition.fill_null(value=False).cast(pl.Float64) for name, condition in columns.items()}
    sums = (
        counts.group_by("_work")
        .agg(pl.col("times").sum(), *((pl.col("times") * number).sum().alias(f"_{name}") for name, number in counted.items()))
        .sort("_work")
    )
    gold = people(evidence, frame, statements)
    rows = add(gold_known)
    kept = dict.fromkeys(["response_id", "video_id", *KEYS, "_work", *(groups or {}), *attached])
    drawn = gold.join(rows.select(*kept).collect(), on="response_id", how="inner").sort("response_id")
    human = drawn.select(**counted)
    judged = drawn.drop(*statements).join(machine, on=KEYS, how="left", maintain_order="left")
    judged = judged.with_columns(pl.col(*statements).fill_null(value=False)).select(**counted)
    places = {one: at for at, one in enumerate(sums["_work"])}
    stratum = drawn["stratum"].fill_null("-").rank("dense").cast(pl.Int64).to_numpy() - 1
    cluster = np.array([places[one] for one in drawn["_work"]], np.int64) if clustered else None
    shape = (drawn.height, len(columns))
    shares = JointShares(
        JointDrawn(judged.to_numpy().reshape(shape), human.to_numpy().reshape(shape), drawn["chance"].to_numpy(), stratum, cluster),
        sums["times"].to_numpy(),
        sums.select(f"_{name}" for name in columns).to_numpy().T,
        confidence=evidence.confidence,
        generator=generator(evidence.seed, measure, "joint"),
    )
    place = {name: at for at, name in enumerate(columns)}
    videos, complete = drawn["video_id"].drop_nulls().n_unique(), bool(gold["is_complete"].all())
    return Joint(shares, place, complete, videos, source_of(evidence, statements))


def _as_is(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows


def gold_rows(evidence: Evidence) -> pl.DataFrame:
    """The messages that people coded, with all that is known of them; looked up once for all measures."""

    def found() -> pl.DataFrame:
        coded = evidence.gold.units["response_id"].unique()
        return evidence.responses.filter(pl.col("response_id").is_in(coded.implode())).collect()

    return evidence.once("messages with gold", found)


def with_statements(evidence: Evidence, statements: Mapping[str, Statement], columns: Sequence[str], keep: pl.Expr) -> pl.DataFrame:
    """Messages of which the machine's statements fulfil a condition, with these columns and a column of yes or no for each statement."""
    rows = evidence.responses.filter(~pl.col("is_special").fill_null(value=False))
    names = dict.fromkeys(["response_id", *KEYS, "source", "is_special", *columns])
    return rows.select(*names).join(stated(evidence, statements).filter(keep).lazy(), on=KEYS).collect()


def among(evidence: Evidence, said: pl.DataFrame, frame: Frame) -> pl.LazyFrame:
    """Those of them that the sample was drawn from."""
    return in_frame(replace(evidence, responses=said.lazy(), made={}), frame)


def tallied(rows: pl.LazyFrame, machine: pl.DataFrame, statements: Sequence[str], by: Sequence[str]) -> pl.DataFrame:
    """Messages by groups and statements: ``times``; those without any statement from their number alone, so that few messages are looked up by text."""
    return _counts(rows, rows.select(*KEYS, *by).join(machine.lazy(), on=KEYS), statements, by, ())


def _counts(rows: pl.LazyFrame, said: pl.LazyFrame, statements: Sequence[str], by: Sequence[str], attached: Sequence[str]) -> pl.DataFrame:
    whole = rows.group_by(by).agg(times=pl.len().cast(pl.Float64)).collect()
    some = said.group_by(*by, *statements, *attached).agg(times=pl.len().cast(pl.Float64)).collect()
    taken = some.group_by(by).agg(taken=pl.col("times").sum())
    rest = whole.join(taken, on=by, how="left", nulls_equal=True).with_columns(pl.col("times") - pl.col("taken").fill_null(0))
    return pl.concat([some, rest.drop("taken")], how="diagonal").with_columns(pl.col(*statements).fill_null(value=False))


def source_of(evidence: Evidence, statements: Mapping[str, Statement]) -> str:
    """``gold`` where the machine says nothing of one of the statements at least, else ``corrected``."""
    return "corrected" if all(by_machine(evidence, one) for one in statements.values()) else "gold"


def speaker(evidence: Evidence, source: str) -> dict[str, Any]:
    """Who says it, of whom, on which rung."""
    return {"source": source, "rung": "D", "coder": evidence.coder if source == "corrected" else "people", "target": evidence.target}


def frame_of(evidence: Evidence, statements: Mapping[str, Statement]) -> Frame | None:
    """The sample in which people coded every decision of the statements."""
    codes = {code for statement in statements.values() for code, _ in statement}
    if not codes or not evidence.gold.units.height:
        return None
    return next((frame for frame in evidence.gold.frames if codes <= set(frame.codes)), None)


def unjoined(evidence: Evidence, **fields: Any) -> Estimate:
    """The row for what joint gold would say where there is none."""
    return Estimate(value=None, reason="no_joint_gold", **{**speaker(evidence, "corrected"), **fields})


def people(evidence: Evidence, frame: Frame, statements: Mapping[str, Statement]) -> pl.DataFrame:
    """Units that people coded for all decisions, with what most of them said of each statement."""
    codes = sorted({code for statement in statements.values() for code, _ in statement})
    units = evidence.gold.units.filter(pl.col("code").is_in(codes) & pl.col("code").is_in(list(frame.codes)))
    whole = units.group_by("response_id").agg(coded=pl.col("code").n_unique()).filter(pl.col("coded") == len(codes))
    facts = [pl.col(name).first() for name in ("chance", "stratum")]
    said = [
        pl.any_horizontal(
            pl.lit(value=False),
            *(((pl.col("code") == code) & (pl.col("value_id") == value) & (pl.col("human") > 0.5)).any() for code, value in statement),
        ).alias(name)
        for name, statement in statements.items()
    ]
    return (
        units.join(whole, on="response_id", how="semi")
        .group_by("response_id")
        .agg(*facts, pl.col("is_complete").all(), *said)
        .sort("response_id")
    )
