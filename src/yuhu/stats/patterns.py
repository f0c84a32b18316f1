"""Units grouped by what their coders said: few patterns stand for many units, so that resampling costs nothing per unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.ratings import MISSING, Ratings

_BINS = 1 << 22
_KEYS = 1 << 62
_CELLS = 1 << 21
_POISSON_BELOW = 0.35
_SHORT_BY = 2.0
_FAR = 9.0


@dataclass(frozen=True)
class Patterns:
    """Distinct patterns of ratings and how many units show each.

    Parameters
    ----------
    codes : (P, r) int
        Values of a pattern; `MISSING` where there is none. By coder: column = coder. Else the values stand in ascending order and r is
        the largest number of ratings that a unit has.
    count : (P,) int
        Units.
    weight : (P,) float
        Inverse chance of these units; 1 if none was given.
    member : (N,) int
        Pattern of each unit, -1 for a unit that nobody coded; empty where it is not needed.
    """

    codes: Ints
    count: Ints
    weight: Floats
    member: Ints

    @property
    def raters(self) -> Ints:
        """(P,) ratings in each pattern."""
        return (self.codes != MISSING).sum(axis=1)


def coder_patterns(ratings: Ratings) -> Patterns:
    """Patterns that keep who said what; units that nobody coded are left out.

    Notes
    -----
    O(N·m) while (K+1)^m is below four million, else O(N·m·log N).
    """
    columns = [row + 1 for row in ratings.codes]
    sizes = [ratings.values.size + 1] * len(columns)
    if ratings.weight is not None:
        distinct, level = np.unique(ratings.weight, return_inverse=True)
        columns, sizes = [*columns, level.reshape(-1)], [*sizes, distinct.size]
    if not columns:
        return Patterns(np.empty((0, 0), np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    seen, count, member = _grouped(columns, sizes, keep=ratings.cluster is not None)
    codes = ratings.codes[:, seen].T
    weight = np.ones(seen.size) if ratings.weight is None else ratings.weight[seen]
    return _without(Patterns(codes, count, weight, member), (codes != MISSING).any(axis=1))


def count_patterns(fine: Patterns) -> Patterns:
    """Patterns that only keep how often each value was given.

    Notes
    -----
    O(P·m·log m + P·log P).
    """
    ordered = np.sort(fine.codes, axis=1)
    widest = int(fine.raters.max(initial=0))
    ordered = ordered[:, ordered.shape[1] - widest :]
    if not ordered.size:
        return Patterns(ordered, fine.count, fine.weight, fine.member)
    distinct, level = np.unique(fine.weight, return_inverse=True)
    size = int(ordered.max()) + 2
    columns = [*(ordered.T + 1), level.reshape(-1)]
    seen, _, parent = _grouped(columns, [size] * widest + [distinct.size], keep=True)
    count = np.bincount(parent, weights=fine.count, minlength=seen.size).astype(np.int64)
    member = np.where(fine.member >= 0, parent[fine.member], -1) if fine.member.size else fine.member
    return Patterns(ordered[seen], count, fine.weight[seen], member)


def pairable(patterns: Patterns) -> Patterns:
    """The patterns with at least two ratings."""
    return _without(patterns, patterns.raters >= 2)


def _without(patterns: Patterns, keep: npt.NDArray[np.bool_]) -> Patterns:
    if keep.all():
        return patterns
    renumbered = np.where(keep, np.cumsum(keep) - 1, -1)
    member = np.where(patterns.member >= 0, renumbered[patterns.member], -1) if patterns.member.size else patterns.member
    return Patterns(patterns.codes[keep], patterns.count[keep], patterns.weight[keep], member)


def _grouped(columns: Sequence[Ints], sizes: Sequence[int], *, keep: bool) -> tuple[Ints, Ints, Ints]:
    """One unit of each distinct row, the number of such rows, and (if kept) the group of each unit; groups in lexical order."""
    key, size = columns[0].astype(np.int64), sizes[0]
    for column, width in zip(columns[1:], sizes[1:], strict=True):
        if size * width >= _KEYS:
            distinct, key = np.unique(key, return_inverse=True)
            size = distinct.size
        key = key * width + column
        size *= width
    if size > _BINS:
        distinct, key = np.unique(key, return_inverse=True)
        size = distinct.size
    tally = np.bincount(key, minlength=size)
    used = np.flatnonzero(tally)
    unit = np.zeros(size, np.int64)
    unit[key] = np.arange(key.size)
    member = np.empty(0, np.int64)
    if keep:
        place = np.zeros(size, np.int64)
        place[used] = np.arange(used.size)
        member = place[key]
    return unit[used], tally[used], member


def cluster_counts(patterns: Patterns, cluster: Ints) -> sparse.csr_array:
    """(G, P) units of each pattern in each cluster that has any."""
    known = patterns.member >= 0
    groups = np.unique(cluster[known], return_inverse=True)[1].reshape(-1)
    size = int(groups.max(initial=-1)) + 1
    ones = np.ones(groups.size)
    return sparse.csr_array(sparse.coo_array((ones, (groups, patterns.member[known])), shape=(size, patterns.count.size)))


def resampled(count: Ints, draws: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Units of each pattern in samples drawn with replacement, in blocks of draws.

    Parameters
    ----------
    count : (P,) int
        Units of each pattern, N in all.
    draws : int
        Samples.
    generator : numpy.random.Generator
        Where the numbers come from.

    Yields
    ------
    (b, P) float
        Rows follow Multinomial(N, count / N): the law of drawing N units and counting their patterns.

    Notes
    -----
    O(draws·P), or O(draws·N) where nearly each unit has a pattern of its own. With few patterns each count is Poisson with a total mean a
    little under N, and single units fill the row up to N: given its total, a row of Poisson counts is multinomial, and so is the sum.
    Source: devroye1986, chapter XI.
    """
    size, total = count.size, int(count.sum())
    block = max(1, _CELLS // max(size, 512))
    unit_pattern = np.repeat(np.arange(size), count)
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        if size <= _POISSON_BELOW * total:
            found = _poisson_rows(count, total, rows, generator)
        else:
            found = np.zeros((rows, size), np.int64)
        yield _filled(found, unit_pattern, total, generator).astype(np.float64)


def _poisson_rows(count: Ints, total: int, rows: int, generator: np.random.Generator) -> Ints:
    scale = max(1.0 - _SHORT_BY / np.sqrt(total), 0.0)
    levels, which = np.unique(count, return_inverse=True)
    tables = [_poisson_table(float(level) * scale) for level in levels]
    found = np.empty((count.size, rows), np.int64)
    again = np.arange(rows)
    while again.size:
        for at, kind in enumerate(which):
            least, table = tables[kind]
            found[at, again] = least + np.searchsorted(table, generator.random(again.size), side="right")
        again = np.flatnonzero(found.sum(axis=0) > total)
    return found.T


def _poisson_table(mean: float) -> tuple[int, Floats]:
    far = _FAR * np.sqrt(mean)
    least = max(0, int(mean - far) - 1)
    return least, special.pdtr(np.arange(least, int(mean + far) + 25), mean)


def _filled(found: Ints, unit_pattern: Ints, total: int, generator: np.random.Generator) -> Ints:
    rows, size = found.shape
    lacking = total - found.sum(axis=1)
    row = np.repeat(np.arange(rows), lacking)
    drawn = unit_pattern[generator.integers(0, unit_pattern.size, row.size, dtype=np.uint32)]
    return found + np.bincount(row * size + drawn, minlength=rows * size).reshape(rows, size)
