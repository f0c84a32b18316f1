"""Krippendorff's alpha from sums over units, and the coincidences it rests on."""

from collections.abc import Callable, Sequence

import numpy as np

from yuhu.stats.agreement.distances import distance, split_share, square
from yuhu.stats.agreement.moments import Totals, moments
from yuhu.stats.agreement.patterns import Patterns
from yuhu.stats.agreement.ratings import Ratings
from yuhu.stats.arrays import Floats, Ints

_NOTHING = 1e-12
_FIXED = {"nominal", "ratio", "ordinal_gwet"}


def alpha_sums(level: str) -> Sequence[str]:
    """Names of the sums that alpha needs at a level."""
    rest = {"ordinal": ("crossed", "used"), "interval": ("disagreement", "powers")}.get(level, ("disagreement", "used"))
    return ("ratings", "squares", *rest)


def alpha_parts(level: str, values: Floats) -> Callable[[Totals], tuple[Floats, Floats]]:
    """Observed and expected disagreement as a function of the sums.

    Parameters
    ----------
    level : str
        Scale of measurement.
    values : (K,) float
        Values in ascending order.

    Returns
    -------
    callable
        Totals of b resamples to two (b,) arrays; the expected one is NaN where nothing varies.

    Notes
    -----
    With coincidences o and their margins n_c, D_o = Σ o·δ²/n and D_e = Σ n_c·n_k·δ²/(n² - Σ w²), where each value carries the weight w of
    its unit: all pairs of different values, by the product of their weights. Without weights the divisor is n(n-1).
    Source: krippendorff2019.
    """
    table = square(distance(level, values), values.size) if level in _FIXED and level != "nominal" else None

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        n = totals.one("ratings")
        if level == "ordinal":
            observed, expected, scale = _ordinal(totals)
        elif level == "interval":
            number, first, second = totals.many("powers").T
            observed, expected, scale = totals.one("disagreement"), 2 * (number * second - first**2), number * second
        else:
            used = totals.many("used")
            expected = (used * (n[:, None] - used)).sum(axis=1) if table is None else ((used @ table) * used).sum(axis=1)
            observed, scale = totals.one("disagreement"), n**2
        pairs = n**2 - totals.one("squares")
        defined = (expected > _NOTHING * scale) & (pairs > _NOTHING * n**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return observed / n, np.where(defined, expected / pairs, np.nan)

    return parts


def _ordinal(totals: Totals) -> tuple[Floats, Floats, Floats]:
    """Ordinal metric: squared difference of mid-ranks, which move with the margins."""
    used = totals.many("used")
    n = used.sum(axis=1)
    rank = used.cumsum(axis=1) - used / 2
    crossed = totals.many("crossed").reshape(used.shape[0], used.shape[1], used.shape[1])
    observed = 2 * (crossed * (rank[:, :, None] - rank[:, None, :]) ** 2).sum(axis=(1, 2))
    expected = 2 * n * (used * (rank - n[:, None] / 2) ** 2).sum(axis=1)
    return observed, expected, n**4


def largest_disagreement(patterns: Patterns, level: str, values: Floats, totals: Totals) -> float:
    """Largest mean squared difference that the ratings of one unit could show, for the smallest number of raters that a unit has."""
    raters = int(patterns.raters.min())
    if level == "ordinal":
        used = totals.many("used")[0]
        rank = used.cumsum() - used / 2
        return float((rank[-1] - rank[0]) ** 2) * split_share(raters, kinds=2)
    if level == "interval":
        return float((values[-1] - values[0]) ** 2) * split_share(raters, kinds=2)
    apart = 1.0 if level == "nominal" else float(square(distance(level, values), values.size).max())
    return apart * split_share(raters, kinds=2 if level == "ordinal_gwet" else values.size)


def coincidences(patterns: Patterns, size: int) -> Floats:
    """(K, K) coincidence matrix: pairs of values within units, each unit's pairs divided by its ratings less one.

    Parameters
    ----------
    patterns : Patterns
        Patterns with at least two ratings.
    size : int
        Values of the codebook, K.

    Notes
    -----
    O(P·r² + K²). Source: krippendorff2019.
    """
    names = ("crossed", "same")
    totals = moments(patterns, np.arange(size, dtype=np.float64), level="nominal", scheme="identity", names=names).totals(
        patterns.count[None, :].astype(np.float64)
    )
    upper = totals.many("crossed")[0].reshape(size, size)
    found: Floats = upper + upper.T + np.diag(totals.many("same")[0])
    return found


def hayes_draws(
    patterns: Patterns, ratings: Ratings, level: str, *, draws: int, capped: bool, generator: np.random.Generator
) -> tuple[Floats, int]:
    """Replicates of alpha after Hayes and Krippendorff (2007): pairs drawn one by one, expected disagreement held fixed.

    Parameters
    ----------
    patterns : Patterns
        Patterns with at least two ratings.
    ratings : Ratings
        For the values.
    level : str
        Scale of measurement.
    draws : int
        Replicates.
    capped : bool
        Draw ``min(25·q, n·(m-1)/2)`` pairs, q coincidence cells that are not 0, instead of all pairs.
    generator : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    tuple
        (draws,) replicates, and the number of pairs in each.

    Notes
    -----
    Pairs of one unit are taken for independent, which they are not: with more than two coders the interval is far too short.
    Source: hayes2007.
    """
    table = coincidences(patterns, ratings.values.size)
    margins = table.sum(axis=0)
    n = float(margins.sum())
    apart = ordinal_square(margins) if level == "ordinal" else square(distance(level, ratings.values), ratings.values.size)
    expected = float(margins @ apart @ margins) / (n * (n - 1))
    raters: Ints = patterns.raters
    pairs = int((patterns.count * raters * (raters - 1)).sum()) // 2
    if capped:
        pairs = min(25 * int(np.count_nonzero(table)), int(n * (int(raters.max()) - 1) / 2))
    cells = table.reshape(-1)
    drawn = generator.multinomial(pairs, cells / cells.sum(), size=draws)
    return np.maximum(1 - drawn @ apart.reshape(-1) / pairs / expected, -1.0), pairs


def ordinal_square(margins: Floats) -> Floats:
    """(K, K) Krippendorff's ordinal metric for these margins."""
    rank = margins.cumsum() - margins / 2
    return (rank[:, None] - rank[None, :]) ** 2
