"""Intervals of agreement coefficients: jackknife, bootstrap by patterns, Gwet's variance, and the bound where nobody disagreed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from yuhu.core.randomness import generator
from yuhu.stats.agreement.coefficients import Coefficient
from yuhu.stats.agreement.moments import Moments, Totals, moments
from yuhu.stats.agreement.patterns import Patterns, cluster_counts, paired_first
from yuhu.stats.agreement.resampling import Resampler
from yuhu.stats.arrays import Floats, Ints

LEAST_UNITS = 10
LEAST_CLUSTERS = 8
_CELLS = 1 << 21
_NEAR_CELLS = 12_000
_NEAR_WORK = 240_000
"""Products this small stay near the processor and in one thread: threads would cost more than they save."""
_NOTHING = 1e-12
_LOST_DRAWS = 0.05

Interval = tuple[float, float] | str
"""Low and high, or the reason why there is none."""


@dataclass(frozen=True)
class Frame:
    """Patterns with the sums that some coefficients need, and the totals of the units at hand."""

    patterns: Patterns
    paired: int
    moments: Moments
    whole: Totals

    @property
    def pairs(self) -> Patterns:
        """The patterns with at least two ratings."""
        found, rows = self.patterns, slice(0, self.paired)
        return Patterns(found.codes[rows], found.count[rows], found.weight[rows], found.member)


def frame(patterns: Patterns, values: Floats, coefficients: Sequence[Coefficient], *, level: str, scheme: str) -> Frame:
    """The frame in which some coefficients are estimated."""
    ordered, paired = paired_first(patterns)
    names = tuple(dict.fromkeys(name for coefficient in coefficients for name in coefficient.sums))
    table = moments(ordered, values, level=level, scheme=scheme, names=names)
    return Frame(ordered, paired, table, table.totals(ordered.count[None, :].astype(np.float64)))


def left_out(part: Frame, coefficients: Sequence[Coefficient], cluster: Ints | None) -> list[tuple[Floats, Ints]]:
    """For each coefficient its values with one unit (or one cluster) left out, and how many units each value stands for.

    Notes
    -----
    O(P·F), whatever the number of units. Source: efron1993.
    """
    values: list[list[Floats]] = [[] for _ in coefficients]
    paired = np.arange(part.patterns.count.size) < part.paired
    if cluster is None:
        number = part.patterns.count
        blocks = (part.moments.of(rows) for rows in _blocks(number.size, part.whole.array.shape[1]))
    else:
        units = cluster_counts(part.patterns, cluster)
        table = part.moments.totals(units).array
        number = np.ones(table.shape[0], np.int64)
        paired = units @ paired.astype(np.float64) > 0
        blocks = (table[rows] for rows in _blocks(number.size, table.shape[1]))
    for block in blocks:
        totals = Totals(part.whole.array - block, part.whole.at)
        for found, coefficient in zip(values, coefficients, strict=True):
            found.append(coefficient.value(totals))
    joined = zip(map(np.concatenate, values), coefficients, strict=True)
    return [(found[paired], number[paired]) if coefficient.paired_only else (found, number) for found, coefficient in joined]


def drawn(part: Frame, coefficients: Sequence[Coefficient], cluster: Ints | None, *, draws: int, seed: int, task: str) -> list[Floats]:
    """For each coefficient its (draws,) values in samples with replacement of units or clusters; all share the same samples.

    Notes
    -----
    O(draws·P·F), whatever the number of units. Units with one rating are drawn apart from the others, so that as many units can be
    paired in each sample as in the data. Source: efron1993.
    """
    width = part.whole.array.shape[1]
    block = max(1, _CELLS // max(part.patterns.count.size, width, 1024))
    sources = _sources(part, cluster, seed, task)
    values: list[list[Floats]] = [[] for _ in coefficients]
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        array = np.zeros((rows, width))
        for source, table in sources:
            step = max(8, min(_NEAR_CELLS, _NEAR_WORK // width) // source.size)
            at = 0
            for units in source.samples(rows, step):
                array[at : at + units.shape[0]] += table.totals(units).array
                at += units.shape[0]
        totals = Totals(array, part.whole.at)
        for found, coefficient in zip(values, coefficients, strict=True):
            found.append(coefficient.value(totals))
    return [np.concatenate(found) for found in values]


def _sources(part: Frame, cluster: Ints | None, seed: int, task: str) -> list[tuple[Resampler, Moments]]:
    """What is drawn with replacement: clusters, or units with two ratings and, apart from them, those with one."""
    if cluster is not None:
        table = Moments(part.moments.totals(cluster_counts(part.patterns, cluster)).array, part.moments.at)
        ones = np.ones(table.table.shape[0], np.int64)
        return [(Resampler(ones, generator(seed, "agreement", task, "clusters")), table)]
    cuts = {"pairs": slice(0, part.paired), "singles": slice(part.paired, part.patterns.count.size)}
    return [
        (Resampler(part.patterns.count[rows], generator(seed, "agreement", task, name)), Moments(part.moments.table[rows], part.moments.at))
        for name, rows in cuts.items()
        if rows.stop > rows.start
    ]


def _blocks(size: int, width: int) -> Iterator[slice]:
    step = max(1, _CELLS // max(width, 1))
    return (slice(start, min(size, start + step)) for start in range(0, size, step))


def jackknife(value: float, left: Floats, number: Ints, *, kind: str, confidence: float, weighted: bool = False) -> Interval:
    """Jackknife interval on the scale of log(1 - value), or of the logit for a share.

    Notes
    -----
    O(P). t with one degree of freedom less than there are units; with unequal weights, than there are units that carry the variance:
    (Σd²)² / Σd⁴ of the deviations d, as a few heavy units may decide all. Source: satterthwaite1946.
    """
    if np.isnan(left).any():
        return "rests_on_few_units"
    error = jackknife_error(left, number)
    if error < _NOTHING:
        return "no_variation"
    carrying = float(number.sum())
    if weighted:
        squares = (left - float(number @ left) / carrying) ** 2
        carrying = max(float(number @ squares) ** 2 / float(number @ squares**2), 2.0)
    return transformed(value, error, carrying - 1, kind=kind, confidence=confidence)


def jackknife_error(left: Floats, number: Ints) -> float:
    """Standard error from values with one unit left out, each standing for a number of units. Source: efron1993."""
    n = float(number.sum())
    middle = float(number @ left) / n
    return math.sqrt((n - 1) / n * float(number @ (left - middle) ** 2))


def transformed(value: float, error: float, freedom: float, *, kind: str, confidence: float) -> tuple[float, float]:
    """Interval of t times the error, taken on the scale of log(1 - value) or of the logit, cut to [-1, 1] or [0, 1]."""
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * error
    if kind == "share":
        centre, width = math.log(value / (1 - value)), min(half / (value * (1 - value)), 500.0)
        return _logistic(centre - width), _logistic(centre + width)
    step = half / (1 - value)
    low = 1 - (1 - value) * math.exp(min(step, 500.0))
    return max(low, -1.0), 1 - (1 - value) * math.exp(-step)


def symmetric(value: float, error: float, freedom: int, *, kind: str, confidence: float) -> Interval:
    """Value ± t times the error, cut to the range that the coefficient can have."""
    if error < _NOTHING:
        return "no_variation"
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * error
    return (max(value - half, 0.0) if kind == "share" else value - half), min(value + half, 1.0)


def _logistic(number: float) -> float:
    return 1 / (1 + math.exp(-number)) if number > -700 else 0.0


def percentile(value: float, values: Floats, *, confidence: float) -> Interval:
    """Percentile interval of the draws that are defined; none if more than one draw in twenty is not."""
    defined = values[~np.isnan(values)]
    if defined.size < (1 - _LOST_DRAWS) * values.size:
        return "rests_on_few_units"
    low, high = np.quantile(defined, [0.5 - confidence / 2, 0.5 + confidence / 2])
    if high - low < _NOTHING:
        return "no_variation"
    return min(float(low), value), max(float(high), value)


def unseen(units: float, confidence: float) -> float:
    """Largest share of units that may still disagree (at this confidence) although none of so many did: the exact rule of three."""
    return float(-math.expm1(math.log1p(-confidence) / units))


def effective(patterns: Patterns, keep: Ints | slice) -> float:
    """Kish's effective number of units of some patterns. Source: kish1965."""
    count, weight = patterns.count[keep], patterns.weight[keep]
    return float((count @ weight) ** 2 / (count @ weight**2))


def gwet_error(part: Frame, coefficient: Coefficient, values: Floats, value: float) -> float:
    """Gwet's linearised standard error, for units that all weigh the same. Source: gwet2014.

    Notes
    -----
    v = Σ (κ*_u - κ)² / (N(N-1)), κ*_u = κ_u - 2(1 - κ)(p_e|u - p_e)/(1 - p_e) over all units with a rating. O(P·K²).
    """
    count, raters = part.patterns.count, part.patterns.raters
    n = float(count.sum())
    room = float(coefficient.room(part.whole)[0])
    chance = 1 - room if coefficient.kind == "chance" else 0.0
    agreed = part.moments.of(slice(None))[:, part.whole.at[coefficient.sums[0]].start]
    shares = np.stack([(part.patterns.codes == place).sum(axis=1) for place in range(values.size)], axis=1) / raters[:, None]
    both = raters >= 2
    single = n / float(count[both].sum()) * (agreed - chance * both) / (1 - chance)
    if coefficient.unit_chance is not None and coefficient.kind == "chance":
        single = single - 2 * (1 - value) * (coefficient.unit_chance(shares, part.whole) - chance) / (1 - chance)
    return math.sqrt(float(count @ (single - value) ** 2) / (n * (n - 1)))
