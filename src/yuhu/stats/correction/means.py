"""Means of groups, corrected by gold, with their joint covariance: the pseudo-outcomes of design-based supervised learning."""

from dataclasses import dataclass

import numpy as np

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.correction.design import LEAST_GOLD, Flags, Gold, collapsed
from yuhu.stats.correction.variance import drawing, middles, of_units


@dataclass(frozen=True)
class Means:
    """Corrected means of K groups.

    Parameters
    ----------
    values : (K,) float
        NaN for a group without gold.
    covariance : (K, K) float
        Under the target.
    degrees : float
        Degrees of freedom that stand behind the covariance.
    gold : (K,) int
        Gold units of each group.
    scores, sizes : (G, K) float or None
        With clusters: estimating function and units of each cluster.
    works : (K,) int or None
        With clusters: clusters of each group that hold gold.
    pulls : (n, K) float or None
        Without clusters: what each gold unit pulls each mean by, centred where the sample had a fixed size.
    """

    values: Floats
    covariance: Floats
    degrees: float
    gold: Ints
    scores: Floats | None = None
    sizes: Floats | None = None
    works: Ints | None = None
    pulls: Floats | None = None


@dataclass(frozen=True)
class _Parts:
    """The estimate as Σ (level + slope·machine) over all units plus Σ weight·residual over gold."""

    cells: Ints | None  # (N,) from 0, -1 in no group; None: all in one
    group: Ints  # (cells,) to which each belongs
    level: Floats  # (cells,)
    slope: Floats  # (cells,)
    residual: Floats  # (n,)
    within: Ints  # (n,) cell in which a residual varies
    centred: Flags  # whether the sample of such a cell had a fixed size
    spent: int  # parameters estimated in each of them

    def sums(self, machine: Floats, groups: int) -> tuple[Floats, Ints]:
        """(K,) sum over all units, and their number."""
        if self.cells is None:
            return np.array([self.level[0] * machine.size + self.slope[0] * machine.sum()]), np.array([machine.size])
        size = self.group.size
        kept, codes = self.cells, machine
        if int(kept.min(initial=0)) < 0:
            kept, codes = kept[kept >= 0], machine[kept >= 0]
        units = np.bincount(kept, minlength=size)
        total = self.level * units + self.slope * np.bincount(kept, weights=codes, minlength=size)
        sums: Floats = np.bincount(self.group, weights=total, minlength=groups).astype(np.float64)
        return sums, np.bincount(self.group, weights=units, minlength=groups).astype(np.int64)

    def of_units(self, machine: Floats) -> Floats:
        """(N,) level + slope·machine."""
        cells = np.zeros(1, np.int64) if self.cells is None else self.cells
        return np.asarray(self.level[cells] + self.slope[cells] * machine)


def group_means(gold: Gold, group: Ints | None, groups: int, *, tuned: bool, cluster: Ints | None, clusters: int) -> Means:
    """Corrected means of all groups at once.

    Parameters
    ----------
    gold : Gold
        The sample.
    group : (N,) int or None
        Group of each unit from 0; -1 in none. None: all in one.
    groups : int
        K.
    tuned : bool
        Weigh the machine by how much it helps.
    cluster : (N,) int or None
        Cluster of each unit from 0; None = the units at hand.
    clusters : int
        G.

    Notes
    -----
    O(N·K).
    """
    of_gold = np.zeros(gold.coded, np.int64) if group is None else group[gold.at]
    counts = np.bincount(of_gold[of_gold >= 0], minlength=groups)
    parts = _tuned(gold, group, groups) if tuned else _plain(gold, group, groups)
    base, totals = parts.sums(gold.machine, groups)
    moved = np.where(of_gold[:, None] == np.arange(groups), (gold.weight * parts.residual)[:, None], 0.0)
    values = (base + moved.sum(axis=0)) / np.maximum(totals, 1)
    values = np.where(counts > 0, values, np.nan)
    middle = middles(moved, gold.weight, parts.within, parts.centred)
    if cluster is None:
        covariance, degrees = drawing(moved, middle, gold, parts.within, parts.centred, parts.spent)
        scale = np.maximum(totals, 1)
        pulls = (moved - gold.weight[:, None] * middle[parts.within]) / scale
        return Means(values, covariance / np.outer(scale, scale), degrees, counts, pulls=pulls)
    scores, sizes = _scores(gold, group, groups, values, moved, middle, parts, cluster, clusters)
    own = 1 - sizes / np.maximum(totals, 1)
    spread = scores / np.sqrt(np.where(own > 0, own, 1.0)) / np.maximum(totals, 1)
    held = [np.unique(cluster[gold.at[of_gold == k]]).size for k in range(groups)]
    together = int(np.unique(cluster[gold.at[of_gold >= 0]]).size)
    return Means(values, spread.T @ spread, together - 1, counts, scores, sizes, np.array(held))


def _plain(gold: Gold, group: Ints | None, groups: int) -> _Parts:
    ones = np.ones(groups)
    residual = gold.human - gold.machine[gold.at]
    return _Parts(group, np.arange(groups), 0 * ones, ones, residual, gold.stratum, gold.fixed, 1)


