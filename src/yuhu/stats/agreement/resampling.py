"""Exact multinomial counts of patterns, many samples at a time: drawing N units with replacement without touching the units."""

from collections.abc import Iterator

import numpy as np
from scipy import special

from yuhu.stats.arrays import Floats, Ints

_POISSON_BELOW = 0.35
_SHORT_BY = 1.6
_SPARE = 1.12
_TABLE_BELOW = 150.0
_LONGEST = 300
"""Counts in a table: beyond 150 + 12·12 nothing is left in double precision."""
_GUIDE = 2048
_NEAR = 1 << 16
"""Counts at once: few enough to stay near the processor."""
_RARE = 3


class Resampler:
    """Units of each pattern in samples drawn with replacement.

    Rows follow Multinomial(N, count / N): the law of drawing N units and counting their patterns.

    Parameters
    ----------
    count : (P,) int
        Units of each pattern, N in all.
    generator : numpy.random.Generator
        Where the numbers come from.

    Notes
    -----
    O(P) for a sample, or O(N) where nearly each unit has a pattern of its own. With few patterns each count is drawn from a Poisson law
    whose total mean lies a little under N, rows that exceed N are dropped, and single units fill the row up to N. Given its total, a row of
    Poisson counts is multinomial; so is its sum with the units that fill it. Rare patterns share one Poisson count, and its units are then
    drawn among theirs. Source: devroye1986, chapter XI.
    """

    def __init__(self, count: Ints, generator: np.random.Generator) -> None:
        self.size, self.total = count.size, int(count.sum())
        self._generator = generator
        self._unit_pattern: Ints = np.repeat(np.arange(self.size, dtype=np.int16 if self.size < 1 << 15 else np.int32), count)
        rare = count < _RARE
        self._places = np.append(np.flatnonzero(~rare), self.size)
        self._rare_units = self._unit_pattern[rare[self._unit_pattern]]
        grouped = np.append(count[~rare], self._rare_units.size)
        self._few = bool(grouped.size <= _POISSON_BELOW * self.total)
        self._means = grouped * max(1.0 - _SHORT_BY / np.sqrt(self.total), 0.0)
        small = self._means[self._means < _TABLE_BELOW]
        self._tables = PoissonTables(small) if self._few and small.size else None

    def samples(self, rows: int, step: int) -> Iterator[Floats]:
        """(at most step, P) counts, until there are `rows` of them."""
        batch = max(step, _NEAR // self.size)
        for first in range(0, rows, batch):
            number = min(batch, rows - first)
            found = self._poisson_rows(number) if self._few else None
            for start in range(0, number, step):
                some = slice(start, min(start + step, number))
                yield self._filled(None if found is None else found[:, some], some.stop - start)

    def _poisson_rows(self, rows: int) -> Ints:
        """(P + 1, rows) Poisson counts of the common patterns (0 for rare ones) and of all rare ones together, at most N in a column."""
        kept: list[Ints] = []
        lacking = rows
        large = self._means >= _TABLE_BELOW
        while lacking > 0:
            tried = int(lacking * _SPARE) + 8
            found = np.zeros((self.size + 1, tried), np.int64)
            if self._tables is not None:
                found[self._places[~large]] = self._tables.draw(tried, self._generator)
            for at in np.flatnonzero(large):
                found[self._places[at]] = self._generator.poisson(self._means[at], tried)
            good = np.flatnonzero(found.sum(axis=0) <= self.total)[:lacking]
            kept.append(found.take(good, axis=1))
            lacking -= good.size
        return kept[0] if len(kept) == 1 else np.concatenate(kept, axis=1)

    def _filled(self, found: Ints | None, rows: int) -> Floats:
        lacking: Ints = np.full(rows, self.total, np.int64) if found is None else self.total - found.sum(axis=0)
        cells = self._units(self._unit_pattern, lacking)
        if found is not None and self._rare_units.size:
            cells = np.concatenate([cells, self._units(self._rare_units, found[-1])])
        added = np.bincount(cells, minlength=rows * self.size).reshape(rows, self.size)
        if found is None:
            return added.astype(np.float64)
        counts = np.empty(added.shape)
        np.add(added, found[:-1].T, out=counts)
        return counts

    def _units(self, pattern: Ints, number: Ints) -> Ints:
        """Cells (row, pattern) of single units drawn with replacement, so many for each row."""
        cell = np.repeat(np.arange(0, number.size * self.size, self.size), number)
        if cell.size:
            np.add(cell, pattern[self._generator.integers(0, pattern.size, cell.size, dtype=np.uint32)], out=cell)
        return cell


class PoissonTables:
    """Poisson numbers of several small means by inversion, in one go.

    Parameters
    ----------
    means : (M,) float
        Means below `_TABLE_BELOW`.

    Notes
    -----
    The first eleven bits of a uniform number tell which count it leads to; where it could be two, further bits are drawn and the
    distribution function is searched. Source: chen1974 (guide tables).
    """

    def __init__(self, means: Floats) -> None:
        distinct, self._level = np.unique(means, return_inverse=True)
        number = np.arange(_LONGEST)
        mean = np.maximum(distinct, 1e-300)[:, None]
        function = np.minimum(np.exp(number * np.log(mean) - mean - special.gammaln(number + 1)).cumsum(axis=1), 1.0)
        function[:, -1:] = 1.0
        level = np.arange(distinct.size)[:, None]
        self._steps = (function + level).ravel()
        least = _up_to(np.ceil(function * _GUIDE), level)
        most = _up_to(np.floor(function * _GUIDE), level)
        self._guide = np.where(least == most, least, -1).astype(np.int16).ravel()

    def draw(self, size: int, generator: np.random.Generator) -> Ints:
        """(M, size) numbers."""
        bits = generator.integers(0, _GUIDE, (self._level.size, size), dtype=np.uint16)
        found = self._guide.take(bits + (self._level[:, None] * _GUIDE).astype(np.int32)).astype(np.int64)
        at = np.flatnonzero(found < 0)
        level = self._level[at // size]
        uniform = (bits.ravel()[at] + generator.random(at.size)) / _GUIDE
        found.ravel()[at] = np.searchsorted(self._steps, level + uniform, side="right") - level * _LONGEST
        return found


def _up_to(place: Floats, level: Ints) -> Ints:
    """(L, G) how many steps of each level's distribution function lie at or below each place of the guide."""
    cell = (place + level * (_GUIDE + 1)).astype(np.int64).ravel()
    return np.bincount(cell, minlength=level.size * (_GUIDE + 1)).reshape(level.size, -1).cumsum(axis=1)[:, :_GUIDE]
