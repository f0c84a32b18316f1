"""Sums over units that every agreement coefficient is a function of; a resample only weighs these sums anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from yuhu.stats.agreement.distances import Distance, distance, weight
from yuhu.stats.agreement.patterns import Patterns
from yuhu.stats.agreement.ratings import MISSING
from yuhu.stats.arrays import Floats, Ints

_DENSE_WIDTH = 256

Block: TypeAlias = Any
"""(P, width) float array or scipy.sparse.csr_array; scipy has no types."""


@dataclass(frozen=True)
class Totals:
    """Sums of b resamples: `array` is (b, F), `at` says which columns belong to which name."""

    array: Floats
    at: Mapping[str, slice]

    def many(self, name: str) -> Floats:
        """(b, width) sums."""
        return self.array[:, self.at[name]]

    def one(self, name: str) -> Floats:
        """(b,) sums."""
        return self.array[:, self.at[name].start]

    def rows(self, keep: slice | Ints) -> "Totals":
        """Some of the resamples."""
        return Totals(self.array[keep], self.at)


@dataclass(frozen=True)
class Moments:
    """What one unit of each pattern adds to the sums: `table` is (P, F)."""

    table: Block
    at: Mapping[str, slice]

    def totals(self, units: Floats | sparse.csr_array) -> Totals:
        """Sums for (b, P) numbers of units."""
        if isinstance(units, sparse.csr_array):
            found = units @ self.table
            return Totals(found.toarray() if isinstance(found, sparse.sparray) else np.asarray(found), self.at)
        if isinstance(self.table, sparse.csr_array):
            return Totals(np.asarray(self.table.T.dot(units.T).T), self.at)
        return Totals(units @ self.table, self.at)

    def of(self, rows: slice) -> Floats:
        """(b, F) what single patterns add."""
        part = self.table[rows]
        return part.toarray() if isinstance(part, sparse.sparray) else np.asarray(part)


def pair_sums(codes: Ints, rule: Distance) -> Floats:
    """(P,) sum of a distance or weight over the ordered pairs of different raters of each pattern."""
    found = np.zeros(codes.shape[0])
    for second in range(1, codes.shape[1]):
        for first in range(second):
            both = (codes[:, first] != MISSING) & (codes[:, second] != MISSING)
            found += np.where(both, rule(codes[:, first], codes[:, second]), 0.0)
    return 2 * found


def moments(patterns: Patterns, values: Floats, *, level: str, scheme: str, names: Sequence[str]) -> Moments:
    """The sums named, for these patterns.

    Parameters
    ----------
    patterns : Patterns
        P patterns; by coder for ``margins`` and ``both_margins``.
    values : (K,) float
        Values in ascending order.
    level, scheme : str
        Krippendorff's level and Gwet's weights.
    names : sequence of str
        Keys of `SUMS`.

    Notes
    -----
    O(P·(r² + F)) time; memory O(P·F), or that of the entries that are not 0 where F is above 256.
    """
    source = _Source(patterns, values, level, scheme)
    blocks: list[Block] = [SUMS[name](source) for name in names]
    at, start = {}, 0
    for name, block in zip(names, blocks, strict=True):
        at[name] = slice(start, start + block.shape[1])
        start += block.shape[1]
    if start > _DENSE_WIDTH:
        return Moments(sparse.csr_array(sparse.hstack([sparse.csr_array(block) for block in blocks], format="csr")), at)
    return Moments(np.hstack([block.toarray() if isinstance(block, sparse.sparray) else block for block in blocks]), at)


class _Source:
    """What the sums are made from."""

    def __init__(self, patterns: Patterns, values: Floats, level: str, scheme: str) -> None:
        self.codes, self.weight, self.count = patterns.codes, patterns.weight, patterns.count
        self.values, self.level = values, level
        self.scheme = scheme
        self.raters = patterns.raters
        self.paired = np.where(self.raters >= 2, self.weight, 0.0)
        self.others = np.maximum(self.raters - 1, 1).astype(np.float64)

    def tally(self, scale: Floats) -> sparse.csr_array:
        """(P, K) number of ratings with each value, each row multiplied by its scale."""
        row, column = np.nonzero(self.codes != MISSING)
        found = sparse.coo_array((scale[row], (row, self.codes[row, column])), shape=(self.codes.shape[0], self.values.size))
        return sparse.csr_array(found)

    def margins(self, rows: Floats) -> sparse.csr_array:
        """(P, m·K) whether each coder gave each value, where `rows` is not 0."""
        row, coder = np.nonzero((self.codes != MISSING) & (rows != 0)[:, None])
        size = self.values.size
        column = coder * size + self.codes[row, coder]
        found = sparse.coo_array((rows[row], (row, column)), shape=(self.codes.shape[0], self.codes.shape[1] * size))
        return sparse.csr_array(found)

    def same(self) -> sparse.csr_array:
        """(P, K) coincidences of each value with itself."""
        tally = self.tally(np.ones(self.raters.size))
        again = tally.copy()
        again.data = again.data * (again.data - 1)
        return sparse.csr_array(sparse.diags_array(self.paired / self.others) @ again)

    def crossed(self) -> sparse.csr_array:
        """(P, K·K) coincidences of each value with each greater one."""
        size, width = self.values.size, self.codes.shape[1]
        rows, columns, data = [], [], []
        for second in range(1, width):
            for first in range(second):
                low = np.minimum(self.codes[:, first], self.codes[:, second])
                high = np.maximum(self.codes[:, first], self.codes[:, second])
                at = np.flatnonzero((low != MISSING) & (low != high))
                rows.append(at)
                columns.append(low[at] * size + high[at])
                data.append((self.paired / self.others)[at])
        shape = (self.codes.shape[0], size * size)
        if not rows:
            return sparse.csr_array(shape)
        return sparse.csr_array(sparse.coo_array((np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))), shape=shape))

    def powers(self) -> Floats:
        """(P, 3) number, sum and sum of squares of the values, measured from their mean so that nothing cancels."""
        there = self.codes != MISSING
        ratings = self.paired * self.count * self.raters
        sums = np.where(there, self.values[self.codes], 0.0).sum(axis=1)
        middle = float((self.paired * self.count) @ sums / max(ratings.sum(), 1e-300))
        placed = np.where(there, self.values[self.codes] - middle, 0.0)
        found: Floats = self.paired[:, None] * np.column_stack([self.raters, placed.sum(axis=1), (placed**2).sum(axis=1)])
        return found

    def column(self, data: Floats) -> Floats:
        return np.asarray(data, np.float64)[:, None]


SUMS: dict[str, Callable[[_Source], Block]] = {
    "ratings": lambda s: s.column(s.paired * s.raters),
    "squares": lambda s: s.column(s.paired**2 * s.raters),
    "disagreement": lambda s: s.column(s.paired / s.others * pair_sums(s.codes, distance(s.level, s.values))),
    "crossed": lambda s: s.crossed(),
    "used": lambda s: s.tally(s.paired),
    "powers": lambda s: s.powers(),
    "same": lambda s: s.same(),
    "pairable": lambda s: s.column(s.paired),
    "coded": lambda s: s.column(s.weight),
    "agreed": lambda s: s.column(s.paired / s.others / np.maximum(s.raters, 1) * pair_sums(s.codes, weight("identity", s.values))),
    "near": lambda s: s.column(s.paired / s.others / np.maximum(s.raters, 1) * pair_sums(s.codes, weight(s.scheme, s.values))),
    "shares": lambda s: s.tally(s.weight / np.maximum(s.raters, 1)),
    "margins": lambda s: s.margins(s.weight),
    "both_margins": lambda s: s.margins(s.paired),
}
"""Sums by name. ratings, squares: values in units with two ratings, and squared weights. disagreement: coincidences times distance.
crossed, same: coincidences of different and of equal values. used: values in such units. powers: their number, sum and sum of squares.
pairable, coded: units with two ratings, with one. agreed, near: share of agreeing pairs, plain and weighted. shares: share of each value
in a unit. margins: values by coder, in all units or (both_margins) in those with two ratings."""
