"""Many tests at once: the family-wise error and the false discovery rate."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats


def holm(p: npt.ArrayLike) -> Floats:
    """Holm's adjusted p-values: report those below a level to make any false claim at all with at most that chance.

    Parameters
    ----------
    p : (T,) float in [0, 1]
        One p-value for each test.

    Returns
    -------
    (T,) float
        In the same order.

    Notes
    -----
    O(T log T). Source: holm1979.
    """
    found = np.asarray(p, np.float64).reshape(-1)
    order = np.argsort(found, kind="stable")
    scaled = np.maximum.accumulate(found[order] * np.arange(found.size, 0, -1))
    back = np.empty(found.size)
    back[order] = np.minimum(scaled, 1.0)
    return back


def benjamini_hochberg(ps: npt.ArrayLike) -> Floats:
    """Values of p adjusted for the false discovery rate.

    Parameters
    ----------
    ps : (V,) float in [0, 1]
        One for each video: that of its strongest window.

    Returns
    -------
    (V,) float
        Reject those at most q, and no more than q of them are false on average.

    Raises
    ------
    YuhuError
        YH303 a p outside [0, 1].

    Notes
    -----
    O(V log V). Holds for independent p values and those that go together. Source: benjamini1995.
    """
    values = np.atleast_1d(np.asarray(ps, np.float64))
    if not bool(np.all((values >= 0) & (values <= 1))):
        raise YuhuError(
            "YH303",
            "a p lies outside [0, 1]",
            facts={"found": values[~((values >= 0) & (values <= 1))][0]},
            fix="leave videos without a test out",
        )
    return np.asarray(stats.false_discovery_control(values), np.float64) if values.size else values


def p_of_interval(value: float, low: float, high: float, *, confidence: float, null: float) -> float:
    """The two-sided p that an interval stands for, as if its end towards the null were a normal distance away.

    Parameters
    ----------
    value, low, high : float
        The estimate and its interval; of a ratio their logarithms.
    confidence : float in (0, 1)
        Level of the interval.
    null : float
        What "no difference" is.

    Returns
    -------
    float in [0, 1]
        1 where the value is the null; 0 where the interval has no width and leaves it out.

    Notes
    -----
    O(1). Exact for a Wald interval, an approximation for any other; below ``1 - confidence`` exactly where the interval leaves the null out.
    """
    if value == null:
        return 1.0
    half = value - low if value > null else high - value
    if half <= 0:
        return 0.0
    return float(2 * stats.norm.sf(abs(value - null) / half * stats.norm.ppf(0.5 + confidence / 2)))
