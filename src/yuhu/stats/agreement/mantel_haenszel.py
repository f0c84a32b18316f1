"""Odds ratios over strata, and the share of false alarms among many tests."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, proportion


@dataclass(frozen=True)
class CommonOdds:
    """Common odds ratio of 2 x 2 tables.

    Parameters
    ----------
    odds_ratio : float or None
        None where one side is empty.
    log_error : float or None
        Standard error of its logarithm after Robins, Breslow and Greenland.
    statistic, corrected : float or None
        Mantel and Haenszel's M² without and with continuity correction.
    p : float or None
        Of the statistic without correction, one degree of freedom.
    """

    odds_ratio: float | None
    log_error: float | None
    statistic: float | None
    corrected: float | None
    p: float | None


def common_odds(tables: npt.ArrayLike) -> CommonOdds:
    """Mantel-Haenszel odds ratio of strata.

    Parameters
    ----------
    tables : (S, 2, 2) float
        Counts [[a, b], [c, d]] of each stratum.

    Returns
    -------
    CommonOdds

    Raises
    ------
    YuhuError
        YH303 the shape is another, or a count is negative.

    Notes
    -----
    O(S). Sources: mantel1959; robins1986.
    """
    strata = np.asarray(tables, np.float64)
    if strata.ndim != 3 or strata.shape[1:] != (2, 2) or bool(np.any(strata < 0)):
        raise YuhuError("YH303", "not 2 x 2 tables of counts", facts={"shape": strata.shape}, fix="give (strata, 2, 2) counts")
    a, b, c, d = strata[:, 0, 0], strata[:, 0, 1], strata[:, 1, 0], strata[:, 1, 1]
    n = a + b + c + d
    kept = n > 1
    a, b, c, d, n = a[kept], b[kept], c[kept], d[kept], n[kept]
    agree, differ = a * d / n, b * c / n
    high, low = float(agree.sum()), float(differ.sum())
    ratio = high / low if high > 0 and low > 0 else None
    error = None
    if ratio is not None:
        same, other = (a + d) / n, (b + c) / n
        variance = (
            float(same @ agree) / (2 * high**2)
            + float(same @ differ + other @ agree) / (2 * high * low)
            + float(other @ differ) / (2 * low**2)
        )
        error = math.sqrt(variance)
    variance = float(((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * (n - 1))).sum())
    if variance <= 0:
        return CommonOdds(ratio, error, None, None, None)
    gap = abs(float((a - (a + b) * (a + c) / n).sum()))
    statistic, corrected = gap**2 / variance, max(gap - 0.5, 0.0) ** 2 / variance
    return CommonOdds(ratio, error, statistic, corrected, float(stats.chi2.sf(statistic, 1)))


def false_discovery(p: npt.ArrayLike) -> Floats:
    """Benjamini and Hochberg's adjusted p-values: report those below q to expect at most a share q of false alarms among them.

    Parameters
    ----------
    p : (T,) float in [0, 1]
        One p-value for each test, for example the drift of each coder in each code.

    Returns
    -------
    (T,) float
        In the same order.

    Raises
    ------
    YuhuError
        YH303 a number is no p-value.

    Notes
    -----
    O(T log T). Source: benjamini1995.
    """
    found = np.asarray(p, np.float64).reshape(-1)
    if not bool(np.all((found >= 0) & (found <= 1))):
        raise YuhuError(
            "YH303",
            "a p-value lies outside [0, 1]",
            facts={"found": found[~((found >= 0) & (found <= 1))][0]},
            fix="leave out undefined tests",
        )
    order = np.argsort(found)
    scaled = found[order] * found.size / np.arange(1, found.size + 1)
    adjusted = np.minimum.accumulate(scaled[::-1])[::-1]
    back = np.empty(found.size)
    back[order] = np.minimum(adjusted, 1.0)
    return back


def log_interval(found: CommonOdds, confidence: float) -> tuple[float, float, float] | None:
    """Log odds ratio with a normal interval, or None."""
    proportion(confidence, "confidence")
    if found.odds_ratio is None or found.log_error is None:
        return None
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * found.log_error
    value = math.log(found.odds_ratio)
    return value, value - half, value + half
