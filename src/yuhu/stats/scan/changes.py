"""Change points: where the rate of responses goes to another level."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.intensity import counted, rate_interval

METHOD = "poisson_pelt.v1"
_ROUNDS = 5


@dataclass(frozen=True, eq=False)
class Changes:
    """Levels of a series.

    Parameters
    ----------
    points : tuple of int
        First bins of a new level.
    levels : tuple of Estimate
        Responses per exposure in each stretch between them; intervals take the stretches as given.
    dispersion : float
        Pearson's chi-square by its degrees of freedom, at least 1.
    penalty : float
        What a change had to gain in -2 log likelihood.
    """

    points: tuple[int, ...]
    levels: tuple[Estimate, ...]
    dispersion: float
    penalty: float


def change_points(
    counts: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
    shortest: int = 2,
    penalty: float | None = None,
    confidence: float = 0.95,
) -> Changes:
    """Stretches of constant rate.

    Parameters
    ----------
    counts : (n,) float >= 0
        Responses of each bin.
    exposure : (n,) float > 0, optional
        What rates are proportional to. Bins without exposure must be cut out before.
    shortest : int
        Bins of the shortest stretch.
    penalty : float, optional
        Of each change; 2 log(n) x dispersion if None.
    confidence : float in (0, 1)
        Level of the intervals of levels.

    Returns
    -------
    Changes

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number is negative or not finite, exposure of 0, or a parameter out of range.

    Notes
    -----
    Exact minimum of the Poisson cost by PELT, O(n) where changes are frequent, at most O(n²). The dispersion begins with that of neighbouring bins and is
    taken anew within the stretches found until it stays; so it sees no autocorrelation: a description without an error rate, and autocorrelated counts
    change level without end. Source: killick2012.
    """
    series = np.atleast_1d(np.asarray(counts, np.float64))
    weight = np.ones(series.size) if exposure is None else np.atleast_1d(np.asarray(exposure, np.float64))
    counted(series, weight)
    if not (weight > 0).all() or shortest < 1 or (penalty is not None and not 0 <= penalty < np.inf):
        raise YuhuError(
            "YH303",
            "exposure of 0, or a parameter out of range",
            facts={"shortest": shortest, "penalty": penalty},
            fix="cut out bins without exposure",
        )
    if series.size == 0 or not series.sum() > 0:
        level = Estimate(value=None, n=0, unit="responses per exposure", method=METHOD, reason="too_few_responses")
        return Changes((), (level,), 1.0, 0.0)
    dispersion, ends, charged = _neighbours(series, weight), np.array([0, series.size]), 0.0
    for _ in range(_ROUNDS):
        charged = 2 * np.log(series.size) * dispersion if penalty is None else penalty
        ends = _segments(series, weight, charged, shortest)
        own = _within(series, weight, ends)
        if abs(own - dispersion) < 1e-9 or penalty is not None:
            dispersion = own
            break
        dispersion = own
    sums, exposures = (np.add.reduceat(one, ends[:-1]) for one in (series, weight))
    rates = rate_interval(sums, exposures, confidence=confidence, dispersion=dispersion)
    levels = (one.with_(method=METHOD) for one in rates.estimates(sums, unit="responses per exposure", confidence=confidence))
    return Changes(tuple(int(end) for end in ends[1:-1]), tuple(levels), dispersion, float(charged))


def _segments(series: Floats, weight: Floats, penalty: float, shortest: int) -> Ints:
    """0, the change points, and n."""
    from yuhu.stats.scan.kernels import pruned_segments

    before, cost = np.zeros(series.size + 1, np.int64), np.zeros(series.size + 1)
    if series.size < 2 * shortest:
        return np.array([0, series.size], np.int64)
    pruned_segments(series, weight, float(penalty), shortest, before, cost)
    ends = [series.size]
    while ends[-1] > 0:
        ends.append(int(before[ends[-1]]))
    return np.array(ends[::-1], np.int64)


def _neighbours(series: Floats, weight: Floats) -> float:
    """Dispersion from differences of neighbouring bins, which changes of level hardly touch."""
    if series.size < 2:
        return 1.0
    rate = np.diff(series / weight)
    shared = (series[1:] + series[:-1]) / (weight[1:] + weight[:-1])
    due = float((shared * (1 / weight[1:] + 1 / weight[:-1])).sum())
    return max(1.0, float(rate @ rate) / due) if due > 0 else 1.0


def _within(series: Floats, weight: Floats, ends: Ints) -> float:
    """Pearson's chi-square by degrees of freedom about the levels."""
    level = np.add.reduceat(series, ends[:-1]) / np.add.reduceat(weight, ends[:-1])
    due = np.repeat(level, np.diff(ends)) * weight
    free = series.size - (ends.size - 1)
    shown = due > 0
    return max(1.0, float(((series - due)[shown] ** 2 / due[shown]).sum()) / free) if free > 0 else 1.0
