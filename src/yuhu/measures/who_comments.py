"""Change in who comments: how wide feeling is by day since release, and how much of its change comes of other people commenting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.estimate import CENSUS, Estimate
from yuhu.core.evidence import Evidence, Frame
from yuhu.core.randomness import generator
from yuhu.measures.joint import KEYS, OBJECTS, Statement, among, frame_of, gold_rows, people, source_of, speaker, stated, unjoined
from yuhu.measures.machine_rows import machine_share, machine_value
from yuhu.stats.arrays import Floats
from yuhu.stats.correction.rare import LEAST_POSITIVES
from yuhu.stats.decomposition import METHOD, PARTS, decomposed, kitagawa

DAY, PERIODS = "day", "periods"
MIXES = {"mix_of_authors": "standing", "mix_of_platforms": "platform", "mix_of_languages": "lang"}
"""Decompositions: authors of one day or of several, platforms, languages."""
CORRECTED = "kitagawa_corrected.v1"
MOST_DAYS, MOST_KINDS = 60, 5
OTHER = "other"


@dataclass(frozen=True)
class _Days:
    """When what was released, whether each author wrote on one day or on several, and the last day of the first half of all messages."""

    released: pl.DataFrame
    authors: pl.DataFrame
    middle: int


def by_machine_alone(evidence: Evidence, felt: pl.DataFrame) -> Iterator[Estimate]:
    """Shares of each object by day since release, and the change between the first and the second half of all messages decomposed."""
    days = _days(evidence)
    if days is None:
        return
    placed = _placed(felt.lazy(), days).collect()
    yield from _by_day(evidence, placed)
    yield from _machine(evidence, placed)


def by_gold(evidence: Evidence, measure: str, statements: Mapping[str, Statement], said: pl.DataFrame) -> Iterator[Estimate]:
    """Where the halves part, and the decomposition corrected by gold."""
    days = _days(evidence)
    if days is None:
        return
    middle = Estimate(value=float(days.middle), unit="days", method="median_message.v1", reason=CENSUS, source="observed", rung="D")
    yield middle.with_(by=PERIODS, subject="last day of the first", target=evidence.target)
    if evidence.gold.units.height:
        yield from _corrected(evidence, measure, statements, days, said)


def authors(evidence: Evidence) -> pl.DataFrame:
    """Everyone whose key is known: ``author_key, n`` (messages), ``first`` (when), ``several`` (messages with a time), ``standing`` (once, or returning)."""

    def found() -> pl.DataFrame:
        known = evidence.responses.filter(pl.col("author_key").is_not_null() & ~pl.col("is_special").fill_null(value=False))
        sent = pl.col("sent_at")
        told = known.group_by("author_key").agg(pl.len().alias("n"), first=sent.min(), last=sent.max(), timed=sent.count()).collect()
        back = pl.col("first").dt.date() < pl.col("last").dt.date()
        standing = pl.when(back).then(pl.lit("returning")).otherwise(pl.lit("once"))
        return told.select("author_key", "n", "first", several=pl.col("timed") > 1, standing=standing)

    return evidence.once("authors", found)


def _days(evidence: Evidence) -> _Days | None:
    return evidence.once("days since release", lambda: _found_days(evidence))


def _found_days(evidence: Evidence) -> _Days | None:
    sent = evidence.responses.filter(pl.col("sent_at").is_not_null() & pl.col("video_id").is_not_null())
    earliest = sent.group_by("video_id").agg(earliest=pl.col("sent_at").min()).collect()
    if not earliest.height:
        return None
    if evidence.shown is not None:
        published = evidence.shown.videos.select("video_id", pl.col("published_at").cast(earliest["earliest"].dtype))
        earliest = earliest.join(published, on="video_id", how="left")
    else:
        earliest = earliest.with_columns(published_at=pl.lit(None, earliest["earliest"].dtype))
    released = earliest.select("video_id", released=pl.coalesce("published_at", "earliest")).sort("video_id")
    counted = (
        sent.join(released.lazy(), on="video_id").group_by(day=_day()).agg(n=pl.len()).filter(pl.col("day") >= 0).sort("day").collect()
    )
    if not counted.height:
        return None
    reached = counted.filter(pl.col("n").cum_sum() * 2 >= counted["n"].sum())
    return _Days(released, authors(evidence), int(reached["day"][0]))


def _day() -> pl.Expr:
    return (pl.col("sent_at").cast(pl.Datetime("ms", "UTC")) - pl.col("released").cast(pl.Datetime("ms", "UTC"))).dt.total_days()


def _placed(rows: pl.LazyFrame, days: _Days) -> pl.LazyFrame:
    """Rows with their ``day`` and ``period`` (0, 1) and whether their author came back; those before the release are left out."""
    return (
        rows.filter(pl.col("sent_at").is_not_null())
        .join(days.released.lazy(), on="video_id")
        .join(days.authors.select("author_key", "standing").lazy(), on="author_key", how="left")
        .with_columns(day=_day())
        .filter(pl.col("sent_at") >= pl.col("released"))
        .with_columns(period=(pl.col("day") > days.middle).cast(pl.Int64))
    )


def _by_day(evidence: Evidence, placed: pl.DataFrame) -> Iterator[Estimate]:
    counted = {(day, level): n for day, level, n in placed.group_by("day", "level").agg(pl.len()).iter_rows()}
    for day in sorted({day for day, _ in counted if day < MOST_DAYS}):
        n = sum(counted.get((day, level), 0) for level in range(1, len(OBJECTS) + 1))
        for level, value_id in enumerate(OBJECTS, start=1):
            yield machine_share(evidence, counted.get((day, level), 0), n, by=DAY, subject=str(day), value_id=value_id)


def _kinds(rows: pl.DataFrame, column: str) -> list[str]:
    counted = rows.group_by(column).agg(n=pl.len()).drop_nulls().sort("n", column, descending=[True, False])
    return [*counted[column].head(MOST_KINDS).to_list(), OTHER]


def _place(column: str, kinds: list[str]) -> pl.Expr:
    return pl.col(column).replace_strict(kinds, list(range(len(kinds))), default=len(kinds) - 1, return_dtype=pl.Int64)


def _known(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Rows that the decomposition is of: without an author nobody comes back."""
    return rows.filter(pl.col(column).is_not_null()) if column == "standing" else rows


