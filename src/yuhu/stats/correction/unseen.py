"""Errors that gold cannot show: units drawn at a low rate weigh most, and their errors may all have been missed."""

import math

import numpy as np

from yuhu.stats.arrays import Floats
from yuhu.stats.correction.rare import SEEN_ERRORS, jeffreys, kish, rate_classes


def unseen_reach(squared: Floats, chance: Floats, pulls: Floats, confidence: float) -> Floats:
    """How far each coefficient could be moved by errors that no gold unit shows.

    Parameters
    ----------
    squared : (n,) float
        Squared errors of the gold units, on any scale.
    chance : (n,) float in (0, 1]
        With which they were drawn.
    pulls : (n, p) float
        How far one unit's error of full size, times the unit's weight, moves each coefficient.
    confidence : float in (0, 1)
        Level of the bound of errors that were not seen.

    Returns
    -------
    (p,) float
        0 where every class of rates (`rate_classes`) shows 3 errors or more, or where there is one class alone. Of each other class: the upper bound (Jeffreys)
        of a rate of which nothing was seen, all on the side that moves the coefficient more; put together by squares.

    Notes
    -----
    O(n log n + n p). Sources: brown2001 (Jeffreys); kish1965 (numbers that are worth as many); zou2008 (squares).
    """
    classes = rate_classes(chance)
    reach = np.zeros(pulls.shape[1])
    if classes.max(initial=0) == 0:
        return reach
    weight = 1 / chance
    for each in range(int(classes.max()) + 1):
        own = classes == each
        one = weight[own]
        left = 1 - chance[own]
        if not left.any() or kish(left * one**2 * squared[own]) >= SEEN_ERRORS:
            continue
        room = math.sqrt(float(one**2 @ left) / float(one @ one))
        rate = jeffreys(0.0, kish(one), confidence)[1]
        sides = [np.maximum(side * pulls[own], 0.0).sum(axis=0) for side in (1, -1)]
        reach += (rate * room * np.maximum(*sides)) ** 2
    return np.sqrt(reach)


def apart_from_most(values: Floats, chance: Floats) -> Floats:
    """(n,) distance of each gold unit from the weighted median of its class of rates: what people alone say there, and how often otherwise."""
    classes, weight = rate_classes(chance), 1 / chance
    apart = np.zeros(values.size)
    for each in range(int(classes.max(initial=-1)) + 1):
        own = np.flatnonzero(classes == each)
        order = own[np.argsort(values[own], kind="stable")]
        upto = np.cumsum(weight[order])
        apart[own] = values[own] - values[order[int(np.searchsorted(upto, upto[-1] / 2))]]
    return apart
