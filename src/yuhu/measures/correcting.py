"""Machine codings of all messages joined with gold: the tables that corrected estimates are made from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from yuhu.core.evidence import Evidence, Frame
from yuhu.core.randomness import generator
from yuhu.measures.decisions import shares_of, steps
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.correction.tabled import CorrectedShares, Drawn, Totals

_KEYS = ["text_key", "lang"]
_CELL = ["code", "value_id"]
_NO_WORK = "-"
NOBODYS = ("und", "mul")
"""Languages that every coder reads: emoji, digits, mixtures."""


@dataclass(frozen=True)
class Corrected:
    """One decision of one machine, corrected by gold, for the groups of one column.

    Parameters
    ----------
    code, value_id : str
        The decision, and the value whose share it is.
    subjects : sequence of str
        Names of the groups, the largest first.
    shares : CorrectedShares
        Their shares, by the groups' places in `subjects`.
    is_complete : bool
        Whether people coded (nearly) all units drawn.
    gold, videos : sequence of int
        Gold units of each group, and videos that they stand under.
    """

    code: str
    value_id: str
    subjects: Sequence[str]
    shares: CorrectedShares
    is_complete: bool
    gold: Sequence[int]
    videos: Sequence[int]


def corrected(evidence: Evidence, measure: str, groups: Mapping[str, pl.Expr], most: int) -> Iterator[tuple[str, Corrected]]:
    """Corrected shares by each of some columns.

    Parameters
    ----------
    evidence : Evidence
        With machine codings and gold; without either nothing is given.
    measure : str
        For the seed.
    groups : mapping of str to pl.Expr
        The name of each grouping, and the text of a response that names its group; null is in none.
    most : int
        Groups of a grouping at most, the largest.

    Yields
    ------
    tuple of str and Corrected
        The grouping and what stands for it.

    Notes
    -----
    All messages of the sample's frame count, those included that the machine abstained from or failed on: it said nothing, which is coded 0,
    and gold puts it right. Messages that were added after the sample was drawn had no chance and are outside.
    O(messages + codings) once for each sample, then O(gold) for each share.
    """
    if evidence.codings is None or not evidence.gold.units.height:
        return
    for frame in evidence.gold.frames:
        codes = [code for code in evidence.served if code in frame.codes and shares_of(evidence.book.variables[code])]
        if codes:
            tables = _Tables(evidence, frame, codes, groups)
            for name in groups:
                yield from ((name, one) for one in tables.by(name, measure, most))


@dataclass(frozen=True)
class Judged:
    """What machine and people said of one value of one decision on the units that people coded.

    Parameters
    ----------
    code, value_id : str
        Which.
    units : pl.DataFrame
        ``response_id, lang, platform, video_id`` of each.
    label, human, chance : (n,) float
        The machine's label and that of most people, 0/1; the chance of the draw.
    probability : (n,) float or None
        The machine's, where it gives one.
    cluster : (n,) int or None
        Independent work of each; None = inference to the units at hand.
    is_complete : bool
        Whether people coded (nearly) all units drawn.
    ties : int
        Units left out, on which half of the people said yes.
    """

    code: str
    value_id: str
    units: pl.DataFrame
    label: Floats
    human: Floats
    chance: Floats
    probability: Floats | None
    cluster: Ints | None
    is_complete: bool
    ties: int


def judged(evidence: Evidence) -> Iterator[Judged]:
    """Every value of every decision that both the machine and people made; texts that the machine abstained from or failed on are left out.

    Notes
    -----
    O(gold + codings).
    """
    if evidence.codings is None or evidence.abstained is None or not evidence.gold.units.height:
        return
    codes = [code for code in evidence.served if shares_of(evidence.book.variables[code])]
    gold = evidence.gold.units.filter(pl.col("code").is_in(codes)).drop("lang")
    keys = (
        evidence.responses.filter(pl.col("response_id").is_in(gold["response_id"].unique().implode()))
        .join(evidence.abstained, on=_KEYS, how="anti")
        .select("response_id", *_KEYS)
    )
    labels = _labels(evidence, codes).select(*_KEYS, *_CELL, label=pl.lit(1.0))
    rows = gold.lazy().join(keys, on="response_id").join(labels, on=[*_KEYS, *_CELL], how="left")
    if evidence.failed is not None:
        rows = rows.join(evidence.failed, on=[*_KEYS, "code"], how="anti")
    scored = _scores(evidence, codes) if evidence.scores is not None else None
    sure = set() if scored is None else set(scored.select("code").unique().collect()["code"])
    if scored is not None:
        rows = rows.join(scored.rename({"machine": "probability"}), on=[*_KEYS, *_CELL], how="left")
    frame = rows.with_columns(pl.col("label").fill_null(0.0)).sort("response_id").collect()
    parts = {tuple(map(str, key)): part for key, part in frame.group_by(_CELL, maintain_order=True)}
    for code in codes:
        for value_id in shares_of(evidence.book.variables[code]):
            if (code, value_id) in parts:
                yield _judged(
                    parts[code, value_id], code, value_id, with_scores=code in sure, clustered=evidence.target == "superpopulation"
                )


def _judged(rows: pl.DataFrame, code: str, value_id: str, *, with_scores: bool, clustered: bool) -> Judged:
    clear = rows.filter(pl.col("human") != 0.5)
    return Judged(
        code,
        value_id,
        clear.select("response_id", "lang", "platform", "video_id"),
        clear["label"].to_numpy(),
        (clear["human"] > 0.5).cast(pl.Float64).to_numpy(),
        clear["chance"].to_numpy(),
        clear["probability"].fill_null(0.0).to_numpy() if with_scores else None,
        _places(clear["work_id"].fill_null(_NO_WORK), sorted(clear["work_id"].fill_null(_NO_WORK).unique())) if clustered else None,
        bool(rows["is_complete"].all()),
        rows.height - clear.height,
    )


class _Tables:
    """What one frame holds: texts with how often they stand where, machine codes, and drawn units with theirs."""

    def __init__(self, evidence: Evidence, frame: Frame, codes: Sequence[str], groups: Mapping[str, pl.Expr]) -> None:
        self._evidence = evidence
        self._clustered = evidence.target == "superpopulation"
        self._codes = codes
        work = pl.coalesce("work_id", "root_id", "response_id").fill_null(_NO_WORK) if self._clustered else pl.lit(_NO_WORK)
        self._columns = {"_work": work, **{f"_by_{name}": each for name, each in groups.items()}}
        self._texts = (
            in_frame(evidence, frame)
            .select(*_KEYS, **self._columns)
            .group_by(*_KEYS, *self._columns)
            .agg(times=pl.len().cast(pl.Float64))
            .collect()
        )
        self._said = machine_codes(evidence, codes).collect()
        self._gold = self._drawn(frame)

    def _drawn(self, frame: Frame) -> pl.DataFrame:
        gold = self._evidence.gold.units.filter(pl.col("code").is_in(self._codes)).drop("lang")
        mine = (
            in_frame(self._evidence, frame)
            .filter(pl.col("response_id").is_in(gold["response_id"].unique().implode()))
            .select("response_id", *_KEYS, **self._columns)
            .collect()
        )
        return (
            gold.join(mine, on="response_id", how="inner", maintain_order="left")
            .join(self._said, on=[*_KEYS, *_CELL], how="left", maintain_order="left")
            .with_columns(pl.col("machine").fill_null(0.0))
        )

    def by(self, name: str, measure: str, most: int) -> Iterator[Corrected]:
        """Every decision and value for the groups of one grouping."""
        subject = pl.col(f"_by_{name}").alias("subject")
        present = self._texts.with_columns(subject, work="_work").filter(pl.col("subject").is_not_null())
        sizes = present.group_by("subject").agg(n=pl.col("times").sum()).sort("n", "subject", descending=[True, False]).head(most)
        subjects = sizes["subject"].to_list()
        if not subjects:
            return
        held = present.filter(pl.col("subject").is_in(subjects))
        units = held.group_by("subject", "work").agg(units=pl.col("times").sum())
        sums = (
            held.lazy()
            .join(self._said.lazy(), on=_KEYS)
            .group_by("subject", "work", *_CELL)
            .agg(machine=(pl.col("times") * pl.col("machine")).sum())
            .collect()
        )
        works = units["work"].unique().sort()
        place = {one: at for at, one in enumerate(subjects)}
        drawn = self._gold.with_columns(subject, work="_work")
        cells = {tuple(map(str, key)): part for key, part in drawn.group_by(_CELL)}
        summed = {tuple(map(str, key)): part for key, part in sums.group_by(_CELL)}
        whole = _matrix(units, "units", place, works)
        for code in self._codes:
            for value_id in shares_of(self._evidence.book.variables[code]):
                gold = cells.get((code, value_id))
                if gold is not None:
                    machine = _matrix(summed.get((code, value_id), sums.clear()), "machine", place, works)
                    yield self._one(code, value_id, subjects, gold, Totals(whole, machine), works, (measure, name))

    def _one(
        self, code: str, value_id: str, subjects: list[str], gold: pl.DataFrame, totals: Totals, works: pl.Series, seed: tuple[str, str]
    ) -> Corrected:
        ordered = gold.sort("response_id")
        own = _places(ordered["subject"], subjects)
        work = _places(ordered["work"], works.to_list())
        drawn = Drawn(
            ordered["machine"].to_numpy(),
            ordered["human"].to_numpy(),
            ordered["chance"].to_numpy(),
            np.where(work >= 0, own, -1),
            _places(ordered["stratum"], sorted(ordered["stratum"].unique())),
            np.maximum(work, 0) if self._clustered else None,
        )
        shares = CorrectedShares(
            drawn,
            totals,
            confidence=self._evidence.confidence,
            tuned=True,
            generator=generator(self._evidence.seed, *seed, code, value_id),
        )
        videos = _places(ordered["video_id"], sorted(ordered["video_id"].drop_nulls().unique()))
        seen = np.unique(np.stack([own, videos])[:, (own >= 0) & (videos >= 0)], axis=1)[0]
        return Corrected(
            code,
            value_id,
            subjects,
            shares,
            bool(ordered["is_complete"].all()),
            np.bincount(own[own >= 0], minlength=len(subjects)).tolist(),
            np.bincount(seen, minlength=len(subjects)).tolist(),
        )


def _places(values: pl.Series, known: Sequence[str]) -> Ints:
    """Where each value stands in a list; -1 where it does not."""
    return values.replace_strict(list(known), list(range(len(known))), default=-1, return_dtype=pl.Int64).to_numpy()


def in_frame(evidence: Evidence, frame: Frame) -> pl.LazyFrame:
    """The messages that a sample was drawn from, as far as they are still counted."""
    units = evidence.responses.filter(~pl.col("is_special").fill_null(value=False))
    if frame.left_out and evidence.flags is not None:
        gone = evidence.flags.filter(pl.col("rule").is_in(list(frame.left_out))).select("response_id").unique()
        units = units.join(gone, on="response_id", how="anti")
    if frame.sources is not None:
        units = units.filter(pl.col("source").is_in(list(frame.sources)))
    if frame.languages:
        units = units.filter(pl.col("lang").is_in([*frame.languages, *NOBODYS]) | pl.col("lang").is_null())
    if frame.spent:
        units = units.filter(~pl.col("response_id").is_in(pl.Series(list(frame.spent), dtype=pl.String).implode()))
    return units


def machine_codes(evidence: Evidence, codes: Sequence[str]) -> pl.LazyFrame:
    """``text_key, lang, code, value_id, machine``: the coder's probability where it has one, else its label as 1; what is not there is 0."""
    labels = _labels(evidence, codes)
    if evidence.scores is None:
        return labels
    scored = _scores(evidence, codes)
    return pl.concat([scored, labels.join(scored.select("code").unique(), on="code", how="anti")])


def _labels(evidence: Evidence, codes: Sequence[str]) -> pl.LazyFrame:
    assert evidence.codings is not None
    return (
        evidence.codings.filter(pl.col("code").is_in(list(codes)))
        .select(*_KEYS, "code", "value")
        .join(steps(evidence.book, codes).lazy(), on=["code", "value"])
        .select(*_KEYS, *_CELL, machine=pl.lit(1.0))
    )


def _scores(evidence: Evidence, codes: Sequence[str]) -> pl.LazyFrame:
    assert evidence.scores is not None
    said = pl.col("probability").cast(pl.Float64).clip(0, 1)
    return evidence.scores.filter(pl.col("code").is_in(list(codes))).select(*_KEYS, *_CELL, machine=said)


def _matrix(rows: pl.DataFrame, value: str, place: dict[str, int], works: pl.Series) -> np.ndarray:
    """(K, G) of a long table."""
    found = np.zeros((len(place), works.len()))
    if rows.height:
        at = pl.DataFrame({"work": works}).with_row_index("column")
        joined = rows.join(at, on="work", how="left")
        found[[place[subject] for subject in joined["subject"]], joined["column"].to_numpy()] = joined[value].to_numpy()
    return found
