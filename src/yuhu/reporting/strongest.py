"""The strongest findings of a study: which estimates they are, by a rule that is said, and in the words of the report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from yuhu.core.estimate import RUNGS
from yuhu.reporting.contrasts import contrast_said
from yuhu.reporting.event_study import lift_said, lifts_that_stand
from yuhu.reporting.moments import inside_said, peak_said
from yuhu.reporting.moments_rows import Held
from yuhu.reporting.page import Facts
from yuhu.reporting.progression import action_said
from yuhu.reporting.words import phrase
from yuhu.reporting.words_findings import FINDINGS
from yuhu.stats.correction.planning import plan_mean
from yuhu.stats.multiplicity import holm, p_of_interval

MOST, MOST_ALIKE = 5, 2
LEVEL = 0.05
HALF_WIDTH = 0.05

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Candidate:
    """An estimate that says how much something differs.

    Parameters
    ----------
    kind : str
        The kind of question: ``lift``, ``peak``, ``inside``, ``contrast`` or ``action``.
    row : mapping
        The estimate, with its interval.
    p : float
        Adjusted for all that were looked at beside it.
    null : float
        What "no difference" is: 0 of a difference, 1 of a ratio.
    """

    kind: str
    row: Row
    p: float
    null: float

    @property
    def distance(self) -> float:
        """From no difference, in widths of the interval; of ratios on the logarithmic scale."""
        value, low, high, null = _scaled(self.row, self.null)
        return abs(value - null) / (high - low) if high > low else math.inf

    @property
    def stands(self) -> bool:
        """Whether the interval leaves no difference out, for all that were looked at."""
        return self.p <= LEVEL and not self.row["low"] <= self.null <= self.row["high"]


@dataclass(frozen=True)
class Strongest:
    """The strongest findings, of how many estimates with an interval, and how many of those have a doubt attached."""

    findings: Sequence[Candidate]
    looked: int
    doubted: int


def strongest(candidates: Sequence[Candidate], most: int = MOST, most_alike: int = MOST_ALIKE) -> list[Candidate]:
    """Those that stand: the higher rung first, then the further from no difference; at most some of one kind.

    Parameters
    ----------
    candidates : sequence of Candidate
        All that were looked at.
    most, most_alike : int
        How many in all, and of one kind.
    """
    standing = sorted((one for one in candidates if one.stands), key=lambda one: (-RUNGS.index(one.row["rung"]), -one.distance))
    kept: list[Candidate] = []
    for one in standing:
        if sum(other.kind == one.kind for other in kept) < most_alike:
            kept.append(one)
    return kept[:most]


def adjusted(rows: Sequence[Row], kind: str, null: float) -> list[Candidate]:
    """Candidates of one kind whose p is read off their intervals and adjusted for all of them (Holm)."""
    ps = []
    for row in rows:
        value, low, high, at = _scaled(row, null)
        ps.append(p_of_interval(value, low, high, confidence=row["confidence"], null=at))
    return [Candidate(kind, row, float(p), null) for row, p in zip(rows, holm(ps), strict=True)]


def of_study(facts: Facts) -> Strongest:
    """The strongest findings of a study's results.

    Notes
    -----
    Lifts and peaks carry their own adjusted p; corrected differences carry none. Estimates by a machine alone have no interval, and so are never here;
    those with a doubt attached (`Estimate.reason`) are looked at and left out.
    """
    held = Held(facts)
    contrasts = _corrected(facts, "contrast.v1")
    sure = [row for row in contrasts if not row["reason"]]
    candidates = [
        *(Candidate("lift", row, p, 1.0) for row, p in lifts_that_stand(facts)),
        *(Candidate("peak", peak, _worse(peak["p"], held.q(video)), 1.0) for video, peak in _peaks(held)),
        *adjusted(_corrected(facts, "peaks.v1", "peak_difference"), "inside", 0.0),
        *(one for one in adjusted(contrasts, "contrast", 0.0) if not one.row["reason"]),
        *adjusted([row for row in _corrected(facts, "feedback_action.v1", "difference") if row["subject"] == "all"], "action", 0.0),
    ]
    kept = [one for one in candidates if not _is_aside(facts, one.row) and (one.kind != "action" or one.row["code"] == "action")]
    return Strongest(strongest(kept), _looked(facts), len(contrasts) - len(sure))


def moments_that_stand(facts: Facts, most: int) -> list[Candidate]:
    """Peaks that stand, the furthest from no difference first."""
    held = Held(facts)
    peaks = [Candidate("peak", peak, _worse(peak["p"], held.q(video)), 1.0) for video, peak in _peaks(held)]
    return strongest(peaks, most, most_alike=most)


def contrasts_that_stand(facts: Facts, most: int) -> tuple[list[Candidate], int, int]:
    """Differences between groups that stand, how many without a doubt were looked at, and how many have a doubt attached."""
    every = _corrected(facts, "contrast.v1")
    known = [one for one in adjusted(every, "contrast", 0.0) if not one.row["reason"]]
    kept = strongest([one for one in known if not _is_aside(facts, one.row)], most, most_alike=most)
    return kept, len(known), len(every) - len(known)


def differences_inside(facts: Facts) -> list[Candidate]:
    """Corrected differences between a peak and the rest of its video that stand."""
    found = adjusted(_corrected(facts, "peaks.v1", "peak_difference"), "inside", 0.0)
    return [one for one in found if one.stands and not _is_aside(facts, one.row)]


def units_for_a_share(facts: Facts) -> int:
    """Units to be coded for a share within five points at worst."""
    return plan_mean(HALF_WIDTH, rho=0.0, sd=0.5, units=None, confidence=facts.settings.confidence).gold or 0


def said(facts: Facts, one: Candidate, lang: str) -> str:
    """A finding in the words of the report."""
    if one.kind == "lift":
        return lift_said(facts, dict(one.row), lang)
    if one.kind == "peak":
        return peak_said(Held(facts), dict(one.row), lang)
    if one.kind == "inside":
        return inside_said(facts, dict(one.row), lang)
    return contrast_said(facts, one.row, lang) if one.kind == "contrast" else action_said(facts, lang)[0]


def why_none(facts: Facts | None, lang: str) -> str:
    """Why there is no finding, and what is missing."""
    if facts is None:
        return phrase(FINDINGS, "no_results", lang)
    units = units_for_a_share(facts)
    looked, n_gold = _looked(facts), int(facts.estimates["n_gold"].fill_null(0).to_numpy().max(initial=0))
    if looked:
        return phrase(FINDINGS, "none", lang, looked=f"{looked:,}")
    return phrase(FINDINGS, "no_interval" if n_gold else "no_gold", lang, units=f"{units:,}", n_gold=f"{n_gold:,}")


def rule(found: Strongest, lang: str) -> list[str]:
    """How the findings were chosen."""
    lines = [phrase(FINDINGS, "rule", lang, looked=f"{found.looked:,}", most_alike=MOST_ALIKE)]
    return [*lines, phrase(FINDINGS, "open", lang, n=f"{found.doubted:,}")] if found.doubted else lines


def _scaled(row: Row, null: float) -> tuple[float, float, float, float]:
    """Value, ends and null; logarithms of ratios."""
    numbers = (row["value"], row["low"], row["high"], null)
    if null == 0.0:
        return numbers
    value, low, high, at = (math.log(max(one, 1e-9)) for one in numbers)
    return value, low, high, at


def _peaks(held: Held) -> list[tuple[str, dict[str, Any]]]:
    return [(video, peak) for video in held.videos for peak in held.peaks(video) if peak["low"] is not None]


def _worse(p: float, q: float | None) -> float:
    """The p of a peak within its video, or the false discovery rate over videos, whichever is larger."""
    return p if q is None else max(p, q)


def _corrected(facts: Facts, measure: str, by: str | None = None) -> list[dict[str, Any]]:
    frame = facts.estimates.filter(
        (pl.col("measure") == measure)
        & pl.col("source").is_in(["corrected", "gold"])
        & pl.col("low").is_not_null()
        & (pl.col("unit") == "difference of shares")
    )
    return (frame if by is None else frame.filter(pl.col("by") == by)).to_dicts()


def _looked(facts: Facts) -> int:
    """Estimates with an interval that say how much something differs."""
    differs = pl.col("unit").is_in(["difference of shares", "rate ratio", "ratio of shares"])
    return facts.estimates.filter(differs & pl.col("low").is_not_null() & pl.col("source").is_in(["observed", "gold", "corrected"])).height


def _is_aside(facts: Facts, row: Row) -> bool:
    """Whether a code says what a message is rather than what it expresses: its kind, flags, and attributes of other codes."""
    variable = facts.book.variables.get(row["code"]) if row["code"] else None
    if variable is None:
        return False
    return variable.code == "kind" or variable.is_attribute or facts.book.code(variable.code).module == "flags"
