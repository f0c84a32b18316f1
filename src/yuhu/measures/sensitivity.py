"""Sensitivity to cleaning: what each share would be without the messages that a rule flags.

Nothing is cleaned here. The machine's share of each code is counted over all messages, and again without the flagged ones; where a choice of cleaning
moves a share, the reader should know by how much. The machine is not validated, and neither is the difference.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from yuhu.core.estimate import FRAME_SCHEMA, MACHINE_ONLY, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform
from yuhu.measures.decisions import shares_of, steps
from yuhu.measures.failed import without_failed
from yuhu.stats.arrays import Ints
from yuhu.texts.rules import COPIES, FLAGS

NOTHING, MARKED, EVERYTHING = "none", "all_rules", "all_rules_and_copies"
SUBJECTS = (*(rule for rule in FLAGS if rule not in COPIES), MARKED, *COPIES, EVERYTHING)
"""What is left out, in the order of pages: each rule, all that mark a kind of message, each kind of copies (so that each text counts once), all."""

SHARE, WITHOUT, DIFFERENCE = "machine_count.v1", "machine_count_without.v1", "share_difference.v1"
POINTS = "percentage points"
_KEYS = ("text_key", "lang")


class Sensitivity:
    """Machine share of each code with and without the messages that each rule flags, and the difference in percentage points."""

    name = "sensitivity.v1"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "lang", "is_special"),
        "codings": ("text_key", "lang", "code", "value"),
        "flags": ("response_id", "rule"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """For each code the share over all (``subject`` none), then for each rule the share without and the difference."""
        cells = _cells(evidence)
        if evidence.codings is None or evidence.abstained is None or evidence.flags is None or not cells.height:
            return estimates_frame([])
        units = (
            evidence.everything.filter(~pl.col("is_special").fill_null(value=False))
            .join(evidence.abstained, on=_KEYS, how="anti")
            .select("response_id", *_KEYS)
            .with_row_index("unit")
            .collect()
        )
        if not units.height:
            return estimates_frame([])
        texts, number = _numbered(units)
        parts = [(NOTHING, units["unit"].to_numpy()), *_flagged(units, evidence.flags)]
        times = pl.concat([_by_text(texts, number[flagged], subject) for subject, flagged in parts])
        counted = self._counted(evidence, cells, times)
        return checked(self._rows(evidence, counted))

    def _counted(self, evidence: Evidence, cells: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
        """For what is left out (or nothing is), and each code: messages, and those that express it."""
        assert evidence.codings is not None
        express = (
            evidence.codings.select(*_KEYS, "code", "value")
            .join(steps(evidence.book, cells["code"]).lazy(), on=["code", "value"])
            .join(cells.lazy().select("code", "value_id"), on=["code", "value_id"], how="semi")
            .select(*_KEYS, "code")
        )
        hits = texts.lazy().join(express, on=_KEYS).group_by("subject", "code").agg(count=pl.col("times").sum()).collect()
        messages = texts.group_by("subject").agg(n=pl.col("times").sum())
        subjects = pl.DataFrame({"subject": [NOTHING, *SUBJECTS]}).with_row_index("place")
        grid = (
            subjects.join(cells, how="cross")
            .join(messages, on="subject", how="left")
            .join(hits, on=["subject", "code"], how="left")
            .with_columns(pl.col("n", "count").fill_null(0))
            .sort("place", "order")
        )
        return without_failed(grid, evidence, texts, ["subject"])

    def _rows(self, evidence: Evidence, counted: pl.DataFrame) -> pl.DataFrame:
        whole = counted.filter(pl.col("subject") == NOTHING)
        gone = counted.filter(pl.col("subject") != NOTHING).join(
            whole.select("code", n_all="n", count_all="count"), on="code", how="left", maintain_order="left"
        )
        left = gone.with_columns(out=pl.col("n"), n=pl.col("n_all") - pl.col("n"), count=pl.col("count_all") - pl.col("count"))
        share = pl.when(pl.col("n") > 0).then(pl.col("count") / pl.col("n"))
        why = pl.when(pl.col("n") > 0).then(pl.lit(MACHINE_ONLY)).otherwise(pl.lit("no_units"))
        without = left.with_columns(value=share, reason=why, unit=pl.lit("share"), method=pl.lit(WITHOUT))
        differs = left.with_columns(
            value=(share - pl.col("count_all") / pl.col("n_all")) * 100,
            reason=why,
            unit=pl.lit(POINTS),
            method=pl.lit(DIFFERENCE),
            count=pl.col("out"),
            n=pl.col("n_all"),
        )
        frames = [whole.with_columns(value=share, reason=why, unit=pl.lit("share"), method=pl.lit(SHARE)), without, differs]
        columns = ("place", "order", "subject", "code", "value_id", "value", "count", "n", "unit", "method", "reason")
        return conform(
            pl.concat([frame.select(columns) for frame in frames])
            .sort("place", "order", maintain_order=True)
            .with_columns(
                measure=pl.lit(self.name),
                by=pl.lit("rule"),
                source=pl.lit("machine"),
                coder=pl.lit(evidence.coder),
                target=pl.lit(evidence.target),
                rung=pl.lit("D"),
            ),
            FRAME_SCHEMA,
        )


def _numbered(units: pl.DataFrame) -> tuple[pl.DataFrame, Ints]:
    """Every text, and the number of the text of each message."""
    texts = units.group_by(_KEYS).agg("unit")
    number = np.empty(units.height, np.int64)
    number[texts["unit"].explode().to_numpy()] = np.repeat(np.arange(texts.height), texts["unit"].list.len().to_numpy())
    return texts.select(_KEYS), number


def _by_text(texts: pl.DataFrame, number: Ints, subject: str) -> pl.DataFrame:
    """Messages of a subject by text, from the number of the text of each."""
    times = pl.Series("times", np.bincount(number, minlength=texts.height))
    return texts.with_columns(times, subject=pl.lit(subject)).filter(pl.col("times") > 0)


def _flagged(units: pl.DataFrame, flags: pl.LazyFrame) -> Iterator[tuple[str, Ints]]:
    """Flagged messages, of each rule and of several rules together.

    Notes
    -----
    Ids are compared once; that a message has any of several flags is then told by its number.
    """
    found = flags.select("response_id", "rule").join(units.lazy().select("response_id", "unit"), on="response_id").select("rule", "unit")
    rules = {str(part["rule"][0]): part["unit"].to_numpy() for part in found.collect().partition_by("rule")}
    yield from rules.items()
    for subject, left in ((MARKED, COPIES), (EVERYTHING, ())):
        has_any = np.zeros(units.height, np.bool_)
        for rule, flagged in rules.items():
            if rule not in left:
                has_any[flagged] = True
        yield subject, np.flatnonzero(has_any)


def _cells(evidence: Evidence) -> pl.DataFrame:
    """The first value of each decision that is present or not, or has steps."""
    pairs = [
        (code, ids[0])
        for code in evidence.served
        if (ids := shares_of(evidence.book.variables[code])) and evidence.book.variables[code].level != "nominal"
    ]
    return pl.DataFrame(pairs, schema={"code": pl.String, "value_id": pl.String}, orient="row").with_row_index("order")
