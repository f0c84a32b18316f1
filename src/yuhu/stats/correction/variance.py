"""Variance of drawing gold out of the units at hand."""

import math

import numpy as np
from scipy import stats

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.correction.design import Flags, Gold
from yuhu.stats.correction.rare import kish

_SYMMETRIC = 1e-6


def middles(moved: Floats, weight: Floats, cell: Ints, centred: Flags) -> Floats:
    """Weighted mean of what gold adds, in cells whose sample had a fixed size; 0 in cells whose size was left to chance.

    Parameters
    ----------
    moved : (n, p) float
        What each gold unit adds, weight included.
    weight : (n,) float
        1 / chance.
    cell : (n,) int
        Cell of each.
    centred : (cells,) bool
        Whether the size was fixed.

    Returns
    -------
    (cells, p) float

    Notes
    -----
    O(n·p).
    """
    heavy = np.bincount(cell, weights=weight, minlength=centred.size)
    sums = np.stack([np.bincount(cell, weights=column, minlength=heavy.size) for column in moved.T], axis=1)
    return np.where(centred[:, None], sums / np.where(heavy > 0, heavy, 1.0)[:, None], 0.0)


def drawing(moved: Floats, middle: Floats, gold: Gold, cell: Ints, centred: Flags, spent: int) -> tuple[Floats, float]:
    """Covariance of the sums of what gold adds, and its degrees of freedom.

    Parameters
    ----------
    moved : (n, p) float
        What each gold unit adds, weight included.
    middle : (cells, p) float
        From `middles`.
    gold : Gold
        The sample.
    cell : (n,) int
        Cell of each gold unit.
    centred : (cells,) bool
        Whether the cell's size was fixed.
    spent : int
        Parameters estimated in each cell.

    Notes
    -----
    ``Σ (1 − π)(moved − middle/π)²``, times n/(n − spent) where the size was fixed: the textbook variance of a simple random sample with its
    finite-population factor, and the unbiased one of a Poisson sample. O(n·p²). Source: sarndal1992.
    """
    free = gold.uncertain
    size = np.bincount(cell[free], minlength=centred.size)
    factor = np.where(centred & (size > spent), size / np.maximum(size - spent, 1), 1.0)
    spread = (moved - gold.weight[:, None] * middle[cell]) * np.sqrt(gold.left * factor[cell])[:, None]
    return spread.T @ spread, float(np.maximum(size - spent, 0).sum())


def of_units(of_strata: Floats, gold: Gold) -> Floats:
    """(N,) a number of each stratum, for each unit."""
    return np.full(gold.units, of_strata[0]) if gold.strata is None else np.asarray(of_strata[gold.strata])


def skewness(pulls: Floats, left: Floats) -> float:
    """Skewness of a sum over gold.

    Parameters
    ----------
    pulls : (n,) float
        What each gold unit adds.
    left : (n,) float
        1 - chance.

    Notes
    -----
    Third by second moment of drawing, as each unit's own chance makes them. O(n).
    """
    second = float(left @ pulls**2)
    return float((left * (2 * left - 1)) @ pulls**3) / second**1.5 if second > 0 else 0.0


def skewed_interval(value: float, error: float, pulls: Floats, left: Floats, *, degrees: float, confidence: float) -> tuple[float, float]:
    """Interval of a sum over gold, as skewed as the errors are: Hall's cubic transformation of the t statistic.

    Parameters
    ----------
    value, error : float
        Estimate and standard error.
    pulls : (n,) float
        What each gold unit adds.
    left : (n,) float
        1 - chance.
    degrees : float
        What sample size and strata leave.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    tuple of float
        ``value ± t·error`` where there is no skewness.

    Notes
    -----
    A sample that happens to hold few false positives shows a high share and a small variance at once. The logit scale and Wilson's interval
    take a share for skewed as a binomial one is, whatever the errors; this asks the errors. O(n). Source: hall1992.
    """
    critical = float(stats.t.ppf(0.5 + confidence / 2, degrees_of(pulls, left, degrees)))
    skew = skewness(pulls, left)
    if abs(skew) < _SYMMETRIC:
        return value - error * critical, value + error * critical
    ends = [3 / skew * (math.cbrt(1 + skew * (side * critical - skew / 6)) - 1) for side in (1, -1)]
    return min(value, value - error * ends[0]), max(value, value - error * ends[1])


def degrees_of(pulls: Floats, left: Floats, degrees: float) -> float:
    """Degrees of freedom of the variance of a sum over gold, few units of which may carry it.

    Parameters
    ----------
    pulls : (n,) float
        What each gold unit adds.
    left : (n,) float
        1 - chance.
    degrees : float
        What sample size and strata leave.

    Notes
    -----
    Satterthwaite's ``2k / (1 − k/n)`` for k units that carry the variance: about twice the number of errors of a machine that seldom errs,
    n for normal residuals. O(n). Source: satterthwaite1946.
    """
    carrying = kish(left * pulls**2)
    n = int((left > 0).sum())
    return max(1.0, min(degrees, 2 * carrying / (1 - carrying / n) if 0 < carrying < n else degrees))
