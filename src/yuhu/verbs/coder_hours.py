"""How long people will take: by the study's own pace where it is known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from yuhu.coding.asked import codes_of
from yuhu.coding.assigning import Assignment
from yuhu.coding.pace import LONGEST_PAUSE_S
from yuhu.coding.questions import with_gates
from yuhu.core.codebook import Codebook
from yuhu.core.sample import Sample
from yuhu.study.codings import read_codings
from yuhu.study.store import Study

ASSUMED_S = 3.0
"""Seconds for one decision where nothing was measured: an assumption, said wherever it is used."""

_LEAST_UNITS = 20


@dataclass(frozen=True)
class Hours:
    """Decisions on a unit, units to code (each coder's counted), seconds for a decision, and hours in all and for the busiest coder."""

    decisions: int
    codings: int
    seconds: float
    is_measured: bool
    total: float
    busiest: float


def hours(study: Study, book: Codebook, sample: Sample, assignments: Sequence[Assignment]) -> Hours:
    """Coder-hours of a sample.

    Notes
    -----
    Codes that open only if another is present count in full: the hours are an upper bound. The pace is the median over units of the time since the
    same coder's unit before, pauses over five minutes left out, where at least 20 units were coded at the desk; else `ASSUMED_S` for a decision.
    """
    decisions = len(with_gates(book, codes_of(study, sample)))
    seconds = pace(study)
    loads = Counter(one.coder for one in assignments)
    n = len(assignments) or sample.size
    busiest = max(loads.values(), default=n)
    each = (seconds or ASSUMED_S) * decisions / 3600
    return Hours(decisions, n, seconds or ASSUMED_S, seconds is not None, n * each, busiest * each)


def pace(study: Study) -> float | None:
    """Seconds for one decision as measured in this study; None where too little was coded at the desk."""
    coded = read_codings(study.path).filter((pl.col("coder_kind") == "human") & (pl.col("purpose") != "train"))
    units = coded.group_by("coder", "unit_id", "purpose", "occasion").agg(at=pl.col("at").max(), n=pl.len()).sort("coder", "at")
    paced = units.with_columns(gap=(pl.col("at") - pl.col("at").shift(1).over("coder")).dt.total_milliseconds() / 1000).filter(
        pl.col("gap").is_between(0, LONGEST_PAUSE_S, closed="right")
    )
    if paced.height < _LEAST_UNITS:
        return None
    found = paced.select((pl.col("gap") / pl.col("n")).median()).item()
    return float(found)
