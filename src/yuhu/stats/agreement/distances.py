"""How far two values lie apart: Krippendorff's metrics, and Gwet's weights for the kappa family."""

from collections.abc import Callable

import numpy as np

from yuhu.stats.arrays import Floats, Ints

SCHEMES = ("identity", "linear", "quadratic", "ordinal_gwet", "ratio")
"""Weights of partial agreement; `ordinal_gwet` is not Krippendorff's `ordinal`."""

Distance = Callable[[Ints, Ints], Floats]
"""Distance of values given by their places in the codebook; arrays that broadcast."""


def distance(level: str, values: Floats) -> Distance:
    """Krippendorff's squared difference of two values, for levels that do not depend on how often values are used.

    Parameters
    ----------
    level : str
        ``nominal``, ``interval``, ``ratio`` or ``ordinal_gwet``.
    values : (K,) float
        Values in ascending order.

    Notes
    -----
    Sources: krippendorff2019; gwet2014 for `ordinal_gwet`, where it is 1 - weight.
    """
    if level == "interval":
        return lambda c, k: (values[c] - values[k]) ** 2
    if level == "ratio":
        return lambda c, k: _ratio(values[c], values[k])
    if level == "ordinal_gwet":
        return lambda c, k: 1 - weight("ordinal_gwet", values)(c, k)
    return lambda c, k: (c != k).astype(np.float64)


def weight(scheme: str, values: Floats) -> Distance:
    """Gwet's weight of two values: 1 for the same, 0 for those farthest apart.

    Parameters
    ----------
    scheme : str
        One of `SCHEMES`.
    values : (K,) float
        Values in ascending order.

    Notes
    -----
    Source: gwet2014, chapter 3.
    """
    span = float(values[-1] - values[0]) if values.size > 1 else 1.0
    if scheme == "linear":
        return lambda c, k: 1 - np.abs(values[c] - values[k]) / span
    if scheme == "quadratic":
        return lambda c, k: 1 - ((values[c] - values[k]) / span) ** 2
    if scheme == "ordinal_gwet":
        most = values.size * (values.size - 1) / 2 or 1.0
        return lambda c, k: 1 - np.abs(c - k) * (np.abs(c - k) + 1) / 2 / most
    if scheme == "ratio":
        widest = float(_ratio(values[-1:], values[:1])[0]) or 1.0
        return lambda c, k: 1 - _ratio(values[c], values[k]) / widest
    return lambda c, k: (c == k).astype(np.float64)


def square(rule: Distance, size: int) -> Floats:
    """(K, K) distances or weights of all pairs of values."""
    places = np.arange(size)
    return rule(places[:, None], places[None, :]) * np.ones((size, size))


def _ratio(first: Floats, second: Floats) -> Floats:
    both = first + second
    return np.where(both == 0, 0.0, (first - second) / np.where(both == 0, 1.0, both)) ** 2


def split_share(raters: int, *, kinds: int) -> float:
    """Largest share of the pairs within one unit that can differ, when its raters use at most `kinds` values (at least two) evenly.

    Notes
    -----
    With values on a line (ordinal, interval) the mean squared distance of one unit is largest when half of the raters stand at each
    end, so `kinds` is 2 there.
    """
    if raters < 2:
        return 0.0
    parts = np.bincount(np.arange(raters) % max(2, min(kinds, raters)))
    return float(1 - (parts * (parts - 1)).sum() / (raters * (raters - 1)))
