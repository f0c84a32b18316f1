"""Few independent works: what intervals need when units come in clusters."""

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints

LEAST_CLUSTERS = 5
WILD_BELOW = 10
WILD_DRAWS = 1999
_WEBB = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])
_ROOM = 4


def numbered(labels: npt.ArrayLike, name: str = "cluster") -> tuple[Ints, int]:
    """Labels as numbers from 0, in the order of the sorted labels, and how many there are.

    Parameters
    ----------
    labels : (N,) int or str
        Any labels.
    name : str
        What they are called in an error.

    Raises
    ------
    YuhuError
        YH303 a label is NaN.

    Notes
    -----
    O(N) where whole numbers lie close together, O(N log N) else.
    """
    found = np.asarray(labels)
    if found.dtype.kind == "f" and bool(np.isnan(found).any()):
        raise YuhuError("YH303", f"a unit has no {name}", facts={"found": "NaN"}, fix=f"give a {name} for each unit, drawn or not")
    if found.size == 0:
        return np.zeros(0, np.int64), 0
    if found.dtype.kind in "iub":
        low, high = int(found.min()), int(found.max())
        if high - low <= _ROOM * found.size:
            shifted = found.astype(np.int64) - low
            places = np.cumsum(np.bincount(shifted) > 0) - 1
            return places[shifted], int(places[-1]) + 1
    _, index = np.unique(found, return_inverse=True)
    return index.astype(np.int64), int(index.max()) + 1


def logit_interval(share: float, half: float) -> tuple[float, float]:
    """Interval share ± half made on the logit scale, so that it stays in [0, 1].

    Notes
    -----
    O(1). At 0 and 1 the logit is not defined: the plain interval is cut.
    """
    if not 0 < share < 1:
        return max(0.0, share - half), min(1.0, share + half)
    centre, width = math.log(share / (1 - share)), half / (share * (1 - share))
    return float(special.expit(centre - width)), float(special.expit(centre + width))


def wild_quantile(sums: Floats, sizes: Floats, total: float, confidence: float, generator: np.random.Generator) -> float:
    """Quantile of |t*| for one mean under Webb's six-point weights.

    Parameters
    ----------
    sums, sizes : (G,) float
        Weighted residuals and weights of each cluster.
    total : float
        All weights.
    confidence : float in (0, 1)
        Level.
    generator : numpy.random.Generator
        Of the draws.

    Notes
    -----
    O(draws·G). Sources: cameron2008 (wild cluster bootstrap); webb2023 (weights).
    """
    groups = sums.size
    draws = _WEBB[generator.integers(0, 6, size=(WILD_DRAWS, groups))] * sums
    moved = draws.sum(axis=1) / total
    left = draws - moved[:, None] * sizes
    errors = np.sqrt(groups / (groups - 1) * (left**2).sum(axis=1)) / total
    statistic = np.abs(moved) / np.where(errors > 0, errors, np.inf)
    return float(np.quantile(statistic, confidence, method="higher"))


def wild_quantiles(scores: Floats, information: Floats, contrasts: Floats, confidence: float, generator: np.random.Generator) -> Floats:
    """Quantiles of |t*| for contrasts of several coefficients: score bootstrap with Webb's weights and `leverage_adjusted` errors.

    Parameters
    ----------
    scores : (G, p) float
        Estimating function summed over each cluster.
    information : (G, p, p) float
        Its negative derivative, likewise; their sum can be inverted.
    contrasts : (c, p) float
        Combinations of coefficients.
    confidence : float in (0, 1)
        Level.
    generator : numpy.random.Generator
        Of the draws.

    Returns
    -------
    (c,) float

    Notes
    -----
    O(draws·G·p²). Sources: kline2012 (score bootstrap); webb2023.
    """
    bread = np.linalg.inv(information.sum(axis=0))
    draws = _WEBB[generator.integers(0, 6, size=(WILD_DRAWS, scores.shape[0]))][:, :, None] * scores
    moved = draws.sum(axis=1) @ bread.T
    left = draws - np.einsum("gpq,bq->bgp", information, moved)
    spread = np.einsum("gpq,bgq->bgp", leverage(information), left) @ bread.T @ contrasts.T
    errors = np.sqrt((spread**2).sum(axis=1))
    statistic = np.abs(moved @ contrasts.T) / np.where(errors > 0, errors, np.inf)
    return np.asarray(np.quantile(statistic, confidence, axis=0, method="higher"))


def leverage(information: Floats) -> Floats:
    """Matrices that undo how far each cluster draws the fit towards itself (CR2).

    Parameters
    ----------
    information : (G, p, p) float
        Of each cluster.

    Returns
    -------
    (G, p, p) float
        ``A^½ (I − A^-½ A_g A^-½)^-½ A^-½``: scores of each cluster multiplied by it have the variance that they would have had without the
        fit, if all units had equal variance. Where one cluster alone decides a direction, that direction is left alone.

    Notes
    -----
    O(G·p³). Source: bell2002.
    """
    values, vectors = np.linalg.eigh(information.sum(axis=0))
    root = (vectors * np.sqrt(values)) @ vectors.T
    back = (vectors / np.sqrt(values)) @ vectors.T
    own, directions = np.linalg.eigh(np.eye(root.shape[0]) - back @ information @ back)
    scale = np.where(own > 1e-8, 1 / np.sqrt(np.maximum(own, 1e-8)), 1.0)
    return np.asarray(root @ ((directions * scale[:, None, :]) @ directions.transpose(0, 2, 1)) @ back)
