"""Coefficients as estimates: the value, its interval in the way that was asked for, or the reason why one is missing."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError, YuhuWarning
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.agreement.coefficients import UNIT, Coefficient
from yuhu.stats.agreement.coincidences import hayes_draws
from yuhu.stats.agreement.intervals import (
    LEAST_CLUSTERS,
    LEAST_UNITS,
    Frame,
    Interval,
    drawn,
    effective,
    frame,
    gwet_error,
    jackknife,
    left_out,
    percentile,
    symmetric,
    unseen,
)
from yuhu.stats.agreement.ratings import MISSING, one_of
from yuhu.stats.agreement.units import Units
from yuhu.stats.arrays import Floats, Ints, proportion

INTERVALS = ("jackknife", "bootstrap", "video", "gwet", "hayes2007")
"""jackknife: on log(1 - value), closed form. bootstrap: resampled units. video: resampled clusters. gwet: Gwet's variance with t.
hayes2007: only to reproduce older papers."""
_SAME = 1e-12
_HAYES = (
    "interval='hayes2007' takes the pairs of one unit for independent and holds expected disagreement fixed: with more than two coders "
    "it is far too short (docs/agreement.md); use it only to reproduce a published figure"
)


@dataclass(frozen=True)
class Options:
    """How intervals are made.

    Raises
    ------
    YuhuError
        YH303 an option lies outside its range.
    """

    interval: str = "jackknife"
    minimum: float = 0.667
    confidence: float = 0.95
    draws: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        one_of(self.interval, INTERVALS, "interval")
        proportion(self.confidence, "confidence")
        if not -1 <= self.minimum <= 1:
            raise YuhuError("YH303", "minimum lies outside [-1, 1]", facts={"found": self.minimum}, fix="for example minimum=0.667")
        if self.draws < 100:
            raise YuhuError("YH303", "too few draws", facts={"found": self.draws}, fix="at least 100, 2,000 for a paper")


def check_interval(units: Units, options: Options, coefficient: Coefficient) -> None:
    """Check that the interval fits the ratings and the coefficient.

    Raises
    ------
    YuhuError
        YH303 it does not.
    """
    kind, cluster = options.interval, units.ratings.cluster
    problem = ""
    if kind == "video" and cluster is None:
        problem = "interval='video' needs cluster"
    elif kind in {"gwet", "hayes2007"} and (cluster is not None or units.ratings.weight is not None):
        problem = f"interval={kind!r} knows neither clusters nor weights"
    elif kind == "gwet" and coefficient.unit_chance is None:
        problem = f"{coefficient.name} has no variance by Gwet here"
    elif kind == "hayes2007" and coefficient.name != "krippendorff_alpha":
        problem = "interval='hayes2007' is for Krippendorff's alpha"
    if problem:
        raise YuhuError("YH303", problem, fix="use interval='jackknife'")


def estimated(
    units: Units, coefficients: Sequence[Coefficient], options: Options, *, level: str, scheme: str
) -> tuple[list[Estimate], list[float | None]]:
    """Estimates of coefficients that share their patterns and samples.

    Parameters
    ----------
    units : Units
        Ratings in patterns.
    coefficients : sequence of Coefficient
        All of them by coder, or none.
    options : Options
        How intervals are made.
    level, scheme : str
        Krippendorff's level and Gwet's weights, for the sums.

    Returns
    -------
    tuple
        The estimates in the order of the coefficients, and for each the chance of lying below the minimum (alpha only, else None).
    """
    if not coefficients:
        return [], []
    if units.pairable == 0:
        case = _Case(np.nan, "undefined", units.undefined(chance=True))
        return [_plain(units, each, case, options) for each in coefficients], [None] * len(coefficients)
    patterns = units.by_coder if coefficients[0].by_coder else units.by_count
    part = frame(patterns, units.ratings.values, coefficients, level=level, scheme=scheme)
    cases = [_case(units, coefficient, float(coefficient.value(part.whole)[0])) for coefficient in coefficients]
    opened = [at for at, case in enumerate(cases) if case.state == "open"]
    chosen = [coefficients[at] for at in opened]
    intervals = dict(zip(opened, _intervals(units, part, chosen, [cases[at].value for at in opened], options), strict=True))
    found: list[Estimate] = []
    below: list[float | None] = []
    for at, (coefficient, case) in enumerate(zip(coefficients, cases, strict=True)):
        found.append(_estimate(units, part, coefficient, case, intervals.get(at, ("", None))[0], options))
        below.append(_below(units, part, coefficient, case, intervals.get(at, ("", None))[1], options))
    return found, below


@dataclass(frozen=True)
class _Case:
    """State of one coefficient: undefined (no value), closed (a value, no interval), edge (nobody disagreed, or nobody agreed), open."""

    value: float
    state: str
    reason: str = ""


def _case(units: Units, coefficient: Coefficient, value: float) -> _Case:
    reason = units.undefined(chance=coefficient.kind == "chance")
    if not reason and np.isnan(value):
        reason = "value_not_used" if coefficient.only is not None else "one_value_used"
    if reason:
        return _Case(value, "undefined", reason)
    if value > 1 - _SAME or (coefficient.kind == "share" and value < _SAME):
        return _Case(float(round(value)), "edge")
    if coefficient.name == "cohen_kappa" and _constant(units):
        return _Case(value, "closed", "constant_coder")
    if _holders(units, coefficient)[1] < LEAST_UNITS:
        return _Case(value, "closed", "too_few_pairable")
    if units.ratings.cluster is not None and units.clusters < LEAST_CLUSTERS:
        return _Case(value, "closed", "too_few_blocks")
    return _Case(value, "open")


def _constant(units: Units) -> bool:
    codes = units.by_coder.codes[units.by_coder.raters >= 2]
    return any(np.unique(column[column != MISSING]).size < 2 for column in codes.T[list(units.paired)])


def _holders(units: Units, coefficient: Coefficient) -> tuple[Ints, int]:
    """Patterns of the units that the coefficient is about, and the number of these units."""
    patterns = units.by_count
    about = patterns.raters >= 2
    if coefficient.only is not None:
        about &= (patterns.codes == coefficient.only).any(axis=1)
    return np.flatnonzero(about), int(patterns.count[about].sum())


def _intervals(
    units: Units, part: Frame, coefficients: Sequence[Coefficient], values: Sequence[float], options: Options
) -> list[tuple[Interval, Floats | None]]:
    """The interval of each coefficient, with the draws where there are any."""
    cluster, confidence = units.ratings.cluster, options.confidence
    if not coefficients:
        return []
    if options.interval in {"bootstrap", "video"}:
        samples = drawn(part, coefficients, cluster, draws=options.draws, seed=options.seed, task=_task(coefficients[0]))
        return [(percentile(value, sample, confidence=confidence), sample) for value, sample in zip(values, samples, strict=True)]
    if options.interval == "hayes2007":
        return [(_hayes(units, part, coefficients[0], values[0], options), None)]
    if options.interval == "gwet":
        errors = [gwet_error(part, each, units.ratings.values, value) for each, value in zip(coefficients, values, strict=True)]
        return [
            (symmetric(value, error, units.coded - 1, kind=each.kind, confidence=confidence), None)
            for each, value, error in zip(coefficients, values, errors, strict=True)
        ]
    lefts = left_out(part, coefficients, cluster)
    weighted = units.ratings.weight is not None
    return [
        (jackknife(value, left, number, kind=each.kind, confidence=confidence, weighted=weighted), None)
        for each, value, (left, number) in zip(coefficients, values, lefts, strict=True)
    ]


def _task(coefficient: Coefficient) -> str:
    return "by coder" if coefficient.by_coder else "by count"


def _hayes(units: Units, part: Frame, coefficient: Coefficient, value: float, options: Options) -> Interval:
    warnings.warn(_HAYES, YuhuWarning, stacklevel=2)
    rng = generator(options.seed, "agreement", "hayes2007")
    sample, _ = hayes_draws(part.pairs, units.ratings, coefficient.variant, draws=options.draws, capped=False, generator=rng)
    return percentile(value, sample, confidence=options.confidence)


def _plain(units: Units, coefficient: Coefficient, case: _Case, options: Options) -> Estimate:
    """The estimate without its value."""
    shown = options.interval if case.state != "edge" else "bound"
    return Estimate(
        value=None,
        n=_holders(units, coefficient)[1],
        unit=UNIT[coefficient.kind],
        method=".".join(word for word in (coefficient.name, coefficient.variant, shown, "v1") if word),
        reason=case.reason or "no_units",
        n_videos=units.clusters if units.ratings.cluster is not None else None,
    )


def _estimate(units: Units, part: Frame, coefficient: Coefficient, case: _Case, interval: Interval, options: Options) -> Estimate:
    plain = _plain(units, coefficient, case, options)
    if case.state == "undefined":
        return plain
    value = min(max(case.value, 0.0), 1.0) if coefficient.kind == "share" else min(case.value, 1.0)
    if case.state == "edge":
        low, high = _bound(units, part, coefficient, case, options)
    elif isinstance(interval, str):
        return plain.with_(value=value, reason=case.reason or interval)
    else:
        low, high = interval
    return plain.with_(value=value, low=min(low, value), high=max(high, value), confidence=options.confidence, reason="")


def _bound(units: Units, part: Frame, coefficient: Coefficient, case: _Case, options: Options) -> tuple[float, float]:
    """Exact bound where all units agree (or none does), as resampling would take that for certainty."""
    share = unseen(_independent(units, coefficient), options.confidence)
    if case.value < 0.5:
        return 0.0, share
    low = 1 - share * _scale(part, coefficient)
    return max(low, 0.0 if coefficient.kind == "share" else -1.0), 1.0


def _independent(units: Units, coefficient: Coefficient) -> float:
    if units.ratings.cluster is not None:
        return float(max(units.clusters, 1))
    return effective(units.by_count, _holders(units, coefficient)[0])


def _scale(part: Frame, coefficient: Coefficient) -> float:
    """How much the coefficient would fall if all units disagreed as much as they can."""
    return coefficient.worst(part.pairs, part.whole) / float(coefficient.room(part.whole)[0])


def _below(units: Units, part: Frame, coefficient: Coefficient, case: _Case, draws: Floats | None, options: Options) -> float | None:
    """Share of bootstrap samples in which alpha is below the minimum or undefined; at the edge, the chance of seeing no disagreement."""
    if coefficient.name != "krippendorff_alpha" or case.state in {"undefined", "closed"}:
        return None
    if case.state == "edge":
        share = (1 - options.minimum) / _scale(part, coefficient)
        return float((1 - share) ** _independent(units, coefficient)) if share < 1 else 0.0
    if draws is None:
        cluster = units.ratings.cluster
        draws = drawn(part, [coefficient], cluster, draws=options.draws, seed=options.seed, task=_task(coefficient))[0]
    return float(np.mean(~(draws >= options.minimum)))
