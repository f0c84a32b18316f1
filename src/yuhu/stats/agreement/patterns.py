"""Units grouped by what their coders said: few patterns stand for many units, so that resampling costs nothing per unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from yuhu.stats.agreement.ratings import MISSING, Ratings
from yuhu.stats.arrays import Floats, Ints

_BINS = 1 << 22
_KEYS = 1 << 62


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

    @cached_property
    def raters(self) -> Ints:
        """(P,) ratings in each pattern."""
        found: Ints = (self.codes != MISSING).sum(axis=1)
        return found


def coder_patterns(ratings: Ratings, *, keep: bool = False) -> Patterns:
    """Patterns that keep who said what; units that nobody coded are left out. The pattern of each unit is kept if clusters need it.

    Notes
    -----
    O(N·m) while (K+1)^m is below four million, else O(N·m·log N).
    """
    columns = [row.astype(np.int64) + 1 for row in ratings.codes]
    sizes = [ratings.values.size + 1] * len(columns)
    if ratings.weight is not None:
        distinct, level = np.unique(ratings.weight, return_inverse=True)
        columns, sizes = [*columns, level.reshape(-1)], [*sizes, distinct.size]
    if not columns:
        return Patterns(np.empty((0, 0), np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    seen, count, member = grouped(columns, sizes, keep=keep or ratings.cluster is not None)
    codes = ratings.codes[:, seen].T.astype(np.int64)
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
    seen, _, parent = grouped(columns, [size] * widest + [distinct.size], keep=True)
    count = np.bincount(parent, weights=fine.count, minlength=seen.size).astype(np.int64)
    member = np.where(fine.member >= 0, parent[fine.member], -1) if fine.member.size else fine.member
    return Patterns(ordered[seen], count, fine.weight[seen], member)


def pairable(patterns: Patterns) -> Patterns:
    """The patterns with at least two ratings."""
    return _without(patterns, patterns.raters >= 2)


def paired_first(patterns: Patterns) -> tuple[Patterns, int]:
    """The same patterns, those with at least two ratings first, and how many these are."""
    single = patterns.raters < 2
    order = np.argsort(single, kind="stable")
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    member = np.where(patterns.member >= 0, place[patterns.member], -1) if patterns.member.size else patterns.member
    found = Patterns(patterns.codes[order], patterns.count[order], patterns.weight[order], member)
    return found, int(order.size - single.sum())


def _without(patterns: Patterns, keep: npt.NDArray[np.bool_]) -> Patterns:
    if keep.all():
        return patterns
    renumbered = np.where(keep, np.cumsum(keep) - 1, -1)
    member = np.where(patterns.member >= 0, renumbered[patterns.member], -1) if patterns.member.size else patterns.member
    return Patterns(patterns.codes[keep], patterns.count[keep], patterns.weight[keep], member)


def grouped(columns: Sequence[Ints], sizes: Sequence[int], *, keep: bool) -> tuple[Ints, Ints, Ints]:
    """One unit of each distinct row, the number of such rows, and (if kept) the group of each unit; groups in lexical order."""
    key, size = columns[0], sizes[0]
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