def _machine(evidence: Evidence, placed: pl.DataFrame) -> Iterator[Estimate]:
    for by, column in MIXES.items():
        rows = _known(placed, column)
        kinds = _kinds(rows, column)
        counted = rows.group_by("period", kind=_place(column, kinds)).agg(
            pl.len(), *((pl.col("level") >= at).sum().alias(one) for at, one in enumerate(OBJECTS, start=1))
        )
        units, hits = np.zeros((2, len(kinds))), {one: np.zeros((2, len(kinds))) for one in OBJECTS[1:]}
        for row in counted.iter_rows(named=True):
            units[row["period"], row["kind"]] = row["len"]
            for one, table in hits.items():
                table[row["period"], row["kind"]] = row[one]
        least = int(units.sum(axis=1).min())
        reason = "no_authors" if column == "standing" and not rows.height else "no_units"
        for one, table in hits.items():
            found = kitagawa(units, table) if least else None
            for part in PARTS:
                value = None if found is None else getattr(found, part)
                where = {"by": by, "subject": part, "value_id": one, "unit": "difference of shares", "method": METHOD}
                yield machine_value(evidence, value, rows.height, least=least, reason=reason, **where)


def _corrected(
    evidence: Evidence, measure: str, statements: Mapping[str, Statement], days: _Days, texts: pl.DataFrame
) -> Iterator[Estimate]:  # fmt: skip
    frame = frame_of(evidence, statements)
    if frame is None:
        yield unjoined(evidence, by="mix_of_authors", subject="difference", unit="difference of shares", method=CORRECTED)
        return
    machine, gold = _pseudo(evidence, statements, frame, days, texts)
    said = {**speaker(evidence, source_of(evidence, statements)), "method": CORRECTED}
    for by, column in MIXES.items():
        rows, drawn = _known(machine, column), _known(gold, column)
        if not drawn.height:
            continue
        kinds = _kinds(pl.concat([rows, drawn], how="diagonal"), column)
        units, wide = _summed(rows, drawn, column, kinds)
        for level, value_id in enumerate(OBJECTS[1:], start=2):
            where: dict[str, Any] = {"by": by, "value_id": value_id, "n_gold": drawn.height, **said}
            if not _is_enough(drawn, level) or bool((units.sum(axis=0) < 0).any()):
                yield Estimate(
                    value=None, n=rows.height, reason="not_estimable", unit="difference of shares", subject="difference", **where
                )
                continue
            parts = decomposed(units, wide[level], generator(evidence.seed, measure, by, value_id), confidence=evidence.confidence)
            complete = bool(drawn["is_complete"].all())
            for part, one in zip(PARTS, parts, strict=True):
                cut = {} if complete or one.low is None else {"low": None, "high": None, "confidence": None, "reason": "gold_incomplete"}
                yield one.with_(subject=part, **{**where, **cut})


