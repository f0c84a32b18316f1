"""Ozaki's recursions, compiled: one pass over the events for the likelihood and its first two derivatives."""

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled


@compiled
def sweep(
    shrunk: Floats,
    gaps: Floats,
    level: Ints,
    views: Floats,
    levels: Floats,
    branching: float,
    rate: float,
    intensity: Floats,
    by_level: Floats,
    totals: Floats,
) -> None:
    """Fill the intensity at each event, and the sums that the derivatives are made of.

    Parameters
    ----------
    shrunk : (n + 1,) float
        exp(-rate · gaps).
    gaps : (n + 1,) float
        Seconds from the event before; the last from the last event to the end of the window. The first is not used.
    level, views : (n,)
        Which level the baseline has at each event, and what it is multiplied by.
    levels : (P,) float
        The levels.
    branching, rate : float
        n and b of the kernel n·b·exp(-b·u).
    intensity : (n,) float
        Filled.
    by_level : (4, P) float of zeros
        Filled with the sums of e/λ, (e/λ)², e·K/λ² and e·K′/λ² over the events of each level; e = views, K = Σ b·exp(-b·u), ′ = d/db.
    totals : (9,) float
        Filled with the sums of K/λ, K′/λ, K²/λ², K·K′/λ², K′²/λ², K″/λ, and A, D, E at the end of the window.

    Notes
    -----
    A = Σ exp(-b·u), D = Σ u·exp(-b·u), E = Σ u²·exp(-b·u) over the ages u of the events before. O(n). Source: ozaki1979.
    """
    alive = aged = squared = 0.0
    k1 = k2 = kk = kd = dd = kb = 0.0
    for i in range(level.size):
        if i > 0:
            gap = gaps[i]
            born = 1.0 + alive
            squared = shrunk[i] * (squared + 2.0 * gap * aged + gap * gap * born)
            aged = shrunk[i] * (aged + gap * born)
            alive = shrunk[i] * born
        kernel = rate * alive
        slope = alive - rate * aged
        bend = rate * squared - 2.0 * aged
        at = level[i]
        here = levels[at] * views[i] + branching * kernel
        intensity[i] = here
        inverse = 1.0 / here
        share = views[i] * inverse
        kernel *= inverse
        slope *= inverse
        by_level[0, at] += share
        by_level[1, at] += share * share
        by_level[2, at] += share * kernel
        by_level[3, at] += share * slope
        k1 += kernel
        k2 += slope
        kk += kernel * kernel
        kd += kernel * slope
        dd += slope * slope
        kb += bend * inverse
    gap, born, last = gaps[level.size], 1.0 + alive, shrunk[level.size]
    totals[0], totals[1], totals[2], totals[3], totals[4], totals[5] = k1, k2, kk, kd, dd, kb
    totals[6] = last * born
    totals[7] = last * (aged + gap * born)
    totals[8] = last * (squared + 2.0 * gap * aged + gap * gap * born)


@compiled
def alive_before(shrunk: Floats, alive: Floats) -> None:
    """Fill A at each event: the sum of exp(-b·u) over the ages u of the events before it.

    Parameters
    ----------
    shrunk : (n,) float
        exp(-b · gap) to the event before; the first is not used.
    alive : (n,) float
        Filled.
    """
    found = 0.0
    for i in range(alive.size):
        if i > 0:
            found = shrunk[i] * (1.0 + found)
        alive[i] = found


@compiled
def lagged(centred: Floats, products: Floats) -> None:
    """Fill the sum of products of each value with the one so many places on, lag 0 first.

    Parameters
    ----------
    centred : (n,) float
        Values less their mean.
    products : (lags + 1,) float
        Filled.

    Notes
    -----
    O(n · lags), in one thread: a product of long vectors by BLAS would depend on its threads, in time and in the last digit.
    """
    for lag in range(products.size):
        total = 0.0
        for i in range(lag, centred.size):
            total += centred[i] * centred[i - lag]
        products[lag] = total
