"""Intervals that hold every effect which the shift test would not reject."""

import numpy as np

from yuhu.stats.arrays import Floats


def inverted(found: Floats, slope: Floats, variance: Floats, confidence: float) -> tuple[float, float]:
    """Both ends of the set of effects d that a two-sided shift test keeps.

    Parameters
    ----------
    found : (B + 1,) float
        Estimate under each shift at the effect 0; the first is the one observed.
    slope : (B + 1,) float
        How much each falls for a unit of effect taken out; the first is near 1.
    variance : (B + 1,) float
        Model variance of each; 0 where a draw gives none.
    confidence : float
        Level.

    Returns
    -------
    tuple of float
        Low and high; infinite where the draws are too few or say too little.

    Notes
    -----
    A draw beats the observed one at d if |found - d slope| / sd ≥ |found_0 - d slope_0| / sd_0: an interval of d around the observed estimate, in closed
    form. d is kept while 1 + the number of such draws is above (1 - confidence)(B + 1). O(B log B). Source: ernst2004.
    """
    if variance[0] <= 0 or slope[0] <= 0:
        return -np.inf, np.inf
    use = variance > 0
    use[0] = False
    centre = found[0] / slope[0]
    steep = slope[0] / np.sqrt(variance[0])
    spread = np.sqrt(variance[use])
    rest, tilt = (found[use] - centre * slope[use]) / spread, slope[use] / spread
    needed = int(np.floor((1 - confidence) * variance.size + 1e-9))
    ends = []
    for side in (-1.0, 1.0):
        pull = steep + np.sign(rest) * side * tilt
        with np.errstate(divide="ignore"):
            reach = np.where(pull > 0, np.abs(rest) / np.where(pull > 0, pull, 1.0), np.inf)
        ends.append(float(np.partition(reach, reach.size - needed)[reach.size - needed]) if 0 < needed <= reach.size else np.inf)
    return float(centre - ends[0]), float(centre + ends[1])