def _tuned(gold: Gold, group: Ints | None, groups: int) -> _Parts:
    """In each cell (stratum by group) the machine times lambda, and the mean of what is left."""
    cells, of_cell = tuning_cells(gold, group, groups)
    count = of_cell.size
    own = np.zeros(gold.coded, np.int64) if cells is None else cells[gold.at]
    inside = own >= 0
    machine, human, weight, left = (part[inside] for part in (gold.machine[gold.at], gold.human, gold.weight, gold.left))
    slope = power_tuning(machine, human, weight, left, own[inside], count)
    heavy = np.bincount(own[inside], weights=weight, minlength=count)
    apart = np.bincount(own[inside], weights=weight * (human - slope[own[inside]] * machine), minlength=count)
    certain = np.bincount(own[inside], weights=left, minlength=count) == 0
    level = np.where(certain, 0.0, apart / np.where(heavy > 0, heavy, 1.0))
    residual = np.zeros(gold.coded)
    residual[inside] = human - level[own[inside]] - slope[own[inside]] * machine
    return _Parts(cells, of_cell, level, slope, residual, np.where(inside, own, count), np.append(~certain, False), 2)


def tuning_cells(gold: Gold, group: Ints | None, groups: int) -> tuple[Ints | None, Ints]:
    """Stratum by group of each unit, with at least ten gold units where the group has as many, and the group of each cell."""
    if group is None:
        return gold.strata, np.zeros(gold.sizes.size, np.int64)
    if gold.strata is None:
        return group, np.arange(groups)
    certain = np.zeros(gold.sizes.size, np.bool_)
    certain[gold.stratum[~gold.uncertain]] = True
    cells, of_cell = np.full(gold.units, -1, np.int64), np.zeros(0, np.int64)
    for k in range(groups):
        inside = group == k
        free = inside & ~certain[gold.strata]
        merged = collapsed(np.where(free, gold.strata, -1), gold.chances, gold.at)
        count = int(merged.max(initial=-1)) + 1
        cells[free] = merged[free] + of_cell.size
        drawn_surely = inside & ~free
        cells[drawn_surely] = of_cell.size + count
        of_cell = np.append(of_cell, np.full(count + int(drawn_surely.any()), k))
    return cells, of_cell


def power_tuning(machine: Floats, human: Floats, weight: Floats, left: Floats, cell: Ints, cells: int) -> Floats:
    """Lambda of each cell: the share of the machine's code that makes the variance smallest, in [0, 1].

    Parameters
    ----------
    machine, human : (n,) float
        Codes of the gold units.
    weight, left : (n,) float
        1 / chance, 1 - chance.
    cell : (n,) int
        Cell of each.
    cells : int
        Their number.

    Returns
    -------
    (cells,) float
        1 in cells drawn with certainty and in cells with fewer than 10 gold units: there is nothing to tune with; 0 where the machine says the
        same of all.

    Notes
    -----
    ``Cov(Y, f) / Var(f)`` over gold. Gold units are among the N here, so that the factor 1 + n/N of the two-sample form does not arise. O(n).
    Source: angelopoulos2023ppiplus.
    """
    heavy = np.maximum(np.bincount(cell, weights=weight, minlength=cells), np.finfo(float).tiny)
    away_f = machine - (np.bincount(cell, weights=weight * machine, minlength=cells) / heavy)[cell]
    away_y = human - (np.bincount(cell, weights=weight * human, minlength=cells) / heavy)[cell]
    share = left * weight**2
    both = np.bincount(cell, weights=share * away_f * away_y, minlength=cells)
    alone = np.bincount(cell, weights=share * away_f**2, minlength=cells)
    size = np.bincount(cell, weights=(left > 0).astype(float), minlength=cells)
    tiny = 1e-12 * np.bincount(cell, weights=share, minlength=cells)
    slope = np.clip(both / np.where(alone > tiny, alone, 1.0), 0.0, 1.0)
    return np.where(size < LEAST_GOLD, 1.0, np.where(alone > tiny, slope, 0.0))


def _scores(
    gold: Gold,
    group: Ints | None,
    groups: int,
    values: Floats,
    moved: Floats,
    middle: Floats,
    parts: _Parts,
    cluster: Ints,
    clusters: int,
) -> tuple[Floats, Floats]:
    """(G, K) sums of pseudo-outcome minus mean, and units, of each cluster."""
    scores, sizes = np.zeros((clusters, groups)), np.zeros((clusters, groups))
    known = np.nan_to_num(values)
    base = gold.machine if parts.spent == 1 else parts.of_units(gold.machine)
    for k in range(groups):
        own, codes = (cluster, base) if group is None else (cluster[group == k], base[group == k])
        sizes[:, k] = np.bincount(own, minlength=clusters)
        scores[:, k] = np.bincount(own, weights=codes, minlength=clusters) - known[k] * sizes[:, k]
        if parts.spent == 1 and bool(middle[:, k].any()):  # a sample of fixed size: what gold has too much in one work it lacks in another
            scores[:, k] += np.bincount(cluster, weights=of_units(middle[:, k], gold), minlength=clusters)
        away = moved[:, k] - gold.weight * middle[parts.within, k]
        scores[:, k] += np.bincount(cluster[gold.at], weights=away, minlength=clusters)
    return scores, sizes