def level_of(statements: Mapping[str, Statement]) -> pl.Expr:
    """How wide the object of a feeling is, from 1; 0 without a feeling or an object."""
    level = pl.max_horizontal(pl.when(pl.col(one)).then(pl.lit(at)).otherwise(0) for at, one in enumerate(OBJECTS, start=1))
    return (pl.when(pl.col("feeling")).then(level).otherwise(0) if "feeling" in statements else level).cast(pl.Int64)


def _pseudo(
    evidence: Evidence, statements: Mapping[str, Statement], frame: Frame, days: _Days, said: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Messages of the frame that the machine gave an object, and gold with what people and the machine said; each with its cluster."""
    cluster = (
        pl.coalesce("work_id", "root_id", "response_id") if evidence.target == "superpopulation" else pl.coalesce("author_key", "video_id")
    )
    columns = ("response_id", *KEYS, "author_key", "sent_at", "video_id", "platform", "cluster")
    level = level_of(statements)
    felt = among(evidence, said, frame).with_columns(cluster=cluster, level=level).filter(pl.col("level") > 0).select(*columns, "level")
    machine = _placed(felt, days).collect()
    judged = people(evidence, frame, statements).select("response_id", "chance", "is_complete", human=level)
    known = among(evidence, gold_rows(evidence), frame).with_columns(cluster=cluster).select(columns)
    texts = stated(evidence, statements).select(*KEYS, level=level).filter(pl.col("level") > 0)
    gold = (
        _placed(known, days)
        .join(judged.lazy(), on="response_id")
        .join(texts.lazy(), on=KEYS, how="left")
        .with_columns(pl.col("level").fill_null(0))
        .sort("response_id")
        .collect()
    )
    return machine, gold


def _is_enough(drawn: pl.DataFrame, level: int) -> bool:
    """Whether gold holds enough of both halves, with an object so wide and with a narrower one."""
    counted = [
        drawn.filter((pl.col("period") == period) & wide).height
        for period in (0, 1)
        for wide in (pl.col("human") >= level, pl.col("human").is_between(1, level - 1))
    ]
    return min(counted) >= LEAST_POSITIVES


def _summed(machine: pl.DataFrame, gold: pl.DataFrame, column: str, kinds: list[str]) -> tuple[Floats, dict[int, Floats]]:
    """(G, 2, K) corrected messages with an object, and with one at least so wide, of each cluster: the machine's code + (people's − machine's)/chance."""
    at = [pl.col("cluster"), pl.col("period"), _place(column, kinds).alias("kind")]
    levels = range(1, len(OBJECTS) + 1)
    said = machine.group_by(at).agg((pl.col("level") >= level).sum().cast(pl.Float64).alias(f"{level}") for level in levels)
    weight = 1 / pl.col("chance")
    apart = [
        (((pl.col("human") >= level).cast(pl.Float64) - (pl.col("level") >= level).cast(pl.Float64)) * weight).sum().alias(f"{level}")
        for level in levels
    ]
    wrong = gold.group_by(at, maintain_order=True).agg(apart)
    names = [f"{level}" for level in levels]
    both = pl.concat([said.sort("cluster", "period", "kind"), wrong])
    sums = both.group_by("cluster", "period", "kind", maintain_order=True).agg(pl.col(names).sum()).sort("cluster", "period", "kind")
    sums = sums.with_columns(place=pl.col("cluster").rank("dense").cast(pl.Int64) - 1)
    where = tuple(sums[name].to_numpy() for name in ("place", "period", "kind"))
    found = {}
    for level in levels:
        found[level] = np.zeros((sums["place"].n_unique(), 2, len(kinds)))
        found[level][where] = sums[f"{level}"].to_numpy()
    return found[1], found
